#pragma once
// What is drawn of one sound file, read as a stream so that hours of sound need no more memory than minutes.

#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "audio/decode.h"
#include "audio/log_mel_config.h"
#include "base/job.h"
#include "base/matrix.h"

namespace hearsay::ui {

/// What waveform and spectrogram draw of a stretch of sound.
struct SoundPicture {
  double from = 0.0;  ///< where it begins in the file, seconds
  double seconds = 0.0;
  Matrix envelope;  ///< [rows, 2] lowest and highest sample
  double secondsPerRow = 0.0;
  Matrix columns;  ///< [columns, n_mels] dB
  double secondsPerColumn = 0.0;
};

struct SoundLook {
  AudioInfo info;
  double seconds = 0.0;
  SoundPicture picture;                               ///< of all of it, coarse where it is long
  std::shared_ptr<const std::vector<float>> samples;  ///< at mel.sample_rate; null for files longer than kKeptSeconds
  static constexpr double kKeptSeconds = 300.0;
};

/// Rows that come one after the other, merged in pairs (by highest, or by lowest and highest) whenever there are more
/// than `most`.
class RowMerger {
 public:
  enum class Rule { Highest, LowestAndHighest };
  RowMerger(std::int64_t most, std::int64_t width, Rule rule);
  void add(std::span<const float> row);
  /// What was added so far; the last row may stand for fewer rows than the others.
  [[nodiscard]] Matrix rows() const;
  /// How many of the rows that were added stand in one.
  [[nodiscard]] std::int64_t perRow() const { return perRow_; }

 private:
  void mergeInto(std::span<float> row, std::span<const float> other) const;
  void halve();

  std::int64_t most_;
  std::int64_t width_;
  Rule rule_;
  std::int64_t perRow_ = 1;
  std::int64_t inLast_ = 0;
  std::vector<float> data_;
};

/// Errors: as AudioReader::open; Cancelled.
SoundLook lookAt(const std::filesystem::path& file, const LogMelConfig& mel, JobControl& control);

/// A stretch of at most SoundLook::kKeptSeconds as sharp as it can be drawn. Errors: as AudioReader::open.
SoundPicture lookCloser(const std::filesystem::path& file, const LogMelConfig& mel, double from, double seconds);

}  // namespace hearsay::ui
