#pragma once
// The losses of one step of tuning and their gradient, batch by batch. Includes LibTorch: for core/prompts and tests
// only.

#include <ATen/ATen.h>

#include <vector>

#include "prompts/caption_features.h"

namespace hearsay {

/// Means over all captions of a step.
struct StepLosses {
  double coarse = 0.0;
  double fine = 0.0;
  [[nodiscard]] double sum() const noexcept { return coarse + fine; }
};

/// `embeddings` [2, K, d], a leaf, gets the gradient of coarse + fine. Batches are done side by side where there are
/// enough; the same input gives the same bytes.
StepLosses step_losses(const std::vector<FeatureBatch>& batches, const at::Tensor& embeddings, double scale,
                       bool multi_label);

}  // namespace hearsay
