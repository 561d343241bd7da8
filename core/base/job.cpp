#include "base/job.h"

#include <utility>

#include "base/error.h"

namespace hearsay {

void JobControl::cancel() {
  {
    const std::lock_guard lock(mutex_);
    end_pause();
    cancelled_ = true;
  }
  changed_.notify_all();
}

void JobControl::pause() {
  const std::lock_guard lock(mutex_);
  if (paused_) return;
  paused_since_ = Clock::now();
  paused_ = true;
}

void JobControl::end_pause() {
  if (paused_ && !cancelled_) pauses_ += Clock::now() - paused_since_;
}

std::chrono::duration<double> JobControl::time_paused() const {
  const std::lock_guard lock(mutex_);
  return paused_ && !cancelled_ ? pauses_ + (Clock::now() - paused_since_) : pauses_;
}

void JobControl::resume() {
  {
    const std::lock_guard lock(mutex_);
    end_pause();
    paused_ = false;
  }
  changed_.notify_all();
}

bool JobControl::keep_going() {
  if (paused_) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !paused_ || cancelled_; });
  }
  return !cancelled_;
}

void JobControl::checkpoint() {
  if (!keep_going()) throw Error(ErrorKind::Cancelled, "Stopped before it was finished.");
}

void WorkClock::restart() {
  paused_before_ = time_paused();
  started_ = Clock::now();
}

double WorkClock::seconds() const {
  const std::chrono::duration<double> worked = Clock::now() - started_ - (time_paused() - paused_before_);
  return worked.count();
}

std::chrono::duration<double> WorkClock::time_paused() const {
  return control_ == nullptr ? std::chrono::duration<double>() : control_->time_paused();
}

ProgressMeter::ProgressMeter(ProgressFn sink, const JobControl* control, std::chrono::milliseconds interval)
    : sink_(std::move(sink)), interval_(interval), worked_(control) {}

void ProgressMeter::report(const std::string& stage, double fraction) {
  if (!sink_) return;
  const auto now = std::chrono::steady_clock::now();
  const bool due = !any_ || stage != stage_ || fraction >= 1.0 || now - last_ >= interval_;
  if (!due) return;
  any_ = true;
  stage_ = stage;
  last_ = now;
  const double left = fraction > 0.01 ? worked_.seconds() * (1.0 - fraction) / fraction : -1.0;
  sink_({stage, fraction, left});
}

}  // namespace hearsay
