#pragma once
// Cutting audio into windows, deterministically.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace hearsay {

struct Window {
  std::int64_t start = 0;   ///< samples
  std::int64_t length = 0;  ///< samples of real audio in it; shorter than the model's window only for short audio
};

/// Windows of `window` samples every `hop` that cover `total` samples: audio no longer than a window gives one; the
/// last window of longer audio is moved back so that it ends with the audio. Errors: Usage for sizes that are not
/// positive, and for a hop longer than the window (it would leave sound unheard).
std::vector<Window> plan_windows(std::int64_t total, std::int64_t window, std::int64_t hop);

/// Whether there is nothing in it: no sample as far from 0 as a fourth of what 16 bits can tell. Quiet is not silent.
[[nodiscard]] bool is_silent(std::span<const float> samples);

/// The same windows from a stream whose length is not known beforehand; holds about one window and one hop of samples.
class WindowCutter {
 public:
  /// Gets a window and its samples (window.length of them), valid during the call.
  using Sink = std::function<void(const Window&, std::span<const float>)>;

  /// Errors: as plan_windows.
  WindowCutter(std::int64_t window, std::int64_t hop, Sink sink);
  void push(std::span<const float> samples);
  /// The rest, if any; afterwards the cutter is as new.
  void finish();
  [[nodiscard]] std::int64_t total() const noexcept { return total_; }  ///< samples pushed so far

 private:
  std::int64_t window_;
  std::int64_t hop_;
  Sink sink_;
  std::vector<float> held_;      ///< the samples from `held_start_` on
  std::int64_t held_start_ = 0;  ///< place of held_[0] in the stream
  std::int64_t next_ = 0;        ///< start of the next window of the regular grid
  std::int64_t covered_ = 0;     ///< end of the last window given out
  std::int64_t total_ = 0;
};

}  // namespace hearsay
