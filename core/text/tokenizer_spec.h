#pragma once
// What a tokenizer's files say, in one form whatever layout they came in. Private to core/text.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "text/tokenizer.h"

namespace hearsay {

struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};
template <typename Value>
using StringMap = std::unordered_map<std::string, Value, StringHash, std::equal_to<>>;

/// Token strings and their ids, both ways. Ids may have holes.
class Vocabulary {
 public:
  static constexpr std::int64_t kMaxId = 2'000'000;

  /// False when the id is outside 0..kMaxId, or id or token is taken by another.
  [[nodiscard]] bool add(std::string_view token, std::int64_t id);
  [[nodiscard]] std::int64_t id(std::string_view token) const;                                   ///< -1: not in it
  [[nodiscard]] const std::string& token(std::int64_t id) const;                                 ///< empty: not in it
  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(tokens_.size()); }  ///< largest id + 1

 private:
  StringMap<std::int64_t> ids_;
  std::vector<std::string> tokens_;
};

/// A token cut out of the text before everything else (the added tokens of Hugging Face).
struct AddedToken {
  std::string content;
  std::int64_t id = -1;
  bool single_word = false;  ///< only where no word character touches it
  bool lstrip = false;       ///< swallows the blanks before it
  bool rstrip = false;       ///< and after it
  bool normalized = false;   ///< looked for in the normalised text, not in the raw one
};

struct Merge {
  std::int64_t left = 0;
  std::int64_t right = 0;
  std::int64_t result = 0;
};

struct TokenizerSpec {
  std::filesystem::path folder;
  TokenizerKind kind = TokenizerKind::WordPiece;
  Vocabulary vocabulary;
  std::vector<AddedToken> added;
  std::vector<std::int64_t> prefix;  ///< special tokens put before the text
  std::vector<std::int64_t> suffix;  ///< and after it
  SpecialTokens special;
  bool pad_declared = false;  ///< the files name a padding token

  // WordPiece
  bool clean_text = true;
  bool split_chinese = true;
  bool lowercase = true;
  std::optional<bool> strip_accents;  ///< none: as `lowercase`
  std::string continuation = "##";
  std::size_t max_word_characters = 100;

  // Byte-level BPE
  std::vector<Merge> merges;  ///< best first
  bool add_prefix_space = false;
  bool whole_words_first = false;  ///< "ignore_merges": a piece that is in the vocabulary is taken whole
  std::int64_t unknown_byte = -1;  ///< id for a byte the vocabulary lacks; -1: such bytes are dropped
  bool fuse_unknown = false;       ///< neighbouring unknown bytes give one id
};

/// Reads a folder. Errors: NotFound, Unreadable, BadFormat, each naming the file.
TokenizerSpec read_tokenizer_spec(const std::filesystem::path& folder);

}  // namespace hearsay
