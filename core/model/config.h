#pragma once
// Reading the configuration files beside weights. Inside core/model only.

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace hearsay {

/// A JSON object from a file, values fetched with checks. Sentences name the file and the key.
class Config {
 public:
  /// Errors: NotFound, Unreadable, BadFormat (no JSON object, larger than 16 MB).
  static Config read(const std::filesystem::path& file);
  /// An empty one: every value has its default.
  explicit Config(std::filesystem::path file = {}, nlohmann::json values = nlohmann::json::object());

  [[nodiscard]] bool has(const std::string& key) const;
  /// The object below a key; an empty one when absent or null.
  [[nodiscard]] Config section(const std::string& key) const;
  [[nodiscard]] const nlohmann::json& values() const noexcept { return values_; }
  /// A whole number in [low, high]; `otherwise` when absent or null. Error: BadFormat.
  [[nodiscard]] std::int64_t whole(const std::string& key, std::int64_t otherwise, std::int64_t low,
                                   std::int64_t high) const;
  [[nodiscard]] double number(const std::string& key, double otherwise, double low, double high) const;
  [[nodiscard]] std::string text(const std::string& key, const std::string& otherwise) const;
  [[nodiscard]] bool flag(const std::string& key, bool otherwise) const;
  /// A list of whole numbers in [low, high].
  [[nodiscard]] std::vector<std::int64_t> wholes(const std::string& key, const std::vector<std::int64_t>& otherwise,
                                                 std::int64_t low, std::int64_t high) const;
  /// A list of texts, none when absent or null. Error: BadFormat.
  [[nodiscard]] std::vector<std::string> texts(const std::string& key) const;
  [[noreturn]] void refuse(const std::string& key, const std::string& what) const;

 private:
  [[nodiscard]] const nlohmann::json* find(const std::string& key) const;
  std::filesystem::path file_;
  nlohmann::json values_;
};

/// "key: value  # remark" lines (MS-CLAP's config.yml); quotes are taken off. Lines that are none are passed over.
std::map<std::string, std::string> read_simple_yaml(const std::filesystem::path& file);

}  // namespace hearsay
