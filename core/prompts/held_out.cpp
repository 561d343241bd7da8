#include "prompts/held_out.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "prompts/losses.h"

namespace hearsay {
namespace {

/// [b] 0/1: captions whose best class is one of theirs.
at::Tensor are_right(const at::Tensor& cosines, const at::Tensor& targets) {
  return targets.gather(1, cosines.argmax(1, true)).squeeze(1);
}

double right(const at::Tensor& cosines, const at::Tensor& targets) {
  return are_right(cosines, targets).sum().item<double>();
}

/// [b, K] each.
struct Cosines {
  at::Tensor coarse;
  at::Tensor fine;
  at::Tensor plain;
  at::Tensor fused;
};

Cosines cosines_of(const FeatureBatch& batch, const at::Tensor& embeddings, const at::Tensor& zero_shot,
                   const ScoreWeights& weights) {
  Cosines of{coarse_cosines(batch.sentences, embeddings[0]),
             fine_cosines(batch.words, batch.mask, embeddings[1]),
             coarse_cosines(batch.sentences, zero_shot),
             {}};
  of.fused = (weights.coarse * of.coarse + weights.fine * of.fine + weights.zero_shot * of.plain) / weights.sum();
  return of;
}

at::Tensor loss_of(const at::Tensor& cosines, const FeatureBatch& batch, double scale, bool multi_label) {
  return multi_label ? ranking_loss(cosines, batch.targets) : cross_entropy_loss(cosines, batch.labels, scale);
}

/// What training counts the captions as: each once, or once for each of its labels.
double pairs_of(const FeatureBatch& batch, bool multi_label) {
  return multi_label ? static_cast<double>(batch.size()) : batch.targets.sum().item<double>();
}

}  // namespace

PromptLoss prompt_loss(const FeatureBatch& batch, const at::Tensor& embeddings, double scale, bool multi_label) {
  const at::Tensor coarse = coarse_cosines(batch.sentences, embeddings[0]);
  const at::Tensor fine = fine_cosines(batch.words, batch.mask, embeddings[1]);
  return {loss_of(coarse, batch, scale, multi_label), loss_of(fine, batch, scale, multi_label)};
}

at::Tensor caption_losses(const at::Tensor& cosines, const FeatureBatch& batch, double scale, bool multi_label) {
  if (multi_label) return ranking_losses(cosines, batch.targets);
  return every_label_losses(cosines, batch.targets, scale);
}

HeldOutResult look_at_held_out(const std::vector<FeatureBatch>& batches, const at::Tensor& embeddings,
                               const at::Tensor& zero_shot, double scale, bool multi_label,
                               const ScoreWeights& weights) {
  const at::NoGradGuard no_grad;
  HeldOutResult sum;
  double count = 0.0;
  double pairs = 0.0;
  for (const FeatureBatch& batch : batches) {
    const auto [coarse, fine, plain, fused] = cosines_of(batch, embeddings, zero_shot, weights);
    const auto loss = [&](const at::Tensor& cosines) {
      return caption_losses(cosines, batch, scale, multi_label).sum().item<double>();
    };
    sum.accuracy.zero_shot += right(plain, batch.targets);
    sum.accuracy.coarse += right(coarse, batch.targets);
    sum.accuracy.fine += right(fine, batch.targets);
    sum.accuracy.fused += right(fused, batch.targets);
    sum.loss += loss(coarse) + loss(fine);
    sum.fused_loss += loss(fused);
    sum.zero_shot_loss += loss(plain);
    count += static_cast<double>(batch.size());
    pairs += pairs_of(batch, multi_label);
  }
  if (count == 0.0) return sum;
  for (double* right : {&sum.accuracy.zero_shot, &sum.accuracy.coarse, &sum.accuracy.fine, &sum.accuracy.fused}) {
    *right /= count;
  }
  for (double* loss : {&sum.loss, &sum.fused_loss, &sum.zero_shot_loss}) *loss /= pairs;
  return sum;
}

std::vector<ClassGain> class_gains(const std::vector<FeatureBatch>& batches, const at::Tensor& embeddings,
                                   const at::Tensor& zero_shot, const ScoreWeights& weights) {
  const at::NoGradGuard no_grad;
  std::vector<ClassGain> gains(static_cast<std::size_t>(zero_shot.size(0)));
  for (const FeatureBatch& batch : batches) {
    const Cosines cosines = cosines_of(batch, embeddings, zero_shot, weights);
    const at::Tensor labels = batch.labels.cpu();
    const at::Tensor before = are_right(cosines.plain, batch.targets).to(at::kCPU, at::kDouble).contiguous();
    const at::Tensor after = are_right(cosines.fused, batch.targets).to(at::kCPU, at::kDouble).contiguous();
    for (std::int64_t i = 0; i < batch.size(); ++i) {
      ClassGain& gain = gains[static_cast<std::size_t>(labels[i].item<std::int64_t>())];
      ++gain.captions;
      gain.before += before.data_ptr<double>()[i];
      gain.after += after.data_ptr<double>()[i];
    }
  }
  for (ClassGain& gain : gains) {
    const double count = std::max(1, gain.captions);
    gain.before /= count;
    gain.after /= count;
  }
  return gains;
}

std::vector<FeatureBatch> among_all_classes(const std::vector<FeatureBatch>& batches, const std::vector<int>& seen,
                                            std::size_t classes) {
  std::vector<FeatureBatch> all = batches;
  for (FeatureBatch& batch : all) {
    const at::Tensor place = at::tensor(seen, at::kLong).to(batch.labels.device());
    const at::Tensor none = at::zeros({batch.size(), static_cast<std::int64_t>(classes)}, batch.targets.options());
    batch.labels = place.index_select(0, batch.labels);
    batch.targets = none.index_copy(1, place, batch.targets);
  }
  return all;
}

}  // namespace hearsay
