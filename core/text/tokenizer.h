#pragma once
// The three tokenizers of CLAP's text towers: WordPiece (BERT uncased), byte-level BPE (RoBERTa, GPT-2). Unicode by
// ICU. Truth: ../shared/reference/tokenizers (README-hf.md lists the pitfalls).

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearsay {

enum class TokenizerKind { WordPiece, RobertaBpe, Gpt2Bpe };

struct SpecialTokens {
  std::int64_t begin = -1;  ///< [CLS], <s>; -1 for GPT-2
  std::int64_t end = -1;    ///< [SEP], </s>; <|endoftext|> for GPT-2 (which it does not add by itself)
  std::int64_t pad = 0;
  std::int64_t unknown = -1;
};

class Tokenizer {
 public:
  /// From tokenizer.json, or vocab.txt, or vocab.json + merges.txt. tokenizer_config.json and special_tokens_map.json
  /// are read when present, and count over tokenizer.json (lower case, accents, prefix space, added tokens).
  /// Errors: NotFound (names the files looked for), BadFormat (damaged, or another kind of tokenizer; names the file).
  static std::unique_ptr<Tokenizer> load(const std::filesystem::path& folder);
  virtual ~Tokenizer() = default;

  [[nodiscard]] virtual TokenizerKind kind() const = 0;
  [[nodiscard]] virtual const SpecialTokens& special() const = 0;
  [[nodiscard]] virtual std::int64_t vocabulary_size() const = 0;
  /// Ids with special tokens. With `max_length`, cut as Hugging Face does: the closing special token stays last.
  [[nodiscard]] virtual std::vector<std::int64_t> encode(std::string_view utf8,
                                                         std::optional<std::size_t> max_length = {}) const = 0;
  /// Ids of the text alone.
  [[nodiscard]] virtual std::vector<std::int64_t> encode_plain(std::string_view utf8) const = 0;
  /// The vocabulary's string for an id (for showing; empty for an id outside it).
  [[nodiscard]] virtual std::string token(std::int64_t id) const = 0;
  /// MS-CLAP 2023 declares '!' (id 0) the padding token, which makes it special: it is cut out before BPE. Where the
  /// files name no padding token (GPT-2), it becomes special().pad. Call it before other threads encode; everything
  /// else here is thread-safe. Error: BadFormat if the vocabulary has no such token.
  virtual void make_special(std::string_view token) = 0;
};

}  // namespace hearsay
