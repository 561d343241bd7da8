#pragma once
// Streaming mono resampler (soxr, high quality).

#include <memory>
#include <span>
#include <vector>

namespace hearsay {

class Resampler {
 public:
  /// Error: Usage for rates that are not positive.
  Resampler(double from_rate, double to_rate);
  ~Resampler();
  Resampler(Resampler&&) noexcept;
  Resampler& operator=(Resampler&&) noexcept;

  /// Appends what `in` yields to `out`. Equal rates copy.
  void push(std::span<const float> in, std::vector<float>& out);
  /// Appends the tail; afterwards the resampler is as new.
  void flush(std::vector<float>& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::vector<float> resample(std::span<const float> samples, double from_rate, double to_rate);

}  // namespace hearsay
