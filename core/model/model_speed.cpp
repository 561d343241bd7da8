#include "model/model_speed.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <random>
#include <vector>

namespace hearsay {

double measure_window(const ClapModel& model, JobControl* control) {
  std::vector<float> window(static_cast<std::size_t>(model.info().window_samples));
  std::mt19937 noise(1);
  std::uniform_real_distribution<float> level(-0.1F, 0.1F);
  for (float& sample : window) sample = level(noise);
  (void)model.embed_windows(window);
  std::array<double, 5> times{};
  for (double& time : times) {
    if (control != nullptr) control->checkpoint();
    const auto begin = std::chrono::steady_clock::now();
    (void)model.embed_windows(window);
    time = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  }
  std::ranges::sort(times);
  return times[times.size() / 2];
}

}  // namespace hearsay
