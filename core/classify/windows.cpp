#include "classify/windows.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"

namespace hearsay {
namespace {

void check_sizes(std::int64_t window, std::int64_t hop) {
  if (window <= 0 || hop <= 0) {
    throw Error(ErrorKind::Usage, "A window and its hop must be at least one sample long.");
  }
  if (hop > window) {
    throw Error(ErrorKind::Usage,
                "The hop may not be longer than the window, or sound between two windows would go unheard. Choose a "
                "shorter hop or a longer window.");
  }
}

}  // namespace

std::vector<Window> plan_windows(std::int64_t total, std::int64_t window, std::int64_t hop) {
  check_sizes(window, hop);
  if (total <= 0) throw Error(ErrorKind::Usage, "There are no samples to cut into windows.");
  if (total <= window) return {{0, total}};
  std::vector<Window> windows;
  std::int64_t start = 0;
  for (; start + window <= total; start += hop) windows.push_back({start, window});
  if (windows.back().start + window < total) windows.push_back({total - window, window});
  return windows;
}

bool is_silent(std::span<const float> samples) {
  constexpr float kNothing = 1.0F / 131072.0F;
  return std::ranges::all_of(samples, [](float sample) { return std::abs(sample) < kNothing; });
}

WindowCutter::WindowCutter(std::int64_t window, std::int64_t hop, Sink sink)
    : window_(window), hop_(hop), sink_(std::move(sink)) {
  check_sizes(window, hop);
}

void WindowCutter::push(std::span<const float> samples) {
  while (!samples.empty()) {
    // A piece at a time, so that a long push does not hold more than a short one.
    const auto piece = samples.first(std::min(samples.size(), static_cast<std::size_t>(window_)));
    samples = samples.subspan(piece.size());
    held_.insert(held_.end(), piece.begin(), piece.end());
    total_ += static_cast<std::int64_t>(piece.size());
    while (next_ + window_ <= total_) {
      const auto offset = static_cast<std::size_t>(next_ - held_start_);
      sink_({next_, window_}, std::span(held_).subspan(offset, static_cast<std::size_t>(window_)));
      covered_ = next_ + window_;
      next_ += hop_;
    }
    // What finish() may need: the last `window_` samples; and everything from the next window on.
    const std::int64_t keep = std::min(next_, total_ - window_);
    if (keep - held_start_ >= window_) {
      held_.erase(held_.begin(), held_.begin() + (keep - held_start_));
      held_start_ = keep;
    }
  }
}

void WindowCutter::finish() {
  if (total_ > covered_) {
    const std::int64_t start = std::max<std::int64_t>(0, total_ - window_);
    sink_({start, total_ - start}, std::span(held_).subspan(static_cast<std::size_t>(start - held_start_)));
  }
  held_.clear();
  held_start_ = next_ = covered_ = total_ = 0;
}

}  // namespace hearsay
