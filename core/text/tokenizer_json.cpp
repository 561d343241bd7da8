#include "base/error.h"
#include "text/spec_readers.h"

namespace hearsay {
namespace {

using nlohmann::json;
using std::filesystem::path;

[[noreturn]] void unknown_part(const path& file, const std::string& part, const std::string& type) {
  bad_tokenizer(file, "the " + part + " \"" + type +
                          "\" is not known here; WordPiece (BERT) and byte-level BPE (RoBERTa, GPT-2) are");
}

void read_added_tokens(const json& list, const path& file, TokenizerSpec& spec) {
  if (list.is_null()) return;
  if (!list.is_array()) bad_tokenizer(file, "\"added_tokens\" is no list");
  for (const auto& entry : list) {
    AddedToken token;
    token.content = string_or(entry, "content", "");
    if (token.content.empty()) bad_tokenizer(file, "an added token has no content");
    token.id = spec.vocabulary.id(token.content);
    if (token.id < 0) {
      token.id = checked_id(member(entry, "id"), file);
      if (!spec.vocabulary.add(token.content, token.id)) {
        bad_tokenizer(file, "the added token " + token.content + " has another token's id");
      }
    }
    token.single_word = bool_or(entry, "single_word", false);
    token.lstrip = bool_or(entry, "lstrip", false);
    token.rstrip = bool_or(entry, "rstrip", false);
    token.normalized = bool_or(entry, "normalized", false);
    spec.added.push_back(std::move(token));
  }
}

void read_merges(const json& list, const path& file, TokenizerSpec& spec) {
  if (!list.is_array()) bad_tokenizer(file, "\"merges\" is no list");
  for (const auto& entry : list) {
    if (entry.is_array() && entry.size() == 2 && entry[0].is_string() && entry[1].is_string()) {
      add_merge(entry[0].get_ref<const std::string&>(), entry[1].get_ref<const std::string&>(), file, spec);
    } else if (entry.is_string()) {
      const std::string_view pair = entry.get_ref<const std::string&>();
      const auto blank = pair.find(' ');
      if (blank == std::string_view::npos) bad_tokenizer(file, "a merge is not two tokens with a blank between");
      add_merge(pair.substr(0, blank), pair.substr(blank + 1), file, spec);
    } else {
      bad_tokenizer(file, "a merge is neither \"a b\" nor [\"a\", \"b\"]");
    }
  }
}

/// What stands before and after the text, from any of the post-processors in use.
void read_post_processor(const json& processor, const path& file, TokenizerSpec& spec) {
  const std::string type = string_or(processor, "type", "");
  const auto pair_id = [&](std::string_view key) {
    const auto& pair = member(processor, key);
    if (!pair.is_array() || pair.size() != 2) bad_tokenizer(file, "the post-processor is damaged");
    return checked_id(pair[1], file);
  };
  if (processor.is_null() || type == "ByteLevel") return;
  if (type == "RobertaProcessing" || type == "BertProcessing") {
    spec.prefix.push_back(pair_id("cls"));
    spec.suffix.push_back(pair_id("sep"));
  } else if (type == "TemplateProcessing") {
    bool behind = false;
    for (const auto& piece : member(processor, "single")) {
      if (!member(piece, "Sequence").is_null()) {
        behind = true;
        continue;
      }
      const std::string name = string_or(member(piece, "SpecialToken"), "id", "");
      const auto& ids = member(member(member(processor, "special_tokens"), name), "ids");
      if (!ids.is_array() || ids.empty()) bad_tokenizer(file, "the post-processor is damaged");
      for (const auto& id : ids) (behind ? spec.suffix : spec.prefix).push_back(checked_id(id, file));
    }
  } else if (type == "Sequence") {
    for (const auto& part : member(processor, "processors")) {
      if (string_or(part, "type", "") == "Sequence") unknown_part(file, "post-processor", "Sequence in Sequence");
      read_post_processor(part, file, spec);
    }
  } else {
    unknown_part(file, "post-processor", type);
  }
}

void read_bert_parts(const json& root, const path& file, TokenizerSpec& spec) {
  const auto& normalizer = member(root, "normalizer");
  const std::string type = string_or(normalizer, "type", "");
  if (!normalizer.is_null() && type != "BertNormalizer") unknown_part(file, "normaliser", type);
  const bool normalises = !normalizer.is_null();
  spec.clean_text = bool_or(normalizer, "clean_text", normalises);
  spec.split_chinese = bool_or(normalizer, "handle_chinese_chars", normalises);
  spec.lowercase = bool_or(normalizer, "lowercase", normalises);
  const auto& accents = member(normalizer, "strip_accents");
  if (accents.is_boolean()) spec.strip_accents = accents.get<bool>();
  const std::string splitter = string_or(member(root, "pre_tokenizer"), "type", "");
  if (splitter != "BertPreTokenizer") unknown_part(file, "pre-tokenizer", splitter);

  const auto& model = member(root, "model");
  spec.continuation = string_or(model, "continuing_subword_prefix", "##");
  const auto& longest = member(model, "max_input_chars_per_word");
  if (longest.is_number_unsigned()) spec.max_word_characters = longest.get<std::size_t>();
  spec.special.unknown = spec.vocabulary.id(string_or(model, "unk_token", "[UNK]"));
}

const json& byte_level_splitter(const json& root, const path& file) {
  const auto& splitter = member(root, "pre_tokenizer");
  if (string_or(splitter, "type", "") == "ByteLevel") return splitter;
  const auto& parts = member(splitter, "pretokenizers");
  if (parts.is_array() && parts.size() == 1 && string_or(parts[0], "type", "") == "ByteLevel") return parts[0];
  unknown_part(file, "pre-tokenizer", string_or(splitter, "type", ""));
}

void read_bpe_parts(const json& root, const path& file, TokenizerSpec& spec) {
  const auto& model = member(root, "model");
  if (!member(root, "normalizer").is_null()) {
    unknown_part(file, "normaliser", string_or(member(root, "normalizer"), "type", ""));
  }
  const auto& splitter = byte_level_splitter(root, file);
  if (!bool_or(splitter, "use_regex", true)) unknown_part(file, "pre-tokenizer", "ByteLevel without its pattern");
  spec.add_prefix_space = bool_or(splitter, "add_prefix_space", false);
  for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    if (const auto text = string_or(model, key, ""); !text.empty()) unknown_part(file, key, text);
  }
  read_merges(member(model, "merges"), file, spec);
  spec.whole_words_first = bool_or(model, "ignore_merges", false);
  spec.fuse_unknown = bool_or(model, "fuse_unk", false);
  if (const auto unknown = string_or(model, "unk_token", ""); !unknown.empty()) {
    spec.unknown_byte = spec.vocabulary.id(unknown);
  }
}

}  // namespace

void read_tokenizer_json(const path& file, TokenizerSpec& spec) {
  const json root = read_json_object(file);
  const auto& model = member(root, "model");
  if (!model.is_object()) bad_tokenizer(file, "has no \"model\"; it is no tokenizer of Hugging Face");
  read_vocab_object(member(model, "vocab"), file, spec);
  read_added_tokens(member(root, "added_tokens"), file, spec);
  read_post_processor(member(root, "post_processor"), file, spec);
  // Files from before 2020 leave out the model's type; only BPE has merges.
  const std::string type = string_or(model, "type", member(model, "merges").is_null() ? "WordPiece" : "BPE");
  if (type == "WordPiece") {
    spec.kind = TokenizerKind::WordPiece;
    read_bert_parts(root, file, spec);
  } else if (type == "BPE") {
    const bool wrapped = !spec.prefix.empty() || !spec.suffix.empty();
    spec.kind = wrapped ? TokenizerKind::RobertaBpe : TokenizerKind::Gpt2Bpe;
    read_bpe_parts(root, file, spec);
  } else {
    unknown_part(file, "model", type);
  }
}

}  // namespace hearsay
