#include "classify/live_pace.h"

#include <algorithm>
#include <cmath>

#include "base/plain_text.h"

namespace hearsay {
namespace {

constexpr double kBucketSeconds = 15.0;
constexpr std::size_t kRecent = 8;
constexpr double kRoom = 1.25;  ///< a hop is this much longer than a window takes, so that other work has its place
constexpr double kFull = 0.95;  ///< share of the hop from which on the model counts as too slow

std::string figure(double seconds) {
  return decimal_text(seconds, seconds < 0.1 ? 3 : 2) + " s";
}

/// The hop that leaves room for windows of this length of work, in steps of a tenth.
double hop_for(double seconds) {
  return std::ceil(seconds * kRoom * 10.0 - 1e-9) / 10.0;
}

}  // namespace

void ArrivalClock::saw(double wall, double heard) {
  if (wall - bucket_start_ > kBucketSeconds) {
    previous_ = current_;
    current_ = std::numeric_limits<double>::infinity();
    bucket_start_ = wall;
  }
  current_ = std::min(current_, wall - heard);
}

double ArrivalClock::lag(double wall, double heard) const {
  const double offset = std::min(current_, previous_);
  return std::isfinite(offset) ? std::max(0.0, wall - heard - offset) : 0.0;
}

void HopKeeper::set_wanted(double seconds) {
  const bool widened = hop_ > wanted_;
  wanted_ = seconds;
  hop_ = widened ? std::max(hop_, wanted_) : wanted_;
  recent_.clear();
}

std::optional<std::string> HopKeeper::took(double seconds) {
  recent_.push_back(seconds);
  if (recent_.size() > kRecent) recent_.pop_front();
  if (recent_.size() >= 2) {
    const double last = recent_.back();
    const double before = recent_[recent_.size() - 2];
    if (std::min(last, before) > kFull * hop_) {
      const double slowest = std::max(last, before);
      const double old = hop_;
      hop_ = hop_for(slowest);
      recent_.clear();
      return "The model needs " + figure(slowest) + " for a window, too long for a prediction every " + figure(old) +
             "; it now makes one every " + figure(hop_) + ".";
    }
  }
  if (hop_ > wanted_ && recent_.size() == kRecent) {
    const double slowest = *std::ranges::max_element(recent_);
    const double enough = std::max(wanted_, hop_for(slowest));
    if (enough < hop_ - 0.15) {
      hop_ = enough;
      recent_.clear();
      return "The model needs only " + figure(slowest) + " for a window now; it makes a prediction every " +
             figure(hop_) + ".";
    }
  }
  return {};
}

}  // namespace hearsay
