#include "audio/sound_doubts.h"

#include <array>
#include <cstdio>

#include "base/files.h"

namespace hearsay {
namespace {

std::string seconds_text(double seconds) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), seconds < 10.0 ? "%.1f s" : "%.0f s", seconds);
  return text.data();
}

}  // namespace

std::vector<std::string> sentences_of(const SoundDoubts& doubts, const std::filesystem::path& file) {
  std::vector<std::string> sentences;
  if (doubts.missing > 0.0) {
    sentences.push_back(quoted(file) + " breaks off: about " + seconds_text(doubts.missing) +
                        " that its header promises are missing. Only what is there was used.");
  }
  if (doubts.bad_samples > 0) {
    const bool one = doubts.bad_samples == 1;
    sentences.push_back(quoted(file) + " holds " + std::to_string(doubts.bad_samples) +
                        (one ? " sample that is no number; it was" : " samples that are no numbers; they were") +
                        " taken as silence.");
  }
  if (doubts.silent) {
    sentences.push_back(quoted(file) + " is silent: every sample is zero once its channels are mixed.");
  }
  return sentences;
}

}  // namespace hearsay
