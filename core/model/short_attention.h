#pragma once
// Attention between the few places of a caption or a class prompt, for float32 on a CPU, with its gradient. LibTorch
// makes a matrix product of its own of every head of every text, copies queries, keys and values apart for that, and
// keeps the copies for the gradient; here a head's matrices are multiplied where they lie, and what is kept is the
// shares. Includes LibTorch: inside core/model only.

#include <ATen/ATen.h>

#include <cstdint>

namespace hearsay {

/// Whether short_attention() can do it: float32 on a CPU, at most 128 queries and keys, heads of 16, 32, ... 128
/// values, and one mask for all of them. `projected` is its `q`, `mask` its mask.
bool fits_short_attention(const at::Tensor& projected, std::int64_t keys, std::int64_t head_width,
                          const at::Tensor& mask);

/// softmax(q k^T / sqrt(head width) + mask) v, head by head: [B, Q, h], differentiable with respect to q and kv.
/// `q` [B, Q, h] and `kv` [B, L, 2h] (keys, values); or `q` [B, L, 3h] (queries, keys, values) and `kv` undefined.
/// `mask`: undefined, or [1 or B, 1, 1 or Q, L], no gradient; a place with -inf has no share at all.
at::Tensor short_attention(const at::Tensor& q, const at::Tensor& kv, const at::Tensor& mask, std::int64_t heads);

}  // namespace hearsay
