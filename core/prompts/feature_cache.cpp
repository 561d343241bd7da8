#include "prompts/feature_cache.h"

#include <ATen/Parallel.h>
#include <ATen/Version.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <functional>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "model/clap_model.h"
#include "prompts/feature_cache_db.h"

namespace hearsay {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kMegabyte = 1 << 20;
constexpr std::int64_t kUsualLimit = 1024 * kMegabyte;
constexpr std::int64_t kPage = 8192;  // of the file: a long value takes whole ones
constexpr const char* kTowers = "2";  // one more whenever a text tower's numbers change

std::string_view bytes_of(std::span<const float> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

/// Finds what a failing disk changed; eight bytes a turn, so that reading stays quicker than the tower.
std::int64_t checksum(std::string_view bytes) {
  std::uint64_t sum = 0xCBF29CE484222325ULL ^ bytes.size();
  for (std::size_t i = 0; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t part = 0;
    std::memcpy(&part, bytes.data() + i, 8);
    sum = (sum ^ part) * 0x100000001B3ULL;
    sum ^= sum >> 29;
  }
  for (std::size_t i = bytes.size() / 8 * 8; i < bytes.size(); ++i) {
    sum = (sum ^ static_cast<unsigned char>(bytes[i])) * 0x100000001B3ULL;
  }
  return static_cast<std::int64_t>(sum);
}

/// What decides the bits of what the tower makes of a text. What LibTorch says of itself holds its version, libraries
/// and the instructions it takes on this processor.
std::string model_key(const ClapModel& model, const std::string& fingerprint) {
  const ModelInfo& info = model.info();
  const fs::path config = info.path / "config.json";
  std::error_code absent;
  const std::string settings = fs::is_regular_file(config, absent) ? sha256_of_file(config) : std::string();
  return fingerprint + " " + settings + " " + info.family + " " + info.text_tower + " " + model.device().name + " " +
         std::to_string(at::get_num_threads()) + " " + sha256_of(at::show_config()) + " " + kTowers;
}

std::string with_commas(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return digits;
}

std::string in_words(const fs::path& file, const CacheFailure& failure) {
  std::string advice;
  if (failure.code() == SQLITE_CORRUPT || failure.code() == SQLITE_NOTADB || failure.code() == SQLITE_MISMATCH) {
    advice = " Clearing the cache starts it anew.";
  }
  return "The caption cache " + quoted(file) + " is not used: " + failure.what() + "." + advice;
}

/// Gives free pages back and empties the log beside the file.
void shrink(CacheDatabase& database) {
  if (database.number("PRAGMA freelist_count") > 0) database.execute("PRAGMA incremental_vacuum");
  database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

std::vector<fs::path> files_of(const fs::path& file) {
  return {file, file.string() + "-wal", file.string() + "-shm"};
}

}  // namespace

class FeatureCache::File {
 public:
  File(const ClapModel& model, std::int64_t most_bytes) : model_(model), most_(most_bytes) {}

  void open(fs::path file) {
    file_ = std::move(file);
    if (most_ <= 0) return;
    guarded([&] {
      const std::string fingerprint = model_.fingerprint();
      database_ = std::make_unique<CacheDatabase>(file_);
      CacheTransaction transaction(*database_);
      const std::string key = model_key(model_, fingerprint);
      CacheStatement(*database_, "INSERT OR IGNORE INTO models(key, name, fingerprint) VALUES(?, ?, ?)")
          .text(1, key)
          .text(2, model_.info().name)
          .text(3, fingerprint)
          .run();
      CacheStatement find(*database_, "SELECT id FROM models WHERE key = ?");
      if (find.text(1, key).step()) id_ = find.integer(0);
      find.reset();
      run_ = database_->number("SELECT coalesce(max(used), 0) + 1 FROM captions");
      transaction.commit();
    });
  }

  void close() {
    if (!changed_) return;
    guarded([&] {
      // Whatever it takes: another process may have added at the same time.
      if (database_->used_bytes() > most_) {
        CacheTransaction transaction(*database_);
        trim(most_ - most_ / 64, INT64_MAX);
        transaction.commit();
      }
      shrink(*database_);
    });
  }

  std::vector<std::optional<CaptionFeature>> find(std::span<const std::string> texts) {
    std::vector<std::optional<CaptionFeature>> features(texts.size());
    asked_ += static_cast<std::int64_t>(texts.size());
    std::vector<std::int64_t> ids;
    guarded([&] {
      CacheStatement entry(*database_,
                           "SELECT c.id, f.words, f.checksum, f.value FROM captions c JOIN features f ON f.id = c.id "
                           "WHERE c.model = ? AND c.tokens = ?");
      const std::vector<std::string> digests = digests_of(texts);
      for (std::size_t i = 0; i < texts.size(); ++i) {
        if (entry.set(1, id_).text(2, digests[i]).step()) features[i] = read(entry);
        if (features[i]) ids.push_back(entry.integer(0));
        entry.reset();
      }
      mark_used(ids);
    });
    const bool all = std::ranges::all_of(features, [](const auto& feature) { return feature.has_value(); });
    if (all) found_ += static_cast<std::int64_t>(texts.size());
    return features;
  }

  void keep(std::span<const std::string> texts, std::span<const CaptionFeature> features) {
    if (texts.empty() || features.size() != texts.size()) return;
    guarded([&] {
      changed_ = true;
      const std::vector<std::string> digests = digests_of(texts);
      CacheTransaction transaction(*database_);
      for (std::size_t i = 0; i < texts.size(); ++i) {
        std::string value(bytes_of(features[i].sentence));
        value += bytes_of(features[i].words.data);
        if (!make_room(static_cast<std::int64_t>(value.size()) * 9 / 8 + 2 * kPage)) break;
        add(digests[i], features[i].words.rows, value);
      }
      transaction.commit();
    });
  }

  std::int64_t found_ = 0;
  std::int64_t asked_ = 0;
  std::string problem_;

 private:
  /// Whatever goes wrong ends the use of the cache, with a sentence.
  void guarded(const std::function<void()>& work) {
    if (!problem_.empty() || (database_ == nullptr && most_ <= 0)) return;
    try {
      work();
      return;
    } catch (const CacheFailure& failure) {
      problem_ = in_words(file_, failure);
    } catch (const Error& error) {
      problem_ = std::string("The caption cache is not used: ") + error.what();
    }
    changed_ = false;
    log_info(problem_);
  }

  [[nodiscard]] std::optional<CaptionFeature> read(const CacheStatement& entry) const {
    const std::int64_t dim = model_.info().embedding_dim;
    const std::int64_t words = entry.integer(1);
    const std::string_view value = entry.blob_of(3);
    const auto width = static_cast<std::size_t>(dim) * sizeof(float);
    const bool whole =
        words >= 0 && value.size() % width == 0 && value.size() / width == static_cast<std::size_t>(words) + 1;
    if (!whole || checksum(value) != entry.integer(2)) return std::nullopt;
    CaptionFeature feature{std::vector<float>(static_cast<std::size_t>(dim)), Matrix(words, dim)};
    std::memcpy(feature.sentence.data(), value.data(), width);
    if (words > 0) std::memcpy(feature.words.data.data(), value.data() + width, value.size() - width);
    return feature;
  }

  /// Of what each text is made into by the tower: its own tokens, and those of the texts that it is encoded with.
  std::vector<std::string> digests_of(std::span<const std::string> texts) const {
    std::vector<std::string> digests;
    std::string company;
    for (const std::string& text : texts) {
      const std::vector<std::int64_t> tokens = model_.tokens(text);
      digests.push_back(
          sha256_of({reinterpret_cast<const char*>(tokens.data()), tokens.size() * sizeof(std::int64_t)}));
      company += digests.back();
    }
    company = sha256_of(company);
    for (std::string& digest : digests) digest = sha256_of(company + digest);
    return digests;
  }

  void mark_used(const std::vector<std::int64_t>& ids) {
    if (ids.empty()) return;
    CacheTransaction transaction(*database_);
    CacheStatement mark(*database_, "UPDATE captions SET used = ?1 WHERE id = ?2 AND used < ?1");
    for (const std::int64_t id : ids) mark.set(1, run_).set(2, id).run();
    transaction.commit();
    changed_ = true;
  }

  void add(const std::string& digest, std::int64_t words, const std::string& value) {
    CacheStatement entry(*database_,
                         "INSERT INTO captions(model, tokens, used, bytes) VALUES(?1, ?2, ?3, ?4) "
                         "ON CONFLICT(model, tokens) DO UPDATE SET used = ?3, bytes = ?4 RETURNING id");
    entry.set(1, id_).text(2, digest).set(3, run_).set(4, static_cast<std::int64_t>(value.size()));
    const std::int64_t id = entry.step() ? entry.integer(0) : 0;
    entry.reset();
    CacheStatement feature(*database_,
                           "INSERT OR REPLACE INTO features(id, words, checksum, value) VALUES(?, ?, ?, ?)");
    feature.set(1, id).set(2, words).set(3, checksum(value)).blob(4, value).run();
  }

  /// Takes `bytes` of what surely fits; false where only entries of this run could make room.
  bool make_room(std::int64_t bytes) {
    if (room_ < bytes) {
      trim(most_ - most_ / 16, run_);
      room_ = most_ - most_ / 64 - database_->used_bytes();
    }
    if (room_ < bytes) return false;
    room_ -= bytes;
    return true;
  }

  /// Drops what was used longest ago, and before the run `before`, until at most `goal` bytes are used.
  void trim(std::int64_t goal, std::int64_t before) {
    for (std::int64_t over = database_->used_bytes() - goal; over > 0; over = database_->used_bytes() - goal) {
      std::vector<std::int64_t> ids;
      CacheStatement list(*database_, "SELECT id, bytes FROM captions WHERE used < ? ORDER BY used, id LIMIT 256");
      list.set(1, before);
      for (std::int64_t sum = 0; sum < over && list.step(); sum += list.integer(1)) ids.push_back(list.integer(0));
      list.reset();
      if (ids.empty()) return;
      CacheStatement caption(*database_, "DELETE FROM captions WHERE id = ?");
      CacheStatement feature(*database_, "DELETE FROM features WHERE id = ?");
      for (const std::int64_t id : ids) {
        caption.set(1, id).run();
        feature.set(1, id).run();
      }
    }
  }

  const ClapModel& model_;
  std::int64_t most_;
  fs::path file_;
  std::unique_ptr<CacheDatabase> database_;
  std::int64_t id_ = 0;    ///< of the model
  std::int64_t run_ = 0;   ///< grows by one with every run
  std::int64_t room_ = 0;  ///< bytes that surely fit
  bool changed_ = false;
};

fs::path feature_cache_file() {
  return cache_folder() / "captions.sqlite";
}

std::int64_t feature_cache_limit() {
  const char* wanted = std::getenv("HEARSAY_CACHE_MB");
  if (wanted == nullptr || *wanted == '\0') return kUsualLimit;
  std::int64_t megabytes = 0;
  const char* end = wanted + std::strlen(wanted);
  const auto [rest, problem] = std::from_chars(wanted, end, megabytes);
  const bool usable = problem == std::errc{} && rest == end && megabytes >= 0 && megabytes < (std::int64_t{1} << 40);
  return usable ? megabytes * kMegabyte : kUsualLimit;
}

CacheContents feature_cache_contents() {
  CacheContents contents;
  contents.file = feature_cache_file();
  for (const fs::path& file : files_of(contents.file)) {
    std::error_code absent;
    const auto bytes = fs::file_size(file, absent);
    if (!absent) contents.bytes += static_cast<std::int64_t>(bytes);
  }
  std::error_code absent;
  if (!fs::exists(contents.file, absent)) return contents;
  try {
    CacheDatabase database(contents.file, false);
    CacheStatement list(database,
                        "SELECT min(m.name), m.fingerprint, count(*), sum(c.bytes) FROM captions c JOIN models m "
                        "ON m.id = c.model GROUP BY m.fingerprint ORDER BY 4 DESC");
    while (list.step()) {
      contents.models.push_back({list.text_of(0), list.text_of(1), list.integer(2), list.integer(3)});
      contents.entries += list.integer(2);
    }
  } catch (const CacheFailure& failure) {
    contents.problem = in_words(contents.file, failure);
  }
  return contents;
}

void clear_feature_cache() {
  const fs::path file = feature_cache_file();
  std::error_code problem;
  if (!fs::exists(file, problem)) return;
  try {
    CacheDatabase database(file, false);
    // In place, and models keep their numbers: another process may have the file open.
    database.execute("BEGIN IMMEDIATE; DELETE FROM features; DELETE FROM captions; COMMIT");
    shrink(database);
    return;
  } catch (const CacheFailure& failure) {
    if (failure.code() == SQLITE_BUSY) {
      throw Error(ErrorKind::NoSpace, "The caption cache is being written by another Hearsay. Try again in a moment.");
    }
  }
  for (const fs::path& part : files_of(file)) {
    fs::remove(part, problem);
    if (problem) {
      throw Error(ErrorKind::NoSpace, quoted(part) + " cannot be removed (" + problem.message() +
                                          "). Check the permissions of its folder.");
    }
  }
}

FeatureCache::FeatureCache(const ClapModel& model) : file_(std::make_unique<File>(model, feature_cache_limit())) {
  try {
    file_->open(feature_cache_file());
  } catch (const Error& error) {
    file_->problem_ = std::string("The caption cache is not used: ") + error.what();
  }
}

FeatureCache::FeatureCache(const ClapModel& model, fs::path file, std::int64_t most_bytes)
    : file_(std::make_unique<File>(model, most_bytes)) {
  file_->open(std::move(file));
}

FeatureCache::~FeatureCache() {
  file_->close();
}

std::vector<std::optional<CaptionFeature>> FeatureCache::find(std::span<const std::string> texts) {
  return file_->find(texts);
}

void FeatureCache::keep(std::span<const std::string> texts, std::span<const CaptionFeature> features) {
  file_->keep(texts, features);
}

std::int64_t FeatureCache::found() const {
  return file_->found_;
}

const std::string& FeatureCache::problem() const {
  return file_->problem_;
}

std::string FeatureCache::summary() const {
  if (!file_->problem_.empty()) return file_->problem_;
  if (file_->found_ == 0) return {};
  return with_commas(file_->found_) + " of " + with_commas(file_->asked_) + " captions came from the cache.";
}

}  // namespace hearsay
