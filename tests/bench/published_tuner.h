#pragma once
// A text tower of published size with random weights, as a model that the tuner takes, and one tuning step in the
// published way of working (arXiv 2309.08357's script): nothing is kept between steps, everything is 100 tokens long.

#include <ATen/ATen.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "model/text_tower.h"
#include "random_weights.h"

namespace hearsay {
class ClapModel;
}

namespace hearsay::bench {

/// "BERT-base" (Microsoft 2022), "RoBERTa-base" (LAION) or "GPT-2" (Microsoft 2023).
std::string text_name_of(Published which);

class PublishedSize {
 public:
  /// `as`: on which device and with which numbers `model` computes; the published way is float32 on the CPU.
  explicit PublishedSize(Published which, const WeightOptions& as = {});
  ~PublishedSize();

  /// Text alone: the audio side throws.
  [[nodiscard]] const ClapModel& model() const { return *model_; }
  /// Gradient [2, N, h] of cross-entropy coarse + fine at `contexts`. `names`, `texts`: ids with special tokens.
  [[nodiscard]] at::Tensor published_gradient(const at::Tensor& contexts, std::span<const TokenIds> names,
                                              std::span<const TokenIds> texts,
                                              std::span<const std::int64_t> labels) const;

 private:
  class Eager;
  std::unique_ptr<Eager> eager_;
  std::unique_ptr<ClapModel> model_;
};

}  // namespace hearsay::bench
