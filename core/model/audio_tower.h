#pragma once
// The frozen audio tower: log-mel features -> clip and frame embeddings. Includes LibTorch: for core/model only.

#include <ATen/ATen.h>

namespace hearsay {

struct AudioOutput {
  at::Tensor clips;   ///< [n, d] projected, not normalised
  at::Tensor frames;  ///< [n, T, d] projected, not normalised
};

class AudioTower {
 public:
  virtual ~AudioTower() = default;
  /// log_mel [n, frames, mels] in dB (fused HTSAT: [n, 4, frames, mels] with `longer` [n] bool). No gradient.
  [[nodiscard]] virtual AudioOutput forward(const at::Tensor& log_mel, const at::Tensor& longer = {}) const = 0;
};

}  // namespace hearsay
