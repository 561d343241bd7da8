#include "ui/charts/time_axis.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "ui/charts/format.h"

namespace hearsay::ui {

std::vector<TimeTick> timeTicks(double from, double to, int most) {
  static constexpr std::array kSteps{0.001, 0.002, 0.005,  0.01,   0.02,   0.05,    0.1,     0.2,    0.5,
                                     1.0,   2.0,   5.0,    10.0,   15.0,   30.0,    60.0,    120.0,  300.0,
                                     600.0, 900.0, 1800.0, 3600.0, 7200.0, 18000.0, 36000.0, 86400.0};
  std::vector<TimeTick> ticks;
  const double span = to - from;
  if (!(span > 0.0) || most < 1) return ticks;
  const auto fits = [&](double step) { return span / step <= most; };
  const auto chosen = std::find_if(kSteps.begin(), kSteps.end(), fits);
  const double step = chosen == kSteps.end() ? span : *chosen;
  const int digits = step >= 1.0 ? 0 : step >= 0.1 ? 1 : step >= 0.01 ? 2 : 3;
  const double first = std::ceil(from / step - 1e-9);
  for (double i = first; i * step <= to + 1e-9; i += 1.0) ticks.push_back({i * step, clockText(i * step, digits)});
  return ticks;
}

}  // namespace hearsay::ui
