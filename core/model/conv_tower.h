#pragma once
// The starter's audio tower: a 4x4 patch stem and plain 3x3 convolutions on the log-mel picture, BatchNorm folded in
// (format 1 in resources/starter/README.md; plain convolutions because depthwise ones are slow to train on a CPU).

#include <vector>

#include "model/audio_tower.h"
#include "model/layers.h"

namespace hearsay {

struct ConvLayerConfig {
  std::int64_t channels = 0;
  std::int64_t pool_time = 1;
  std::int64_t pool_mel = 1;
  bool residual = false;
};

struct ConvTowerConfig {
  std::int64_t n_mels = 64;
  std::int64_t stem_channels = 0;
  std::int64_t patch_time = 4;
  std::int64_t patch_mel = 4;
  double norm_eps = 1e-5;
  std::vector<ConvLayerConfig> layers;

  /// Log-mel frames between two steps of the last map.
  [[nodiscard]] std::int64_t stride() const;
  /// Steps of the last map for so many log-mel frames; 0 when the picture becomes empty on the way.
  [[nodiscard]] std::int64_t steps(std::int64_t frames) const;
  /// Mel rows of the last map.
  [[nodiscard]] std::int64_t rows() const;
};

/// Max + mean over 3 neighbouring steps, stride 1, no padding (README-ms.md, "Frames"): [n, C, T] -> [n, T-2, C].
at::Tensor frame_features(const at::Tensor& map);
/// Max + mean over all steps: [n, C, T] -> [n, C].
at::Tensor clip_features(const at::Tensor& map);

class ConvTower final : public AudioTower {
 public:
  /// `weights`: where bn0, stem and layers are. Error: BadFormat.
  ConvTower(const Weights& weights, ConvTowerConfig config, Projection projection);
  [[nodiscard]] AudioOutput forward(const at::Tensor& log_mel, const at::Tensor& longer = {}) const override;
  /// The last map, meaned over mel: [n, frames, mels] -> [n, C, T].
  [[nodiscard]] at::Tensor map(const at::Tensor& log_mel) const;

 private:
  struct Convolution {
    at::Tensor weight;
    at::Tensor bias;
  };
  ConvTowerConfig config_;
  ChannelScale input_norm_;
  Convolution stem_;
  std::vector<Convolution> layers_;
  Projection projection_;
};

}  // namespace hearsay
