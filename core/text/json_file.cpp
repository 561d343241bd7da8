#include "base/error.h"
#include "base/files.h"
#include "text/spec_readers.h"

namespace hearsay {
namespace {

// Real tokenizer files stay below 4 MB; the bounds keep a hostile file from filling the memory.
constexpr std::uintmax_t kMaxFileBytes = 16U << 20U;
constexpr int kMaxDepth = 64;

}  // namespace

void bad_tokenizer(const std::filesystem::path& file, const std::string& what) {
  throw Error(ErrorKind::BadFormat, file.string() + ": " + what + ".");
}

nlohmann::json read_json_object(const std::filesystem::path& file) {
  std::error_code failed;
  if (const auto bytes = std::filesystem::file_size(file, failed); !failed && bytes > kMaxFileBytes) {
    bad_tokenizer(file, "too large for a tokenizer's file (more than 16 MB)");
  }
  const std::string text = read_file(file);
  const auto check_depth = [&file](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    if (depth > kMaxDepth) bad_tokenizer(file, "nested deeper than any tokenizer's file");
    return true;
  };
  try {
    auto parsed = nlohmann::json::parse(text, check_depth);
    if (!parsed.is_object()) bad_tokenizer(file, "not a JSON object");
    return parsed;
  } catch (const nlohmann::json::parse_error& e) {
    bad_tokenizer(file, "damaged, or no JSON (at byte " + std::to_string(e.byte) + ")");
  } catch (const nlohmann::json::exception&) {
    bad_tokenizer(file, "damaged, or no JSON");
  }
}

const nlohmann::json& member(const nlohmann::json& object, std::string_view key) {
  static const nlohmann::json none;
  if (!object.is_object()) return none;
  const auto found = object.find(key);
  return found == object.end() ? none : *found;
}

bool bool_or(const nlohmann::json& object, std::string_view key, bool fallback) {
  const auto& value = member(object, key);
  return value.is_boolean() ? value.get<bool>() : fallback;
}

std::string string_or(const nlohmann::json& object, std::string_view key, std::string_view fallback) {
  const auto& value = member(object, key);
  return value.is_string() ? value.get<std::string>() : std::string(fallback);
}

std::int64_t checked_id(const nlohmann::json& value, const std::filesystem::path& file) {
  const bool whole = value.is_number_unsigned() || (value.is_number_integer() && value.get<std::int64_t>() >= 0);
  if (!whole || value.get<std::uint64_t>() > static_cast<std::uint64_t>(Vocabulary::kMaxId)) {
    bad_tokenizer(file, "a token's id is no whole number between 0 and " + std::to_string(Vocabulary::kMaxId));
  }
  return value.get<std::int64_t>();
}

}  // namespace hearsay
