#pragma once
// AdamW with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101), torch.optim.AdamW's arithmetic. Includes
// LibTorch: for core/prompts and tests only.

#include <ATen/ATen.h>

#include <utility>

namespace hearsay {

struct AdamWOptions {
  double learning_rate = 2e-3;
  double beta1 = 0.9;
  double beta2 = 0.98;
  double epsilon = 1e-6;
  double weight_decay = 0.01;
};

/// Of the learning rate at step 1..total when it stays for `held` (0..1) of the steps and then falls to zero along half
/// a cosine (Loshchilov and Hutter, arXiv 1608.03983, without restarts). With 1 it stays to the end.
double rate_share(int step, int total, double held);

class AdamW {
 public:
  explicit AdamW(const AdamWOptions& options) : options_(options) {}
  /// Moves `parameter` in place. Always the same parameter: the moments are kept for it.
  /// `rate_share` of the learning rate is used.
  void step(at::Tensor& parameter, const at::Tensor& gradient, double rate_share = 1.0);

  /// Everything but the options. The moments are undefined before the first step; they are not copies.
  struct State {
    at::Tensor mean;    ///< of gradients
    at::Tensor square;  ///< of their squares
    int steps = 0;
  };
  [[nodiscard]] const State& state() const { return state_; }
  void restore(State state) { state_ = std::move(state); }

 private:
  AdamWOptions options_;
  State state_;
};

}  // namespace hearsay
