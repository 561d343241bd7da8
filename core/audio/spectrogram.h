#pragma once
// Spectrogram columns for drawing (dB on a mel axis), live and for whole files; no tensors in the interface.

#include <memory>
#include <span>

#include "audio/log_mel_config.h"
#include "base/matrix.h"

namespace hearsay {

class SpectrogramStream {
 public:
  explicit SpectrogramStream(const LogMelConfig& config);
  ~SpectrogramStream();
  /// Feeds samples; returns the finished columns [new frames, n_mels] in dB. The first column is centred on sample 0.
  Matrix push(std::span<const float> samples);
  void reset();
  [[nodiscard]] double seconds_per_column() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The picture of a whole clip, at most `max_columns` wide (neighbouring frames are merged by their maximum).
Matrix spectrogram(std::span<const float> samples, const LogMelConfig& config, std::int64_t max_columns);

/// Lowest and highest sample in each of `columns` equal stretches: [columns, 2].
Matrix waveform_envelope(std::span<const float> samples, std::int64_t columns);

}  // namespace hearsay
