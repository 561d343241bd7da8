#pragma once
// What the inference thread has to say, kept until the UI thread asks for it (at most 30 times a second).

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "audio/spectrogram.h"
#include "classify/stream_classifier.h"

namespace hearsay::ui {

struct LiveNews {
  Matrix columns;  ///< new spectrogram columns [n, n_mels] dB
  std::vector<StreamPrediction> predictions;
  std::vector<StreamEvent> events;  ///< begun, ended, or the newest state of one that goes on
  std::vector<StreamGap> gaps;      ///< begun, and over
  std::vector<std::string> notices;
  std::optional<StreamSummary> ended;
  bool sound = false;     ///< samples came
  double rmsDb = -100.0;  ///< of what came, dBFS
  double peakDb = -100.0;
};

/// Thread-safe; the sink's callbacks keep the feed alive.
class LiveFeed : public std::enable_shared_from_this<LiveFeed> {
 public:
  explicit LiveFeed(const LogMelConfig& mel);
  [[nodiscard]] StreamSink sink();
  [[nodiscard]] LiveNews take();
  [[nodiscard]] double secondsPerColumn() const { return spectrogram_.seconds_per_column(); }

 private:
  void hear(std::span<const float> samples);
  void follow(const StreamEvent& event);

  SpectrogramStream spectrogram_;  ///< of the inference thread alone
  std::mutex mutex_;
  LiveNews news_;
  double squares_ = 0.0;
  double highest_ = 0.0;
  std::size_t counted_ = 0;
};

}  // namespace hearsay::ui
