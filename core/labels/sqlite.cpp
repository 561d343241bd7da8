#include "labels/sqlite.h"

#include "base/error.h"
#include "base/files.h"

namespace hearsay {
namespace {

constexpr int kBusyMilliseconds = 1500;

Error error_for(int extended, const std::string& reason, const std::string& file) {
  switch (extended & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorKind::Unreadable, file + " is open in another window or program. Close it there, then try again."};
    case SQLITE_FULL:
      return {ErrorKind::NoSpace, "The disk that holds " + file +
                                      " is full. The last act was not saved, everything before it was; make room and "
                                      "do it again."};
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {ErrorKind::NoSpace,
              file + " cannot be written (" + reason + "). Allow writing to it and its folder, or copy it elsewhere."};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
      return {ErrorKind::BadFormat, file + " is damaged or no labelling session (" + reason + ")."};
    case SQLITE_CANTOPEN:
      return {ErrorKind::Unreadable, file + " cannot be opened (" + reason + "). Check the name and the permissions."};
    case SQLITE_NOMEM:
      return {ErrorKind::Unreadable, "There is not enough memory to work with " + file + "."};
    case SQLITE_IOERR:
      break;
    default:
      return {ErrorKind::Internal, "A mistake of Hearsay's in using " + file + ": " + reason + "."};
  }
  const bool reading = extended == SQLITE_IOERR_READ || extended == SQLITE_IOERR_SHORT_READ;
  return {reading ? ErrorKind::Unreadable : ErrorKind::NoSpace,
          file + (reading ? " cannot be read (" : " cannot be written: disk full, quota reached or disk failing (") +
              reason + "). Everything saved before stands."};
}

}  // namespace

Database::Database(const std::filesystem::path& file, Mode mode) : file_(file) {
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (mode == Mode::Create ? SQLITE_OPEN_CREATE : 0);
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(file.string().c_str(), &handle, flags, nullptr);
  handle_.reset(handle);
  if (handle == nullptr) throw error_for(SQLITE_NOMEM, "out of memory", file_.string());
  if (code != SQLITE_OK) fail();
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, kBusyMilliseconds);
  for (const int option :
       {SQLITE_DBCONFIG_ENABLE_TRIGGER, SQLITE_DBCONFIG_ENABLE_VIEW, SQLITE_DBCONFIG_TRUSTED_SCHEMA}) {
    sqlite3_db_config(handle, option, 0, nullptr);
  }
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
}

void Database::execute(const char* sql) {
  if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
}

std::int64_t Database::number(const char* sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.integer(0) : 0;
}

void Database::fail() const {
  throw error_for(sqlite3_extended_errcode(handle_.get()), sqlite3_errmsg(handle_.get()), file_.string());
}

Statement::Statement(Database& database, std::string_view sql) : database_(database) {
  sqlite3_stmt* statement = nullptr;
  check(sqlite3_prepare_v2(database.handle(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr));
  statement_.reset(statement);
}

void Statement::check(int code) const {
  if (code != SQLITE_OK) database_.fail();
}

void Statement::set(int at, std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), at, value));
}

void Statement::set(int at, double value) {
  check(sqlite3_bind_double(statement_.get(), at, value));
}

void Statement::set(int at, std::string_view value) {
  const char* bytes = value.empty() ? "" : value.data();
  check(sqlite3_bind_text64(statement_.get(), at, bytes, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::set(int at, std::nullptr_t) {
  check(sqlite3_bind_null(statement_.get(), at));
}

void Statement::set(int at, std::optional<double> value) {
  if (value) {
    set(at, *value);
  } else {
    set(at, nullptr);
  }
}

bool Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code != SQLITE_ROW && code != SQLITE_DONE) database_.fail();
  return code == SQLITE_ROW;
}

void Statement::reset() {
  check(sqlite3_reset(statement_.get()));
}

void Statement::run() {
  while (step()) {
  }
  reset();
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

double Statement::real(int column) const {
  return sqlite3_column_double(statement_.get(), column);
}

std::optional<double> Statement::optional_real(int column) const {
  if (type(column) == SQLITE_NULL) return std::nullopt;
  return real(column);
}

std::string Statement::text(int column) const {
  const auto* bytes = sqlite3_column_text(statement_.get(), column);
  if (bytes == nullptr) return {};
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return {reinterpret_cast<const char*>(bytes), size};
}

int Statement::type(int column) const {
  return sqlite3_column_type(statement_.get(), column);
}

Transaction::Transaction(Database& database) : database_(database) {
  // SQLite would go on writing to a file that nobody can open any more.
  int moved = 0;
  (void)sqlite3_file_control(database_.handle(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  if (moved != 0) {
    throw Error(ErrorKind::Unreadable, quoted(database_.file()) +
                                           " was moved or deleted while it was open: nothing more can be saved in it. "
                                           "Put it back, or open it where it is now.");
  }
  database_.execute("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  // After some failures SQLite has rolled back by itself.
  if (database_.in_transaction()) sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  database_.execute("COMMIT");
}

WithoutWaiting::WithoutWaiting(Database& database) : database_(database) {
  database_.execute("PRAGMA synchronous = NORMAL");
}

WithoutWaiting::~WithoutWaiting() {
  sqlite3_exec(database_.handle(), "PRAGMA synchronous = FULL", nullptr, nullptr, nullptr);
}

}  // namespace hearsay
