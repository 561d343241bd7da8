#include "classify/stream_run.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "base/plain_text.h"

namespace hearsay {
namespace {

constexpr auto kPoll = std::chrono::milliseconds(5);
constexpr double kLateSeconds = 0.3;     ///< a result may always be so late before sound is skipped
constexpr double kBetweenNotices = 5.0;  ///< seconds between two words about lost samples
constexpr double kFloorDb = -100.0;

double level_db(std::span<const float> samples) {
  double sum = 0.0;
  for (const float sample : samples) sum += static_cast<double>(sample) * static_cast<double>(sample);
  if (samples.empty() || sum <= 0.0) return kFloorDb;
  return std::max(kFloorDb, 10.0 * std::log10(sum / static_cast<double>(samples.size())));
}

}  // namespace

StreamRun::StreamRun(std::shared_ptr<const ClapModel> model, StreamShared& shared, std::unique_ptr<SampleSource> source,
                     StreamSink sink)
    : model_(std::move(model)),
      shared_(shared),
      source_(std::move(source)),
      sink_(std::move(sink)),
      resampler_(source_->rate(), model_->info().sample_rate),
      hop_(1.0),
      events_(
          0, [this](const StreamEvent& event) { tell(sink_.event, event); },
          [this](const StreamEvent& event) { tell(sink_.event_goes_on, event); }),
      started_(std::chrono::steady_clock::now()) {
  begin_anew();
  size_block();
}

double StreamRun::wall() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
}

double StreamRun::seconds(std::int64_t samples) const {
  return static_cast<double>(samples) / model_->info().sample_rate;
}

double StreamRun::heard() const {
  return seconds(shared_.history.total());
}

WallTime StreamRun::clock_at(double seconds) const {
  const std::chrono::duration<double> ago(clock_.lag(wall(), seconds));
  return std::chrono::system_clock::now() - std::chrono::duration_cast<WallTime::duration>(ago);
}

std::int64_t StreamRun::hop_samples() const {
  return std::max<std::int64_t>(1, std::llround(hop_.hop() * model_->info().sample_rate));
}

bool StreamRun::late() const {
  return clock_.lag(wall(), heard()) > std::max(kLateSeconds, hop_.hop());
}

void StreamRun::run() {
  shared_.runner = std::this_thread::get_id();
  log_info("Listening began.");
  std::string ended;
  try {
    loop();
    if (!shared_.stopping) {
      ended = source_->failure();
      if (ended.empty()) ended = "The sound came to its end.";
    }
  } catch (const std::exception& error) {
    ended = dynamic_cast<const Error*>(&error) != nullptr
                ? error.what()
                : "Listening stopped because of an error: " + std::string(error.what()).substr(0, 200);
  }
  finish(std::move(ended));
}

void StreamRun::loop() {
  warm_up();
  while (!shared_.stopping) {
    take_settings();
    if (!source_open_) {
      try_source();
      continue;
    }
    const bool alive = source_->alive();  // asked before reading, so that the last samples are not missed
    const std::size_t n = source_->read(block_);
    if (n > 0) {
      hear(std::span(block_).first(n), n < block_.size());
    } else if (alive) {
      gap_ ? hear_silence(clock_.lag(wall(), heard())) : predict_due();
      pause(kPoll);
    } else if (options_.wait_for_source && !source_->failure().empty()) {
      lose_source();
    } else {
      break;
    }
  }
  if (!shared_.stopping) hear_the_rest();
}

void StreamRun::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(shared_.mutex);
  shared_.wake.wait_for(lock, time, [this] { return shared_.stopping.load(); });
}

/// The first pass through a tower is slow (memory, kernels); better now than at the first word.
void StreamRun::warm_up() {
  take_settings();
  (void)model_->embed_windows(std::vector<float>(static_cast<std::size_t>(model_->info().window_samples)));
}

