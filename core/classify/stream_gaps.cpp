// What a StreamRun does when sound is missing: its source has failed, or what came meanwhile never arrived.
#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/log.h"
#include "base/plain_text.h"
#include "classify/stream_run.h"

namespace hearsay {
namespace {

constexpr double kFirstSeconds = 1.0;  ///< the first prediction comes after so much sound
constexpr double kReadSeconds = 0.05;  ///< of sound a read
constexpr double kBetweenTries = 1.0;  ///< seconds until a source that has failed is tried again
constexpr auto kPoll = std::chrono::milliseconds(50);
constexpr double kMissingSeconds = 1.0;  ///< so much later than before: something between did not arrive
constexpr double kSureSeconds = 3.0;     ///< if nothing came earlier for so long; some sources give seconds at once
constexpr double kBusySeconds = 30.0;    ///< after words about lost samples nothing more is said of the same

}  // namespace

/// Windows begin here: what is before has nothing to do with it.
void StreamRun::begin_anew() {
  const ModelInfo& info = model_->info();
  first_ = last_end_ = shared_.history.total();
  next_due_ = first_ + std::min<std::int64_t>(info.window_samples, std::llround(kFirstSeconds * info.sample_rate));
}

void StreamRun::size_block() {
  block_.resize(static_cast<std::size_t>(std::max(1.0, source_->rate() * kReadSeconds)));
}

/// So that times go on with the clock, for charts and events alike.
void StreamRun::hear_silence(double seconds) {
  const std::int64_t rate = model_->info().sample_rate;
  std::int64_t left = std::llround(seconds * static_cast<double>(rate));
  while (left > 0 && !shared_.stopping) {
    fresh_.assign(static_cast<std::size_t>(std::min(left, rate)), 0.0F);
    left -= static_cast<std::int64_t>(fresh_.size());
    take_fresh();
  }
}

/// This program or the sound system stood still: what came in between is lost. `arrived`: seconds just read.
void StreamRun::skip_missing(double arrived) {
  const double lag = clock_.lag(wall(), heard() + arrived);
  if (lag < kMissingSeconds || !source_->alive()) {
    behind_since_.reset();
    return;
  }
  if (!behind_since_) {
    behind_since_ = wall();
    least_lag_ = lag;
  }
  least_lag_ = std::min(least_lag_, lag);
  if (wall() - *behind_since_ < kSureSeconds) return;
  behind_since_.reset();
  events_.close_all(heard());  // what goes on afterwards did not go on in between
  smoothed_.clear();
  hear_silence(least_lag_);
  begin_anew();
  const std::string sentence =
      decimal_text(least_lag_, 1) + " s of sound are missing: this program or the sound system stood still.";
  log_info(sentence);
  if (sink_.notice && wall() - dropped_told_ > kBusySeconds) sink_.notice(sentence);
}

void StreamRun::lose_source() {
  if (!gap_) {
    hear_the_rest();
    clock_.saw(wall(), heard());  // it may have failed before its first sound
    const double now = heard();
    events_.close_all(now);
    smoothed_.clear();
    gap_ = StreamGap{now, now, true, clock_at(now), source_->failure()};
    ++summary_.gaps;
    log_info("Listening waits: " + gap_->why);
    if (sink_.gap) sink_.gap(*gap_);
  }
  dropped_before_ += source_->dropped_samples();
  source_->stop();
  source_open_ = false;
  next_try_ = wall() + kBetweenTries;
}

void StreamRun::try_source() {
  hear_silence(clock_.lag(wall(), heard()));
  if (wall() < next_try_) return pause(kPoll);
  try {
    source_->start();
    resampler_ = Resampler(source_->rate(), model_->info().sample_rate);
    size_block();
    source_open_ = true;  // back only once it gives sound
  } catch (const Error& error) {
    log_debug(error.what());
  }
  next_try_ = wall() + kBetweenTries;
}

/// `arrived`: seconds just read.
void StreamRun::source_is_back(double arrived) {
  hear_silence(clock_.lag(wall(), heard() + arrived));
  begin_anew();
  gap_->open = false;
  gap_->end = heard();
  const double length = gap_->end - gap_->start;
  summary_.gap_seconds += length;
  log_info("Listening goes on after " + decimal_text(length, 1) + " s without sound.");
  if (sink_.gap) sink_.gap(*gap_);
  gap_.reset();
}

}  // namespace hearsay
