#pragma once
// What decode.cpp reads from: a file's samples as its codec gives them, mixed to mono, at the file's own rate.
// Two kinds: libsndfile (raw_sndfile.cpp) and FFmpeg (raw_libav.cpp).

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "audio/decode.h"

namespace hearsay {

class RawAudio {
 public:
  virtual ~RawAudio() = default;
  [[nodiscard]] const AudioInfo& info() const { return info_; }
  [[nodiscard]] std::int64_t bad_samples() const { return bad_; }
  /// Whether the end came because reading failed.
  [[nodiscard]] bool failed() const { return failed_; }
  /// Seconds that the file's header promises, where that can be relied on.
  [[nodiscard]] std::optional<double> promised() const { return promised_; }

  /// Whether the length may be a guess that this reader goes by: an MPEG file need not say how long it is.
  [[nodiscard]] bool guessed() const { return guessed_; }

  /// The next stretch of mono samples, a second or so at most, replacing what `mono` held; false at the end. `rate` is
  /// the stretch's own (some codecs change it on the way).
  virtual bool next(std::vector<float>& mono, int& rate) = 0;

  /// Moves to `seconds` or somewhat before; the second at which the next stretch begins, nothing if this cannot seek.
  virtual std::optional<double> seek(double seconds) = 0;

 protected:
  RawAudio() = default;

  /// A sample as it may be used: NaN, infinities and what would become one in a filter are silence, and counted.
  double clean(double value) {
    constexpr double kAbsurd = 1e9;
    if (std::abs(value) < kAbsurd) return value;
    ++bad_;
    return 0.0;
  }

  AudioInfo info_;
  std::optional<double> promised_;
  bool failed_ = false;
  bool guessed_ = false;

 private:
  std::int64_t bad_ = 0;
};

/// Null when libsndfile does not know the format.
std::unique_ptr<RawAudio> open_with_sndfile(const std::filesystem::path& file);

/// Null when FFmpeg does not know the format. Error: BadAudio when it does, and there is no audio track it can decode.
std::unique_ptr<RawAudio> open_with_libav(const std::filesystem::path& file);

/// For a file whose length is guessed: null when it lasts as long as that, to a fifth of a second, or FFmpeg cannot
/// tell; otherwise FFmpeg, which reads all of it, with the length that its packets add up to.
std::unique_ptr<RawAudio> open_if_not_as_long(const std::filesystem::path& file, double guess);

}  // namespace hearsay
