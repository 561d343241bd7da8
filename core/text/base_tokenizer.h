#pragma once
// What the tokenizers have in common: added tokens, wrapping, truncation, a cache of words. Private to core/text.

#include <functional>
#include <mutex>
#include <string_view>
#include <vector>

#include "text/added_tokens.h"
#include "text/tokenizer_spec.h"

namespace hearsay {

/// Remembers the ids of short pieces of text; thread-safe, bounded.
class PieceCache {
 public:
  using Ids = std::vector<std::int64_t>;
  /// Appends the ids of `piece` to `out`, by `compute` where they are not known yet.
  void append(std::string_view piece, Ids& out, const std::function<void(std::string_view, Ids&)>& compute);

 private:
  static constexpr std::size_t kMaxPieces = 32768;
  static constexpr std::size_t kMaxPieceBytes = 64;
  std::mutex mutex_;
  StringMap<Ids> known_;
};

class BaseTokenizer : public Tokenizer {
 public:
  explicit BaseTokenizer(TokenizerSpec spec) : spec_(std::move(spec)) {}

  [[nodiscard]] TokenizerKind kind() const override { return spec_.kind; }
  [[nodiscard]] const SpecialTokens& special() const override { return spec_.special; }
  [[nodiscard]] std::int64_t vocabulary_size() const override { return spec_.vocabulary.size(); }
  [[nodiscard]] std::vector<std::int64_t> encode(std::string_view utf8,
                                                 std::optional<std::size_t> max_length) const override;
  [[nodiscard]] std::vector<std::int64_t> encode_plain(std::string_view utf8) const override;
  [[nodiscard]] std::string token(std::int64_t id) const override { return spec_.vocabulary.token(id); }
  void make_special(std::string_view token) override;

 protected:
  using Ids = std::vector<std::int64_t>;
  [[nodiscard]] const TokenizerSpec& spec() const { return spec_; }
  /// Sorts the added tokens into those looked for before and after normalising. For constructors of derived classes.
  void index_added_tokens();

  [[nodiscard]] virtual std::string normalise(std::string_view text) const = 0;
  /// Appends the ids of normalised text without added tokens; may stop once `out` has `limit` ids.
  virtual void append_ids(std::string_view text, std::size_t limit, Ids& out) const = 0;

  void append_cached(std::string_view piece, Ids& out,
                     const std::function<void(std::string_view, Ids&)>& compute) const {
    cache_.append(piece, out, compute);
  }

 private:
  [[nodiscard]] Ids ids_of(std::string_view utf8, std::size_t limit) const;

  TokenizerSpec spec_;
  AddedTokenFinder raw_{{}};
  AddedTokenFinder normalised_{{}};
  mutable PieceCache cache_;
};

std::unique_ptr<Tokenizer> make_wordpiece(TokenizerSpec spec);
std::unique_ptr<Tokenizer> make_byte_bpe(TokenizerSpec spec);

}  // namespace hearsay
