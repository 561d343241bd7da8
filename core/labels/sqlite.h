#pragma once
// SQLite with RAII and with errors in the core's words. Private to core/labels.

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace hearsay {

class Database {
 public:
  enum class Mode { Create, Open };

  /// Opens with the defences a file from elsewhere needs: no triggers, no views, no functions in the schema.
  Database(const std::filesystem::path& file, Mode mode);

  void execute(const char* sql);
  /// A single number that a query gives (0 if it gives no row).
  [[nodiscard]] std::int64_t number(const char* sql);
  [[nodiscard]] std::int64_t last_id() const { return sqlite3_last_insert_rowid(handle_.get()); }
  [[nodiscard]] bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }
  [[nodiscard]] const std::filesystem::path& file() const { return file_; }
  [[nodiscard]] sqlite3* handle() const { return handle_.get(); }

  /// Throws the Error for SQLite's latest complaint.
  [[noreturn]] void fail() const;

 private:
  struct Closer {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  std::filesystem::path file_;
  std::unique_ptr<sqlite3, Closer> handle_;
};

/// One prepared statement. Parameters and columns count from 1 and 0, as in SQLite.
class Statement {
 public:
  Statement(Database& database, std::string_view sql);

  template <typename... Values>
  Statement& bind(const Values&... values) {
    int at = 0;
    (set(++at, values), ...);
    return *this;
  }
  void set(int at, std::int64_t value);
  void set(int at, int value) { set(at, static_cast<std::int64_t>(value)); }
  void set(int at, bool value) { set(at, static_cast<std::int64_t>(value)); }
  void set(int at, double value);
  void set(int at, std::string_view value);
  void set(int at, const std::string& value) { set(at, std::string_view(value)); }
  void set(int at, const char* value) { set(at, std::string_view(value)); }
  void set(int at, std::nullptr_t);
  void set(int at, std::optional<double> value);

  [[nodiscard]] bool step();  ///< true while there is a row
  void reset();               ///< ready to be bound again
  void run();                 ///< to the end, then reset

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double real(int column) const;
  [[nodiscard]] std::optional<double> optional_real(int column) const;
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] int type(int column) const;

 private:
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  void check(int code) const;

  Database& database_;
  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
};

/// Rolls back unless commit() came through.
class Transaction {
 public:
  explicit Transaction(Database& database);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  void commit();

 private:
  Database& database_;
};

/// While it lives, commits do not wait for the disk: for what the program can find out again. A crash of the computer
/// may lose such a commit, but never damages the file, and the next ordinary commit secures it. Not inside a
/// Transaction.
class WithoutWaiting {
 public:
  explicit WithoutWaiting(Database& database);
  WithoutWaiting(const WithoutWaiting&) = delete;
  WithoutWaiting& operator=(const WithoutWaiting&) = delete;
  ~WithoutWaiting();

 private:
  Database& database_;
};

}  // namespace hearsay
