#include "model/resize.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace hearsay {

namespace {

/// Weights of the four frames around a place `t` behind the second of them (Keys 1981, a = -0.75).
std::array<double, 4> cubic_weights(double t) {
  constexpr double kA = -0.75;
  const auto near = [](double x) { return ((kA + 2.0) * x - (kA + 3.0)) * x * x + 1.0; };
  const auto far = [](double x) { return ((kA * x - 5.0 * kA) * x + 8.0 * kA) * x - 4.0 * kA; };
  return {far(t + 1.0), near(t), near(1.0 - t), far(2.0 - t)};
}

}  // namespace

at::Tensor stretch_time(const at::Tensor& x, std::int64_t frames) {
  const std::int64_t given = x.size(2);
  const float scale = frames > 1 ? static_cast<float>(given - 1) / static_cast<float>(frames - 1) : 0.0F;
  at::Tensor places = at::empty({4, frames}, at::kLong);
  at::Tensor weights = at::empty({4, 1, 1, frames, 1}, at::kDouble);
  auto* place = places.data_ptr<std::int64_t>();
  auto* weight = weights.data_ptr<double>();
  for (std::int64_t i = 0; i < frames; ++i) {
    const volatile float position = scale * static_cast<float>(i);  // volatile: rounded here, never fused
    const float rounded = position;
    const auto whole = std::min(static_cast<std::int64_t>(std::floor(rounded)), given - 1);
    const double rest = std::clamp(static_cast<double>(rounded) - static_cast<double>(whole), 0.0, 1.0);
    const auto four = cubic_weights(rest);
    for (std::int64_t k = 0; k < 4; ++k) {
      place[k * frames + i] = std::clamp<std::int64_t>(whole - 1 + k, 0, given - 1);
      weight[k * frames + i] = four[static_cast<std::size_t>(k)];
    }
  }
  places = places.to(x.device());
  weights = weights.to(x.device(), x.scalar_type());
  at::Tensor result = x.index_select(2, places[0]) * weights[0];
  for (std::int64_t k = 1; k < 4; ++k) result.addcmul_(x.index_select(2, places[k]), weights[k]);
  return result;
}

}  // namespace hearsay
