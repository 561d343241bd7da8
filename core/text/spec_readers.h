#pragma once
// The readers behind read_tokenizer_spec, one a file format. Private to core/text.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "text/tokenizer_spec.h"

namespace hearsay {

/// Throws Error(BadFormat): "<file>: <what>".
[[noreturn]] void bad_tokenizer(const std::filesystem::path& file, const std::string& what);

/// A JSON object from a file, bounded in size and depth. Errors: NotFound, Unreadable, BadFormat.
nlohmann::json read_json_object(const std::filesystem::path& file);

/// A member of an object, or a null value when it is absent (or `object` is none).
const nlohmann::json& member(const nlohmann::json& object, std::string_view key);
bool bool_or(const nlohmann::json& object, std::string_view key, bool fallback);
std::string string_or(const nlohmann::json& object, std::string_view key, std::string_view fallback);

/// An id as JSON has it; BadFormat when it is no whole number or out of range.
std::int64_t checked_id(const nlohmann::json& value, const std::filesystem::path& file);

void read_vocab_txt(const std::filesystem::path& file, TokenizerSpec& spec);
void read_vocab_object(const nlohmann::json& object, const std::filesystem::path& file, TokenizerSpec& spec);
void read_merges_txt(const std::filesystem::path& file, TokenizerSpec& spec);
/// "a" and "b" of one merge, added behind the others.
void add_merge(std::string_view left, std::string_view right, const std::filesystem::path& file, TokenizerSpec& spec);

/// Everything a tokenizer.json says.
void read_tokenizer_json(const std::filesystem::path& file, TokenizerSpec& spec);

/// tokenizer_config.json and special_tokens_map.json where they are; then the special tokens the kind has by custom.
/// `from_json`: the spec came from a tokenizer.json, whose word counts over custom.
void read_config_files(const std::filesystem::path& folder, bool from_json, TokenizerSpec& spec);

}  // namespace hearsay
