#pragma once
// Cases of the tokenizer tests: JSON lines with a text and the ids the field's own tokenizers give.

#include <QTemporaryDir>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "text/tokenizer.h"

namespace tokenizer_cases {

using Ids = std::vector<std::int64_t>;

struct Case {
  std::string text;
  Ids ids;
  std::optional<Ids> plain;               ///< without special tokens
  std::optional<std::size_t> max_length;  ///< `ids` is padded to it
  std::size_t real = 0;                   ///< with max_length: how many ids are no padding
};

inline std::vector<Case> read_cases(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::vector<Case> cases;
  for (std::string line; std::getline(in, line);) {
    const auto entry = nlohmann::json::parse(line);
    Case one;
    one.text = entry.at("text").get<std::string>();
    one.ids = entry.at("ids").get<Ids>();
    if (entry.contains("ids_no_special")) one.plain = entry["ids_no_special"].get<Ids>();
    if (entry.contains("max_length")) {
      one.max_length = entry["max_length"].get<std::size_t>();
      for (const int seen : entry.at("attention_mask").get<std::vector<int>>()) {
        one.real += static_cast<std::size_t>(seen);
      }
    }
    cases.push_back(std::move(one));
  }
  return cases;
}

/// What differs in the first case that fails, or an empty string.
inline std::string first_difference(const hearsay::Tokenizer& tokenizer, const std::vector<Case>& cases) {
  const auto show = [](const Ids& ids) { return nlohmann::json(ids).dump(); };
  for (const Case& one : cases) {
    Ids ids = tokenizer.encode(one.text, one.max_length);
    if (one.max_length && ids.size() != one.real) return one.text + ": " + show(ids) + " not padded yet";
    if (one.max_length) ids.resize(*one.max_length, tokenizer.special().pad);
    if (ids != one.ids) return one.text + ": " + show(ids) + " instead of " + show(one.ids);
    if (!one.plain) continue;
    if (const Ids plain = tokenizer.encode_plain(one.text); plain != *one.plain) {
      return one.text + ", plain: " + show(plain) + " instead of " + show(*one.plain);
    }
  }
  return {};
}

inline void write(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

inline std::string slurp(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

/// A temporary folder with only these files of another one.
class PartOfFolder {
 public:
  PartOfFolder(const std::filesystem::path& from, std::initializer_list<const char*> names) {
    for (const char* name : names) write(path() / name, slurp(from / name));
  }
  [[nodiscard]] std::filesystem::path path() const { return folder_.path().toStdString(); }

 private:
  QTemporaryDir folder_;
};

}  // namespace tokenizer_cases
