#include "model/config.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/plain_text.h"
#include "base/words.h"

namespace hearsay {

namespace {
constexpr std::uintmax_t kMaxConfig = 16U << 20U;
}

Config Config::read(const std::filesystem::path& file) {
  std::error_code ignored;
  if (std::filesystem::file_size(file, ignored) > kMaxConfig && !ignored) {
    throw Error(ErrorKind::BadFormat, file.string() + " is too large for a configuration.");
  }
  nlohmann::json values = nlohmann::json::parse(read_file(file), nullptr, false);
  if (!values.is_object()) throw Error(ErrorKind::BadFormat, file.string() + " does not hold a JSON object.");
  return Config(file, std::move(values));
}

Config::Config(std::filesystem::path file, nlohmann::json values)
    : file_(std::move(file)), values_(std::move(values)) {}

const nlohmann::json* Config::find(const std::string& key) const {
  const auto found = values_.find(key);
  return found == values_.end() || found->is_null() ? nullptr : &*found;
}

void Config::refuse(const std::string& key, const std::string& what) const {
  throw Error(ErrorKind::BadFormat, "In " + file_.string() + ", \"" + key + "\" " + what + ".");
}

bool Config::has(const std::string& key) const {
  return find(key) != nullptr;
}

Config Config::section(const std::string& key) const {
  const nlohmann::json* value = find(key);
  if (value == nullptr) return Config(file_);
  if (!value->is_object()) refuse(key, "is not an object");
  return Config(file_, *value);
}

std::int64_t Config::whole(const std::string& key, std::int64_t otherwise, std::int64_t low, std::int64_t high) const {
  const nlohmann::json* value = find(key);
  if (value == nullptr) return otherwise;
  const double number = value->is_number() ? value->get<double>() : std::nan("");
  if (!(number >= static_cast<double>(low) && number <= static_cast<double>(high)) || number != std::floor(number)) {
    refuse(key, "is not a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  }
  return static_cast<std::int64_t>(number);
}

double Config::number(const std::string& key, double otherwise, double low, double high) const {
  const nlohmann::json* value = find(key);
  if (value == nullptr) return otherwise;
  const double result = value->is_number() ? value->get<double>() : std::nan("");
  if (!(result >= low && result <= high)) {
    refuse(key, "is not a number from " + decimal_text(low, 2) + " to " + decimal_text(high, 2));
  }
  return result;
}

std::string Config::text(const std::string& key, const std::string& otherwise) const {
  const nlohmann::json* value = find(key);
  if (value == nullptr) return otherwise;
  if (!value->is_string()) refuse(key, "is not a text");
  return value->get<std::string>();
}

bool Config::flag(const std::string& key, bool otherwise) const {
  const nlohmann::json* value = find(key);
  if (value == nullptr) return otherwise;
  if (!value->is_boolean()) refuse(key, "is neither true nor false");
  return value->get<bool>();
}

std::vector<std::int64_t> Config::wholes(const std::string& key, const std::vector<std::int64_t>& otherwise,
                                         std::int64_t low, std::int64_t high) const {
  const nlohmann::json* value = find(key);
  if (value == nullptr) return otherwise;
  if (!value->is_array() || value->size() > 64) refuse(key, "is not a short list");
  std::vector<std::int64_t> result;
  for (const auto& item : *value) {
    const double number = item.is_number() ? item.get<double>() : std::nan("");
    if (!(number >= static_cast<double>(low) && number <= static_cast<double>(high)) || number != std::floor(number)) {
      refuse(key,
             "holds something else than whole numbers from " + std::to_string(low) + " to " + std::to_string(high));
    }
    result.push_back(static_cast<std::int64_t>(number));
  }
  return result;
}

std::vector<std::string> Config::texts(const std::string& key) const {
  const nlohmann::json* value = find(key);
  if (value == nullptr) return {};
  const auto is_text = [](const nlohmann::json& item) { return item.is_string(); };
  if (!value->is_array() || !std::ranges::all_of(*value, is_text)) refuse(key, "is not a list of texts");
  return value->get<std::vector<std::string>>();
}

std::map<std::string, std::string> read_simple_yaml(const std::filesystem::path& file) {
  std::map<std::string, std::string> result;
  for (const std::string& line : split_lines(read_text_file(file))) {
    const std::string code = line.substr(0, line.find('#'));
    const std::size_t colon = code.find(':');
    if (colon == std::string::npos) continue;
    std::string value = trim(code.substr(colon + 1));
    const bool quoted =
        value.size() >= 2 && (value.front() == '\'' || value.front() == '"') && value.back() == value.front();
    if (quoted) value = value.substr(1, value.size() - 2);
    result[trim(code.substr(0, colon))] = value;
  }
  return result;
}

}  // namespace hearsay
