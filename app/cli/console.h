#pragma once
// What the command line tells a person: words and progress on stderr. Results never go here.

#include <chrono>
#include <mutex>
#include <string>

#include "base/job.h"

namespace hearsay::cli {

/// Thread-safe. With `quiet` only warnings are written.
class Console {
 public:
  Console();
  void set_quiet(bool quiet) { quiet_ = quiet; }
  void say(const std::string& sentence);
  void warn(const std::string& sentence);
  /// Shows a job's progress: one line that is written over on a terminal, a line now and then elsewhere. `detail` is
  /// appended as it is.
  void show(const Progress& progress, const std::string& detail = {});
  /// show() as a callback; empty when quiet.
  ProgressFn progress();

 private:
  void clear_line();

  std::mutex mutex_;
  bool quiet_ = false;
  bool terminal_;
  bool line_open_ = false;
  std::string stage_;
  std::chrono::steady_clock::time_point last_;
  std::chrono::steady_clock::time_point stage_began_;
};

/// "1 class", "12 classes".
std::string counted(std::size_t n, const std::string& one, const std::string& many);

/// "46 %" of a share.
std::string percent(double share);

/// "12 s", "3 min 20 s", "2 h 5 min".
std::string duration_text(double seconds);

}  // namespace hearsay::cli
