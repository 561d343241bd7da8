#include "base/words.h"

#include <unicode/brkiter.h>
#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <memory>

#include "base/error.h"

namespace hearsay {
namespace {

icu::UnicodeString from_utf8(std::string_view text) {
  return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
}

std::string to_utf8(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

icu::UnicodeString to_nfc(const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
  if (U_FAILURE(status)) throw Error(ErrorKind::Internal, "ICU's normalisation data could not be loaded.");
  icu::UnicodeString out = nfc->normalize(text, status);
  return U_FAILURE(status) ? text : out;
}

std::vector<UChar32> code_points(const icu::UnicodeString& text) {
  std::vector<UChar32> points;
  points.reserve(static_cast<std::size_t>(text.length()));
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) points.push_back(text.char32At(i));
  return points;
}

bool is_upper(UChar32 c) {
  return u_isupper(c) != 0;
}
bool is_lower(UChar32 c) {
  return u_islower(c) != 0;
}
bool is_letter(UChar32 c) {
  return u_isalpha(c) != 0;
}
bool is_gap(UChar32 c) {
  return c == '_' || u_isUWhiteSpace(c) != 0 || u_charType(c) == U_CONTROL_CHAR;
}

/// "carHorn", "MP3Player", "TVSet" break before the capital; "iPhone" and "TVs" do not.
bool breaks_before(const std::vector<UChar32>& text, std::size_t i) {
  if (i == 0 || !is_upper(text[i])) return false;
  const auto lower_at = [&](std::size_t k) { return k < text.size() && is_lower(text[k]); };
  const UChar32 before = text[i - 1];
  if (is_lower(before)) return i >= 2 && is_letter(text[i - 2]);
  if (u_isdigit(before) != 0) return lower_at(i + 1);
  return is_upper(before) && lower_at(i + 1) && lower_at(i + 2);
}

/// A hyphen stays inside a word ("air-conditioner") and is a gap elsewhere ("dog - barking").
bool is_gap_hyphen(const std::vector<UChar32>& text, std::size_t i) {
  if (text[i] != '-') return false;
  const bool inside = i > 0 && i + 1 < text.size() && u_isalnum(text[i - 1]) != 0 && u_isalnum(text[i + 1]) != 0;
  return !inside;
}

bool is_readable(const icu::UnicodeString& text) {
  for (const UChar32 c : code_points(text)) {
    const auto mask = U_GET_GC_MASK(c);
    if (u_isalnum(c) != 0 || ((mask & U_GC_S_MASK) != 0 && c != 0xFFFD)) return true;
  }
  return false;
}

}  // namespace

std::string valid_utf8(std::string_view bytes) {
  return to_utf8(from_utf8(bytes));
}

std::string beginning_of(std::string_view text, std::size_t most_bytes) {
  const auto inside_character = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U; };
  std::size_t end = std::min(most_bytes, text.size());
  while (end > 0 && end < text.size() && inside_character(end)) --end;
  return std::string(text.substr(0, end));
}

std::string trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n\f\v";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kBlank) - first + 1));
}

std::string normalise_class_name(std::string_view name) {
  const std::vector<UChar32> text = code_points(to_nfc(from_utf8(name)));
  icu::UnicodeString out;
  bool gap = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_gap(text[i]) || is_gap_hyphen(text, i)) {
      gap = true;
      continue;
    }
    if (u_charType(text[i]) == U_FORMAT_CHAR) continue;  // zero-width marks, a stray byte-order mark
    if ((gap || breaks_before(text, i)) && !out.isEmpty()) out.append(static_cast<UChar32>(' '));
    gap = false;
    out.append(text[i]);
  }
  return to_utf8(out);
}

std::string fold_name(std::string_view name) {
  icu::UnicodeString text = from_utf8(normalise_class_name(name));
  if (!is_readable(text)) return {};
  text.foldCase();
  return to_utf8(to_nfc(text));
}

std::vector<std::string> words_of(std::string_view text) {
  icu::UnicodeString lower = from_utf8(text);
  lower.toLower(icu::Locale::getRoot());
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::BreakIterator> breaks(
      icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), status));
  if (U_FAILURE(status)) throw Error(ErrorKind::Internal, "ICU's word boundary data could not be loaded.");
  breaks->setText(lower);
  std::vector<std::string> words;
  int32_t start = breaks->first();
  for (int32_t end = breaks->next(); end != icu::BreakIterator::DONE; start = end, end = breaks->next()) {
    if (breaks->getRuleStatus() == UBRK_WORD_NONE) continue;  // blanks and punctuation
    words.push_back(to_utf8(lower.tempSubStringBetween(start, end)));
  }
  return words;
}

}  // namespace hearsay
