#pragma once
// How right class embeddings are on held-out text. Includes LibTorch: for core/prompts and tests only.

#include <ATen/ATen.h>

#include <vector>

#include "prompts/caption_features.h"
#include "prompts/prompt_set.h"
#include "prompts/tuner.h"

namespace hearsay {

/// Losses of one batch as tensors (differentiable), and their mean over batches as numbers.
struct PromptLoss {
  at::Tensor coarse;
  at::Tensor fine;
};
/// `embeddings` [2, K, d]: coarse and fine. Cross-entropy with `scale`, or (multi_label) the ranking loss.
PromptLoss prompt_loss(const FeatureBatch& batch, const at::Tensor& embeddings, double scale, bool multi_label);

/// [b], of each caption: cross-entropy, summed over its labels as training counts each of them, or the ranking loss.
at::Tensor caption_losses(const at::Tensor& cosines, const FeatureBatch& batch, double scale, bool multi_label);

struct HeldOutResult {
  TextAccuracy accuracy;
  double loss = 0.0;            ///< coarse + fine, as in training: what checkpoints are chosen by
  double fused_loss = 0.0;      ///< of the fused score as a weighted mean of cosines, to be compared with
  double zero_shot_loss = 0.0;  ///< of the template
};

/// `embeddings` [2, K, d], `zero_shot` [K, d]; both L2-normalised. `batches` hold every caption once; losses are means
/// over the pairs that training makes of them. `weights` of the fused score. Zeros when there are no batches.
HeldOutResult look_at_held_out(const std::vector<FeatureBatch>& batches, const at::Tensor& embeddings,
                               const at::Tensor& zero_shot, double scale, bool multi_label,
                               const ScoreWeights& weights = {});

/// Class by class, by the same numbers; one for each row of `zero_shot`.
std::vector<ClassGain> class_gains(const std::vector<FeatureBatch>& batches, const at::Tensor& embeddings,
                                   const at::Tensor& zero_shot, const ScoreWeights& weights);

/// Batches whose labels are places in `seen`, with all `classes` to choose from.
std::vector<FeatureBatch> among_all_classes(const std::vector<FeatureBatch>& batches, const std::vector<int>& seen,
                                            std::size_t classes);

}  // namespace hearsay
