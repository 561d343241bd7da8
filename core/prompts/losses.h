#pragma once
// Scores and losses of audio-free prompt tuning as tensors (arXiv 2309.08357 section 3;
// ../shared/reference/README-ms.md "afpt"). Includes LibTorch: for core/prompts and tests only.

#include <ATen/ATen.h>

namespace hearsay {

inline constexpr double kWordTemperature = 0.10;  ///< T of the fine attention
inline constexpr double kRankScale = 5.0;
inline constexpr double kRankMargin = 1.0;

/// Cosines of sentences [B, d] and classes [K, d], both L2-normalised -> [B, K].
at::Tensor coarse_cosines(const at::Tensor& sentences, const at::Tensor& classes);

/// words [B, L, d] (L2-normalised), mask [B, L] bool, classes [K, d] -> [B, K]: sum_t a_tk <w_t, f_k>,
/// a = softmax over real words of <w_t, f_k>/T.
at::Tensor fine_cosines(const at::Tensor& words, const at::Tensor& mask, const at::Tensor& classes);

/// Mean cross-entropy of scale * cosines [B, K] against class indices [B].
at::Tensor cross_entropy_loss(const at::Tensor& cosines, const at::Tensor& labels, double scale);

/// Of each caption the cross-entropies of all its labels, summed: [B]; targets [B, K] 0/1.
at::Tensor every_label_losses(const at::Tensor& cosines, const at::Tensor& targets, double scale);

/// Mean over captions of sum over (wanted i, unwanted j) of max(0, margin - scale*cos_i + scale*cos_j); targets [B, K]
/// 0/1.
at::Tensor ranking_loss(const at::Tensor& cosines, const at::Tensor& targets);
/// The same for each caption: [B].
at::Tensor ranking_losses(const at::Tensor& cosines, const at::Tensor& targets);

}  // namespace hearsay
