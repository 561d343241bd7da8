#pragma once
// Log-mel spectrogram by LibTorch's STFT: periodic Hann, centred, reflect padding, power, mel filters, dB; no reference
// level and no top_db (../shared/reference, README-hf.md "feature-extraction", README-ms.md "How it works").
// Includes LibTorch: keep it out of headers that others include.

#include <ATen/ATen.h>

#include <memory>

#include "audio/frame_mels.h"
#include "audio/log_mel_config.h"

namespace hearsay {

/// Mel filter bank [n_fft/2+1, n_mels], float64 inside, float32 out. Error: Usage for settings out of range.
at::Tensor mel_filters(const LogMelConfig& config);

class LogMel {
 public:
  /// Error: Usage for settings out of range.
  explicit LogMel(const LogMelConfig& config);
  /// With the filter bank of a checkpoint (`melW`), [n_fft/2+1, n_mels]. Error: Usage also for another shape.
  LogMel(const LogMelConfig& config, at::Tensor filters);

  /// samples [n, length] float32 -> dB [n, 1 + length/hop, n_mels] on the samples' device. Lengths of n_fft/2 or less
  /// are padded with zeros first (reflect padding needs more than that).
  [[nodiscard]] at::Tensor operator()(const at::Tensor& samples) const;
  /// Power spectrogram [n, 1 + length/hop, n_fft/2+1].
  [[nodiscard]] at::Tensor power(const at::Tensor& samples) const;

  /// The samples as operator() sees them, n_fft/2 more on both sides: [n, length + n_fft].
  [[nodiscard]] at::Tensor padded(const at::Tensor& samples) const;
  /// dB of samples that are padded already [n, length]: [n, 1 + (length - n_fft)/hop, n_mels]. For callers who have the
  /// sound piece by piece.
  [[nodiscard]] at::Tensor of_padded(const at::Tensor& samples) const;
  [[nodiscard]] const LogMelConfig& config() const noexcept { return config_; }

 private:
  [[nodiscard]] at::Tensor power_of_padded(const at::Tensor& samples) const;
  [[nodiscard]] bool at_once_on(const at::Device& device) const { return frame_mels_ != nullptr && device.is_cpu(); }
  [[nodiscard]] at::Tensor mels(const at::Tensor& samples) const;
  [[nodiscard]] at::Tensor decibels(const at::Tensor& mels) const;

  LogMelConfig config_;
  at::Tensor window_;
  at::Tensor filters_;
  std::shared_ptr<const FrameMels> frame_mels_;  ///< for a CPU and transforms that it handles, otherwise nothing
};

}  // namespace hearsay
