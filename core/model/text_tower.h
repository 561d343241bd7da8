#pragma once
// The frozen text tower: ids -> sentence and word features, and the same with learned context vectors in place
// (arXiv 2309.08357, section 3; DESIGN section 3; ../shared/reference/README-ms.md "The step (fixed)").
// Includes LibTorch: for core/model and core/prompts only.

#include <ATen/ATen.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace hearsay {

using TokenIds = std::vector<std::int64_t>;

struct TextOutput {
  at::Tensor hidden;     ///< [B, L, h] last hidden state (padded places: any values); undefined without words
  at::Tensor sentence;   ///< [B, d] projected, not normalised
  at::Tensor words;      ///< [B, L-1, d] projected, not normalised, zero at padding (GPT-2: see word_mask)
  at::Tensor word_mask;  ///< [B, L-1] bool
};

class TextTower {
 public:
  virtual ~TextTower() = default;

  /// One batch of texts of any lengths (ids as Tokenizer/ClapModel::tokens gives them); padded to the longest. With
  /// `with_words` false only `sentence` is computed (the last layer then runs for one place alone). No gradient.
  [[nodiscard]] virtual TextOutput encode(std::span<const TokenIds> texts, bool with_words) const = 0;

  /// Class prompts with contexts: for each class [CLS] v1..vN tokens [SEP] (BERT, RoBERTa), v1..vN tokens (GPT-2).
  /// `contexts` [S, N, h] (S = 2: coarse and fine go through as one batch); `classes`: ids with special tokens, as
  /// encode() takes them. Returns [S, K, d], projected, not normalised; differentiable with respect to `contexts`.
  [[nodiscard]] virtual at::Tensor encode_prompts(const at::Tensor& contexts,
                                                  std::span<const TokenIds> classes) const = 0;

  /// Whether the contexts of one encode_prompts() go through the layers once for all its classes (they come first and
  /// cannot see the class).
  [[nodiscard]] virtual bool contexts_once() const { return false; }

  /// Word-embedding rows of tokens [n, h] (to start contexts from a template's words).
  [[nodiscard]] virtual at::Tensor word_embeddings(std::span<const std::int64_t> ids) const = 0;

  [[nodiscard]] virtual int width() const = 0;          ///< h
  [[nodiscard]] virtual int embedding_dim() const = 0;  ///< d
  [[nodiscard]] virtual int max_tokens() const = 0;
  [[nodiscard]] virtual at::Device device() const = 0;
};

}  // namespace hearsay
