#pragma once
// The last seconds that were heard. Safe for one writer and any number of readers.

#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

namespace hearsay {

class SoundHistory {
 public:
  explicit SoundHistory(std::size_t capacity) : ring_(capacity) {}
  void append(std::span<const float> samples);
  void clear();
  [[nodiscard]] std::int64_t total() const;  ///< samples appended since clear()
  /// The samples from `start` to `end` (places in the stream), as far as they have come and are still held.
  [[nodiscard]] std::vector<float> copy(std::int64_t start, std::int64_t end) const;

 private:
  mutable std::mutex mutex_;
  std::vector<float> ring_;
  std::int64_t total_ = 0;
};

}  // namespace hearsay
