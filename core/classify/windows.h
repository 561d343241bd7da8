#pragma once
// Cutting audio into windows, deterministically.

#include <cstdint>
#include <vector>

namespace hearsay {

struct Window {
  std::int64_t start = 0;   ///< samples
  std::int64_t length = 0;  ///< samples of real audio in it; shorter than the model's window only for short audio
};

/// Windows of `window` samples every `hop` that cover `total` samples: audio no longer than a window gives one; the last
/// window of longer audio is moved back so that it ends with the audio. Error: Usage for sizes that are not positive.
std::vector<Window> plan_windows(std::int64_t total, std::int64_t window, std::int64_t hop);

}  // namespace hearsay
