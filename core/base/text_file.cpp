// Text files as people have them: which encoding, and whether it is text at all.
#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <memory>

#include "base/error.h"
#include "base/files.h"
#include "base/words.h"

namespace hearsay {
namespace {

struct Mark {
  std::string_view bytes;
  const char* encoding;
};

// Longest first: UTF-32's mark begins as UTF-16's does.
constexpr Mark kMarks[] = {{{"\xFF\xFE\0\0", 4}, "UTF-32LE"},
                           {{"\0\0\xFE\xFF", 4}, "UTF-32BE"},
                           {{"\xEF\xBB\xBF", 3}, "UTF-8"},
                           {{"\xFF\xFE", 2}, "UTF-16LE"},
                           {{"\xFE\xFF", 2}, "UTF-16BE"}};

struct DetectorCloser {
  void operator()(UCharsetDetector* detector) const { ucsdet_close(detector); }
};

std::string convert(std::string_view bytes, const char* encoding, const std::filesystem::path& path) {
  const icu::UnicodeString text(bytes.data(), static_cast<int32_t>(bytes.size()), encoding);
  if (text.isBogus()) {
    throw Error(ErrorKind::BadFormat, quoted(path) + " cannot be read as " + encoding + " text.");
  }
  std::string out;
  text.toUTF8String(out);
  return out;
}

/// UTF-16 without a mark shows as zeros in every second byte of Latin text.
const char* utf16_without_mark(std::string_view bytes) {
  if (bytes.size() < 2 || bytes.size() % 2 != 0) return nullptr;
  std::size_t zeros[2] = {0, 0};
  for (std::size_t i = 0; i < bytes.size(); ++i) zeros[i % 2] += bytes[i] == '\0' ? 1 : 0;
  const std::size_t half = bytes.size() / 2;
  if (zeros[1] * 2 > half && zeros[0] * 20 < half) return "UTF-16LE";
  if (zeros[0] * 2 > half && zeros[1] * 20 < half) return "UTF-16BE";
  return nullptr;
}

bool looks_binary(std::string_view bytes) {
  std::size_t control = 0;
  for (const char c : bytes) {
    if (c == '\0') return true;
    const bool odd =
        static_cast<unsigned char>(c) < 0x20 && std::string_view("\t\n\v\f\r\x1B").find(c) == std::string_view::npos;
    control += odd ? 1 : 0;
  }
  return control * 50 > bytes.size();
}

/// The encoding of text that is not UTF-8: ICU's guess when it is a confident one, else the most usual.
std::string guess_encoding(std::string_view bytes) {
  constexpr const char* kUsual = "windows-1252";
  constexpr int32_t kConfident = 30;
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<UCharsetDetector, DetectorCloser> detector(ucsdet_open(&status));
  const auto some = static_cast<int32_t>(std::min<std::size_t>(bytes.size(), 64 * 1024));
  ucsdet_setText(detector.get(), bytes.data(), some, &status);
  const UCharsetMatch* match = U_SUCCESS(status) ? ucsdet_detect(detector.get(), &status) : nullptr;
  if (U_FAILURE(status) || match == nullptr || ucsdet_getConfidence(match, &status) < kConfident) return kUsual;
  const std::string name = ucsdet_getName(match, &status);
  const bool unlikely =
      U_FAILURE(status) || name.starts_with("UTF-") || name.starts_with("IBM42") || name == "ISO-8859-1";
  return unlikely ? kUsual : name;
}

}  // namespace

std::string read_text_file(const std::filesystem::path& path) {
  constexpr std::size_t kMost = std::size_t{1} << 30;
  std::string bytes = read_file(path);
  if (bytes.size() > kMost) throw Error(ErrorKind::BadFormat, quoted(path) + " is larger than 1 GiB; split it.");
  const std::string_view all = bytes;
  for (const Mark& mark : kMarks) {
    if (all.starts_with(mark.bytes)) return convert(all.substr(mark.bytes.size()), mark.encoding, path);
  }
  if (const char* encoding = utf16_without_mark(all)) return convert(all, encoding, path);
  if (looks_binary(all)) {
    throw Error(ErrorKind::BadFormat, quoted(path) + " is not a text file. Choose a text or CSV file.");
  }
  if (valid_utf8(all) == all) return bytes;
  return convert(all, guess_encoding(all).c_str(), path);
}

}  // namespace hearsay
