#pragma once
// Ctrl-C, SIGTERM, a terminal that is closed: the first cancels the job, the second ends the program. What is ignored
// from the start stays so (nohup, a job in the background of a script).

#include <atomic>
#include <functional>
#include <thread>

namespace hearsay::cli {

/// Must be made before any other thread. The signals are taken by a thread of its own, so that `cancel` may do what a
/// signal handler may not.
class Interrupts {
 public:
  explicit Interrupts(std::function<void()> cancel);
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;
  ~Interrupts();

 private:
  void watch();

  std::function<void()> cancel_;
  std::atomic<bool> done_{false};
  std::thread thread_;
};

}  // namespace hearsay::cli
