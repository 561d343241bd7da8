#pragma once
// How long work is steered and watched: one control shared by the worker and whoever may pause or cancel it,
// one callback for progress, called at a bounded rate.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>

namespace hearsay {

/// Shared between a worker (checkpoint) and its owner (pause, resume, cancel). Thread-safe.
class JobControl {
 public:
  void cancel();
  void pause();
  void resume();
  [[nodiscard]] bool cancelled() const noexcept { return cancelled_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool paused() const noexcept { return paused_.load(std::memory_order_relaxed); }

  /// The worker calls this between units of work: blocks while paused; throws Error(Cancelled) once cancelled.
  void checkpoint();
  /// As checkpoint(), but returns false instead of throwing.
  [[nodiscard]] bool keep_going();
  /// Between pause() and resume() or cancel(), in all and so far: no part of what the work takes.
  [[nodiscard]] std::chrono::duration<double> time_paused() const;

 private:
  using Clock = std::chrono::steady_clock;
  void end_pause();  ///< under the mutex

  std::atomic<bool> cancelled_{false};
  std::atomic<bool> paused_{false};
  Clock::time_point paused_since_{};
  Clock::duration pauses_{};  ///< that are over
  mutable std::mutex mutex_;
  std::condition_variable changed_;
};

/// How long work has taken since the clock was made or restarted, without the pauses of its `control` (may be null).
class WorkClock {
 public:
  explicit WorkClock(const JobControl* control) : control_(control) { restart(); }
  void restart();
  [[nodiscard]] double seconds() const;

 private:
  using Clock = std::chrono::steady_clock;
  [[nodiscard]] std::chrono::duration<double> time_paused() const;

  const JobControl* control_;
  std::chrono::duration<double> paused_before_{};
  Clock::time_point started_;
};

struct Progress {
  std::string stage;           ///< what is being done, in words: "encoding captions"
  double fraction = 0.0;       ///< 0..1 of the whole job
  double seconds_left = -1.0;  ///< estimate; negative: not known yet
};

using ProgressFn = std::function<void(const Progress&)>;

/// Calls a ProgressFn at most once per interval (and always for a new stage and at 1.0), and estimates the time left;
/// with the work's `control` without its pauses.
class ProgressMeter {
 public:
  explicit ProgressMeter(ProgressFn sink, const JobControl* control = nullptr,
                         std::chrono::milliseconds interval = std::chrono::milliseconds(100));
  void report(const std::string& stage, double fraction);

 private:
  ProgressFn sink_;
  std::chrono::milliseconds interval_;
  WorkClock worked_;
  std::chrono::steady_clock::time_point last_{};
  std::string stage_;
  bool any_ = false;
};

}  // namespace hearsay
