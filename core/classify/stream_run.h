#pragma once
// What the inference thread of a StreamClassifier does, from the first sample to the summary. For core/classify only.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
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
  void hear(std::span<const float> samples, bool all_that_came);
  void hear_the_rest();
  void take_fresh();
  void pause(std::chrono::milliseconds time);
  void predict_due();
  void predict(std::int64_t end);
  void classify(std::span<const float> samples, double elapsed, StreamPrediction& out);
  [[nodiscard]] Matrix newest_frames(const Matrix& frames, double length, double elapsed) const;
  void smooth(StreamPrediction& prediction);
  void tell_dropped();
  void finish(std::string ended);

  // stream_gaps.cpp
  void begin_anew();
  void size_block();
  void skip_missing(double arrived);
  void hear_silence(double seconds);
  void lose_source();
  void try_source();
  void source_is_back(double arrived);

  /// With the name of its class, of the prompts it was heard with.
  void tell(const std::function<void(const StreamEvent&)>& sink, StreamEvent event);
  [[nodiscard]] double wall() const;
  [[nodiscard]] double heard() const;
  [[nodiscard]] WallTime clock_at(double seconds) const;
  [[nodiscard]] std::int64_t lost_samples() const;
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
  std::unordered_map<std::int64_t, WallTime> begun_;  ///< of the open events, by id
  std::optional<StreamGap> gap_;                      ///< the source has failed and is waited for
  bool source_open_ = true;
  double next_try_ = 0.0;               ///< wall(); when it is started again
  std::optional<double> behind_since_;  ///< wall(); what comes has been late since then
  double least_lag_ = 0.0;              ///< seconds, meanwhile
  std::vector<float> block_;            ///< what is read at once
  std::vector<float> fresh_;            ///< the newest samples at the model's rate
  std::vector<float> smoothed_;         ///< empty: nothing to go on from
  std::int64_t first_ = 0;              ///< samples; windows begin there at the earliest
  std::int64_t last_end_ = 0;           ///< samples; end of the last window
  std::int64_t next_due_ = 0;           ///< samples; end of the next window
  std::int64_t dropped_ = 0;            ///< as far as told
  std::int64_t dropped_before_ = 0;     ///< by the source before it was started again
  double dropped_told_ = -1e9;
  double latency_sum_ms_ = 0.0;
  StreamSummary summary_;
  std::chrono::steady_clock::time_point started_;
};

}  // namespace hearsay
