#pragma once
// Sound files, read as a stream of mono samples at the rate a model wants. libsndfile reads wav, flac, ogg, opus, mp3,
// aiff and their kin; what it does not know goes to FFmpeg's libavformat (m4a, wma, video). Channels are averaged.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "audio/sound_doubts.h"

namespace hearsay {

struct AudioInfo {
  int sample_rate = 0;  ///< of the file, Hz
  int channels = 0;
  std::int64_t frames = -1;  ///< samples per channel; -1: unknown until read
  double seconds = -1.0;
  std::string format;  ///< for people: "WAV, 16 bit", "Opus"
};

/// Streams one file. Never holds more than a few seconds, whatever the file's length.
class AudioReader {
 public:
  /// Errors, each naming the file: NotFound, Unreadable (permission, a folder), BadAudio (not a sound file, no samples,
  /// no audio track, more than 64 channels, a rate outside 1 kHz..768 kHz).
  static std::unique_ptr<AudioReader> open(const std::filesystem::path& file, int target_rate);
  virtual ~AudioReader() = default;

  [[nodiscard]] virtual const AudioInfo& info() const = 0;
  /// Fills up to out.size() mono samples at the target rate; 0 only at the end. NaN and infinities become 0. Error:
  /// BadAudio when the file breaks off in a way that yields nothing at all.
  virtual std::size_t read(std::span<float> out) = 0;
  /// Of what was read so far: meant for the end of a file that was read from its start.
  [[nodiscard]] virtual SoundDoubts doubts() const = 0;
};

/// Header only. Same errors as AudioReader::open.
AudioInfo probe_audio(const std::filesystem::path& file);

/// The whole file (or its first `max_seconds` if positive), mono, at `target_rate`. Error: BadAudio also for 0 samples.
std::vector<float> decode_file(const std::filesystem::path& file, int target_rate, double max_seconds = 0.0);

/// A stretch of a file, for playing and looking at it. Reads from the start where the format cannot seek. Errors: as
/// AudioReader::open.
std::vector<float> decode_range(const std::filesystem::path& file, int target_rate, double start, double seconds);

/// Mono float samples as a 16-bit WAV (atomic). Error: NoSpace.
void write_wav(const std::filesystem::path& file, std::span<const float> samples, int sample_rate);

/// True for names that look like sound or video files (by ending, case ignored).
bool looks_like_audio(const std::filesystem::path& file);

/// Files and folders (searched recursively, hidden ones skipped) -> sound files, sorted, no duplicates. A named file is
/// taken whatever its ending, a named folder entered though it is a link. Folders that cannot be read, and
/// links to sounds that are not there, go to `problems` as sentences, links to folders in them, which are not followed,
/// to `links` (it may be the same). Error: NotFound for a path that is absent.
std::vector<std::filesystem::path> collect_audio(const std::vector<std::filesystem::path>& paths,
                                                 std::vector<std::string>* problems = nullptr,
                                                 std::vector<std::string>* links = nullptr);

}  // namespace hearsay
