// Byte-level BPE (GPT-2, Radford et al. 2019; RoBERTa uses the same): text is cut by a pattern, every piece's bytes are
// joined by the merges, best first.

#include <algorithm>
#include <array>
#include <queue>
#include <unordered_map>

#include "text/base_tokenizer.h"
#include "text/characters.h"

namespace hearsay {
namespace {

/// GPT-2's vocabulary writes every byte as a visible character: those of Latin-1 that are visible stand for
/// themselves, the others are U+0100 and following, in order.
std::array<std::string, 256> byte_stand_ins() {
  std::array<std::string, 256> names;
  UChar32 next = 0x100;
  for (UChar32 byte = 0; byte < 256; ++byte) {
    const bool visible = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
    append_character(names[static_cast<std::size_t>(byte)], visible ? byte : next++);
  }
  return names;
}

enum class CharacterClass { White, Letter, Number, Other };

CharacterClass class_of(UChar32 c) {
  if (is_white(c)) return CharacterClass::White;
  if (is_letter(c)) return CharacterClass::Letter;
  return is_number(c) ? CharacterClass::Number : CharacterClass::Other;
}

/// Length of 's 't 're 've 'm 'll 'd at the start of `text`, or 0. Lower case and the ASCII apostrophe only.
std::size_t contraction_length(std::string_view text) {
  if (!text.starts_with('\'')) return 0;
  for (const std::string_view ending : {"s", "t", "re", "ve", "m", "ll", "d"}) {
    if (text.substr(1).starts_with(ending)) return 1 + ending.size();
  }
  return 0;
}

/// Behind the run of characters of one class that begins at `at`.
std::size_t run_end(std::string_view text, std::size_t at, CharacterClass wanted) {
  while (at < text.size()) {
    std::size_t behind = at;
    if (class_of(next_character(text, behind)) != wanted) break;
    at = behind;
  }
  return at;
}

/// A run of white space gives all but its last character to a piece of its own; the last goes with what follows.
std::size_t white_end(std::string_view text, std::size_t at) {
  std::size_t last = at;
  std::size_t end = at;
  while (end < text.size()) {
    std::size_t behind = end;
    if (!is_white(next_character(text, behind))) break;
    last = end;
    end = behind;
  }
  return end == text.size() || last == at ? end : last;
}

/// End of the piece that begins at `at`:
/// 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
std::size_t piece_end(std::string_view text, std::size_t at) {
  if (const std::size_t length = contraction_length(text.substr(at)); length > 0) return at + length;
  std::size_t begin = at;
  if (text[at] == ' ' && at + 1 < text.size()) ++begin;
  std::size_t behind = begin;
  const CharacterClass first = class_of(next_character(text, behind));
  return first == CharacterClass::White ? white_end(text, at) : run_end(text, behind, first);
}

class ByteBpe final : public BaseTokenizer {
 public:
  explicit ByteBpe(TokenizerSpec files) : BaseTokenizer(std::move(files)) {
    const auto names = byte_stand_ins();
    for (std::size_t byte = 0; byte < names.size(); ++byte) {
      byte_ids_[byte] = spec().vocabulary.id(names[byte]);
      stand_ins_[byte] = names[byte];
    }
    merges_.reserve(spec().merges.size());
    for (std::size_t rank = 0; rank < spec().merges.size(); ++rank) {
      const Merge& merge = spec().merges[rank];
      merges_.insert_or_assign(pair_key(merge.left, merge.right), Rule{rank, merge.result});
    }
    index_added_tokens();
  }

 protected:
  [[nodiscard]] std::string normalise(std::string_view text) const override { return std::string(text); }

  void append_ids(std::string_view text, std::size_t limit, Ids& out) const override {
    std::string spaced;
    if (spec().add_prefix_space && !text.starts_with(' ')) {
      spaced = " " + std::string(text);
      text = spaced;
    }
    const auto compute = [this](std::string_view piece, Ids& ids) { append_piece(piece, ids); };
    for (std::size_t at = 0; at < text.size() && out.size() < limit;) {
      const std::size_t end = piece_end(text, at);
      append_cached(text.substr(at, end - at), out, compute);
      at = end;
    }
  }

