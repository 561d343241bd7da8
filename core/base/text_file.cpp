// Text files as people have them: which encoding, and whether it is text at all.
#include <unicode/uchar.h>
#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>
#include <unicode/unistr.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

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

/// Plain English, say, apart from what made it look like no text.
bool mostly_ascii(std::string_view bytes) {
  const auto is_usual = [](char c) { return (c >= 0x20 && c < 0x7F) || c == '\t' || c == '\n' || c == '\r'; };
  return static_cast<std::size_t>(std::ranges::count_if(bytes, is_usual)) * 20 >= bytes.size() * 19;
}

bool utf8_beyond_ascii(std::string_view bytes) {
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  return !std::ranges::all_of(bytes, is_ascii) && valid_utf8(bytes) == bytes;
}

bool stands_in_texts(UChar32 c) {
  if (c < 0x20) return c >= '\t' && c <= '\r';
  const int8_t type = u_charType(c);
  return type != U_CONTROL_CHAR && type != U_UNASSIGNED && type != U_PRIVATE_USE_CHAR && type != U_SURROGATE;
}

/// How many blanks, line ends, digits and the like UTF-16 of one byte order has; none when it is no text of that order.
std::size_t ascii_in_utf16(std::string_view bytes, bool little) {
  const auto unit = [&](std::size_t at) {
    const auto first = static_cast<unsigned char>(bytes[at]);
    const auto second = static_cast<unsigned char>(bytes[at + 1]);
    return static_cast<UChar32>(little ? first | second << 8U : first << 8U | second);
  };
  std::size_t ascii = 0;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    UChar32 c = unit(i);
    if (U16_IS_LEAD(c) && i + 3 < bytes.size() && U16_IS_TRAIL(unit(i + 2))) {
      c = U16_GET_SUPPLEMENTARY(c, unit(i + 2));
      i += 2;
    }
    if (!stands_in_texts(c)) return 0;
    ascii += c < 0x80 ? 1 : 0;
  }
  return ascii;
}

/// Other scripts' UTF-16 without a mark: in one byte order all of it is text, with blanks or line ends here and there.
const char* utf16_of_other_scripts(std::string_view bytes) {
  if (bytes.size() % 2 != 0 || mostly_ascii(bytes) || utf8_beyond_ascii(bytes)) return nullptr;
  const std::size_t little = ascii_in_utf16(bytes, true);
  const std::size_t big = ascii_in_utf16(bytes, false);
  if (little == big || std::max(little, big) * 100 < bytes.size()) return nullptr;
  return little > big ? "UTF-16LE" : "UTF-16BE";
}

/// UTF-8 with a few broken bytes among many whole characters: another encoding would not look so.
bool nearly_utf8(std::string_view bytes) {
  constexpr std::size_t kFew = 5;
  std::size_t whole = 0;
  std::size_t broken = 0;
  const auto size = static_cast<int32_t>(bytes.size());
  for (int32_t i = 0; i < size;) {
    UChar32 c = 0;
    U8_NEXT(bytes.data(), i, size, c);
    whole += c > 0x7F ? 1 : 0;
    broken += c < 0 ? 1 : 0;
  }
  return whole >= broken * (broken <= kFew ? 10 : 100);
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
  std::error_code code;
  const auto size = std::filesystem::file_size(path, code);  // before it takes as much memory
  std::string bytes = !code && size > kMost ? std::string() : read_file(path);
  if ((!code && size > kMost) || bytes.size() > kMost)
    throw Error(ErrorKind::BadFormat, quoted(path) + " is larger than 1 GiB; split it.");
  const std::string_view all = bytes;
  for (const Mark& mark : kMarks) {
    if (all.starts_with(mark.bytes)) return convert(all.substr(mark.bytes.size()), mark.encoding, path);
  }
  if (const char* encoding = utf16_without_mark(all)) return convert(all, encoding, path);
  if (looks_binary(all)) {
    if (const char* encoding = utf16_of_other_scripts(all)) return convert(all, encoding, path);
    throw Error(ErrorKind::BadFormat, quoted(path) +
                                          " is not a text file that can be read. Choose a text or CSV file; "
                                          "if it is one, save it as UTF-8.");
  }
  std::string repaired = valid_utf8(all);
  if (repaired == all) return bytes;
  if (nearly_utf8(all)) return repaired;
  return convert(all, guess_encoding(all).c_str(), path);
}

}  // namespace hearsay
