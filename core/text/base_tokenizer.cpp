#include "text/base_tokenizer.h"

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "base/words.h"

namespace hearsay {

void PieceCache::append(std::string_view piece, Ids& out, const std::function<void(std::string_view, Ids&)>& compute) {
  if (piece.size() > kMaxPieceBytes) return compute(piece, out);
  {
    const std::scoped_lock lock(mutex_);
    if (const auto found = known_.find(piece); found != known_.end()) {
      out.insert(out.end(), found->second.begin(), found->second.end());
      return;
    }
  }
  Ids ids;
  compute(piece, ids);
  out.insert(out.end(), ids.begin(), ids.end());
  const std::scoped_lock lock(mutex_);
  if (known_.size() >= kMaxPieces) known_.clear();
  known_.try_emplace(std::string(piece), std::move(ids));
}

void BaseTokenizer::index_added_tokens() {
  std::vector<AddedToken> raw;
  std::vector<AddedToken> normalised;
  for (AddedToken token : spec_.added) {
    if (token.normalized) {
      token.content = normalise(token.content);
      normalised.push_back(std::move(token));
    } else {
      raw.push_back(std::move(token));
    }
  }
  raw_ = AddedTokenFinder(raw);
  normalised_ = AddedTokenFinder(normalised);
}

BaseTokenizer::Ids BaseTokenizer::ids_of(std::string_view utf8, std::size_t limit) const {
  const std::string text = valid_utf8(utf8);
  Ids ids;
  for (const TextPart& part : raw_.split(text)) {
    if (ids.size() >= limit) break;
    if (part.id >= 0) {
      ids.push_back(part.id);
      continue;
    }
    const std::string normal = normalise(part.text);
    for (const TextPart& piece : normalised_.split(normal)) {
      if (ids.size() >= limit) break;
      if (piece.id >= 0) {
        ids.push_back(piece.id);
      } else {
        append_ids(piece.text, limit, ids);
      }
    }
  }
  ids.resize(std::min(ids.size(), limit));
  return ids;
}

std::vector<std::int64_t> BaseTokenizer::encode_plain(std::string_view utf8) const {
  return ids_of(utf8, std::numeric_limits<std::size_t>::max());
}

std::vector<std::int64_t> BaseTokenizer::encode(std::string_view utf8, std::optional<std::size_t> max_length) const {
  const std::size_t wrapping = spec_.prefix.size() + spec_.suffix.size();
  const std::size_t longest = max_length.value_or(std::numeric_limits<std::size_t>::max());
  Ids ids = spec_.prefix;
  const Ids plain = ids_of(utf8, longest - std::min(longest, wrapping));
  ids.insert(ids.end(), plain.begin(), plain.end());
  ids.insert(ids.end(), spec_.suffix.begin(), spec_.suffix.end());
  // Shorter than the special tokens themselves: the closing ones stay.
  if (ids.size() > longest) ids.erase(ids.begin(), ids.end() - static_cast<std::ptrdiff_t>(longest));
  return ids;
}

void BaseTokenizer::make_special(std::string_view token) {
  AddedToken added;
  added.content = token;
  added.id = spec_.vocabulary.id(token);
  if (added.id < 0) {
    throw Error(ErrorKind::BadFormat, "The vocabulary in " + spec_.folder.string() + " has no token \"" +
                                          std::string(token) + "\"; the tokenizer's files are not the model's.");
  }
  std::erase_if(spec_.added, [&](const AddedToken& known) { return known.content == token; });
  spec_.added.push_back(std::move(added));
  if (!spec_.pad_declared && spec_.kind == TokenizerKind::Gpt2Bpe) {
    spec_.special.pad = spec_.vocabulary.id(token);
    spec_.pad_declared = true;
  }
  index_added_tokens();
}

}  // namespace hearsay
