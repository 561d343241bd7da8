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

struct SoundLook {
  AudioInfo info;
  double seconds = 0.0;
  Matrix envelope;                                    ///< [columns, 2] lowest and highest sample, evenly over `seconds`
  Matrix columns;                                     ///< [columns, n_mels] dB, evenly over `seconds`
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

}  // namespace hearsay::ui
