#pragma once
// What is odd about a sound that was read to its end all the same, and that a person should know of.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace hearsay {

struct SoundDoubts {
  std::int64_t bad_samples = 0;  ///< NaN or infinite, taken as 0
  double missing = 0.0;          ///< seconds, roughly, that a WAV, AIFF or FLAC header promises and the file lacks
  bool silent = false;           ///< every sample is zero once the channels are mixed
  double unread = -1.0;  ///< seconds after which the disk, or what holds the sound, failed; negative: it did not

  [[nodiscard]] bool any() const { return bad_samples > 0 || missing > 0.0 || silent || unread >= 0.0; }
};

/// A sentence for each, naming the file.
std::vector<std::string> sentences_of(const SoundDoubts& doubts, const std::filesystem::path& file);

}  // namespace hearsay
