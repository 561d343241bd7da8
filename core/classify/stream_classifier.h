#pragma once
// Live: a sample source -> windows every hop -> scores, smoothed, turned into events. One thread owns the model's live
// use.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "audio/capture.h"
#include "classify/scores.h"
#include "model/clap_model.h"

namespace hearsay {

constexpr double kHeardSeconds = 60.0;  ///< of the newest sound a stream keeps, beside a window; also its longest hop

struct StreamOptions {
  ScoreKind kind = ScoreKind::Fused;
  double hop = 0.5;                ///< seconds between predictions; widened when the model cannot keep up
  double smoothing = 0.5;          ///< 0: none .. 0.95: slow; weight of the past in the running mean
  double hold = 1.0;               ///< seconds an event goes on after its score has fallen below the threshold
  std::vector<double> thresholds;  ///< per class on the smoothed probability; empty: 0.5 for all
  double noise_correction = 0.0;   ///< weight of the bonus for noisy rooms; 0, or prompts without drift: none
  double silence_db = -70.0;       ///< a window whose level is below this is called silence: no class; and while the
                                   ///< newest hop is below, no event begins or goes on, whatever is in the window yet
  bool wait_for_source = false;    ///< a source that has failed is started again until it is back; else that is the end
};

/// By the clock on the wall.
using WallTime = std::chrono::system_clock::time_point;

/// Times in seconds since start keep to the clock: sound that is missing counts as silence.
struct StreamPrediction {
  double time = 0.0;  ///< seconds since start, end of the window
  WallTime clock;     ///< the same by the clock
  double window_start = 0.0;
  double window_end = 0.0;
  std::vector<float> probability;  ///< [K] of this window
  std::vector<float> smoothed;     ///< [K]
  std::vector<float> similarity;   ///< [K] cosines
  Matrix frame_similarity;         ///< [T, K] of the newest hop only
  double level_db = -100.0;        ///< RMS of the newest hop, dBFS
  bool silent = false;
  double latency_ms = 0.0;                     ///< from the window's last sample arriving to this result
  double hop = 0.5;                            ///< in force
  std::shared_ptr<const PromptSet> prompts{};  ///< whose classes these are; others may have been asked for since
};

struct StreamEvent {
  std::int64_t id = 0;
  int label = 0;
  double start = 0.0;  ///< seconds since start
  double end = 0.0;
  float score = 0.0F;  ///< highest smoothed probability
  bool open = true;    ///< still going on
  std::string name{};  ///< of the class; the list it comes from may have been replaced since
  WallTime began{};    ///< its start by the clock
};

/// A source that is waited for had failed, and gave nothing for a while.
struct StreamGap {
  double start = 0.0;  ///< seconds since start
  double end = 0.0;
  bool open = true;  ///< still waited for
  WallTime began;    ///< its start by the clock
  std::string why;   ///< the source's failure
};

struct StreamSummary {
  double seconds = 0.0;
  std::int64_t windows = 0;
  std::int64_t dropped_samples = 0;
  double mean_latency_ms = 0.0;
  double worst_latency_ms = 0.0;
  double hop = 0.0;
  std::string ended;  ///< empty: stopped by its owner; otherwise why
  int gaps = 0;       ///< times that the source had failed; of one that still is, `lost` says why
  double gap_seconds = 0.0;
  std::string lost;
};

/// Called from the inference thread.
struct StreamSink {
  std::function<void(const StreamPrediction&)> prediction;
  std::function<void(const StreamEvent&)> event;        ///< when one starts, and when it ends
  std::function<void(std::span<const float>)> samples;  ///< everything heard, at the model's rate (spectrogram, saving)
  std::function<void(const std::string&)> notice;       ///< sentences: hop widened, samples dropped
  std::function<void(const StreamSummary&)> ended;      ///< once; also when the source fails
  /// An open event at every prediction after its first: how long it is by now, and its best score so far.
  std::function<void(const StreamEvent&)> event_goes_on{};
  /// When a source that is waited for has failed, and when it gives sound again. Open events have ended before.
  std::function<void(const StreamGap&)> gap{};
};

/// The same names in the same order: what was heard of one is what the other would have heard.
[[nodiscard]] bool same_classes(const ClassList& a, const ClassList& b);

class StreamClassifier {
 public:
  /// Errors: Usage (hop 0.05..60 s, smoothing 0..0.95, hold, thresholds), WrongModel (prompts of another width).
  StreamClassifier(std::shared_ptr<const ClapModel> model, PromptSet prompts, const StreamOptions& options);
  ~StreamClassifier();  ///< stops
  /// Errors: Device from the source's start; Usage when running already.
  void start(std::unique_ptr<SampleSource> source, StreamSink sink);
  /// Waits for the thread, unless it is called from a sink.
  void stop();
  [[nodiscard]] bool running() const;
  /// Take effect at the next window; errors as the constructor's. Prompts of other classes end the events that are
  /// open; of the same classes in the same order, they go on.
  void set_options(const StreamOptions& options);
  void set_prompts(PromptSet prompts);
  /// The last seconds heard (kHeardSeconds and a window at most), for playing and saving an event: times in seconds
  /// since start.
  [[nodiscard]] std::vector<float> heard(double start, double end) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hearsay
