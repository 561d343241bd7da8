#pragma once
// What a stream told, kept from the inference thread, and sounds to give it.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "classify/stream_classifier.h"
#include "fake_model.h"

namespace hearsay_test {

using namespace hearsay;

/// Everything a stream told, kept from the inference thread.
struct Record {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<StreamPrediction> predictions;
  std::vector<StreamEvent> events;
  std::vector<std::string> notices;
  std::vector<float> samples;
  std::vector<StreamSummary> summaries;

  StreamSink sink() {
    return {[this](const StreamPrediction& p) { keep(predictions, p); },
            [this](const StreamEvent& e) { keep(events, e); },
            [this](std::span<const float> s) {
              const std::lock_guard lock(mutex);
              samples.insert(samples.end(), s.begin(), s.end());
            },
            [this](const std::string& n) { keep(notices, n); }, [this](const StreamSummary& s) { keep(summaries, s); }};
  }
  template <class T>
  void keep(std::vector<T>& list, const T& item) {
    const std::lock_guard lock(mutex);
    list.push_back(item);
    changed.notify_all();
  }
  bool wait_for(const std::function<bool()>& ready, int ms = 20000) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::milliseconds(ms), ready);
  }
  bool wait_for_end() {
    return wait_for([this] { return !summaries.empty(); });
  }
};

inline std::unique_ptr<SampleSource> replay(std::vector<float> samples, bool realtime = false,
                                            double rate = FakeModel::kRate) {
  return replay_samples(std::move(samples), rate, realtime);
}

inline StreamOptions plain() {
  StreamOptions options;
  options.smoothing = 0.0;
  options.hold = 0.0;
  return options;
}

}  // namespace hearsay_test
