#pragma once
// AdamW with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101), torch.optim.AdamW's arithmetic. Includes
// LibTorch: for core/prompts and tests only.

#include <ATen/ATen.h>

namespace hearsay {

struct AdamWOptions {
  double learning_rate = 2e-3;
  double beta1 = 0.9;
  double beta2 = 0.98;
  double epsilon = 1e-6;
  double weight_decay = 0.01;
};

class AdamW {
 public:
  explicit AdamW(const AdamWOptions& options) : options_(options) {}
  /// Moves `parameter` in place. Always the same parameter: the moments are kept for it.
  void step(at::Tensor& parameter, const at::Tensor& gradient);

 private:
  AdamWOptions options_;
  at::Tensor mean_;    ///< of gradients
  at::Tensor square_;  ///< of their squares
  int steps_ = 0;
};

}  // namespace hearsay
