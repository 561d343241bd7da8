#include "audio/sound_doubts.h"

#include "base/files.h"
#include "base/plain_text.h"

namespace hearsay {
namespace {

std::string seconds_text(double seconds) {
  return decimal_text(seconds, seconds < 10.0 ? 1 : 0) + " s";
}

}  // namespace

std::vector<std::string> sentences_of(const SoundDoubts& doubts, const std::filesystem::path& file) {
  std::vector<std::string> sentences;
  if (doubts.unread >= 0.0) {
    sentences.push_back(quoted(file) + " could not be read to its end: reading failed after " +
                        seconds_text(doubts.unread) + ". Only what came before was used.");
  } else if (doubts.missing > 0.0) {
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
