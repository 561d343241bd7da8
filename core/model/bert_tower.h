#pragma once
// BERT and RoBERTa: post-norm transformer encoders whose sentence feature is the first token's.
// Truth: ../shared/reference, README-hf.md "Pitfalls, text", README-ms.md "The step (fixed)".

#include <memory>

#include "model/layers.h"
#include "model/text_tower.h"

namespace hearsay {

struct BertConfig {
  std::int64_t heads = 12;
  double eps = 1e-12;
  Activation activation = Activation::GeluErf;
  std::int64_t pad = 0;
  bool roberta = false;           ///< positions run from pad + 1, a padding token has position `pad`
  std::int64_t max_tokens = 512;  ///< cut to what the position table holds
};

class BertTower final : public TextTower {
 public:
  /// `weights`: where `embeddings.*` and `encoder.layer.N.*` are. Sizes come from the shapes. Error: BadFormat.
  BertTower(const Weights& weights, const BertConfig& config, Projection projection);

  [[nodiscard]] TextOutput encode(std::span<const TokenIds> texts, bool with_words) const override;
  [[nodiscard]] at::Tensor encode_prompts(const at::Tensor& contexts, std::span<const TokenIds> classes) const override;
  [[nodiscard]] at::Tensor word_embeddings(std::span<const std::int64_t> ids) const override;
  [[nodiscard]] int width() const override { return static_cast<int>(words_.size(1)); }
  [[nodiscard]] int embedding_dim() const override { return static_cast<int>(projection_.dim()); }
  [[nodiscard]] int max_tokens() const override { return static_cast<int>(config_.max_tokens); }
  [[nodiscard]] at::Device device() const override { return words_.device(); }

 private:
  struct Layer {
    SelfAttention attention;
    LayerNorm attention_norm;
    Linear inner;
    Linear outer;
    LayerNorm outer_norm;
  };
  [[nodiscard]] Layer load_layer(const Weights& weights) const;
  /// What follows a layer's attention: both norms and the feed-forward part.
  [[nodiscard]] at::Tensor after_attention(const Layer& layer, const at::Tensor& x, const at::Tensor& attended) const;
  /// All layers; with `first_only` the last one computes the first place alone: [B, 1, h]. `first_qkv` [B, L, 3h]:
  /// the first layer's queries, keys and values where they are there already.
  [[nodiscard]] at::Tensor run(at::Tensor x, const at::Tensor& mask, bool first_only,
                               const at::Tensor& first_qkv = {}) const;

  BertConfig config_;
  at::Tensor words_;      ///< [V, h]
  at::Tensor positions_;  ///< [P, h], the one token type already added
  LayerNorm embedding_norm_;
  std::vector<Layer> layers_;
  Projection projection_;
};

}  // namespace hearsay
