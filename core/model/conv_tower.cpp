#include "model/conv_tower.h"

#include <utility>

#include "base/error.h"

namespace hearsay {

std::int64_t ConvTowerConfig::stride() const {
  std::int64_t result = patch_time;
  for (const auto& layer : layers) result *= layer.pool_time;
  return result;
}

std::int64_t ConvTowerConfig::steps(std::int64_t frames) const {
  std::int64_t result = frames / patch_time;
  for (const auto& layer : layers) result /= layer.pool_time;
  return result;
}

std::int64_t ConvTowerConfig::rows() const {
  std::int64_t result = n_mels / patch_mel;
  for (const auto& layer : layers) result /= layer.pool_mel;
  return result;
}

at::Tensor frame_features(const at::Tensor& map) {
  return (at::max_pool1d(map, 3, 1) + at::avg_pool1d(map, 3, 1)).transpose(1, 2);
}

at::Tensor clip_features(const at::Tensor& map) {
  return at::amax(map, -1) + map.mean(-1);
}

ConvTower::ConvTower(const Weights& weights, ConvTowerConfig config, Projection projection)
    : config_(std::move(config)), projection_(std::move(projection)) {
  input_norm_ = ChannelScale::load(weights.under("bn0"), config_.n_mels, config_.norm_eps);
  const auto folded = [&](const Weights& part, at::IntArrayRef shape) {
    const ChannelScale norm = ChannelScale::load(part.under("bn"), shape[0], config_.norm_eps);
    const at::Tensor weight = part.get("conv.weight", shape) * norm.scale.view({-1, 1, 1, 1});
    return Convolution{weight.contiguous(at::MemoryFormat::ChannelsLast), norm.shift};
  };
  stem_ = folded(weights.under("stem"), {config_.stem_channels, 1, config_.patch_time, config_.patch_mel});
  std::int64_t channels = config_.stem_channels;
  for (std::size_t i = 0; i < config_.layers.size(); ++i) {
    const ConvLayerConfig& layer = config_.layers[i];
    if (layer.residual && layer.channels != channels) {
      throw Error(ErrorKind::BadFormat, "Layer " + std::to_string(i) + " in the configuration of " +
                                            weights.file().string() + " is residual, but changes the channels.");
    }
    layers_.push_back(folded(weights.under("layers." + std::to_string(i)), {layer.channels, channels, 3, 3}));
    channels = layer.channels;
  }
}

at::Tensor ConvTower::map(const at::Tensor& log_mel) const {
  // Channels last throughout: on a loaded machine a single window's convolutions were faster so in five of six runs,
  // eight windows showed no winner. To be measured again on a quiet one (tests/bench, WindowToScores and
  // BatchOfEightWindows).
  at::Tensor x =
      (log_mel * input_norm_.scale + input_norm_.shift).unsqueeze(1).contiguous(at::MemoryFormat::ChannelsLast);
  x = at::conv2d(x, stem_.weight, stem_.bias, {config_.patch_time, config_.patch_mel}).relu_();
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const ConvLayerConfig& layer = config_.layers[i];
    at::Tensor y = at::conv2d(x, layers_[i].weight, layers_[i].bias, 1, 1);
    if (layer.residual) y.add_(x);
    x = y.relu_();
    if (layer.pool_time > 1 || layer.pool_mel > 1) x = at::avg_pool2d(x, {layer.pool_time, layer.pool_mel});
  }
  return x.mean(3).contiguous();
}

AudioOutput ConvTower::forward(const at::Tensor& log_mel, const at::Tensor&) const {
  const at::Tensor steps = map(log_mel);
  return {projection_(clip_features(steps)), projection_(frame_features(steps))};
}

}  // namespace hearsay
