#pragma once
// The parts of HTSAT: windowed attention blocks, patch merging, and the fusion of a long clip's views.
// Inside core/model only.

#include "model/htsat_tower.h"

namespace hearsay {

/// Room for the steps of a block, taken once a forward pass: fresh memory for each step would cost as much as the step.
struct HtsatTower::Room {
  at::Tensor narrow;  ///< places * C floats of the widest stage
  at::Tensor wide;    ///< places * inner floats of the widest stage
};

struct HtsatTower::Block {
  LayerNorm before;
  SelfAttention attention;
  at::Tensor bias;  ///< added to the scores: [1 or windows, heads, w*w, w*w], relative positions and the shift's mask
  LayerNorm after;
  Linear inner;
  Linear outer;
  Activation activation = Activation::GeluErf;
  std::int64_t side = 0;    ///< of the square of places
  std::int64_t window = 0;  ///< places
  std::int64_t shift = 0;

  /// `index`: position in its stage; odd ones are shifted. `side`: places along an edge here.
  static Block load(const Weights& weights, HtsatNames names, const HtsatConfig& config, std::int64_t width,
                    std::int64_t side, int index);
  [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;
  /// Whether run_in_place can do it: float32 on a CPU, windows and heads of the published sizes.
  [[nodiscard]] bool runs_in_place() const;
  /// The same with swin_kernels.h; x [n, places, C] is overwritten.
  void run_in_place(at::Tensor& x, const Room& room) const;
};

struct HtsatTower::Stage {
  std::vector<Block> blocks;
  LayerNorm merge_norm;  ///< undefined weights in the last stage
  Linear merge;
  std::int64_t side = 0;

  [[nodiscard]] bool merges() const { return merge.weight.defined(); }
  [[nodiscard]] at::Tensor merged(const at::Tensor& x) const;
};

/// Two-branch attention between the whole clip's patches and its chunks'.
struct HtsatTower::Fusion {
  struct Branch {
    at::Tensor first_weight, first_bias, second_weight, second_bias;
    [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;
  };
  at::Tensor chunk_weight;  ///< [C, 1, 4, 12]
  at::Tensor chunk_bias;
  Branch local;
  Branch global;

  static Fusion load(const Weights& weights, std::int64_t width, double eps);
  /// whole [m, C, P, P], chunks [m, 3, 256, 256] -> [m, C, P, P].
  [[nodiscard]] at::Tensor mix(const at::Tensor& whole, const at::Tensor& chunks) const;
};

}  // namespace hearsay
