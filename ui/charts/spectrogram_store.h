#pragma once
// Spectrogram columns kept as one byte a value in a ring, so that ten live minutes cost a few megabytes.

#include <cstdint>
#include <span>
#include <vector>

#include "base/matrix.h"

namespace hearsay::ui {

class SpectrogramStore {
 public:
  static constexpr float kLowestDb = -100.0F;
  static constexpr float kHighestDb = 50.0F;

  /// Forgets everything; `capacity` columns of `bands` values.
  void reset(std::int64_t capacity, std::int64_t bands);
  /// dB columns [n, bands]; the oldest go when it is full. Columns of another width are refused (false).
  bool append(const Matrix& columns);

  [[nodiscard]] std::int64_t bands() const { return bands_; }
  [[nodiscard]] std::int64_t begin() const { return end_ < capacity_ ? 0 : end_ - capacity_; }  ///< first column kept
  [[nodiscard]] std::int64_t end() const { return end_; }                                       ///< one past the newest
  [[nodiscard]] bool empty() const { return end_ == 0; }
  /// Loudest dB of what was appended last, and of everything since reset.
  [[nodiscard]] float newestPeak() const { return newestPeak_; }
  [[nodiscard]] float peak() const { return peak_; }

  /// The highest byte of each band over columns [from, to) that are kept: `out` has bands() values; false: none are
  /// kept.
  bool merged(std::int64_t from, std::int64_t to, std::span<std::uint8_t> out) const;
  static std::uint8_t byteOf(float db);
  static float dbOf(std::uint8_t byte);

 private:
  std::int64_t capacity_ = 0;
  std::int64_t bands_ = 0;
  std::int64_t end_ = 0;
  float newestPeak_ = kLowestDb;
  float peak_ = kLowestDb;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace hearsay::ui
