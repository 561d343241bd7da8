#include "audio/log_mel.h"

#include "audio/mel.h"
#include "base/error.h"

namespace hearsay {
namespace {

// A pure tone's window leaks 150 dB below its peak in float64 and 70 dB in float32, and reference values are float64:
// where double precision is cheap (any CPU), the spectrum is computed in it.
at::ScalarType precision_on(const at::Device& device) {
  return device.is_cpu() ? at::kDouble : at::kFloat;
}

}  // namespace

at::Tensor mel_filters(const LogMelConfig& config) {
  std::vector<double> filters = mel_filter_bank(config);
  return at::from_blob(filters.data(), {config.n_fft / 2 + 1, config.n_mels}, at::kDouble).to(at::kFloat);
}

LogMel::LogMel(const LogMelConfig& config) : LogMel(config, mel_filters(config)) {}

LogMel::LogMel(const LogMelConfig& config, at::Tensor filters) : config_(config), filters_(std::move(filters)) {
  check_log_mel(config_);
  if (filters_.dim() != 2 || filters_.size(0) != config_.n_fft / 2 + 1 || filters_.size(1) != config_.n_mels) {
    throw Error(ErrorKind::Usage,
                "The mel filters do not fit the log-mel settings; the checkpoint mixes two front ends.");
  }
  window_ = at::hann_window(config_.n_fft, /*periodic=*/true, at::TensorOptions().dtype(at::kDouble));
}

at::Tensor LogMel::padded(const at::Tensor& samples) const {
  const std::int64_t half = config_.n_fft / 2;
  at::Tensor signal = samples;
  if (signal.size(1) <= half) signal = at::constant_pad_nd(signal, {0, half + 1 - signal.size(1)});
  signal = at::reflection_pad1d(signal.unsqueeze(1), {half, half}).squeeze(1);
  // As many frames as the samples themselves ask for, not their padding.
  return signal.narrow(1, 0, std::min(signal.size(1), samples.size(1) + config_.n_fft));
}

at::Tensor LogMel::power_of_padded(const at::Tensor& samples) const {
  const auto kind = precision_on(samples.device());
  const at::Tensor frames = samples.to(kind).unfold(1, config_.n_fft, config_.hop);
  const at::Tensor spectrum = at::fft_rfft(frames * window_.to(samples.device(), kind));
  return at::view_as_real(spectrum).square().sum(-1);
}

at::Tensor LogMel::decibels(const at::Tensor& power) const {
  const at::Tensor mel = at::matmul(power, filters_.to(power.device(), power.scalar_type()));
  return (10.0 * at::log10(at::clamp_min(mel, config_.floor))).to(at::kFloat);
}

at::Tensor LogMel::power(const at::Tensor& samples) const {
  return power_of_padded(padded(samples)).to(at::kFloat);
}

at::Tensor LogMel::of_padded(const at::Tensor& samples) const {
  return decibels(power_of_padded(samples));
}

at::Tensor LogMel::operator()(const at::Tensor& samples) const {
  return of_padded(padded(samples));
}

}  // namespace hearsay
