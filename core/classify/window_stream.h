#pragma once
// Files -> batches of windows with their features, made ahead on a thread of its own. For core/classify only.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "audio/sound_doubts.h"
#include "base/error.h"
#include "base/job.h"
#include "classify/bounded_queue.h"
#include "classify/windows.h"
#include "model/clap_model.h"

namespace hearsay {

struct WindowPlace {
  std::size_t file = 0;  ///< index into the list
  Window window;         ///< in samples at the model's rate
  bool silent = false;   ///< is_silent()
};

struct FileEnd {
  std::size_t file = 0;
  std::string error;                     ///< empty: read to its end
  ErrorKind kind = ErrorKind::Internal;  ///< of the error
  std::int64_t samples = 0;              ///< at the model's rate
  int rate = 0;                          ///< the file's own
  SoundDoubts doubts;
};

/// All windows of a file come before its end, files in order; an end belongs to this batch or an earlier one's windows.
struct WindowBatch {
  std::vector<WindowPlace> windows;
  AudioFeatures features;
  std::string error;  ///< the features failed: these windows have none
  std::vector<FileEnd> ends;
  double done = 0.0;  ///< share of the whole list that was read when this was made
};

struct WindowStreamOptions {
  std::int64_t window = 0;  ///< samples, at most the model's window
  std::int64_t hop = 0;     ///< samples
  int batch = 8;            ///< windows
};

class WindowStream {
 public:
  /// `model` and `control` (may be null) must outlive the stream. Starts reading at once.
  WindowStream(const ClapModel& model, std::vector<std::filesystem::path> files, WindowStreamOptions options,
               JobControl* control);
  WindowStream(const WindowStream&) = delete;
  WindowStream& operator=(const WindowStream&) = delete;
  ~WindowStream();  ///< stops

  /// Waits; nothing after the last batch, and after a cancel.
  std::optional<WindowBatch> next();

 private:
  void run();
  bool read_file(std::size_t index);
  void add_window(std::size_t file, const Window& window, std::span<const float> samples);
  void flush();
  [[nodiscard]] bool keep_going();

  const ClapModel& model_;
  std::vector<std::filesystem::path> files_;
  WindowStreamOptions options_;
  JobControl* control_;
  BoundedQueue<WindowBatch> queue_;
  std::atomic<bool> stopped_{false};
  WindowBatch open_;            ///< the batch being filled
  std::vector<float> samples_;  ///< of its windows
  double done_ = 0.0;
  std::thread thread_;
};

/// What to tell a person about any exception on a file's way through the model.
std::string sentence_of(const std::exception& error, const std::filesystem::path& file);

}  // namespace hearsay
