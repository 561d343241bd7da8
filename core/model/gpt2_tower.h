#pragma once
// GPT-2: a pre-norm causal transformer; the sentence feature is the last real token's (MS-CLAP 2023).
// Truth: ../shared/reference, README-ms.md "How it works" and "The step (fixed)".

#include "model/layers.h"
#include "model/text_tower.h"

namespace hearsay {

struct Gpt2Config {
  std::int64_t heads = 12;
  double eps = 1e-5;
  Activation activation = Activation::GeluTanh;
  std::int64_t pad = 0;  ///< not counted when the last real token is looked for, even where a text holds it
  std::int64_t max_tokens = 77;
};

class Gpt2Tower final : public TextTower {
 public:
  /// `weights`: where wte, wpe, h.N and ln_f are. Error: BadFormat.
  Gpt2Tower(const Weights& weights, const Gpt2Config& config, Projection projection);

  /// `words`: the tokens before the sentence's one.
  [[nodiscard]] TextOutput encode(std::span<const TokenIds> texts, bool with_words) const override;
  [[nodiscard]] at::Tensor encode_prompts(const at::Tensor& contexts, std::span<const TokenIds> classes) const override;
  [[nodiscard]] bool contexts_once() const override { return true; }
  [[nodiscard]] at::Tensor word_embeddings(std::span<const std::int64_t> ids) const override;
  [[nodiscard]] int width() const override { return static_cast<int>(words_.size(1)); }
  [[nodiscard]] int embedding_dim() const override { return static_cast<int>(projection_.dim()); }
  [[nodiscard]] int max_tokens() const override { return static_cast<int>(config_.max_tokens); }
  [[nodiscard]] at::Device device() const override { return words_.device(); }

 private:
  struct Layer {
    LayerNorm attention_norm;
    SelfAttention attention;
    LayerNorm inner_norm;
    Linear inner;
    Linear outer;
  };
  [[nodiscard]] Layer load_layer(const Weights& weights) const;
  /// Hidden states; with `only` [B] (an index into each row) the last layer computes those places alone: [B, 1, h].
  [[nodiscard]] at::Tensor run(at::Tensor x, const at::Tensor& only) const;
  /// Class prompts: `shared` [S, N, h] (contexts) is looked back at by K of the S * K sequences `own` [S * K, L, h]
  /// each, and goes through the layers once for them all, since it cannot see them. `last` [S * K]: the place in `own`
  /// that is wanted. [S * K, h].
  [[nodiscard]] at::Tensor run_behind(at::Tensor shared, at::Tensor own, const at::Tensor& last) const;
  [[nodiscard]] at::Tensor feed_forward(const Layer& layer, const at::Tensor& x) const;
  /// Which token stands for the text: the number of ids that are not padding, less one. [B]
  [[nodiscard]] at::Tensor sentence_places(const at::Tensor& ids) const;

  Gpt2Config config_;
  at::Tensor words_;      ///< [V, h]
  at::Tensor positions_;  ///< [P, h]
  std::vector<Layer> layers_;
  LayerNorm last_norm_;
  Projection projection_;
};

}  // namespace hearsay
