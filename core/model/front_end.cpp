#include "model/front_end.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace hearsay {

std::vector<float> fill_window(std::span<const float> clip, std::int64_t window_samples, Filling filling) {
  const auto wanted = static_cast<std::size_t>(window_samples);
  std::vector<float> window(wanted, 0.0F);
  if (clip.empty()) return window;
  std::size_t copies = 1;
  if (filling == Filling::RepeatAndPad) copies = std::max<std::size_t>(1, wanted / clip.size());
  if (filling == Filling::RepeatAndCut) copies = wanted / clip.size() + 1;
  for (std::size_t copy = 0, at = 0; copy < copies && at < wanted; ++copy, at += clip.size()) {
    std::ranges::copy(clip.first(std::min(clip.size(), wanted - at)), window.begin() + static_cast<std::ptrdiff_t>(at));
  }
  return window;
}

FrontEnd::FrontEnd(LogMel log_mel, std::int64_t window_samples, Filling filling, at::Device device)
    : log_mel_(std::move(log_mel)), window_samples_(window_samples), filling_(filling), device_(device) {}

FrontFeatures FrontEnd::windows(std::span<const float> samples) const {
  const auto length = static_cast<std::int64_t>(samples.size());
  if (length == 0 || length % window_samples_ != 0) {
    throw Error(ErrorKind::Usage, "Sound must come in whole windows of " + std::to_string(window_samples_) +
                                      " samples; got " + std::to_string(length) + ".");
  }
  const at::Tensor wave =
      at::from_blob(const_cast<float*>(samples.data()), {length / window_samples_, window_samples_});
  return {log_mel_(wave.to(device_)), {}};
}

}  // namespace hearsay
