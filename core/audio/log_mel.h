#pragma once
// Log-mel spectrogram by LibTorch's STFT: periodic Hann, centred, reflect padding, power, mel filters, dB; no reference
// level and no top_db (../shared/reference, README-hf.md "feature-extraction", README-ms.md "How it works").
// Includes LibTorch: keep it out of headers that others include.

#include <ATen/ATen.h>

#include "audio/log_mel_config.h"

namespace hearsay {

/// Mel filter bank [n_fft/2+1, n_mels], float64 inside, float32 out.
at::Tensor mel_filters(const LogMelConfig& config);

class LogMel {
 public:
  explicit LogMel(const LogMelConfig& config);
  /// With the filter bank of a checkpoint (`melW`), [n_fft/2+1, n_mels].
  LogMel(const LogMelConfig& config, at::Tensor filters);

  /// samples [n, length] float32 -> dB [n, 1 + length/hop, n_mels] on the samples' device. Lengths of n_fft/2 or less are
  /// padded with zeros first (reflect padding needs more than that).
  [[nodiscard]] at::Tensor operator()(const at::Tensor& samples) const;
  /// Power spectrogram [n, frames, n_fft/2+1].
  [[nodiscard]] at::Tensor power(const at::Tensor& samples) const;
  [[nodiscard]] const LogMelConfig& config() const noexcept { return config_; }

 private:
  LogMelConfig config_;
  at::Tensor window_;
  at::Tensor filters_;
};

}  // namespace hearsay
