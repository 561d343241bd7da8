#pragma once
// Cnn14 (PANNs) as MS-CLAP 2022 uses it: six blocks of two 3x3 convolutions, BatchNorm folded in.
// Truth: ../shared/reference/README-ms.md.

#include <vector>

#include "model/audio_tower.h"
#include "model/layers.h"

namespace hearsay {

class Cnn14Tower final : public AudioTower {
 public:
  /// `weights`: where bn0, conv_blockN and fc1 are. `projection`: where linear1, linear2 and layer_norm are.
  /// Error: BadFormat.
  Cnn14Tower(const Weights& weights, const Weights& projection);
  [[nodiscard]] AudioOutput forward(const at::Tensor& log_mel, const at::Tensor& longer = {}) const override;
  /// The picture after each block (index 0: block 1), [n, C, T, F].
  [[nodiscard]] std::vector<at::Tensor> blocks(const at::Tensor& log_mel) const;
  /// fc1 and ReLU on rows of features.
  [[nodiscard]] at::Tensor head(const at::Tensor& features) const { return at::relu(fc1_(features)); }

 private:
  struct Convolution {
    at::Tensor weight;  ///< in oneDNN's own order of numbers where pictures go through it, otherwise [out, in, 3, 3]
    at::Tensor bias;
    [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;
  };
  struct Block {
    Convolution first;
    Convolution second;
  };
  [[nodiscard]] at::Tensor picture_of(const at::Tensor& log_mel) const;
  [[nodiscard]] at::Tensor run_block(const Block& block, const at::Tensor& x, bool pooled) const;

  ChannelScale input_norm_;
  bool packed_ = false;  ///< pictures stay in oneDNN's blocked layout from the first convolution to the last
  std::vector<Block> blocks_;
  Linear fc1_;
  Projection projection_;
};

/// Steps of the last map for so many log-mel frames and blocks; 0 when the picture becomes empty on the way.
std::int64_t cnn14_steps(std::int64_t frames, int blocks);
int cnn14_block_count(const Weights& weights);

}  // namespace hearsay
