#include "model/cnn14_tower.h"

#include <ATen/Context.h>

#include "base/error.h"
#include "model/conv_tower.h"

namespace hearsay {

int cnn14_block_count(const Weights& weights) {
  int count = 0;
  while (weights.has_group("conv_block" + std::to_string(count + 1))) ++count;
  return count;
}

std::int64_t cnn14_steps(std::int64_t frames, int blocks) {
  for (int i = 0; i + 1 < blocks; ++i) frames /= 2;  // the last block does not pool
  return frames;
}

namespace {

// weight * scale in oneDNN's own order: LibTorch otherwise puts 300 MB into it again for every batch. The product is
// gone before the last copy is made, so that loading takes little memory. Strides and dilation are spelled out:
// LibTorch 1.13 reads past the end of the one-number defaults.
at::Tensor in_onednn_order(const at::Tensor& weight, const at::Tensor& scale) {
  const at::Tensor product = (weight * scale).to_mkldnn();
  return at::mkldnn_reorder_conv2d_weight(product, {1, 1}, {1, 1}, {1, 1}, 1);
}

}  // namespace

Cnn14Tower::Cnn14Tower(const Weights& weights, const Weights& projection) {
  constexpr double kEps = 1e-5;
  input_norm_ = ChannelScale::load(weights.under("bn0"), -1, kEps);
  const at::Tensor& sample = input_norm_.scale;
  packed_ = sample.is_cpu() && sample.scalar_type() == at::kFloat && at::globalContext().hasMKLDNN();
  std::int64_t channels = 1;
  const auto folded = [&](const Weights& block, const std::string& number) {
    const at::Tensor weight = block.get("conv" + number + ".weight", {-1, channels, 3, 3});
    channels = weight.size(0);
    const ChannelScale norm = ChannelScale::load(block.under("bn" + number), channels, kEps);
    const at::Tensor scale = norm.scale.view({-1, 1, 1, 1});
    return Convolution{packed_ ? in_onednn_order(weight, scale) : weight * scale, norm.shift};
  };
  const int count = cnn14_block_count(weights);
  for (int i = 1; i <= count; ++i) {
    const Weights block = weights.under("conv_block" + std::to_string(i));
    Convolution first = folded(block, "1");
    blocks_.push_back({std::move(first), folded(block, "2")});
  }
  fc1_ = Linear::load(weights.under("fc1"), -1, channels);
  projection_ = Projection::residual(projection, fc1_.weight.size(0));
}

at::Tensor Cnn14Tower::Convolution::operator()(const at::Tensor& x) const {
  if (!weight.is_mkldnn()) return at::conv2d(x, weight, bias, 1, 1);
  return at::mkldnn_convolution(x, weight, bias, {1, 1}, {1, 1}, {1, 1}, 1);
}

at::Tensor Cnn14Tower::picture_of(const at::Tensor& log_mel) const {
  const at::Tensor picture = (log_mel * input_norm_.scale + input_norm_.shift).unsqueeze(1);
  return packed_ ? picture.to_mkldnn() : picture;
}

at::Tensor Cnn14Tower::run_block(const Block& block, const at::Tensor& x, bool pooled) const {
  at::Tensor first = block.first(x);
  at::Tensor second = block.second(at::relu_(first));
  at::relu_(second);
  return pooled ? at::avg_pool2d(second, 2) : second;
}

std::vector<at::Tensor> Cnn14Tower::blocks(const at::Tensor& log_mel) const {
  std::vector<at::Tensor> result;
  at::Tensor x = picture_of(log_mel);
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    x = run_block(blocks_[i], x, i + 1 < blocks_.size());
    result.push_back(packed_ ? x.to_dense() : x);
  }
  return result;
}

AudioOutput Cnn14Tower::forward(const at::Tensor& log_mel, const at::Tensor&) const {
  at::Tensor x = picture_of(log_mel);
  for (std::size_t i = 0; i < blocks_.size(); ++i) x = run_block(blocks_[i], x, i + 1 < blocks_.size());
  const at::Tensor map = (packed_ ? x.to_dense() : x).mean(3);
  return {projection_(head(clip_features(map))), projection_(head(frame_features(map)))};
}

}  // namespace hearsay
