#include "labels/store.h"

#include <algorithm>

#include "base/error.h"
#include "base/words.h"

namespace hearsay {
namespace {

std::filesystem::path tidy(const std::filesystem::path& path) {
  std::filesystem::path normal = std::filesystem::absolute(path).lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();  // without a slash at the end
}

/// `path` seen from `folder` if it is in it or below, otherwise as it is.
std::string seen_from(const std::filesystem::path& folder, const std::filesystem::path& path) {
  const std::filesystem::path relative = path.lexically_relative(folder);
  const bool below = !relative.empty() && *relative.begin() != "..";
  return below ? relative.generic_string() : path.generic_string();
}

}  // namespace

std::filesystem::path LabelSession::Store::audio_folder() {
  if (folder_.empty()) {
    Statement statement(database, "SELECT value FROM meta WHERE key = 'audio_folder'");
    const std::filesystem::path kept = statement.step() ? statement.text(0) : ".";
    folder_ = tidy(kept.is_absolute() ? kept : file.parent_path() / kept);
  }
  return folder_;
}

void LabelSession::Store::set_audio_folder(const std::filesystem::path& folder) {
  Statement statement(database, "INSERT OR REPLACE INTO meta (key, value) VALUES ('audio_folder', ?)");
  statement.bind(seen_from(file.parent_path(), tidy(folder))).run();
  folder_.clear();
}

std::string LabelSession::Store::stored_path(const std::filesystem::path& sound) {
  return seen_from(audio_folder(), tidy(sound));
}

std::filesystem::path LabelSession::Store::sound_path(const std::string& stored) {
  const std::filesystem::path path(stored);
  return path.is_absolute() ? path : audio_folder() / path;
}

void LabelSession::Store::add_files(std::span<const SessionFile> files, std::vector<ClipId>& changed) {
  Statement known(database, "SELECT id, seconds FROM clips WHERE path = ?");
  Statement add(database, "INSERT INTO clips (path, seconds) VALUES (?, ?)");
  Statement lengthen(database, "UPDATE clips SET seconds = ? WHERE id = ?");
  for (const SessionFile& sound : files) {
    const std::string path = stored_path(sound.path);
    const double seconds = sound.seconds > 0.0 ? sound.seconds : 0.0;  // NaN is unknown too
    const bool found = known.bind(path).step();
    const std::int64_t id = found ? known.integer(0) : 0;
    const bool lengthens = found && seconds > 0.0 && known.real(1) <= 0.0;
    known.reset();
    if (!found) {
      add.bind(path, seconds).run();
      changed.push_back(database.last_id());
    } else if (lengthens) {
      lengthen.bind(seconds, id).run();
      changed.push_back(id);
    }
  }
}

void LabelSession::Store::look_for_files(std::vector<ClipId>& changed) {
  std::vector<ClipId> now_missing;
  std::vector<ClipId> now_there;
  Statement all(database, "SELECT id, path, missing FROM clips");
  while (all.step()) {
    std::error_code ignored;
    const bool there = std::filesystem::exists(sound_path(all.text(1)), ignored);
    const bool was_there = all.integer(2) == 0;
    if (there != was_there) (there ? now_there : now_missing).push_back(all.integer(0));
  }
  Statement mark(database, "UPDATE clips SET missing = ? WHERE id = ?");
  for (const ClipId id : now_missing) mark.bind(true, id).run();
  for (const ClipId id : now_there) mark.bind(false, id).run();
  changed.insert(changed.end(), now_missing.begin(), now_missing.end());
  changed.insert(changed.end(), now_there.begin(), now_there.end());
}

std::string LabelSession::Store::clip_name(ClipId id) {
  Statement statement(database, "SELECT path FROM clips WHERE id = ?");
  if (!statement.bind(id).step()) {
    throw Error(ErrorKind::Usage, "There is no clip " + std::to_string(id) + " in " + file.string() + ".");
  }
  return valid_utf8(statement.text(0));
}

void LabelSession::Store::require_clip(ClipId id) {
  (void)clip_name(id);
}

std::string LabelSession::Store::class_name(ClassId id) {
  Statement statement(database, "SELECT name FROM classes WHERE id = ?");
  if (!statement.bind(id).step()) {
    throw Error(ErrorKind::Usage, "There is no class " + std::to_string(id) + " in " + file.string() + ".");
  }
  return statement.text(0);
}

void LabelSession::Store::require_new_name(std::string_view name, ClassId except) {
  const std::string wanted = comparable_name(name);
  Statement statement(database, "SELECT id, name FROM classes");
  while (statement.step()) {
    if (statement.integer(0) == except || comparable_name(statement.text(1)) != wanted) continue;
    throw Error(ErrorKind::Usage, "There is a class \"" + statement.text(1) + "\" already; \"" + std::string(name) +
                                      "\" would be the same.");
  }
}

std::int64_t LabelSession::Store::unused_id(std::string_view table) {
  constexpr std::int64_t kLargest = std::int64_t{1} << 53U;
  Statement statement(database, "SELECT seq FROM sqlite_sequence WHERE name = ?");
  const std::int64_t latest = statement.bind(table).step() ? statement.integer(0) : 0;
  if (latest < 0 || latest >= kLargest) {
    throw Error(ErrorKind::BadFormat, file.string() + " is damaged: the count of its rows makes no sense.");
  }
  return latest + 1;
}

std::string comparable_name(std::string_view name) {
  const std::string folded = fold_name(name);
  return folded.empty() ? std::string(name) : folded;
}

std::string tidy_class_name(std::string_view name) {
  std::string text = valid_utf8(name);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, ' ');
  text = trim(text);
  if (text.empty()) throw Error(ErrorKind::Usage, "A class needs a name.");
  return text;
}

}  // namespace hearsay
