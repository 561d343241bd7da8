// Making, opening and reading a session; what the person does to it is in session_acts.cpp.

#include "labels/session.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <set>
#include <system_error>

#include "base/error.h"
#include "base/words.h"
#include "labels/schema.h"
#include "labels/store.h"

namespace hearsay {
namespace {

constexpr std::string_view kClipQuery =
    "SELECT c.id, c.path, c.seconds, c.missing, coalesce(m.skipped, 0), coalesce(m.note, ''), "
    "EXISTS (SELECT 1 FROM labels l WHERE l.clip = c.id) OR EXISTS (SELECT 1 FROM regions r WHERE r.clip = c.id) "
    "FROM clips c LEFT JOIN marks m ON m.clip = c.id ";
constexpr std::string_view kLabelQuery = "SELECT clip, class, by, score FROM labels ";
constexpr std::string_view kRegionQuery = "SELECT id, clip, start, \"end\", class, by, score FROM regions ";

std::string operator+(std::string_view left, const char* right) {
  return std::string(left) + right;
}

LabelledBy labelled_by(std::int64_t value) {
  return value == 0 ? LabelledBy::Person : LabelledBy::Model;
}

ClipLabel read_label(const Statement& row) {
  return {row.integer(1), labelled_by(row.integer(2)), row.optional_real(3)};
}

Region read_region(const Statement& row) {
  Region region;
  region.id = row.integer(0);
  region.clip = row.integer(1);
  region.start = row.real(2);
  region.end = row.real(3);
  region.class_id = row.integer(4);
  region.by = labelled_by(row.integer(5));
  region.score = row.optional_real(6);
  return region;
}

/// Makes the empty file, so that of two programs at once one alone has the name.
void claim(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd >= 0) {
    ::close(fd);
    return;
  }
  const int code = errno;
  if (code == ENOENT || code == ENOTDIR) {
    throw Error(ErrorKind::NotFound, "The folder " + file.parent_path().string() + " does not exist.");
  }
  if (code == EEXIST) {
    throw Error(ErrorKind::Usage, file.string() + " is there already. Open it, or choose another name.");
  }
  throw Error(ErrorKind::NoSpace, file.string() + " cannot be made (" + std::generic_category().message(code) +
                                      "). Choose another folder.");
}

void remove_session_files(const std::filesystem::path& file) {
  for (const char* ending : {"", "-wal", "-journal", "-shm"}) {
    std::error_code ignored;
    std::filesystem::remove(file.string() + ending, ignored);
  }
}

void add_classes(Database& database, std::span<const std::string> names) {
  std::set<std::string> known;
  Statement add(database, "INSERT INTO classes (name) VALUES (?)");
  for (const std::string& given : names) {
    const std::string name = tidy_class_name(given);
    if (!known.insert(comparable_name(name)).second) {
      throw Error(ErrorKind::Usage, "The class \"" + name + "\" is named twice; take one out.");
    }
    add.bind(name).run();
  }
}

}  // namespace

LabelSession::LabelSession(std::unique_ptr<Store> store) : store_(std::move(store)) {}
LabelSession::LabelSession(LabelSession&&) noexcept = default;
LabelSession& LabelSession::operator=(LabelSession&&) noexcept = default;
LabelSession::~LabelSession() = default;

LabelSession LabelSession::create(const std::filesystem::path& file, const std::filesystem::path& audio_folder,
                                  std::span<const SessionFile> files, std::span<const std::string> class_names) {
  const std::filesystem::path path = std::filesystem::absolute(file).lexically_normal();
  claim(path);
  try {
    auto store = std::make_unique<Store>(path, Database::Mode::Create);
    create_schema(store->database);
    prepare_for_work(store->database);
    Transaction transaction(store->database);
    store->set_audio_folder(audio_folder);
    add_classes(store->database, class_names);
    std::vector<ClipId> ignored;
    store->add_files(files, ignored);
    store->look_for_files(ignored);
    transaction.commit();
    return LabelSession(std::move(store));
  } catch (...) {
    remove_session_files(path);
    throw;
  }
}

LabelSession LabelSession::open(const std::filesystem::path& file) {
  const std::filesystem::path path = std::filesystem::absolute(file).lexically_normal();
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    throw Error(ErrorKind::NotFound, path.string() + " does not exist.");
  }
  if (!has_session_header(path)) {
    throw Error(ErrorKind::BadFormat, path.string() + " is no labelling session of Hearsay.");
  }
  auto store = std::make_unique<Store>(path, Database::Mode::Open);
  store->database.execute("PRAGMA locking_mode = EXCLUSIVE");
  check_schema(store->database);
  prepare_for_work(store->database);
  Transaction transaction(store->database);
  std::vector<ClipId> changed;
  store->look_for_files(changed);
  transaction.commit();
  return LabelSession(std::move(store));
}

