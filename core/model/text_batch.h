#pragma once
// Texts of different lengths as one padded batch, and contexts put into them. Includes LibTorch: inside core/model
// only.

#include <ATen/ATen.h>

#include <span>

#include "model/text_tower.h"

namespace hearsay {

struct TextBatch {
  at::Tensor ids;      ///< [B, L] int64, padded on the right
  at::Tensor lengths;  ///< [B] int64
  std::int64_t longest = 0;
  bool ragged = false;  ///< whether any text is padded
};

/// Errors: Internal for no texts at all or an empty one; BadFormat for an id outside [0, vocabulary); Usage for more
/// than `most` tokens.
TextBatch make_text_batch(std::span<const TokenIds> texts, std::int64_t pad, std::int64_t vocabulary, std::int64_t most,
                          at::Device device);

/// Every class with every set of contexts, one set after the other: what classes have, [K, L, x] -> [S * K, L, x], and
/// what sets have, [S, N, x] -> [S * K, N, x].
at::Tensor for_every_set(const at::Tensor& of_classes, std::int64_t sets);
at::Tensor for_every_class(const at::Tensor& of_sets, std::int64_t classes);

/// Rows of a word embedding [V, h]: [n, h]. Errors: as make_text_batch.
at::Tensor embedding_rows(const at::Tensor& words, std::span<const std::int64_t> ids);

/// [B, L] bool: true at the real tokens.
at::Tensor real_places(const at::Tensor& lengths, std::int64_t longest);

/// [B, 1, 1, L]: 0 at places that may be looked at, -inf at padding.
at::Tensor key_mask(const at::Tensor& real, at::ScalarType type);

}  // namespace hearsay
