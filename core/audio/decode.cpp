#include "audio/decode.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <system_error>

#include "audio/raw_audio.h"
#include "audio/resample.h"
#include "base/error.h"
#include "base/files.h"

namespace hearsay {
namespace {

namespace fs = std::filesystem;

constexpr int kMostChannels = 64;
constexpr int kLowestRate = 1000;
constexpr int kHighestRate = 768000;
constexpr double kLeastMissing = 0.1;  // seconds that a person is told of
constexpr double kPreRoll = 0.25;      // seconds decoded before a stretch, for the resampler and codecs to settle

[[noreturn]] void fail(ErrorKind kind, const fs::path& file, const std::string& words) {
  throw Error(kind, quoted(file) + words);
}

/// What is wrong with the file before anything looks inside.
void check_file(const fs::path& file) {
  struct stat info = {};
  if (::stat(file.c_str(), &info) != 0) {
    const int code = errno;
    if (code == ENOENT || code == ENOTDIR)
      fail(ErrorKind::NotFound, file, " does not exist. Check the name and folder.");
    fail(ErrorKind::Unreadable, file, " cannot be read: " + std::generic_category().message(code) + ".");
  }
  if (S_ISDIR(info.st_mode)) {
    fail(ErrorKind::Unreadable, file, " is a folder, not a sound file. Name a file in it.");
  }
  if (!S_ISREG(info.st_mode))
    fail(ErrorKind::Unreadable, file, " is not an ordinary file, so it cannot be read as sound.");
  if (::eaccess(file.c_str(), R_OK) != 0) {
    fail(ErrorKind::Unreadable, file, " cannot be read: you have no permission. Change its permissions or copy it.");
  }
  if (info.st_size == 0) fail(ErrorKind::BadAudio, file, " is empty (0 bytes). Record or copy it again.");
}

std::unique_ptr<RawAudio> open_raw(const fs::path& file) {
  check_file(file);
  std::unique_ptr<RawAudio> raw = open_with_sndfile(file);
  // A recorder that lost its power leaves a length of 0 in the header; FFmpeg reads on all the same.
  if (!raw || raw->info().frames == 0) {
    if (std::unique_ptr<RawAudio> other = open_with_libav(file)) raw = std::move(other);
  }
  if (raw && raw->guessed()) {
    if (std::unique_ptr<RawAudio> other = open_if_not_as_long(file, raw->info().seconds)) raw = std::move(other);
  }
  if (!raw) {
    fail(ErrorKind::BadAudio, file,
         " is not a sound file that can be read. Convert it to WAV or FLAC if it should be one.");
  }
  const AudioInfo& info = raw->info();
  if (info.channels < 1 || info.channels > kMostChannels) {
    fail(ErrorKind::BadAudio, file,
         " has " + std::to_string(info.channels) + " channels; 1 to 64 can be read. Mix it down first.");
  }
  if (info.sample_rate < kLowestRate || info.sample_rate > kHighestRate) {
    fail(ErrorKind::BadAudio, file,
         " has a sample rate of " + std::to_string(info.sample_rate) +
             " Hz; 1 kHz to 768 kHz can be read. Convert it to 44100 Hz first.");
  }
  return raw;
}

class MonoReader : public AudioReader {
 public:
  /// Reads the first stretch, so that a file with nothing in it is refused here.
  MonoReader(const fs::path& file, int target_rate)
      : raw_(open_raw(file)), target_rate_(target_rate), resampler_(raw_->info().sample_rate, target_rate) {
    rate_ = raw_->info().sample_rate;
    if (pull()) return;
    if (raw_->failed()) fail(ErrorKind::Unreadable, file, " could not be read: the disk, or what holds it, failed.");
    fail(ErrorKind::BadAudio, file, " holds no samples. Record or export it again.");
  }

  [[nodiscard]] const AudioInfo& info() const override { return raw_->info(); }
  [[nodiscard]] SoundDoubts doubts() const override {
    const double missing = raw_->promised().value_or(0.0) - seconds_read_;
    return {raw_->bad_samples(), missing > kLeastMissing ? missing : 0.0, !sounding_,
            raw_->failed() ? seconds_read_ : -1.0};
  }

  std::size_t read(std::span<float> out) override {
    std::size_t done = 0;
    while (done < out.size()) {
      if (taken_ == ready_.size() && !refill()) break;
      const std::size_t n = std::min(out.size() - done, ready_.size() - taken_);
      std::copy_n(ready_.begin() + static_cast<std::ptrdiff_t>(taken_), n,
                  out.begin() + static_cast<std::ptrdiff_t>(done));
      taken_ += n;
      done += n;
    }
    return done;
  }

