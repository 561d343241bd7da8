#include "text/tokenizer.h"

#include "text/base_tokenizer.h"

namespace hearsay {

std::unique_ptr<Tokenizer> Tokenizer::load(const std::filesystem::path& folder) {
  TokenizerSpec spec = read_tokenizer_spec(folder);
  return spec.kind == TokenizerKind::WordPiece ? make_wordpiece(std::move(spec)) : make_byte_bpe(std::move(spec));
}

}  // namespace hearsay
