#pragma once
// The weights of coarse, fine and zero-shot in the fused score, chosen on held-out text alone. Includes LibTorch: for
// core/prompts and tests only.

#include <ATen/ATen.h>

#include <vector>

#include "prompts/caption_features.h"
#include "prompts/prompt_set.h"

namespace hearsay {

/// The shares that are tried: multiples of 1/20 that sum to 1, zero-shot's kLeastZeroShot or more.
std::vector<ScoreWeights> score_weight_grid();

/// `embeddings` [2, K, d]: coarse and fine; `zero_shot` [K, d]; L2-normalised. Of all shares of the grid whose mean
/// loss (cross-entropy with `scale`, or the ranking loss) on the captions is at most one standard error above the
/// lowest, and that name no fewer captions rightly than the template does (where there are such), the most even ones,
/// and of these the ones with the lowest loss: the one-standard-error rule (Breiman et al., Classification and
/// Regression Trees, 1984, section 3.4.3), with even shares as the simple model. The same input gives the same weights.
/// Coarse + fine, as in the paper, when there are no captions. Why zero-shot keeps most: prompts that tell captions
/// apart ever better go by what sounds do not share, which held-out text cannot show (TUNING.md).
ScoreWeights choose_score_weights(const std::vector<FeatureBatch>& held_out, const at::Tensor& embeddings,
                                  const at::Tensor& zero_shot, double scale, bool multi_label);

}  // namespace hearsay
