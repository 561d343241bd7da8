#include "classify/sound_history.h"

#include <algorithm>

namespace hearsay {

void SoundHistory::append(std::span<const float> samples) {
  const std::lock_guard lock(mutex_);
  total_ += static_cast<std::int64_t>(samples.size());
  if (samples.size() > ring_.size()) samples = samples.last(ring_.size());
  const auto size = static_cast<std::int64_t>(ring_.size());
  const auto from = static_cast<std::size_t>((total_ - static_cast<std::int64_t>(samples.size())) % size);
  const std::size_t first = std::min(samples.size(), ring_.size() - from);
  std::copy_n(samples.begin(), first, ring_.begin() + static_cast<std::ptrdiff_t>(from));
  std::copy(samples.begin() + static_cast<std::ptrdiff_t>(first), samples.end(), ring_.begin());
}

void SoundHistory::clear() {
  const std::lock_guard lock(mutex_);
  total_ = 0;
}

std::int64_t SoundHistory::total() const {
  const std::lock_guard lock(mutex_);
  return total_;
}

std::vector<float> SoundHistory::copy(std::int64_t start, std::int64_t end) const {
  const std::lock_guard lock(mutex_);
  const auto size = static_cast<std::int64_t>(ring_.size());
  start = std::max({start, std::int64_t{0}, total_ - size});
  end = std::min(end, total_);
  std::vector<float> out;
  if (start >= end) return out;
  out.reserve(static_cast<std::size_t>(end - start));
  const std::int64_t from = start % size;
  const std::int64_t first = std::min(end - start, size - from);
  out.insert(out.end(), ring_.begin() + from, ring_.begin() + from + first);
  out.insert(out.end(), ring_.begin(), ring_.begin() + (end - start - first));
  return out;
}

}  // namespace hearsay
