#include "base/job.h"

#include <utility>

#include "base/error.h"

namespace hearsay {

void JobControl::cancel() {
  {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
  }
  changed_.notify_all();
}

void JobControl::pause() {
  const std::lock_guard lock(mutex_);
  paused_ = true;
}

void JobControl::resume() {
  {
    const std::lock_guard lock(mutex_);
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

ProgressMeter::ProgressMeter(ProgressFn sink, std::chrono::milliseconds interval)
    : sink_(std::move(sink)), interval_(interval), started_(std::chrono::steady_clock::now()), last_(started_) {}

void ProgressMeter::report(const std::string& stage, double fraction) {
  if (!sink_) return;
  const auto now = std::chrono::steady_clock::now();
  const bool due = !any_ || stage != stage_ || fraction >= 1.0 || now - last_ >= interval_;
  if (!due) return;
  any_ = true;
  stage_ = stage;
  last_ = now;
  const double elapsed = std::chrono::duration<double>(now - started_).count();
  const double left = fraction > 0.01 ? elapsed * (1.0 - fraction) / fraction : -1.0;
  sink_({stage, fraction, left});
}

}  // namespace hearsay