bool LabelSession::looks_like_session(const std::filesystem::path& file) {
  return has_session_header(file);
}

const std::filesystem::path& LabelSession::file() const {
  return store_->file;
}

std::filesystem::path LabelSession::audio_folder() const {
  return store_->audio_folder();
}

std::vector<SessionClass> LabelSession::classes() const {
  std::vector<SessionClass> result;
  Statement rows(store_->database, "SELECT id, name FROM classes ORDER BY id");
  while (rows.step()) result.push_back({rows.integer(0), rows.text(1)});
  return result;
}

namespace {

Clip read_clip(const Statement& row) {
  Clip clip;
  clip.id = row.integer(0);
  clip.stored = row.text(1);
  clip.name = valid_utf8(clip.stored);
  clip.seconds = row.real(2);
  clip.missing = row.integer(3) != 0;
  clip.note = row.text(5);
  clip.state = row.integer(6) != 0 ? ClipState::Labelled : row.integer(4) != 0 ? ClipState::Skipped : ClipState::Unseen;
  return clip;
}

}  // namespace

std::vector<Clip> LabelSession::clips() const {
  std::vector<Clip> result;
  Statement rows(store_->database, kClipQuery + "ORDER BY c.id");
  while (rows.step()) {
    result.push_back(read_clip(rows));
    result.back().file = store_->sound_path(result.back().stored);
  }
  return result;
}

Clip LabelSession::clip(ClipId id) const {
  store_->require_clip(id);
  Statement rows(store_->database, kClipQuery + "WHERE c.id = ?");
  if (!rows.bind(id).step()) store_->database.fail();
  Clip clip = read_clip(rows);
  clip.file = store_->sound_path(clip.stored);
  return clip;
}

std::vector<ClipLabel> LabelSession::labels(ClipId id) const {
  store_->require_clip(id);
  std::vector<ClipLabel> result;
  Statement rows(store_->database, kLabelQuery + "WHERE clip = ? ORDER BY class");
  rows.bind(id);
  while (rows.step()) result.push_back(read_label(rows));
  return result;
}

std::vector<Region> LabelSession::regions(ClipId id) const {
  store_->require_clip(id);
  std::vector<Region> result;
  Statement rows(store_->database, kRegionQuery + "WHERE clip = ? ORDER BY start, \"end\", id");
  rows.bind(id);
  while (rows.step()) result.push_back(read_region(rows));
  return result;
}

std::map<ClipId, std::vector<ClipLabel>> LabelSession::all_labels() const {
  std::map<ClipId, std::vector<ClipLabel>> result;
  Statement rows(store_->database, kLabelQuery + "ORDER BY clip, class");
  while (rows.step()) result[rows.integer(0)].push_back(read_label(rows));
  return result;
}

std::map<ClipId, std::vector<Region>> LabelSession::all_regions() const {
  std::map<ClipId, std::vector<Region>> result;
  Statement rows(store_->database, kRegionQuery + "ORDER BY clip, start, \"end\", id");
  while (rows.step()) result[rows.integer(1)].push_back(read_region(rows));
  return result;
}

Suggestions LabelSession::suggestions(ClipId id) const {
  store_->require_clip(id);
  Suggestions result;
  Statement seen(store_->database, "SELECT fingerprint FROM looked_at WHERE clip = ?");
  if (seen.bind(id).step()) result.fingerprint = seen.text(0);
  Statement rows(store_->database, "SELECT class, score FROM suggestions WHERE clip = ? ORDER BY score DESC, class");
  rows.bind(id);
  while (rows.step()) result.items.push_back({rows.integer(0), rows.real(1)});
  return result;
}

SessionProgress LabelSession::progress() const {
  SessionProgress result;
  for (const Clip& clip : clips()) {
    ++result.total;
    if (clip.missing) ++result.missing;
    if (clip.state == ClipState::Unseen) ++result.unseen;
    if (clip.state == ClipState::Labelled) ++result.labelled;
    if (clip.state == ClipState::Skipped) ++result.skipped;
  }
  result.regions = store_->database.number("SELECT count(*) FROM regions");
  for (const SessionClass& one : classes()) result.per_class[one.id] = 0;
  Statement rows(store_->database,
                 "SELECT class, count(*) FROM (SELECT clip, class FROM labels UNION SELECT clip, class FROM regions) "
                 "GROUP BY class");
  while (rows.step()) result.per_class[rows.integer(0)] = rows.integer(1);
  return result;
}

}  // namespace hearsay
