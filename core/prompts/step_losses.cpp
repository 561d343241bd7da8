#include "prompts/step_losses.h"

#include <ATen/core/grad_mode.h>

#include "model/side_by_side.h"
#include "prompts/held_out.h"

namespace hearsay {

StepLosses step_losses(const std::vector<FeatureBatch>& batches, const at::Tensor& embeddings, double scale,
                       bool multi_label) {
  const at::AutoGradMode with_grad(true);
  double captions = 0.0;
  for (const FeatureBatch& batch : batches) captions += static_cast<double>(batch.size());
  struct Part {
    at::Tensor gradient;
    StepLosses losses;
  };
  std::vector<Part> parts(batches.size());
  side_by_side(batches.size(), embeddings.device(), [&](std::size_t i) {
    const at::Tensor leaf = embeddings.detach().requires_grad_(true);
    const double share = static_cast<double>(batches[i].size()) / captions;
    const PromptLoss loss = prompt_loss(batches[i], leaf, scale, multi_label);
    ((loss.coarse + loss.fine) * share).backward();
    parts[i] = {leaf.grad(), {share * loss.coarse.item<double>(), share * loss.fine.item<double>()}};
  });
  StepLosses losses;
  for (const Part& part : parts) {  // in their order: the same bytes every time
    embeddings.backward(part.gradient);
    losses.coarse += part.losses.coarse;
    losses.fine += part.losses.fine;
  }
  return losses;
}

}  // namespace hearsay
