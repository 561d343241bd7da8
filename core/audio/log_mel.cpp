#include "audio/log_mel.h"

#include <algorithm>
#include <span>
#include <vector>

#include "audio/mel.h"
#include "base/error.h"

namespace hearsay {
namespace {

// Bands far below a pure tone are off by up to 0.09 dB when window and transform are float32. On a CPU double costs one
// more millisecond for 5 s, so it is used there; the spectrum is then rounded, as in Hugging Face's extractor.
at::ScalarType precision_on(const at::Device& device) {
  return device.is_cpu() ? at::kDouble : at::kFloat;
}

constexpr std::int64_t kFramesAtOnce = 2048;  // about 50 MB of spectrum, however long the sound or large the batch

}  // namespace

at::Tensor mel_filters(const LogMelConfig& config) {
  std::vector<double> filters = mel_filter_bank(config);
  return at::from_blob(filters.data(), {config.n_fft / 2 + 1, config.n_mels}, at::kDouble).to(at::kFloat);
}

LogMel::LogMel(const LogMelConfig& config) : LogMel(config, mel_filters(config)) {}

LogMel::LogMel(const LogMelConfig& config, at::Tensor filters)
    : config_(config), filters_(filters.to(at::kFloat).contiguous()) {
  check_log_mel(config_);
  if (filters_.dim() != 2 || filters_.size(0) != config_.n_fft / 2 + 1 || filters_.size(1) != config_.n_mels) {
    throw Error(ErrorKind::Usage,
                "The mel filters do not fit the log-mel settings; the checkpoint mixes two front ends.");
  }
  window_ = at::hann_window(config_.n_fft, /*periodic=*/true, at::TensorOptions().dtype(at::kDouble));
  if (!FrameMels::handles(config_.n_fft)) return;
  const at::Tensor here = filters_.to(at::kCPU);  // a checkpoint's may be on a GPU
  frame_mels_ = std::make_shared<const FrameMels>(
      std::span(window_.data_ptr<double>(), static_cast<std::size_t>(window_.numel())),
      std::span(here.data_ptr<float>(), static_cast<std::size_t>(here.numel())), config_.n_mels);
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
  const at::Tensor spectrum = at::fft_rfft(frames * window_.to(samples.device(), kind)).to(at::kComplexFloat);
  const at::Tensor parts = at::view_as_real(spectrum);
  const at::Tensor real = parts.select(-1, 0);
  const at::Tensor imaginary = parts.select(-1, 1);
  return at::addcmul(real * real, imaginary, imaginary);  // several times faster than a sum over the last axis
}

/// [n, length] -> [n, 1 + (length - n_fft)/hop, n_mels]
at::Tensor LogMel::mels(const at::Tensor& samples) const {
  if (!at_once_on(samples.device())) return at::matmul(power_of_padded(samples), filters_.to(samples.device()));
  const at::Tensor rows = samples.to(at::kFloat).contiguous();
  const std::int64_t frames = 1 + (rows.size(1) - config_.n_fft) / config_.hop;
  at::Tensor result = at::empty({rows.size(0), frames, config_.n_mels}, rows.options());
  for (std::int64_t i = 0; i < rows.size(0); ++i) {
    (*frame_mels_)(rows[i].data_ptr<float>(), config_.hop, frames, result[i].data_ptr<float>());
  }
  return result;
}

at::Tensor LogMel::decibels(const at::Tensor& mels) const {
  return 10.0 * at::log10(at::clamp_min(mels, config_.floor));
}

at::Tensor LogMel::power(const at::Tensor& samples) const {
  return power_of_padded(padded(samples));
}

at::Tensor LogMel::of_padded(const at::Tensor& samples) const {
  const std::int64_t rows = samples.size(0);
  const std::int64_t frames = 1 + (samples.size(1) - config_.n_fft) / config_.hop;
  if (rows * frames <= kFramesAtOnce || at_once_on(samples.device())) return decibels(mels(samples));
  const std::int64_t rows_at_once = std::max<std::int64_t>(1, kFramesAtOnce / frames);
  std::vector<at::Tensor> row_blocks;
  for (std::int64_t row = 0; row < rows; row += rows_at_once) {
    const at::Tensor block = samples.narrow(0, row, std::min(rows_at_once, rows - row));
    std::vector<at::Tensor> stretches;
    for (std::int64_t first = 0; first < frames; first += kFramesAtOnce) {
      const std::int64_t count = std::min(kFramesAtOnce, frames - first);
      const std::int64_t length = (count - 1) * config_.hop + config_.n_fft;
      stretches.push_back(decibels(mels(block.narrow(1, first * config_.hop, length))));
    }
    row_blocks.push_back(stretches.size() == 1 ? stretches[0] : at::cat(stretches, 1));
  }
  return at::cat(row_blocks, 0);
}

at::Tensor LogMel::operator()(const at::Tensor& samples) const {
  return of_padded(padded(samples));
}

}  // namespace hearsay
