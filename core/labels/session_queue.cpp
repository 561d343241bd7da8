// What comes next, and what the program does by itself: suggestions, lengths, files that come and go.

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/words.h"
#include "labels/session.h"
#include "labels/store.h"

namespace hearsay {
namespace {

/// SplitMix64 (Steele et al. 2014): spreads seed and id over 64 bits.
std::uint64_t mixed(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15ULL;
  value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27U)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31U);
}

/// Difference of the two best scores of every clip with suggestions; with one suggestion, its score.
std::map<ClipId, double> margins(Database& database) {
  std::map<ClipId, double> result;
  std::map<ClipId, int> seen;
  Statement rows(database, "SELECT clip, score FROM suggestions ORDER BY clip, score DESC");
  while (rows.step()) {
    const ClipId clip = rows.integer(0);
    const int rank = seen[clip]++;
    if (rank == 0) result[clip] = rows.real(1);
    if (rank == 1) result[clip] -= rows.real(1);
  }
  return result;
}

template <typename Key>
void sort_by(std::vector<ClipId>& clips, const Key& key) {
  std::stable_sort(clips.begin(), clips.end(), [&](ClipId a, ClipId b) { return key(a) < key(b); });
}

Change committed(Transaction& transaction, std::vector<ClipId> clips, const std::string& text) {
  transaction.commit();
  if (clips.empty()) return {};
  std::sort(clips.begin(), clips.end());
  clips.erase(std::unique(clips.begin(), clips.end()), clips.end());
  Change change;
  change.text = text;
  change.clips = std::move(clips);
  return change;
}

bool is_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

/// `folder` with the longest tail of `path` that exists there; empty if none does.
std::filesystem::path found_below(const std::filesystem::path& folder, const std::filesystem::path& path) {
  const std::filesystem::path relative = path.relative_path();
  const std::vector<std::filesystem::path> names(relative.begin(), relative.end());
  for (std::size_t skip = 0; skip < names.size(); ++skip) {
    std::filesystem::path candidate = folder;
    for (std::size_t i = skip; i < names.size(); ++i) candidate /= names[i];
    if (is_there(candidate)) return candidate;
  }
  return {};
}

}  // namespace

std::vector<ClipId> LabelSession::queue(QueueOrder order, std::uint64_t seed, bool skipped_too) const {
  std::vector<ClipId> result;
  for (const Clip& clip : clips()) {
    const bool wanted = clip.state == ClipState::Unseen || (skipped_too && clip.state == ClipState::Skipped);
    if (wanted && !clip.missing) result.push_back(clip.id);
  }
  if (order == QueueOrder::Random) {
    sort_by(result, [&](ClipId id) { return mixed(mixed(seed) + static_cast<std::uint64_t>(id)); });
  } else if (order == QueueOrder::UncertainFirst) {
    const auto margin = margins(store_->database);
    sort_by(result, [&](ClipId id) {
      const auto found = margin.find(id);
      return found == margin.end() ? std::numeric_limits<double>::infinity() : found->second;
    });
  }
  return result;
}

Change LabelSession::set_suggestions(ClipId clip, std::string_view fingerprint, std::span<const Suggestion> items) {
  const WithoutWaiting quick(store_->database);
  Transaction transaction(store_->database);
  const std::string name = store_->clip_name(clip);
  std::vector<Suggestion> best(items.begin(), items.end());
  for (const Suggestion& one : best) {
    (void)store_->class_name(one.class_id);
    if (!std::isfinite(one.score)) throw Error(ErrorKind::Usage, "A suggestion for " + name + " has no score.");
  }
  std::stable_sort(best.begin(), best.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
  if (best.size() > kMaxSuggestions) best.resize(kMaxSuggestions);
  Statement(store_->database, "DELETE FROM suggestions WHERE clip = ?").bind(clip).run();
  Statement add(store_->database, "INSERT OR IGNORE INTO suggestions (clip, class, score) VALUES (?, ?, ?)");
  for (const Suggestion& one : best) add.bind(clip, one.class_id, one.score).run();
  Statement(store_->database, "INSERT OR REPLACE INTO looked_at (clip, fingerprint) VALUES (?, ?)")
      .bind(clip, valid_utf8(fingerprint))
      .run();
  return committed(transaction, {clip}, "Suggestions for " + name);
}

std::vector<ClipId> LabelSession::without_suggestions(std::string_view fingerprint) const {
  std::vector<ClipId> result;
  Statement rows(
      store_->database,
      "SELECT id FROM clips WHERE missing = 0 AND id NOT IN (SELECT clip FROM looked_at WHERE fingerprint = ?) "
      "ORDER BY id");
  rows.bind(fingerprint);
  while (rows.step()) result.push_back(rows.integer(0));
  return result;
}

Change LabelSession::set_seconds(ClipId clip, double seconds) {
  const std::string name = store_->clip_name(clip);
  if (!std::isfinite(seconds)) throw Error(ErrorKind::Usage, "The length of " + name + " is no number.");
  const WithoutWaiting quick(store_->database);
  Transaction transaction(store_->database);
  Statement(store_->database, "UPDATE clips SET seconds = ? WHERE id = ?").bind(std::max(seconds, 0.0), clip).run();
  return committed(transaction, {clip}, "Length of " + name);
}

Change LabelSession::merge_files(std::span<const SessionFile> files) {
  Transaction transaction(store_->database);
  std::vector<ClipId> changed;
  const std::int64_t before = store_->database.number("SELECT count(*) FROM clips");
  store_->add_files(files, changed);
  store_->look_for_files(changed);
  const std::int64_t added = store_->database.number("SELECT count(*) FROM clips") - before;
  const std::int64_t missing = store_->database.number("SELECT count(*) FROM clips WHERE missing <> 0");
  std::string text = "Look through the folder: " + std::to_string(added) + " new";
  if (missing > 0) text += ", " + std::to_string(missing) + " missing";
  return committed(transaction, std::move(changed), text);
}

Change LabelSession::relocate(const std::filesystem::path& folder) {
  struct ReadAgain {  // when the transaction is over, whichever way it ended
    Store& store;
    ~ReadAgain() { store.read_folder_again(); }
  };
  const ReadAgain afterwards{*store_};
  Transaction transaction(store_->database);
  std::vector<ClipId> changed;
  store_->look_for_files(changed);
  std::vector<std::pair<ClipId, std::string>> lost;
  Statement missing(store_->database, "SELECT id, path FROM clips WHERE missing <> 0 ORDER BY id");
  while (missing.step()) lost.emplace_back(missing.integer(0), missing.text(1));
  const bool moved = std::any_of(lost.begin(), lost.end(), [&](const auto& clip) {
    return std::filesystem::path(clip.second).is_relative() && is_there(folder / clip.second);
  });
  // The whole folder went elsewhere: then every path within it still holds.
  if (moved && !is_there(store_->audio_folder())) store_->set_audio_folder(folder);
  Statement point(store_->database, "UPDATE OR IGNORE clips SET path = ? WHERE id = ?");
  for (const auto& [id, path] : lost) {
    if (is_there(store_->sound_path(path))) continue;
    const auto found = found_below(std::filesystem::absolute(folder), path);
    if (!found.empty()) point.bind(store_->stored_path(found), id).run();
  }
  store_->look_for_files(changed);
  return committed(transaction, std::move(changed), "Look for missing files in " + folder.string());
}

}  // namespace hearsay
