// WordPiece as BERT has it (Devlin et al. 2019): text is cleaned, cut at blanks and punctuation, every word covered
// from the left by the longest pieces of the vocabulary.

#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>

#include "base/error.h"
#include "text/base_tokenizer.h"
#include "text/characters.h"

namespace hearsay {
namespace {

bool is_dropped(UChar32 c) {
  if (c == 0 || c == 0xFFFD) return true;
  if (c == '\t' || c == '\n' || c == '\r') return false;
  // Unassigned code points stay: the published tokenizers' tables do not know them.
  return (U_GET_GC_MASK(c) & (U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CO_MASK)) != 0;
}

/// Ideographs, which stand alone; kana and Hangul are written in words or syllables and do not.
bool is_ideograph(UChar32 c) {
  if (c < 0x3400) return false;
  switch (ublock_getCode(c)) {
    case UBLOCK_CJK_UNIFIED_IDEOGRAPHS:
    case UBLOCK_CJK_UNIFIED_IDEOGRAPHS_EXTENSION_A:
    case UBLOCK_CJK_UNIFIED_IDEOGRAPHS_EXTENSION_B:
    case UBLOCK_CJK_UNIFIED_IDEOGRAPHS_EXTENSION_C:
    case UBLOCK_CJK_UNIFIED_IDEOGRAPHS_EXTENSION_D:
    case UBLOCK_CJK_COMPATIBILITY_IDEOGRAPHS:
    case UBLOCK_CJK_COMPATIBILITY_IDEOGRAPHS_SUPPLEMENT:
      return true;
    case UBLOCK_CJK_UNIFIED_IDEOGRAPHS_EXTENSION_E:
      return c >= 0x2B920;  // where Hugging Face lets this block begin
    default:
      return false;
  }
}

/// In ASCII symbols count as well ($+<=>^|~).
bool is_punctuation(UChar32 c) {
  if (c < 0x80) return c > ' ' && c < 0x7F && u_isalnum(c) == 0;
  return (U_GET_GC_MASK(c) & U_GC_P_MASK) != 0;
}

std::size_t character_count(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char byte) { return !U8_IS_TRAIL(static_cast<uint8_t>(byte)); }));
}

char lower_ascii(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

class WordPiece final : public BaseTokenizer {
 public:
  explicit WordPiece(TokenizerSpec files)
      : BaseTokenizer(std::move(files)), strip_accents_(spec().strip_accents.value_or(spec().lowercase)) {
    UErrorCode status = U_ZERO_ERROR;
    nfd_ = icu::Normalizer2::getNFDInstance(status);
    if (U_FAILURE(status) != 0) throw Error(ErrorKind::Internal, "ICU's data for normalising text is missing.");
    for (std::int64_t id = 0; id < spec().vocabulary.size(); ++id) {
      longest_piece_ = std::max(longest_piece_, spec().vocabulary.token(id).size());
    }
    index_added_tokens();
  }

 protected:
  [[nodiscard]] std::string normalise(std::string_view text) const override {
    std::string cleaned = clean(text);
    if (is_ascii(cleaned)) {
      if (spec().lowercase) std::transform(cleaned.begin(), cleaned.end(), cleaned.begin(), lower_ascii);
      return cleaned;
    }
    if (strip_accents_) cleaned = without_accents(cleaned);
    return spec().lowercase ? lowered(cleaned) : cleaned;
  }

  void append_ids(std::string_view text, std::size_t limit, Ids& out) const override {
    const auto compute = [this](std::string_view word, Ids& ids) { append_word(word, ids); };
    std::size_t word = 0;  // where the current word began
    for (std::size_t at = 0; at < text.size() && out.size() < limit;) {
      const std::size_t begin = at;
      const UChar32 c = next_character(text, at);
      const bool white = is_white(c);
      if (!white && !is_punctuation(c)) continue;
      if (begin > word) append_cached(text.substr(word, begin - word), out, compute);
      if (!white) append_cached(text.substr(begin, at - begin), out, compute);
      word = at;
    }
    if (word < text.size() && out.size() < limit) append_cached(text.substr(word), out, compute);
  }

 private:
  [[nodiscard]] std::string clean(std::string_view text) const {
    std::string result;
    result.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
      const UChar32 c = next_character(text, at);
      if (spec().clean_text && is_dropped(c)) continue;
      if (spec().clean_text && is_white(c)) {
        result += ' ';
      } else if (spec().split_chinese && is_ideograph(c)) {
        result += ' ';
        append_character(result, c);
        result += ' ';
      } else {
        append_character(result, c);
      }
    }
    return result;
  }

  [[nodiscard]] std::string without_accents(const std::string& text) const {
    UErrorCode status = U_ZERO_ERROR;
    const icu::UnicodeString apart = nfd_->normalize(icu::UnicodeString::fromUTF8(text), status);
    if (U_FAILURE(status) != 0) throw Error(ErrorKind::Internal, "ICU could not normalise a text.");
    std::string result;
    for (int32_t i = 0; i < apart.length(); i = apart.moveIndex32(i, 1)) {
      const UChar32 c = apart.char32At(i);
      if (u_charType(c) != U_NON_SPACING_MARK) append_character(result, c);
    }
    return result;
  }

  /// Every letter alone: a sigma at the end of a word is an ordinary sigma here.
  static std::string lowered(const std::string& text) {
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
      const UChar32 c = next_character(text, at);
      if (c < 0x80) {
        result += lower_ascii(static_cast<char>(c));
      } else {
        icu::UnicodeString(c).toLower(icu::Locale::getRoot()).toUTF8String(result);
      }
    }
    return result;
  }

  void append_word(std::string_view word, Ids& out) const {
    const std::size_t start = out.size();
    if (character_count(word) <= spec().max_word_characters && cover(word, out)) return;
    out.resize(start);  // one part that cannot be covered makes the whole word unknown
    out.push_back(spec().special.unknown);
  }

  /// Appends the longest pieces from the left; false where none fits.
  bool cover(std::string_view word, Ids& out) const {
    std::string piece;
    for (std::size_t at = 0; at < word.size();) {
      const std::string_view prefix = at == 0 ? std::string_view{} : std::string_view(spec().continuation);
      const std::size_t room = longest_piece_ - std::min(longest_piece_, prefix.size());
      piece.assign(prefix).append(word.substr(at, room));
      std::int64_t id = -1;
      while (piece.size() > prefix.size() && (id = spec().vocabulary.id(piece)) < 0) piece.pop_back();
      if (id < 0) return false;
      out.push_back(id);
      at += piece.size() - prefix.size();
    }
    return true;
  }

  bool strip_accents_;
  const icu::Normalizer2* nfd_ = nullptr;
  std::size_t longest_piece_ = 0;
};

}  // namespace

std::unique_ptr<Tokenizer> make_wordpiece(TokenizerSpec spec) {
  return std::make_unique<WordPiece>(std::move(spec));
}

}  // namespace hearsay
