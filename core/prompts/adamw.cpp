#include "prompts/adamw.h"

#include <ATen/core/grad_mode.h>

#include <cmath>
#include <numbers>

namespace hearsay {

double rate_share(int step, int total, double held) {
  const double done = static_cast<double>(step - 1) / total;
  if (done <= held) return 1.0;
  return 0.5 * (1.0 + std::cos(std::numbers::pi * (done - held) / (1.0 - held)));
}

void AdamW::step(at::Tensor& parameter, const at::Tensor& gradient, double rate_share) {
  const double rate = rate_share * options_.learning_rate;
  const at::NoGradGuard no_grad;
  auto& [mean, square, steps] = state_;
  if (!mean.defined()) {
    mean = at::zeros_like(gradient);
    square = at::zeros_like(gradient);
  }
  ++steps;
  parameter.mul_(1.0 - rate * options_.weight_decay);
  mean.mul_(options_.beta1).add_(gradient, 1.0 - options_.beta1);
  square.mul_(options_.beta2).addcmul_(gradient, gradient, 1.0 - options_.beta2);
  const double mean_share = 1.0 - std::pow(options_.beta1, steps);
  const double square_share = 1.0 - std::pow(options_.beta2, steps);
  const at::Tensor spread = (square.sqrt() / std::sqrt(square_share)).add_(options_.epsilon);
  parameter.addcdiv_(mean, spread, -rate / mean_share);
}

}  // namespace hearsay
