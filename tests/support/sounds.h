#pragma once
// Sounds made for tests, files in whatever format libsndfile writes, and a look at what is in a sound.

#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <numbers>
#include <span>
#include <string>
#include <vector>

namespace hearsay::testing {

inline std::vector<float> sine(double hertz, double rate, double seconds, double level = 0.5) {
  std::vector<float> out(static_cast<std::size_t>(std::llround(rate * seconds)));
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<float>(level * std::sin(2.0 * std::numbers::pi * hertz * static_cast<double>(i) / rate));
  }
  return out;
}

/// A repeatable noise, uniform in -level..level.
inline std::vector<float> noise(std::size_t n, double level = 0.5, std::uint32_t seed = 1) {
  std::vector<float> out(n);
  for (float& value : out) {
    seed = seed * 1664525U + 1013904223U;
    value = static_cast<float>((static_cast<double>(seed) / 2147483648.0 - 1.0) * level);
  }
  return out;
}

/// Writes interleaved samples in a libsndfile format; false when this libsndfile cannot.
inline bool write_sound(const std::filesystem::path& file, std::span<const float> interleaved, int rate, int channels,
                        int format) {
  SF_INFO info = {};
  info.samplerate = rate;
  info.channels = channels;
  info.format = format;
  SNDFILE* handle = sf_open(file.c_str(), SFM_WRITE, &info);
  if (handle == nullptr) return false;
  const auto frames = static_cast<sf_count_t>(interleaved.size() / static_cast<std::size_t>(channels));
  // In pieces: libsndfile's Ogg writers keep a whole call on the stack.
  sf_count_t done = 0;
  while (done < frames) {
    const sf_count_t n = std::min<sf_count_t>(frames - done, 4096);
    if (sf_writef_float(handle, interleaved.data() + done * channels, n) != n) break;
    done += n;
  }
  return sf_close(handle) == 0 && done == frames;
}

/// Root mean square.
inline double level_of(std::span<const float> samples) {
  double sum = 0.0;
  for (const float value : samples) sum += static_cast<double>(value) * value;
  return samples.empty() ? 0.0 : std::sqrt(sum / static_cast<double>(samples.size()));
}

/// Amplitude of one frequency in the samples (one bin of a Fourier transform, Hann window).
inline double amplitude_at(std::span<const float> samples, double hertz, double rate) {
  double re = 0.0;
  double im = 0.0;
  double weight = 0.0;
  const double n = static_cast<double>(samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double w = 0.5 - 0.5 * std::cos(2.0 * std::numbers::pi * static_cast<double>(i) / n);
    const double phase = 2.0 * std::numbers::pi * hertz * static_cast<double>(i) / rate;
    re += w * samples[i] * std::cos(phase);
    im += w * samples[i] * std::sin(phase);
    weight += w;
  }
  return weight > 0.0 ? 2.0 * std::hypot(re, im) / weight : 0.0;
}

inline double largest_difference(std::span<const float> a, std::span<const float> b) {
  if (a.size() != b.size()) return 1e30;
  double most = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, static_cast<double>(std::abs(a[i] - b[i])));
  return most;
}

}  // namespace hearsay::testing
