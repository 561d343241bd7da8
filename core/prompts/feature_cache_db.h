#pragma once
// SQLite with RAII, blobs and plain failures. Private to the caption cache.

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace hearsay {

/// SQLite's code and reason. Never leaves the caption cache.
class CacheFailure : public std::runtime_error {
 public:
  CacheFailure(int code, const std::string& reason) : std::runtime_error(reason), code_(code) {}
  [[nodiscard]] int code() const { return code_; }

 private:
  int code_;
};

class CacheDatabase {
 public:
  /// Opens, or makes, the file with the schema of this version. Failure where it is of another version.
  explicit CacheDatabase(const std::filesystem::path& file, bool create = true);

  void execute(const char* sql);
  [[nodiscard]] std::int64_t number(const char* sql);
  [[nodiscard]] sqlite3* handle() const { return handle_.get(); }
  /// Bytes of pages that hold something.
  [[nodiscard]] std::int64_t used_bytes();
  [[noreturn]] void fail() const;

 private:
  void make_schema();

  struct Closer {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  std::unique_ptr<sqlite3, Closer> handle_;
};

/// Parameters count from 1, columns from 0.
class CacheStatement {
 public:
  CacheStatement(CacheDatabase& database, std::string_view sql);
  CacheStatement& set(int at, std::int64_t value);
  CacheStatement& text(int at, std::string_view value);
  /// Not copied: must live until run() or reset().
  CacheStatement& blob(int at, std::string_view value);

  [[nodiscard]] bool step();
  void reset();
  void run();

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string text_of(int column) const;
  [[nodiscard]] std::string_view blob_of(int column) const;  ///< until the next step() or reset()

 private:
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  void check(int code) const;
  CacheDatabase& database_;
  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
};

/// Rolls back unless commit() came through.
class CacheTransaction {
 public:
  explicit CacheTransaction(CacheDatabase& database) : database_(database) { database_.execute("BEGIN IMMEDIATE"); }
  CacheTransaction(const CacheTransaction&) = delete;
  CacheTransaction& operator=(const CacheTransaction&) = delete;
  ~CacheTransaction() {
    if (sqlite3_get_autocommit(database_.handle()) == 0) {
      sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
  }
  void commit() { database_.execute("COMMIT"); }

 private:
  CacheDatabase& database_;
};

}  // namespace hearsay
