#include "text/tokenizer_spec.h"

#include "base/error.h"
#include "text/spec_readers.h"

namespace hearsay {

bool Vocabulary::add(std::string_view token, std::int64_t id) {
  if (id < 0 || id > kMaxId) return false;
  const auto at = static_cast<std::size_t>(id);
  if (at < tokens_.size() && !tokens_[at].empty()) return tokens_[at] == token;
  if (token.empty() || !ids_.try_emplace(std::string(token), id).second) return false;
  if (at >= tokens_.size()) tokens_.resize(at + 1);
  tokens_[at] = token;
  return true;
}

std::int64_t Vocabulary::id(std::string_view token) const {
  const auto found = ids_.find(token);
  return found == ids_.end() ? -1 : found->second;
}

const std::string& Vocabulary::token(std::int64_t id) const {
  static const std::string none;
  return id < 0 || id >= size() ? none : tokens_[static_cast<std::size_t>(id)];
}

namespace {

bool is_file(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

void read_vocabulary_files(const std::filesystem::path& folder, TokenizerSpec& spec) {
  const auto vocab_txt = folder / "vocab.txt";
  const auto vocab_json = folder / "vocab.json";
  const auto merges = folder / "merges.txt";
  if (is_file(vocab_txt)) {
    spec.kind = TokenizerKind::WordPiece;
    read_vocab_txt(vocab_txt, spec);
    return;
  }
  if (!is_file(vocab_json) || !is_file(merges)) {
    throw Error(ErrorKind::NotFound, "No tokenizer in " + folder.string() +
                                         ": it needs tokenizer.json, or vocab.txt, or vocab.json together with "
                                         "merges.txt. Copy the missing files from where the model came from.");
  }
  read_vocab_object(read_json_object(vocab_json), vocab_json, spec);
  read_merges_txt(merges, spec);
  const bool wrapped = spec.vocabulary.id("<s>") >= 0 && spec.vocabulary.id("</s>") >= 0;
  spec.kind = wrapped ? TokenizerKind::RobertaBpe : TokenizerKind::Gpt2Bpe;
}

}  // namespace

TokenizerSpec read_tokenizer_spec(const std::filesystem::path& folder) {
  TokenizerSpec spec;
  spec.folder = folder;
  const auto whole = folder / "tokenizer.json";
  const bool from_json = is_file(whole);
  if (from_json) {
    read_tokenizer_json(whole, spec);
  } else {
    read_vocabulary_files(folder, spec);
  }
  read_config_files(folder, from_json, spec);
  return spec;
}

}  // namespace hearsay
