#pragma once
// The mel power of frames on a CPU, in one go and without the spectrogram in memory: window, Fourier transform in
// float64 of several frames at once (a lane each), spectrum rounded to float32, power, filters. LogMel's fast way.

#include <cstdint>
#include <span>
#include <vector>

namespace hearsay {

class FrameMels {
 public:
  /// Transforms of a power of two from 32 to 65536.
  static bool handles(std::int64_t n_fft);

  /// window [n_fft]; filters [n_fft/2+1, n_mels] row by row. What handles() refuses must not be given.
  FrameMels(std::span<const double> window, std::span<const float> filters, std::int64_t n_mels);

  /// samples: (frames - 1) * hop + n_fft of them; out: [frames, n_mels]. On the threads of the model.
  void operator()(const float* samples, std::int64_t hop, std::int64_t frames, float* out) const;

  /// For tests: at most 8, 4 or 2 frames at once, for processors with and without wide vectors.
  static void limit_frames(int at_once);

  struct Filter {
    std::int64_t first = 0;  ///< bin
    std::vector<float> weights;
  };
  struct Plan {
    std::int64_t n_fft = 0;
    std::vector<double> window;
    std::vector<double> cosine;          ///< of 2 pi i / n_fft, i < n_fft
    std::vector<double> sine;            ///< of the same
    std::vector<std::int64_t> place_of;  ///< [n_fft/2] where the transform leaves a bin of the half-length transform
    std::vector<Filter> filters;
  };

 private:
  Plan plan_;
};

}  // namespace hearsay
