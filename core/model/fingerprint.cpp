#include "model/fingerprint.h"

#include <mutex>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"

namespace hearsay {

namespace fs = std::filesystem;

namespace {

nlohmann::json read_cache(const fs::path& cache) {
  std::error_code ignored;
  if (!fs::exists(cache, ignored)) return nlohmann::json::object();
  nlohmann::json values = nlohmann::json::parse(read_file(cache), nullptr, false);
  return values.is_object() ? values : nlohmann::json::object();
}

}  // namespace

std::string remembered_fingerprint(const fs::path& file) {
  std::error_code problem;
  const std::string key = fs::weakly_canonical(file, problem).string();
  const auto size = fs::file_size(file, problem);
  const auto changed = fs::last_write_time(file, problem).time_since_epoch().count();
  if (problem) return sha256_of_file(file);  // says what is wrong
  const nlohmann::json facts{{"size", size}, {"changed", changed}};
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  try {
    const fs::path cache = cache_folder() / "fingerprints.json";
    nlohmann::json known = read_cache(cache);
    const auto entry = known.find(key);
    const bool usable = entry != known.end() && entry->is_object() &&
                        entry->value("facts", nlohmann::json()) == facts && entry->contains("sha256") &&
                        (*entry)["sha256"].is_string();
    if (usable) return (*entry)["sha256"].get<std::string>();
    std::string fingerprint = sha256_of_file(file);
    known[key] = {{"facts", facts}, {"sha256", fingerprint}};
    write_file_atomically(cache, known.dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
    return fingerprint;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::NotFound) throw;
    log_debug(std::string("The fingerprint cannot be remembered: ") + error.what());
    return sha256_of_file(file);
  }
}

}  // namespace hearsay
