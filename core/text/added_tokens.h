#pragma once
// Finds added tokens ("[SEP]", "<mask>", "!") in a text, the longest at every place. Private to core/text.
// Source: behaviour of Hugging Face tokenizers, AddedVocabulary.

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "text/tokenizer_spec.h"

namespace hearsay {

/// A stretch of text, or (id >= 0) an added token.
struct TextPart {
  std::string_view text;
  std::int64_t id = -1;
};

class AddedTokenFinder {
 public:
  explicit AddedTokenFinder(std::span<const AddedToken> tokens);

  [[nodiscard]] bool empty() const { return tokens_.empty(); }
  /// The text cut at its added tokens, in order, without empty stretches. The parts point into `text`.
  [[nodiscard]] std::vector<TextPart> split(std::string_view text) const;

 private:
  [[nodiscard]] const AddedToken* longest_at(std::string_view text, std::size_t at) const;

  StringMap<AddedToken> tokens_;
  std::array<std::vector<std::size_t>, 256> lengths_;  ///< by first byte: lengths that occur, longest first
};

}  // namespace hearsay
