#include "base/error.h"
#include "base/files.h"
#include "text/spec_readers.h"

namespace hearsay {
namespace {

constexpr std::uintmax_t kMaxListBytes = 32U << 20U;

std::string read_list(const std::filesystem::path& file) {
  std::error_code failed;
  if (const auto bytes = std::filesystem::file_size(file, failed); !failed && bytes > kMaxListBytes) {
    bad_tokenizer(file, "too large for a tokenizer's file (more than 32 MB)");
  }
  return read_file(file);
}

/// The next line from `at`, without its LF or CRLF; other line breaks are part of a token.
std::string_view next_line(std::string_view text, std::size_t& at) {
  const auto end = text.find('\n', at);
  auto line = text.substr(at, end == std::string_view::npos ? std::string_view::npos : end - at);
  at = end == std::string_view::npos ? text.size() : end + 1;
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

void read_vocab_txt(const std::filesystem::path& file, TokenizerSpec& spec) {
  const std::string text = read_list(file);
  std::vector<std::string_view> lines;
  for (std::size_t at = 0; at < text.size();) {
    lines.push_back(next_line(text, at));
    if (lines.size() > static_cast<std::size_t>(Vocabulary::kMaxId)) bad_tokenizer(file, "has too many lines");
  }
  // From the end, because of two equal lines the later counts. An empty line has its number all the same.
  for (std::size_t i = lines.size(); i-- > 0;) {
    if (lines[i].empty() || spec.vocabulary.id(lines[i]) >= 0) continue;
    if (!spec.vocabulary.add(lines[i], static_cast<std::int64_t>(i))) {
      bad_tokenizer(file, "line " + std::to_string(i + 1) + " cannot be used as a token");
    }
  }
  if (spec.vocabulary.size() == 0) bad_tokenizer(file, "holds no tokens");
}

void read_vocab_object(const nlohmann::json& object, const std::filesystem::path& file, TokenizerSpec& spec) {
  if (!object.is_object() || object.empty()) bad_tokenizer(file, "holds no vocabulary");
  for (const auto& [token, id] : object.items()) {
    if (!spec.vocabulary.add(token, checked_id(id, file))) {
      bad_tokenizer(file, "two tokens have the id " + id.dump() + ", or a token is empty");
    }
  }
}

void add_merge(std::string_view left, std::string_view right, const std::filesystem::path& file, TokenizerSpec& spec) {
  Merge merge;
  merge.left = spec.vocabulary.id(left);
  merge.right = spec.vocabulary.id(right);
  merge.result = spec.vocabulary.id(std::string(left) + std::string(right));
  if (merge.left < 0 || merge.right < 0 || merge.result < 0) {
    bad_tokenizer(file, "merge " + std::to_string(spec.merges.size() + 1) +
                            " names a token that is not in the vocabulary; the files do not belong together");
  }
  spec.merges.push_back(merge);
}

void read_merges_txt(const std::filesystem::path& file, TokenizerSpec& spec) {
  const std::string text = read_list(file);
  bool first = true;
  for (std::size_t at = 0; at < text.size(); first = false) {
    const auto line = next_line(text, at);
    if (line.empty() || (first && line.starts_with("#version"))) continue;
    const auto blank = line.find(' ');
    if (blank == std::string_view::npos || line.find(' ', blank + 1) != std::string_view::npos) {
      bad_tokenizer(file,
                    "merge " + std::to_string(spec.merges.size() + 1) + " is not two tokens with a blank between");
    }
    add_merge(line.substr(0, blank), line.substr(blank + 1), file, spec);
  }
}

}  // namespace hearsay