void StreamRun::take_settings() {
  std::shared_ptr<const PromptSet> prompts;
  {
    const std::lock_guard lock(shared_.mutex);
    options_ = shared_.options;
    prompts = shared_.prompts;
  }
  if (prompts != prompts_) {
    const bool same = prompts_ && same_classes(prompts_->classes, prompts->classes);
    if (!same) events_.close_all(seconds(last_end_));  // under the names they began with
    prompts_ = std::move(prompts);
    if (!same) {
      events_.set_classes(prompts_->size());
      smoothed_.clear();
    }
  }
  if (options_.hop == hop_.wanted()) return;
  hop_.set_wanted(options_.hop);
  if (last_end_ > first_) next_due_ = std::min(next_due_, last_end_ + hop_samples());
}

/// `all_that_came`: nothing else waits in the source.
void StreamRun::hear(std::span<const float> samples, bool all_that_came) {
  const double arrived = static_cast<double>(samples.size()) / source_->rate();
  if (gap_) {
    source_is_back(arrived);
  } else if (all_that_came) {
    skip_missing(arrived);
  }
  fresh_.clear();
  resampler_.push(samples, fresh_);
  take_fresh();
  clock_.saw(wall(), heard());
  tell_dropped();
  // Behind the clock with more waiting: hear that first, so that the next window is the newest.
  if (all_that_came || !late()) predict_due();
}

/// What is still in the resampler when a source has ended.
void StreamRun::hear_the_rest() {
  fresh_.clear();
  resampler_.flush(fresh_);
  take_fresh();
  if (!gap_) predict_due();
}

void StreamRun::take_fresh() {
  shared_.history.append(fresh_);
  if (sink_.samples && !fresh_.empty()) sink_.samples(fresh_);
}

std::int64_t StreamRun::lost_samples() const {
  return dropped_before_ + (source_open_ ? source_->dropped_samples() : 0);
}

void StreamRun::tell_dropped() {
  const std::int64_t dropped = lost_samples();
  if (dropped <= dropped_ || wall() - dropped_told_ < kBetweenNotices) return;
  const auto lost = static_cast<double>(dropped - dropped_) / source_->rate();
  dropped_ = dropped;
  dropped_told_ = wall();
  if (!sink_.notice) return;
  sink_.notice(decimal_text(lost, 2) + " s of sound were lost because this computer was too busy to take them.");
}

void StreamRun::predict_due() {
  while (!shared_.stopping) {
    const std::int64_t heard = shared_.history.total();
    if (heard < next_due_) return;
    const std::int64_t end = late() ? heard : next_due_;
    predict(end);
    next_due_ = end + hop_samples();
  }
}

void StreamRun::predict(std::int64_t end) {
  const std::int64_t start = std::max(first_, end - model_->info().window_samples);
  const std::vector<float> samples = shared_.history.copy(start, end);
  const std::int64_t newest = std::min(end - last_end_, static_cast<std::int64_t>(samples.size()));
  StreamPrediction prediction;
  prediction.time = prediction.window_end = seconds(end);
  prediction.window_start = seconds(start);
  prediction.level_db = level_db(std::span(samples).last(static_cast<std::size_t>(newest)));
  prediction.silent = level_db(samples) < options_.silence_db;
  prediction.prompts = prompts_;
  const double since = seconds(last_end_);
  const double begun = wall();
  if (prediction.silent) {
    prediction.probability.assign(prompts_->size(), 0.0F);
    prediction.similarity.assign(prompts_->size(), 0.0F);
  } else {
    classify(samples, seconds(newest), prediction);
    if (const auto sentence = hop_.took(wall() - begun); sentence && sink_.notice) sink_.notice(*sentence);
  }
  last_end_ = end;
  smooth(prediction);
  prediction.hop = hop_.hop();
  prediction.latency_ms = 1000.0 * clock_.lag(wall(), prediction.time);
  prediction.clock = clock_at(prediction.time);
  ++summary_.windows;
  if (!behind_since_) {  // where sound is missing the clock says how long, not how late
    latency_sum_ms_ += prediction.latency_ms;
    summary_.worst_latency_ms = std::max(summary_.worst_latency_ms, prediction.latency_ms);
  }
  if (sink_.prediction) sink_.prediction(prediction);
  // What a window holds of a sound that is over may be taken for another, and is no event.
  const bool quiet = prediction.silent || prediction.level_db < options_.silence_db;
  events_.update(since, prediction.time, prediction.smoothed, options_.thresholds, options_.hold, quiet);
}

