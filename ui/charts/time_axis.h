#pragma once
// Ticks of a time axis: round steps, as many as fit.

#include <QString>
#include <vector>

namespace hearsay::ui {

struct TimeTick {
  double seconds = 0.0;
  QString text;
};

/// Ticks inside [from, to] seconds, at most `most` of them, at steps a person would choose (0.1, 0.5, 1, 5, 15, 60
/// ...).
std::vector<TimeTick> timeTicks(double from, double to, int most);

}  // namespace hearsay::ui
