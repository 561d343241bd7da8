#pragma once
// Undo and redo: every act is kept as the rows it changed, as they were before and after. Nothing in the file is ever
// run as SQL, so a session from elsewhere can at worst fail to undo. Private to core/labels.

#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "labels/session.h"
#include "labels/sqlite.h"

namespace hearsay {

/// A table whose rows acts change. A row is a JSON array of its columns in this order; the first `keys` are its key.
struct ActTable {
  std::string_view name;
  std::span<const std::string_view> columns;
  std::size_t keys = 1;
  std::ptrdiff_t clip_column = -1;  ///< which column is the clip; -1: none
};

extern const ActTable kClassesTable;  ///< id, name
extern const ActTable kMarksTable;    ///< clip, skipped, note
extern const ActTable kLabelsTable;   ///< clip, class, by, score
extern const ActTable kRegionsTable;  ///< id, clip, start, end, class, by, score

using Row = nlohmann::json;  ///< an array; null: no such row

/// One act of the person while it is being done: a transaction, and the list of what it changed.
class Act {
 public:
  explicit Act(Database& database) : database_(database), transaction_(database) {}

  [[nodiscard]] Row find(const ActTable& table, const Row& key) const;
  void put(const ActTable& table, const Row& row);  ///< adds the row, or replaces the one with its key
  void erase(const ActTable& table, const Row& key);
  [[nodiscard]] std::size_t clip_count() const;

  /// Commits, with the act in the journal, and says what changed. Without changes nothing is kept, and the Change is
  /// empty.
  Change commit(const std::string& text);

 private:
  void change(const ActTable& table, const Row& before, const Row& after);

  Database& database_;
  Transaction transaction_;
  nlohmann::json changes_ = nlohmann::json::array();
};

std::optional<std::string> journal_undo_text(Database& database);
std::optional<std::string> journal_redo_text(Database& database);
Change journal_undo(Database& database);
Change journal_redo(Database& database);

}  // namespace hearsay