void StreamRun::classify(std::span<const float> samples, double elapsed, StreamPrediction& out) {
  const bool whole = static_cast<std::int64_t>(samples.size()) == model_->info().window_samples;
  const AudioEmbeddings embeddings =
      whole ? model_->embed_windows(samples) : model_->embed_windows(model_->fill_window(samples));
  const Matrix& frames = embeddings.frames.front();
  const WindowScores scores =
      score_window(embeddings.clips.row(0), frames, *prompts_, options_.kind, false, options_.noise_correction);
  out.probability = softmax(scores_of(scores, options_.kind), prompts_->logit_scale);
  for (std::size_t k = 0; k < prompts_->size(); ++k) out.similarity.push_back(similarity_of(scores, options_.kind, k));
  const double length = seconds(static_cast<std::int64_t>(samples.size()));
  out.frame_similarity = frame_similarity(newest_frames(frames, length, elapsed), *prompts_, options_.kind);
}

/// The frames whose middle lies in the last `elapsed` seconds of a window with `length` seconds of sound; at least one.
Matrix StreamRun::newest_frames(const Matrix& frames, double length, double elapsed) const {
  const ModelInfo& info = model_->info();
  const double edge = (info.window_seconds - static_cast<double>(frames.rows) * info.frame_seconds) / 2.0;
  Matrix newest;
  newest.cols = frames.cols;
  for (std::int64_t t = 0; t < frames.rows; ++t) {
    const double middle = edge + (static_cast<double>(t) + 0.5) * info.frame_seconds;
    const bool last = newest.rows == 0 && (t + 1 == frames.rows || middle + info.frame_seconds > length);
    if ((middle > length - elapsed && middle <= length) || last) {
      const auto row = frames.row(t);
      newest.data.insert(newest.data.end(), row.begin(), row.end());
      ++newest.rows;
      if (last) break;
    }
  }
  return newest;
}

void StreamRun::smooth(StreamPrediction& prediction) {
  if (prediction.silent) {  // no class, whatever was heard before
    smoothed_.clear();
    prediction.smoothed = prediction.probability;
    return;
  }
  if (smoothed_.empty()) {
    smoothed_ = prediction.probability;
  } else {
    const auto past = static_cast<float>(options_.smoothing);
    for (std::size_t k = 0; k < smoothed_.size(); ++k) {
      smoothed_[k] = past * smoothed_[k] + (1.0F - past) * prediction.probability[k];
    }
  }
  prediction.smoothed = smoothed_;
}

void StreamRun::tell(const std::function<void(const StreamEvent&)>& sink, StreamEvent event) {
  const auto [begun, fresh] = begun_.try_emplace(event.id);
  if (fresh) begun->second = clock_at(event.start);
  event.began = begun->second;
  if (!event.open) begun_.erase(begun);
  if (!sink) return;
  event.name = prompts_->classes[static_cast<std::size_t>(event.label)].name;
  sink(event);
}

void StreamRun::finish(std::string ended) {
  const double end = heard();
  events_.close_all(end);
  summary_.seconds = end;
  summary_.dropped_samples = lost_samples();
  if (gap_) {
    summary_.gap_seconds += end - gap_->start;
    summary_.lost = gap_->why;
  }
  summary_.hop = hop_.hop();
  summary_.mean_latency_ms = summary_.windows > 0 ? latency_sum_ms_ / static_cast<double>(summary_.windows) : 0.0;
  summary_.ended = std::move(ended);
  source_->stop();
  shared_.running = false;
  log_info("Listening ended after " + decimal_text(end, 1) + " s." +
           (summary_.ended.empty() ? "" : " " + summary_.ended));
  if (sink_.ended) sink_.ended(summary_);
}

}  // namespace hearsay