 private:
  struct Rule {
    std::size_t rank = 0;
    std::int64_t result = 0;
  };
  struct Symbol {
    std::int64_t id = 0;
    std::ptrdiff_t previous = -1;
    std::ptrdiff_t next = -1;
  };
  /// A merge that could be done: of the symbol at `place` with the next one.
  struct Candidate {
    std::size_t rank = 0;
    std::ptrdiff_t place = 0;
    std::int64_t left = 0;
    std::int64_t right = 0;
    bool operator<(const Candidate& other) const {  // the queue's top is the lowest rank, then the leftmost
      return rank != other.rank ? rank > other.rank : place > other.place;
    }
  };

  static std::uint64_t pair_key(std::int64_t left, std::int64_t right) {
    return (static_cast<std::uint64_t>(left) << 32U) | static_cast<std::uint64_t>(right);
  }

  void append_piece(std::string_view piece, Ids& out) const {
    if (spec().whole_words_first) {
      std::string written;
      for (const char byte : piece) written += stand_ins_[static_cast<unsigned char>(byte)];
      if (const auto id = spec().vocabulary.id(written); id >= 0) {
        out.push_back(id);
        return;
      }
    }
    const std::vector<Symbol> symbols = merged(symbols_of(piece));
    for (std::ptrdiff_t at = symbols.empty() ? -1 : 0; at >= 0; at = symbols[static_cast<std::size_t>(at)].next) {
      out.push_back(symbols[static_cast<std::size_t>(at)].id);
    }
  }

  [[nodiscard]] std::vector<Symbol> symbols_of(std::string_view piece) const {
    std::vector<Symbol> symbols;
    symbols.reserve(piece.size());
    bool after_unknown = false;
    for (const char byte : piece) {
      const std::int64_t id = byte_ids_[static_cast<unsigned char>(byte)];
      const bool unknown = id < 0;
      const bool dropped = unknown && (spec().unknown_byte < 0 || (after_unknown && spec().fuse_unknown));
      after_unknown = unknown;
      if (dropped) continue;
      const auto place = static_cast<std::ptrdiff_t>(symbols.size());
      if (place > 0) symbols.back().next = place;
      symbols.push_back({unknown ? spec().unknown_byte : id, place - 1, -1});
    }
    return symbols;
  }

  /// Does the merges on a linked list; the first symbol always stays at place 0. O(n log n).
  [[nodiscard]] std::vector<Symbol> merged(std::vector<Symbol> symbols) const {
    std::priority_queue<Candidate> queue;
    const auto offer = [&](std::ptrdiff_t place) {
      const Symbol& left = symbols[static_cast<std::size_t>(place)];
      if (left.next < 0) return;
      const std::int64_t right = symbols[static_cast<std::size_t>(left.next)].id;
      const auto rule = merges_.find(pair_key(left.id, right));
      if (rule != merges_.end()) queue.push({rule->second.rank, place, left.id, right});
    };
    for (std::ptrdiff_t place = 0; place < std::ssize(symbols); ++place) offer(place);
    while (!queue.empty()) {
      const Candidate best = queue.top();
      queue.pop();
      Symbol& left = symbols[static_cast<std::size_t>(best.place)];
      if (left.id != best.left || left.next < 0) continue;  // merged away meanwhile
      Symbol& right = symbols[static_cast<std::size_t>(left.next)];
      if (right.id != best.right) continue;
      left.id = merges_.at(pair_key(best.left, best.right)).result;
      left.next = right.next;
      right.id = -1;
      if (left.next >= 0) symbols[static_cast<std::size_t>(left.next)].previous = best.place;
      if (left.previous >= 0) offer(left.previous);
      offer(best.place);
    }
    return symbols;
  }

  std::array<std::int64_t, 256> byte_ids_{};
  std::array<std::string, 256> stand_ins_;
  std::unordered_map<std::uint64_t, Rule> merges_;
};

}  // namespace

std::unique_ptr<Tokenizer> make_byte_bpe(TokenizerSpec spec) {
  return std::make_unique<ByteBpe>(std::move(spec));
}

}  // namespace hearsay
