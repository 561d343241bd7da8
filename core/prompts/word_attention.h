#pragma once
// The fine score's attention over words (arXiv 2309.08357 section 3) and its gradient in one pass each over the
// cosines, for float32 on a CPU, where LibTorch's operations make a dozen. Includes LibTorch: inside core/prompts only.

#include <ATen/ATen.h>

namespace hearsay {

/// cosines [B, L, K] of words and classes, mask [B, L] bool: which words are real -> [B, K]: sum_t a_tk c_tk, where a
/// is the softmax over real words of c / `temperature`; 0 for a text without any (on a GPU and in float64 where its
/// cosines are 0, as those of padding are in a FeatureBatch). Differentiable with respect to cosines.
at::Tensor attended_cosines(const at::Tensor& cosines, const at::Tensor& mask, double temperature);

}  // namespace hearsay
