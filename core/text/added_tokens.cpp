#include "text/added_tokens.h"

#include <algorithm>
#include <functional>

#include "text/characters.h"

namespace hearsay {
namespace {

bool is_word_character(UChar32 c) {
  constexpr auto kMask = U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK;
  return u_hasBinaryProperty(c, UCHAR_ALPHABETIC) != 0 || u_hasBinaryProperty(c, UCHAR_JOIN_CONTROL) != 0 ||
         (U_GET_GC_MASK(c) & kMask) != 0;
}

/// The character that ends before byte `at`; moves `at` to its start. `at` must be > 0.
UChar32 previous_character(std::string_view text, std::size_t& at) {
  UChar32 character = 0;
  auto i = static_cast<int32_t>(at);
  U8_PREV_OR_FFFD(text.data(), 0, i, character);
  at = static_cast<std::size_t>(i);
  return character;
}

std::size_t blanks_begin(std::string_view text, std::size_t end, std::size_t not_before) {
  while (end > not_before) {
    std::size_t before = end;
    if (!is_white(previous_character(text, before))) break;
    end = before;
  }
  return std::max(end, not_before);
}

std::size_t blanks_end(std::string_view text, std::size_t begin) {
  while (begin < text.size()) {
    std::size_t behind = begin;
    if (!is_white(next_character(text, behind))) break;
    begin = behind;
  }
  return begin;
}

bool stands_alone(std::string_view text, std::size_t begin, std::size_t end) {
  std::size_t before = begin;
  std::size_t behind = end;
  return (begin == 0 || !is_word_character(previous_character(text, before))) &&
         (end == text.size() || !is_word_character(next_character(text, behind)));
}

}  // namespace

AddedTokenFinder::AddedTokenFinder(std::span<const AddedToken> tokens) {
  for (const auto& token : tokens) {
    if (token.content.empty()) continue;
    tokens_.insert_or_assign(token.content, token);
    auto& lengths = lengths_[static_cast<unsigned char>(token.content.front())];
    if (std::find(lengths.begin(), lengths.end(), token.content.size()) == lengths.end()) {
      lengths.push_back(token.content.size());
      std::sort(lengths.begin(), lengths.end(), std::greater<>());
    }
  }
}

const AddedToken* AddedTokenFinder::longest_at(std::string_view text, std::size_t at) const {
  for (const std::size_t length : lengths_[static_cast<unsigned char>(text[at])]) {
    if (length > text.size() - at) continue;
    if (const auto found = tokens_.find(text.substr(at, length)); found != tokens_.end()) return &found->second;
  }
  return nullptr;
}

std::vector<TextPart> AddedTokenFinder::split(std::string_view text) const {
  std::vector<TextPart> parts;
  std::size_t done = 0;  // everything before this byte is in `parts`
  for (std::size_t at = 0; at < text.size();) {
    const AddedToken* token = tokens_.empty() ? nullptr : longest_at(text, at);
    if (token == nullptr) {
      ++at;
      continue;
    }
    std::size_t begin = std::max(at, done);
    std::size_t end = at + token->content.size();
    at = end;
    if (token->single_word && !stands_alone(text, end - token->content.size(), end)) continue;
    if (token->lstrip) begin = blanks_begin(text, begin, done);
    if (token->rstrip) end = blanks_end(text, end);
    if (begin > done) parts.push_back({text.substr(done, begin - done), -1});
    parts.push_back({text.substr(begin, end - begin), token->id});
    done = end;
  }
  if (done < text.size()) parts.push_back({text.substr(done), -1});
  return parts;
}

}  // namespace hearsay
