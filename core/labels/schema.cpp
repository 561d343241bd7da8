#include "labels/schema.h"

#include <array>
#include <fstream>
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "labels/session.h"

namespace hearsay {
namespace {

// `by`: 0 person, 1 model. Clips and suggestions are what the program knows; marks, labels, regions and classes are
// what the person decided, and only those four are in the journal.
constexpr const char* kTables = R"sql(
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE classes (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL);
CREATE TABLE clips (id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL UNIQUE,
                    seconds REAL NOT NULL DEFAULT 0, missing INTEGER NOT NULL DEFAULT 0);
CREATE TABLE marks (clip INTEGER PRIMARY KEY REFERENCES clips (id), skipped INTEGER NOT NULL, note TEXT NOT NULL);
CREATE TABLE labels (clip INTEGER NOT NULL REFERENCES clips (id), class INTEGER NOT NULL REFERENCES classes (id),
                     by INTEGER NOT NULL CHECK (by IN (0, 1)), score REAL, PRIMARY KEY (clip, class)) WITHOUT ROWID;
CREATE TABLE regions (id INTEGER PRIMARY KEY AUTOINCREMENT, clip INTEGER NOT NULL REFERENCES clips (id),
                      start REAL NOT NULL CHECK (start >= 0), end REAL NOT NULL CHECK (end > start),
                      class INTEGER NOT NULL REFERENCES classes (id), by INTEGER NOT NULL CHECK (by IN (0, 1)),
                      score REAL);
CREATE INDEX regions_by_clip ON regions (clip);
CREATE TABLE looked_at (clip INTEGER PRIMARY KEY REFERENCES clips (id), fingerprint TEXT NOT NULL);
CREATE TABLE suggestions (clip INTEGER NOT NULL REFERENCES clips (id),
                          class INTEGER NOT NULL REFERENCES classes (id) ON DELETE CASCADE,
                          score REAL NOT NULL, PRIMARY KEY (clip, class)) WITHOUT ROWID;
CREATE TABLE journal (id INTEGER PRIMARY KEY, text TEXT NOT NULL, changes TEXT NOT NULL, done INTEGER NOT NULL);
)sql";

/// Every table and index, with the statement that made it.
std::map<std::string, std::string> objects_of(Database& database) {
  std::map<std::string, std::string> objects;
  Statement statement(database, "SELECT name, type, sql FROM sqlite_schema");
  while (statement.step()) objects[statement.text(0)] = statement.text(1) + " " + statement.text(2);
  return objects;
}

/// A session from elsewhere must hold exactly the tables this program makes: nothing that acts by itself, nothing else.
void check_objects(Database& database) {
  Database model(":memory:", Database::Mode::Create);
  create_schema(model);
  if (objects_of(database) != objects_of(model)) {
    throw Error(ErrorKind::BadFormat,
                database.file().string() + " holds other tables than a labelling session does; it was not opened.");
  }
}

}  // namespace

void create_schema(Database& database) {
  Transaction transaction(database);
  database.execute(kTables);
  database.execute(("PRAGMA application_id = " + std::to_string(kSessionApplicationId)).c_str());
  database.execute(("PRAGMA user_version = " + std::to_string(LabelSession::kSchemaVersion)).c_str());
  transaction.commit();
}

void check_schema(Database& database) {
  const std::string name = database.file().string();
  if (database.number("PRAGMA application_id") != kSessionApplicationId) {
    throw Error(ErrorKind::BadFormat, name + " is a database, but no labelling session of Hearsay.");
  }
  const std::int64_t version = database.number("PRAGMA user_version");
  if (version > LabelSession::kSchemaVersion) {
    throw Error(ErrorKind::BadFormat, name + " was written by a newer Hearsay (format " + std::to_string(version) +
                                          ", this one knows " + std::to_string(LabelSession::kSchemaVersion) +
                                          "). Update Hearsay to open it.");
  }
  check_objects(database);
  Statement check(database, "PRAGMA quick_check(1)");
  if (!check.step() || check.text(0) != "ok") {
    throw Error(ErrorKind::BadFormat, name + " is damaged (" + check.text(0) + "). Restore it from a copy.");
  }
}

void prepare_for_work(Database& database) {
  // Exclusive before WAL: the lock is then held until the file is closed, and needs no shared memory.
  database.execute("PRAGMA locking_mode = EXCLUSIVE");
  database.execute("PRAGMA journal_mode = WAL");
  database.execute("PRAGMA synchronous = FULL");
  database.execute("PRAGMA foreign_keys = ON");
  database.execute("PRAGMA cell_size_check = ON");
  database.execute("BEGIN IMMEDIATE; COMMIT");
}

bool has_session_header(const std::filesystem::path& file) {
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  constexpr std::size_t kApplicationIdAt = 68;  // big-endian; sqlite.org/fileformat.html
  std::array<char, 100> bytes{};
  std::ifstream in(file, std::ios::binary);
  if (!in.read(bytes.data(), bytes.size()) || std::string_view(bytes.data(), kMagic.size()) != kMagic) return false;
  std::int64_t id = 0;
  for (std::size_t i = 0; i < 4; ++i) id = id * 256 + static_cast<unsigned char>(bytes[kApplicationIdAt + i]);
  return id == kSessionApplicationId;
}

}  // namespace hearsay
