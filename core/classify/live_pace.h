#pragma once
// Keeping up with the clock while listening: how late a result is, and how often the model can be asked.

#include <deque>
#include <limits>
#include <optional>
#include <string>

namespace hearsay {

/// When did a moment of the sound arrive? Samples come in blocks, and wait while the model works; the smallest delay
/// seen lately between the sound's own time and the wall clock is taken for "it arrived just now". All times in
/// seconds.
class ArrivalClock {
 public:
  /// `heard`: seconds of sound that have been read at `wall`.
  void saw(double wall, double heard);
  /// How long ago, at `wall`, the sound's moment `heard` arrived; never negative.
  [[nodiscard]] double lag(double wall, double heard) const;

 private:
  double bucket_start_ = -std::numeric_limits<double>::infinity();
  double current_ = std::numeric_limits<double>::infinity();   ///< smallest of this stretch
  double previous_ = std::numeric_limits<double>::infinity();  ///< and of the one before: clocks drift apart
};

/// The time between two predictions: what was wished for, or more when the model is slower than that.
class HopKeeper {
 public:
  explicit HopKeeper(double wanted) : wanted_(wanted), hop_(wanted) {}
  [[nodiscard]] double hop() const noexcept { return hop_; }  ///< seconds, in force
  [[nodiscard]] double wanted() const noexcept { return wanted_; }
  /// Another wish; an override by slowness stays in force as far as it is needed.
  void set_wanted(double seconds);
  /// Tells how long one window took; a sentence with figures when that changes the hop. One slow window is no reason
  /// yet.
  std::optional<std::string> took(double seconds);

 private:
  double wanted_;
  double hop_;
  std::deque<double> recent_;
};

}  // namespace hearsay
