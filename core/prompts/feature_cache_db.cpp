#include "prompts/feature_cache_db.h"

namespace hearsay {
namespace {

constexpr int kBusyMilliseconds = 5000;
constexpr int kTries = 100;          // of the change to WAL, for which SQLite does not wait by itself
constexpr std::int64_t kSchema = 1;  // one more with every change of schema, key or value

constexpr const char* kTables =
    "CREATE TABLE models(id INTEGER PRIMARY KEY, key TEXT UNIQUE NOT NULL, name TEXT NOT NULL, "
    "fingerprint TEXT NOT NULL);"
    "CREATE TABLE captions(id INTEGER PRIMARY KEY, model INTEGER NOT NULL, tokens TEXT NOT NULL, "
    "used INTEGER NOT NULL, bytes INTEGER NOT NULL, UNIQUE(model, tokens));"
    "CREATE INDEX captions_used ON captions(used, id);"
    "CREATE TABLE features(id INTEGER PRIMARY KEY, words INTEGER NOT NULL, checksum INTEGER NOT NULL, "
    "value BLOB NOT NULL);";

}  // namespace

CacheDatabase::CacheDatabase(const std::filesystem::path& file, bool create) {
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (create ? SQLITE_OPEN_CREATE : 0);
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(file.string().c_str(), &handle, flags, nullptr);
  handle_.reset(handle);
  if (handle == nullptr) throw CacheFailure(SQLITE_NOMEM, "out of memory");
  if (code != SQLITE_OK) fail();
  sqlite3_busy_timeout(handle, kBusyMilliseconds);
  for (const int option :
       {SQLITE_DBCONFIG_ENABLE_TRIGGER, SQLITE_DBCONFIG_ENABLE_VIEW, SQLITE_DBCONFIG_TRUSTED_SCHEMA}) {
    sqlite3_db_config(handle, option, 0, nullptr);
  }
  execute("PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL");
  for (int i = 1;; ++i) {
    if (sqlite3_exec(handle, "PRAGMA journal_mode = WAL", nullptr, nullptr, nullptr) == SQLITE_OK) break;
    if ((sqlite3_errcode(handle) & 0xFF) != SQLITE_BUSY || i == kTries) fail();
    sqlite3_sleep(20);
  }
  execute("PRAGMA synchronous = NORMAL");  // a crash of the computer loses the latest entries, no more
  make_schema();
}

void CacheDatabase::make_schema() {
  if (number("PRAGMA user_version") == 0) {
    CacheTransaction transaction(*this);
    if (number("PRAGMA user_version") == 0) {  // another process may have been quicker
      if (number("SELECT count(*) FROM sqlite_master") > 0) throw CacheFailure(SQLITE_NOTADB, "it is another database");
      execute(kTables);
      execute(("PRAGMA user_version = " + std::to_string(kSchema)).c_str());
    }
    transaction.commit();
  }
  if (number("PRAGMA user_version") != kSchema) {
    throw CacheFailure(SQLITE_MISMATCH, "it was made by another version of Hearsay");
  }
}

void CacheDatabase::execute(const char* sql) {
  if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
}

std::int64_t CacheDatabase::number(const char* sql) {
  CacheStatement statement(*this, sql);
  return statement.step() ? statement.integer(0) : 0;
}

std::int64_t CacheDatabase::used_bytes() {
  return (number("PRAGMA page_count") - number("PRAGMA freelist_count")) * number("PRAGMA page_size");
}

void CacheDatabase::fail() const {
  throw CacheFailure(sqlite3_errcode(handle_.get()) & 0xFF, sqlite3_errmsg(handle_.get()));
}

CacheStatement::CacheStatement(CacheDatabase& database, std::string_view sql) : database_(database) {
  sqlite3_stmt* statement = nullptr;
  check(sqlite3_prepare_v2(database.handle(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr));
  statement_.reset(statement);
}

void CacheStatement::check(int code) const {
  if (code != SQLITE_OK) database_.fail();
}

CacheStatement& CacheStatement::set(int at, std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), at, value));
  return *this;
}

CacheStatement& CacheStatement::text(int at, std::string_view value) {
  check(sqlite3_bind_text64(statement_.get(), at, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

CacheStatement& CacheStatement::blob(int at, std::string_view value) {
  check(sqlite3_bind_blob64(statement_.get(), at, value.data(), value.size(), SQLITE_STATIC));
  return *this;
}

bool CacheStatement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code != SQLITE_ROW && code != SQLITE_DONE) database_.fail();
  return code == SQLITE_ROW;
}

void CacheStatement::reset() {
  check(sqlite3_reset(statement_.get()));
}

void CacheStatement::run() {
  while (step()) {
  }
  reset();
}

std::int64_t CacheStatement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string CacheStatement::text_of(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  return bytes == nullptr
             ? std::string()
             : std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column)));
}

std::string_view CacheStatement::blob_of(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  return bytes == nullptr
             ? std::string_view()
             : std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column)));
}

}  // namespace hearsay
