#pragma once
// What the inference thread of a StreamClassifier does, from the first sample to the summary. For core/classify only.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "audio/resample.h"
#include "classify/event_tracker.h"
#include "classify/live_pace.h"
#include "classify/sound_history.h"
#include "classify/stream_classifier.h"

namespace hearsay {

/// What the owner and the thread share.
struct StreamShared {
  explicit StreamShared(std::size_t history_samples) : history(history_samples) {}

  std::mutex mutex;  ///< guards options and prompts
  std::condition_variable wake;
  StreamOptions options;
  std::shared_ptr<const PromptSet> prompts;
  std::atomic<bool> stopping{false};
  std::atomic<bool> running{false};
  std::atomic<std::thread::id> runner;  ///< the inference thread
  SoundHistory history;
};

class StreamRun {
 public:
  StreamRun(std::shared_ptr<const ClapModel> model, StreamShared& shared, std::unique_ptr<SampleSource> source,
            StreamSink sink);
  void run();

 private:
  void loop();
  void warm_up();
  void take_settings();
  void take_samples(std::span<const float> samples);
  void predict_due();
  void predict(std::int64_t end);
  void classify(std::span<const float> samples, double elapsed, StreamPrediction& out);
  [[nodiscard]] Matrix newest_frames(const Matrix& frames, double length, double elapsed) const;
  void smooth(StreamPrediction& prediction);
  void tell_dropped();
  void finish(std::string ended);
  /// With the name of its class, of the prompts it was heard with.
  void tell(const std::function<void(const StreamEvent&)>& sink, StreamEvent event) const;
  [[nodiscard]] double wall() const;
  [[nodiscard]] double seconds(std::int64_t samples) const;
  [[nodiscard]] std::int64_t hop_samples() const;
  [[nodiscard]] bool late() const;

  std::shared_ptr<const ClapModel> model_;
  StreamShared& shared_;
  std::unique_ptr<SampleSource> source_;
  StreamSink sink_;
  StreamOptions options_;
  std::shared_ptr<const PromptSet> prompts_;
  Resampler resampler_;
  HopKeeper hop_;
  ArrivalClock clock_;
  EventTracker events_;
  std::vector<float> fresh_;     ///< the newest samples at the model's rate
  std::vector<float> smoothed_;  ///< empty: nothing to go on from
  std::int64_t last_end_ = 0;    ///< samples; end of the last window
  std::int64_t next_due_ = 0;    ///< samples; end of the next window
  std::int64_t dropped_ = 0;
  double dropped_told_ = -1e9;
  double latency_sum_ms_ = 0.0;
  StreamSummary summary_;
  std::chrono::steady_clock::time_point started_;
};

}  // namespace hearsay