  /// Leaves the reader at `seconds`; false when it cannot seek and must be opened again. Lands where a sample of the
  /// file and one of the target rate coincide, so that a stretch equals the same stretch of the whole.
  bool seek(double seconds) {
    const int from = raw_->info().sample_rate;
    const int common = from / std::gcd(from, target_rate_);
    const double before = std::floor(std::max(0.0, seconds - kPreRoll) * from / common);
    const std::optional<double> landed = raw_->seek(before * common / from);
    if (!landed) return false;
    resampler_ = Resampler(rate_, target_rate_);
    ready_.clear();
    taken_ = 0;
    ended_ = false;
    skip(std::round(seconds * target_rate_) / target_rate_ - *landed);
    return true;
  }

  void skip(double seconds) {
    auto left = static_cast<std::int64_t>(std::llround(std::max(0.0, seconds) * target_rate_));
    std::vector<float> room(4096);
    while (left > 0) {
      const auto most = static_cast<std::size_t>(std::min<std::int64_t>(left, static_cast<std::int64_t>(room.size())));
      const std::size_t n = read(std::span(room).first(most));
      if (n == 0) return;
      left -= static_cast<std::int64_t>(n);
    }
  }

 private:
  /// Replaces the used-up samples; false at the very end.
  bool refill() {
    ready_.clear();
    taken_ = 0;
    while (ready_.empty() && !ended_) {
      if (!pull()) {
        ended_ = true;
        resampler_.flush(ready_);
        // A sample or two can vanish in a lower rate; a file that has sound must still give some.
        if (ready_.empty() && !gave_any_) ready_.push_back(last_);
      }
    }
    gave_any_ = gave_any_ || !ready_.empty();
    return !ready_.empty();
  }

  /// One stretch from the file into ready_.
  bool pull() {
    int rate = rate_;
    if (!raw_->next(mono_, rate)) return false;
    if (rate != rate_) {
      resampler_.flush(ready_);
      resampler_ = Resampler(rate, target_rate_);
      rate_ = rate;
    }
    last_ = mono_.back();
    seconds_read_ += static_cast<double>(mono_.size()) / rate;
    sounding_ = sounding_ || std::ranges::any_of(mono_, [](float sample) { return sample != 0.0F; });
    resampler_.push(mono_, ready_);
    gave_any_ = gave_any_ || !ready_.empty();
    return true;
  }

  std::unique_ptr<RawAudio> raw_;
  int target_rate_;
  int rate_ = 0;
  Resampler resampler_;
  std::vector<float> mono_;
  std::vector<float> ready_;
  std::size_t taken_ = 0;
  float last_ = 0.0F;
  double seconds_read_ = 0.0;
  bool sounding_ = false;
  bool gave_any_ = false;
  bool ended_ = false;
};

std::unique_ptr<MonoReader> open_mono(const fs::path& file, int target_rate) {
  if (target_rate < 1) throw Error(ErrorKind::Usage, "The sample rate to read at must be above zero.");
  return std::make_unique<MonoReader>(file, target_rate);
}

/// Reads to the end, or to `most` samples.
std::vector<float> read_samples(AudioReader& reader, std::size_t most) {
  std::vector<float> samples;
  std::vector<float> room(65536);
  while (samples.size() < most) {
    const std::size_t n = reader.read(std::span(room).first(std::min(room.size(), most - samples.size())));
    if (n == 0) break;
    samples.insert(samples.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(n));
  }
  return samples;
}

std::size_t samples_in(double seconds, int rate) {
  constexpr double kMost = 1e12;
  if (!(seconds > 0.0)) return 0;  // NaN too
  return static_cast<std::size_t>(std::llround(std::min(seconds * rate, kMost)));
}

}  // namespace

std::unique_ptr<AudioReader> AudioReader::open(const fs::path& file, int target_rate) {
  return open_mono(file, target_rate);
}

AudioInfo probe_audio(const fs::path& file) {
  constexpr int kAnyRate = 16000;
  return open_mono(file, kAnyRate)->info();
}

std::vector<float> decode_file(const fs::path& file, int target_rate, double max_seconds) {
  const auto reader = open_mono(file, target_rate);
  const bool all = !(max_seconds > 0.0);
  const std::size_t most = all ? std::numeric_limits<std::size_t>::max() : samples_in(max_seconds, target_rate);
  return read_samples(*reader, std::max<std::size_t>(most, 1));
}

std::vector<float> decode_range(const fs::path& file, int target_rate, double start, double seconds) {
  auto reader = open_mono(file, target_rate);
  if (start > 0.0 && !reader->seek(start)) {
    reader = open_mono(file, target_rate);
    reader->skip(start);
  }
  return read_samples(*reader, samples_in(seconds, target_rate));
}

}  // namespace hearsay
