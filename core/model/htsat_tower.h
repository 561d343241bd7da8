#pragma once
// HTSAT: a Swin transformer on the log-mel picture folded into a square, for LAION's checkpoints (Hugging Face names,
// with or without fusion) and for MS-CLAP 2023. Truth: ../shared/reference, README-hf.md "Pitfalls, audio",
// README-ms.md.

#include <memory>
#include <vector>

#include "model/audio_tower.h"
#include "model/layers.h"

namespace hearsay {

enum class HtsatNames { HuggingFace, Microsoft };

struct HtsatConfig {
  std::int64_t picture = 256;  ///< the folded picture is picture x picture
  std::int64_t n_mels = 64;
  std::int64_t patch_stride = 4;
  double block_eps = 1e-5;  ///< of the two LayerNorms of every block; all other norms have 1e-5
  Activation activation = Activation::GeluErf;
  /// Log-mel frames the time axis is stretched to.
  [[nodiscard]] std::int64_t stretched() const { return picture * (picture / n_mels); }
};

/// What the forward pass goes through, for tests; filled when asked for.
struct HtsatTrace {
  at::Tensor normed;                            ///< [n, T, mels] after BatchNorm (first channel)
  at::Tensor picture;                           ///< [n, 256, 256]
  at::Tensor patches;                           ///< [n, places, C]
  std::vector<std::vector<at::Tensor>> blocks;  ///< per stage, per block
  std::vector<at::Tensor> stages;               ///< after patch merging
};

class HtsatTower final : public AudioTower {
 public:
  /// `weights`: where patch_embed, layers and norm are. Sizes come from the shapes. Error: BadFormat.
  HtsatTower(const Weights& weights, HtsatNames names, const HtsatConfig& config, Projection projection);
  ~HtsatTower() override;

  /// log_mel [n, T, mels]; a fused tower also takes [n, 4, T, mels] (the whole clip shrunk, then three chunks), of
  /// which rows with `longer` false use the first channel alone.
  [[nodiscard]] AudioOutput forward(const at::Tensor& log_mel, const at::Tensor& longer = {}) const override;
  /// The last feature map [n, C, rows, steps].
  [[nodiscard]] at::Tensor map(const at::Tensor& log_mel, const at::Tensor& longer, HtsatTrace* trace = nullptr) const;
  [[nodiscard]] bool fused() const { return fusion_ != nullptr; }

 private:
  struct Room;
  struct Block;
  struct Stage;
  struct Fusion;
  [[nodiscard]] at::Tensor fold(const at::Tensor& x) const;
  [[nodiscard]] at::Tensor through_stages(at::Tensor x, HtsatTrace* trace) const;
  [[nodiscard]] at::Tensor through_stages_in_place(at::Tensor x, HtsatTrace* trace) const;
  [[nodiscard]] at::Tensor patches(const at::Tensor& picture, const at::Tensor& longer) const;

  HtsatConfig config_;
  ChannelScale input_norm_;
  at::Tensor patch_weight_;
  at::Tensor patch_bias_;
  LayerNorm patch_norm_;
  std::vector<Stage> stages_;
  bool in_place_ = false;                 ///< all blocks can run in place
  std::unique_ptr<const Fusion> fusion_;  ///< fused checkpoints only
  LayerNorm last_norm_;
  Projection projection_;
};

/// Steps of the last map: frame embeddings of one window. Error: BadFormat when there are none.
std::int64_t htsat_steps(const Weights& weights, const HtsatConfig& config);

}  // namespace hearsay
