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

FrontEnd::FrontEnd(LogMel log_mel, std::int64_t window_samples, Filling filling, at::Device device, bool fused)
    : log_mel_(std::move(log_mel)),
      window_samples_(window_samples),
      filling_(filling),
      device_(device),
      fused_(fused) {}

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

FrontFeatures FrontEnd::whole(std::span<const float> clip) const {
  const auto length = static_cast<std::int64_t>(clip.size());
  if (!fused_ || length <= window_samples_) return windows(fill(clip));
  const at::Tensor wave = at::from_blob(const_cast<float*>(clip.data()), {1, length});
  const at::Tensor mel = log_mel_(wave.to(device_));
  const std::int64_t chunk = 1 + window_samples_ / log_mel_.config().hop;
  const std::int64_t spare = mel.size(1) - chunk;
  if (spare == 0) return {mel, {}};  // longer by less than a hop: there is only one view
  const at::Tensor shrunk = at::upsample_bilinear2d(mel.unsqueeze(1), {chunk, mel.size(2)}, false);
  std::vector<at::Tensor> views{shrunk.squeeze(1)};
  for (const std::int64_t start : {std::int64_t{0}, spare / 2, spare}) views.push_back(mel.narrow(1, start, chunk));
  return {at::stack(views, 1), at::ones({1}, mel.options().dtype(at::kBool))};
}

}  // namespace hearsay
