#include <algorithm>
#include <array>
#include <map>

#include "base/error.h"
#include "text/spec_readers.h"

namespace hearsay {
namespace {

using nlohmann::json;
using std::filesystem::path;

/// Special tokens by their role ("cls_token"), as the files or custom name them.
using Roles = std::map<std::string, AddedToken, std::less<>>;

constexpr std::array kRoleNames = {"bos_token", "eos_token", "cls_token", "sep_token",
                                   "pad_token", "unk_token", "mask_token"};

Roles customary_roles(TokenizerKind kind) {
  const auto named = [](std::initializer_list<std::pair<const char*, const char*>> pairs) {
    Roles roles;
    for (const auto& [role, content] : pairs) roles[role].content = content;
    return roles;
  };
  if (kind == TokenizerKind::WordPiece) {
    return named({{"cls_token", "[CLS]"},
                  {"sep_token", "[SEP]"},
                  {"pad_token", "[PAD]"},
                  {"unk_token", "[UNK]"},
                  {"mask_token", "[MASK]"}});
  }
  if (kind == TokenizerKind::Gpt2Bpe) return named({{"eos_token", "<|endoftext|>"}});
  Roles roles = named({{"cls_token", "<s>"},
                       {"sep_token", "</s>"},
                       {"pad_token", "<pad>"},
                       {"unk_token", "<unk>"},
                       {"mask_token", "<mask>"}});
  roles["mask_token"].lstrip = true;
  return roles;
}

void read_flags(const json& entry, AddedToken& token) {
  token.single_word = bool_or(entry, "single_word", token.single_word);
  token.lstrip = bool_or(entry, "lstrip", token.lstrip);
  token.rstrip = bool_or(entry, "rstrip", token.rstrip);
  token.normalized = bool_or(entry, "normalized", token.normalized);
}

/// A role is a string, or an object with content and flags; null means there is none (GPT-2's pad_token).
void read_roles(const json& config, Roles& roles) {
  for (const char* name : kRoleNames) {
    const auto& entry = member(config, name);
    const std::string content = entry.is_string() ? entry.get<std::string>() : string_or(entry, "content", "");
    if (content.empty()) continue;
    AddedToken& token = roles[name];
    token.content = content;
    if (entry.is_object()) read_flags(entry, token);
  }
}

AddedToken* find_added(TokenizerSpec& spec, std::string_view content) {
  const auto found = std::find_if(spec.added.begin(), spec.added.end(),
                                  [&](const AddedToken& token) { return token.content == content; });
  return found == spec.added.end() ? nullptr : &*found;
}

/// "added_tokens_decoder": {"0": {"content": "<s>", flags}}. Its flags count over those of tokenizer.json.
void read_added_tokens_decoder(const json& config, const path& file, TokenizerSpec& spec) {
  const auto& list = member(config, "added_tokens_decoder");
  if (!list.is_object()) return;
  for (const auto& [key, entry] : list.items()) {
    AddedToken token;
    token.content = string_or(entry, "content", "");
    token.id = spec.vocabulary.id(token.content);
    read_flags(entry, token);
    if (token.content.empty()) bad_tokenizer(file, "an added token has no content");
    if (token.id < 0) {
      const bool digits = !key.empty() && key.size() < 10 && key.find_first_not_of("0123456789") == std::string::npos;
      token.id = digits ? std::stoll(key) : -1;
      if (!spec.vocabulary.add(token.content, token.id)) {
        bad_tokenizer(file, "the added token " + token.content + " has no id of its own");
      }
    }
    if (AddedToken* known = find_added(spec, token.content)) {
      *known = token;
    } else {
      spec.added.push_back(std::move(token));
    }
  }
}

void read_switches(const json& config, TokenizerSpec& spec) {
  if (spec.kind == TokenizerKind::WordPiece) {
    spec.lowercase = bool_or(config, "do_lower_case", spec.lowercase);
    spec.split_chinese = bool_or(config, "tokenize_chinese_chars", spec.split_chinese);
    const auto& accents = member(config, "strip_accents");
    if (accents.is_boolean()) spec.strip_accents = accents.get<bool>();
  } else {
    spec.add_prefix_space = bool_or(config, "add_prefix_space", spec.add_prefix_space);
  }
}

std::int64_t role_id(const Roles& roles, std::string_view role, const TokenizerSpec& spec) {
  const auto found = roles.find(role);
  return found == roles.end() ? -1 : spec.vocabulary.id(found->second.content);
}

std::int64_t first_id(std::initializer_list<std::int64_t> ids) {
  const auto* found = std::find_if(ids.begin(), ids.end(), [](std::int64_t id) { return id >= 0; });
  return found == ids.end() ? -1 : *found;
}

void set_special_ids(const Roles& roles, TokenizerSpec& spec) {
  const auto id = [&](std::string_view role) { return role_id(roles, role, spec); };
  if (spec.kind != TokenizerKind::Gpt2Bpe) {
    spec.special.begin = spec.prefix.empty() ? first_id({id("cls_token"), id("bos_token")}) : spec.prefix.front();
  }
  spec.special.end = spec.suffix.empty() ? first_id({id("sep_token"), id("eos_token")}) : spec.suffix.back();
  spec.pad_declared = id("pad_token") >= 0;
  if (spec.pad_declared) spec.special.pad = id("pad_token");
  if (spec.special.unknown < 0) spec.special.unknown = id("unk_token");
}

/// The vocabulary files do not say what wraps a text: the kind does.
void wrap_by_custom(TokenizerSpec& spec) {
  if (spec.kind == TokenizerKind::Gpt2Bpe) return;
  if (spec.special.begin < 0 || spec.special.end < 0) {
    bad_tokenizer(spec.folder,
                  "the vocabulary lacks the special tokens that begin and end a text ([CLS] and [SEP], or "
                  "<s> and </s>)");
  }
  spec.prefix = {spec.special.begin};
  spec.suffix = {spec.special.end};
}

void check_complete(const TokenizerSpec& spec) {
  if (spec.kind == TokenizerKind::WordPiece && spec.special.unknown < 0) {
    bad_tokenizer(spec.folder, "the vocabulary lacks the token for unknown words ([UNK])");
  }
  for (const auto& ids : {spec.prefix, spec.suffix}) {
    for (const auto id : ids) {
      if (spec.vocabulary.token(id).empty()) {
        bad_tokenizer(spec.folder, "the special token " + std::to_string(id) + " is not in the vocabulary");
      }
    }
  }
}

}  // namespace

void read_config_files(const path& folder, bool from_json, TokenizerSpec& spec) {
  Roles roles = customary_roles(spec.kind);
  for (const char* name : {"tokenizer_config.json", "special_tokens_map.json"}) {
    const path file = folder / name;
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file, ignored)) continue;
    const json config = read_json_object(file);
    read_roles(config, roles);
    read_added_tokens_decoder(config, file, spec);
    read_switches(config, spec);
  }
  for (auto& [role, token] : roles) {
    token.id = spec.vocabulary.id(token.content);
    if (token.id >= 0 && find_added(spec, token.content) == nullptr) spec.added.push_back(token);
  }
  set_special_ids(roles, spec);
  if (!from_json) wrap_by_custom(spec);
  check_complete(spec);
}

}  // namespace hearsay
