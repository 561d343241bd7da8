#include "classify/stream_classifier.h"

#include <algorithm>
#include <cmath>
#include <thread>
#include <utility>

#include "base/error.h"
#include "classify/stream_run.h"
#include "prompts/noise_drift.h"

namespace hearsay {
namespace {

bool between(double value, double low, double high) {
  return value >= low && value <= high;  // false for NaN
}

void check(const StreamOptions& options) {
  if (!between(options.hop, 0.05, 60.0)) {
    throw Error(ErrorKind::Usage, "The time between two predictions must be from 0.05 to 60 seconds.");
  }
  if (!between(options.smoothing, 0.0, 0.95)) {
    throw Error(ErrorKind::Usage, "Smoothing must be from 0 (none) to 0.95.");
  }
  if (!between(options.hold, 0.0, 3600.0)) {
    throw Error(ErrorKind::Usage, "The hold must be from 0 to 3600 seconds.");
  }
  for (const double threshold : options.thresholds) {
    if (!between(threshold, 0.0, 1.0)) {
      throw Error(ErrorKind::Usage, "A threshold is a probability: choose one from 0 to 1.");
    }
  }
  if (!between(options.noise_correction, 0.0, kLargestNoiseCorrection)) {
    throw Error(ErrorKind::Usage, "The noise correction must be from 0 (off) to 2.");
  }
  if (std::isnan(options.silence_db)) throw Error(ErrorKind::Usage, "The level of silence must be a number of dB.");
}

/// A whole window must still be there when its turn comes, up to the longest hop later.
std::size_t samples_kept(const ModelInfo& info) {
  return static_cast<std::size_t>(info.window_samples) + static_cast<std::size_t>(kHeardSeconds * info.sample_rate);
}

}  // namespace

bool same_classes(const ClassList& a, const ClassList& b) {
  return std::ranges::equal(a, b, {}, &SoundClass::name, &SoundClass::name);
}

struct StreamClassifier::State {
  explicit State(std::shared_ptr<const ClapModel> m) : model(std::move(m)), shared(samples_kept(model->info())) {}

  std::shared_ptr<const ClapModel> model;
  StreamShared shared;
  std::thread thread;
};

StreamClassifier::StreamClassifier(std::shared_ptr<const ClapModel> model, PromptSet prompts,
                                   const StreamOptions& options)
    : state_(std::make_unique<State>(std::move(model))) {
  set_options(options);
  set_prompts(std::move(prompts));
}

StreamClassifier::~StreamClassifier() {
  stop();
}

void StreamClassifier::start(std::unique_ptr<SampleSource> source, StreamSink sink) {
  if (running()) throw Error(ErrorKind::Usage, "Already listening. Stop first.");
  if (state_->thread.joinable()) state_->thread.join();
  source->start();
  StreamShared& shared = state_->shared;
  shared.history.clear();
  shared.stopping = false;
  auto run = std::make_unique<StreamRun>(state_->model, shared, std::move(source), std::move(sink));
  shared.running = true;
  state_->thread = std::thread([run = std::move(run)] { run->run(); });
}

void StreamClassifier::stop() {
  {
    const std::lock_guard lock(state_->shared.mutex);
    state_->shared.stopping = true;
  }
  state_->shared.wake.notify_all();
  if (state_->shared.runner.load() == std::this_thread::get_id()) return;  // from a sink: it ends after this call
  if (state_->thread.joinable()) state_->thread.join();
}

bool StreamClassifier::running() const {
  return state_->shared.running;
}

void StreamClassifier::set_options(const StreamOptions& options) {
  check(options);
  const std::lock_guard lock(state_->shared.mutex);
  state_->shared.options = options;
}

void StreamClassifier::set_prompts(PromptSet prompts) {
  check_width(prompts, state_->model->info().embedding_dim);
  auto shared = std::make_shared<const PromptSet>(std::move(prompts));
  const std::lock_guard lock(state_->shared.mutex);
  state_->shared.prompts = std::move(shared);
}

std::vector<float> StreamClassifier::heard(double start, double end) const {
  if (!(start < end)) return {};
  const auto place = [&](double seconds) {
    const double limit = 9e15;
    return static_cast<std::int64_t>(std::clamp(seconds * state_->model->info().sample_rate, 0.0, limit));
  };
  return state_->shared.history.copy(place(start), place(end));
}

}  // namespace hearsay
