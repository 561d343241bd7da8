#include "audio/spectrogram.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <vector>

#include "audio/log_mel.h"

namespace hearsay {
namespace {

constexpr std::int64_t kFramesAtOnce = 2048;  // some MB of spectrum, whatever the clip's length

/// dB of `samples`, which are padded already, as rows.
Matrix columns_of(const LogMel& log_mel, std::vector<float>& samples) {
  const at::Tensor in = at::from_blob(samples.data(), {1, static_cast<std::int64_t>(samples.size())}, at::kFloat);
  const at::Tensor db = log_mel.of_padded(in).squeeze(0).contiguous();
  Matrix out(db.size(0), db.size(1));
  std::memcpy(out.data.data(), db.data_ptr<float>(), out.data.size() * sizeof(float));
  return out;
}

/// samples[i], mirrored at both ends as reflect padding does, after zeros up to `shortest` samples.
float mirrored(std::span<const float> samples, std::int64_t i, std::int64_t shortest) {
  const auto n = static_cast<std::int64_t>(samples.size());
  const std::int64_t length = std::max(n, shortest);
  if (i < 0) i = -i;
  if (i >= length) i = 2 * (length - 1) - i;
  return i >= 0 && i < n ? samples[static_cast<std::size_t>(i)] : 0.0F;
}

}  // namespace

struct SpectrogramStream::State {
  explicit State(const LogMelConfig& config) : log_mel(config) {}

  LogMel log_mel;
  std::vector<float> waiting;  // padded on the left once `begun`; starts where the next column's window starts
  bool begun = false;
};

SpectrogramStream::SpectrogramStream(const LogMelConfig& config) : state_(std::make_unique<State>(config)) {}
SpectrogramStream::~SpectrogramStream() = default;

Matrix SpectrogramStream::push(std::span<const float> samples) {
  const at::NoGradGuard no_grad;
  const LogMelConfig& config = state_->log_mel.config();
  std::vector<float>& waiting = state_->waiting;
  waiting.insert(waiting.end(), samples.begin(), samples.end());
  const auto half = static_cast<std::size_t>(config.n_fft / 2);
  if (!state_->begun) {
    if (waiting.size() <= half) return Matrix(0, config.n_mels);
    std::vector<float> mirror(waiting.rend() - static_cast<std::ptrdiff_t>(half) - 1, waiting.rend() - 1);
    waiting.insert(waiting.begin(), mirror.begin(), mirror.end());
    state_->begun = true;
  }
  if (waiting.size() < 2 * half) return Matrix(0, config.n_mels);
  Matrix out(0, config.n_mels);
  const auto hop = static_cast<std::size_t>(config.hop);
  while (waiting.size() >= 2 * half) {
    const std::size_t frames = std::min<std::size_t>((waiting.size() - 2 * half) / hop + 1, kFramesAtOnce);
    std::vector<float> piece(waiting.begin(),
                             waiting.begin() + static_cast<std::ptrdiff_t>((frames - 1) * hop + 2 * half));
    const Matrix columns = columns_of(state_->log_mel, piece);
    out.data.insert(out.data.end(), columns.data.begin(), columns.data.end());
    out.rows += columns.rows;
    const std::size_t used = std::min(frames * hop, waiting.size());
    waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(used));
  }
  return out;
}

void SpectrogramStream::reset() {
  state_->waiting.clear();
  state_->begun = false;
}

double SpectrogramStream::seconds_per_column() const {
  const LogMelConfig& config = state_->log_mel.config();
  return static_cast<double>(config.hop) / config.sample_rate;
}

Matrix spectrogram(std::span<const float> samples, const LogMelConfig& config, std::int64_t max_columns) {
  const at::NoGradGuard no_grad;
  const LogMel log_mel(config);
  if (samples.empty() || max_columns <= 0) return Matrix(0, config.n_mels);
  const std::int64_t frames = 1 + static_cast<std::int64_t>(samples.size()) / config.hop;
  const std::int64_t columns = std::min(frames, max_columns);
  Matrix out(columns, config.n_mels, -std::numeric_limits<float>::infinity());
  std::vector<float> piece;
  for (std::int64_t first = 0; first < frames; first += kFramesAtOnce) {
    const std::int64_t count = std::min(kFramesAtOnce, frames - first);
    const std::int64_t start = first * config.hop - config.n_fft / 2;
    piece.clear();
    for (std::int64_t i = 0; i < (count - 1) * config.hop + config.n_fft; ++i) {
      piece.push_back(mirrored(samples, start + i, config.n_fft / 2 + 1));
    }
    const Matrix db = columns_of(log_mel, piece);
    for (std::int64_t row = 0; row < count; ++row) {
      const auto merged = out.row((first + row) * columns / frames);
      std::ranges::transform(merged, db.row(row), merged.begin(), [](float a, float b) { return std::max(a, b); });
    }
  }
  return out;
}

Matrix waveform_envelope(std::span<const float> samples, std::int64_t columns) {
  Matrix out(std::max<std::int64_t>(columns, 0), 2);
  const auto n = static_cast<std::int64_t>(samples.size());
  if (n == 0) return out;
  for (std::int64_t c = 0; c < columns; ++c) {
    const auto first =
        static_cast<std::int64_t>(static_cast<double>(c) * static_cast<double>(n) / static_cast<double>(columns));
    const auto next =
        static_cast<std::int64_t>(static_cast<double>(c + 1) * static_cast<double>(n) / static_cast<double>(columns));
    const auto begin = static_cast<std::size_t>(std::min(first, n - 1));
    const auto end = std::max(begin + 1, static_cast<std::size_t>(std::min(next, n)));
    const auto [low, high] = std::ranges::minmax(samples.subspan(begin, end - begin));
    out.at(c, 0) = low;
    out.at(c, 1) = high;
  }
  return out;
}

}  // namespace hearsay
