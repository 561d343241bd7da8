#pragma once
// Which captions each step takes (core/prompts only).

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "prompts/caption_features.h"
#include "prompts/random.h"

namespace hearsay {

/// The pairs of each step: all of them in the order given, or shuffled batches, epoch after epoch.
class BatchOrder {
 public:
  BatchOrder(std::vector<TrainingPair> pairs, int batch, std::uint64_t seed)
      : pairs_(std::move(pairs)), batch_(static_cast<std::size_t>(batch)), random_(seed) {}

  [[nodiscard]] bool whole() const { return batch_ == 0; }
  [[nodiscard]] int steps_an_epoch() const {
    return whole() ? 1 : static_cast<int>((pairs_.size() + batch_ - 1) / batch_);
  }
  std::vector<TrainingPair> next() {
    if (position_ == 0) random_.shuffle(pairs_);
    const std::size_t end = std::min(pairs_.size(), position_ + batch_);
    const auto at = [this](std::size_t i) { return pairs_.begin() + static_cast<std::ptrdiff_t>(i); };
    std::vector<TrainingPair> batch(at(position_), at(end));
    position_ = end == pairs_.size() ? 0 : end;
    return batch;
  }
  /// As after so many next(): the order follows from the seed.
  void skip(int steps) {
    for (int i = 0; i < steps && !whole(); ++i) next();
  }

 private:
  std::vector<TrainingPair> pairs_;
  std::size_t batch_;
  std::size_t position_ = 0;
  Random random_;
};

}  // namespace hearsay
