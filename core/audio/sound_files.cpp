// Sound files on disk: writing a WAV, telling sounds by their names, finding them in folders.
#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string>

#include "audio/decode.h"
#include "base/error.h"
#include "base/files.h"
#include "base/plain_text.h"

namespace hearsay {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 44> kEndings = {
    "3gp", "aac", "ac3", "aif",  "aifc", "aiff", "amr", "ape", "asf", "au",  "avi",  "caf", "dts", "flac", "flv",
    "gsm", "m4a", "m4b", "m4v",  "mka",  "mkv",  "mov", "mp1", "mp2", "mp3", "mp4",  "mpa", "mpc", "mpeg", "mpg",
    "oga", "ogg", "ogv", "opus", "rf64", "snd",  "tta", "voc", "w64", "wav", "webm", "wma", "wmv", "wv"};

void append_le(std::vector<std::byte>& bytes, std::uint32_t value, int count) {
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<std::byte>((value >> (8 * i)) & 0xFFU));
}

void append_text(std::vector<std::byte>& bytes, std::string_view text) {
  for (const char c : text) bytes.push_back(static_cast<std::byte>(c));
}

std::vector<std::byte> wav_header(std::uint32_t data_bytes, std::uint32_t rate) {
  std::vector<std::byte> bytes;
  append_text(bytes, "RIFF");
  append_le(bytes, 36 + data_bytes, 4);
  append_text(bytes, "WAVEfmt ");
  append_le(bytes, 16, 4);        // size of this chunk
  append_le(bytes, 1, 2);         // PCM
  append_le(bytes, 1, 2);         // mono
  append_le(bytes, rate, 4);      // samples a second
  append_le(bytes, rate * 2, 4);  // bytes a second
  append_le(bytes, 2, 2);         // bytes a sample
  append_le(bytes, 16, 2);        // bits a sample
  append_text(bytes, "data");
  append_le(bytes, data_bytes, 4);
  return bytes;
}

std::int16_t to_16_bit(float sample) {
  if (!std::isfinite(sample)) return 0;
  return static_cast<std::int16_t>(std::lround(std::clamp(sample * 32768.0F, -32768.0F, 32767.0F)));
}

bool is_hidden(const fs::path& path) {
  return path.filename().string().starts_with('.');
}

/// Walks folders one by one, so that one that cannot be read does not end the walk. Links to folders are not followed
/// (they may go in circles); links to files are.
class Collector {
 public:
  explicit Collector(std::vector<std::string>* problems) : problems_(problems) {}

  void add_folder(const fs::path& start) {
    std::vector<fs::path> waiting = {start};
    while (!waiting.empty()) {
      const fs::path folder = std::move(waiting.back());
      waiting.pop_back();
      std::error_code code;
      fs::directory_iterator entries(folder, code);
      for (; !code && entries != fs::directory_iterator(); entries.increment(code)) {
        const fs::path path = entries->path();
        std::error_code ignored;
        if (is_hidden(path)) continue;
        if (entries->is_directory(ignored)) {
          if (entries->is_symlink(ignored)) {
            links_.push_back(path);
          } else {
            waiting.push_back(path);
          }
        } else if (looks_like_audio(path)) {
          if (entries->is_regular_file(ignored)) {
            add_file(path);
          } else if (entries->is_symlink(ignored) && !fs::exists(path, ignored)) {
            broken_.push_back(path);
          }
        }
      }
      if (code && problems_ != nullptr) {
        problems_->push_back("The folder " + quoted(folder) + " cannot be read: " + code.message() + ".");
      }
    }
  }

  void add_file(const fs::path& file) { files_.push_back(file); }

  /// A sentence on linked folders, if there were any.
  void tell_links(std::vector<std::string>* told) {
    if (links_.empty() || told == nullptr) return;
    std::ranges::sort(links_);
    const bool one = links_.size() == 1;
    told->push_back(one ? quoted(links_[0]) +
                              " is a link to a folder, which is not followed. Name it itself if its "
                              "sounds are wanted."
                        : std::to_string(links_.size()) + " links to folders, " + quoted(links_[0]) +
                              " for one, are not followed. Name them themselves if their sounds are wanted.");
  }

  /// As one problem, however many there are: data sets of links whose disk is not there have thousands.
  void tell_broken() {
    if (broken_.empty() || problems_ == nullptr) return;
    std::ranges::sort(broken_);
    problems_->push_back(broken_.size() == 1 ? quoted(broken_[0]) + " is a link to a sound that is not there."
                                             : std::to_string(broken_.size()) + " links, " + quoted(broken_[0]) +
                                                   " for one, lead to sounds that are not there.");
  }

  /// Each sound once: under its own name rather than a link's, else under the first of its links' names.
  std::vector<fs::path> sorted() && {
    std::set<fs::path> seen;
    std::vector<fs::path> once;
    for (const bool links : {false, true}) {
      if (links) std::ranges::sort(files_);  // they come in a folder's order, which is none
      for (const fs::path& file : files_) {
        std::error_code code;
        if (fs::is_symlink(file, code) != links) continue;
        const fs::path real = fs::weakly_canonical(file, code);
        if (seen.insert(code ? file : real).second) once.push_back(file);
      }
    }
    std::ranges::sort(once);
    return once;
  }

 private:
  std::vector<std::string>* problems_;
  std::vector<fs::path> files_;
  std::vector<fs::path> links_;   ///< to folders
  std::vector<fs::path> broken_;  ///< links to nothing
};

}  // namespace

void write_wav(const fs::path& file, std::span<const float> samples, int sample_rate) {
  constexpr std::size_t kMostSamples = (0xFFFFFFFFU - 36) / 2;
  constexpr std::size_t kPiece = 65536;
  if (sample_rate < 1 || samples.size() > kMostSamples) {
    throw Error(ErrorKind::Usage, quoted(file) + " would be too long for a WAV file, or has no sample rate.");
  }
  write_file_atomically(file, [&](const ByteSink& sink) {
    sink(wav_header(static_cast<std::uint32_t>(samples.size() * 2), static_cast<std::uint32_t>(sample_rate)));
    std::vector<std::byte> bytes;
    for (std::size_t start = 0; start < samples.size(); start += kPiece) {
      bytes.clear();
      for (const float sample : samples.subspan(start, std::min(kPiece, samples.size() - start))) {
        append_le(bytes, static_cast<std::uint16_t>(to_16_bit(sample)), 2);
      }
      sink(bytes);
    }
  });
}

bool looks_like_audio(const fs::path& file) {
  std::string ending = ascii_lower(file.extension().string());
  if (ending.size() < 2) return false;
  ending.erase(0, 1);
  return std::ranges::find(kEndings, ending) != kEndings.end();
}

std::vector<fs::path> collect_audio(const std::vector<fs::path>& paths, std::vector<std::string>* problems,
                                    std::vector<std::string>* links) {
  Collector collector(problems);
  for (const fs::path& path : paths) {
    std::error_code code;
    const fs::file_status status = fs::status(path, code);
    if (status.type() == fs::file_type::not_found) {
      throw Error(ErrorKind::NotFound, quoted(path) + " does not exist. Check the name and the folder.");
    }
    if (fs::is_directory(status)) {
      collector.add_folder(path);
    } else {
      collector.add_file(path);
    }
  }
  collector.tell_links(links);
  collector.tell_broken();
  return std::move(collector).sorted();
}

}  // namespace hearsay
