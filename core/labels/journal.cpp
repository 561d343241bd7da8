#include "labels/journal.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/error.h"

namespace hearsay {
namespace {

using nlohmann::json;
using namespace std::string_view_literals;

constexpr std::array kClassColumns{"id"sv, "name"sv};
constexpr std::array kMarkColumns{"clip"sv, "skipped"sv, "note"sv};
constexpr std::array kLabelColumns{"clip"sv, "class"sv, "by"sv, "score"sv};
constexpr std::array kRegionColumns{"id"sv, "clip"sv, "start"sv, "end"sv, "class"sv, "by"sv, "score"sv};

std::string joined(std::span<const std::string_view> names, std::string_view separator, std::string_view behind = {}) {
  std::string text;
  for (const auto name : names) {
    if (!text.empty()) text += separator;
    text.append("\"").append(name).append("\"").append(behind);
  }
  return text;
}

std::string where_key(const ActTable& table) {
  return " WHERE " + joined(table.columns.first(table.keys), " AND ", " = ?");
}

[[noreturn]] void damaged(const Database& database) {
  throw Error(ErrorKind::BadFormat, database.file().string() +
                                        ": the list of acts is damaged, this one cannot be undone or redone. The "
                                        "labels themselves are as they were.");
}

void bind_value(Statement& statement, int at, const json& value, const Database& database) {
  if (value.is_null()) {
    statement.set(at, nullptr);
  } else if (value.is_number_float()) {
    statement.set(at, value.get<double>());
  } else if (value.is_number_integer()) {
    statement.set(at, value.get<std::int64_t>());
  } else if (value.is_string()) {
    statement.set(at, value.get_ref<const std::string&>());
  } else {
    damaged(database);
  }
}

void bind_values(Statement& statement, const json& row, std::size_t count, const Database& database) {
  if (!row.is_array() || row.size() < count) damaged(database);
  for (std::size_t i = 0; i < count; ++i) bind_value(statement, static_cast<int>(i) + 1, row[i], database);
}

json column_value(const Statement& statement, int column) {
  switch (statement.type(column)) {
    case SQLITE_INTEGER:
      return statement.integer(column);
    case SQLITE_FLOAT:
      return statement.real(column);
    case SQLITE_NULL:
      return nullptr;
    default:
      return statement.text(column);
  }
}

void write_row(Database& database, const ActTable& table, const Row& key_or_row, const Row& row) {
  if (row.is_null()) {
    Statement statement(database, "DELETE FROM " + std::string(table.name) + where_key(table));
    bind_values(statement, key_or_row, table.keys, database);
    statement.run();
    return;
  }
  std::string sql = "INSERT INTO " + std::string(table.name) + " (" + joined(table.columns, ", ") + ") VALUES (";
  for (std::size_t i = 0; i < table.columns.size(); ++i) sql += i == 0 ? "?" : ", ?";
  sql += ") ON CONFLICT DO UPDATE SET ";
  for (std::size_t i = table.keys; i < table.columns.size(); ++i) {
    const std::string name = "\"" + std::string(table.columns[i]) + "\"";
    sql.append(i == table.keys ? "" : ", ").append(name).append(" = excluded.").append(name);
  }
  Statement statement(database, sql);
  bind_values(statement, row, table.columns.size(), database);
  statement.run();
}

const ActTable* table_named(std::string_view name) {
  for (const ActTable* table : {&kClassesTable, &kMarksTable, &kLabelsTable, &kRegionsTable}) {
    if (table->name == name) return table;
  }
  return nullptr;
}

/// What a list of changed rows means for a window. With `backwards` the rows are as they were before.
Change summary(const json& changes, const std::string& text, bool backwards) {
  Change result;
  result.text = text;
  std::set<ClipId> clips;
  for (const auto& one : changes) {
    const ActTable* table = table_named(one.at("table").get<std::string>());
    const json& before = one.at(backwards ? "after" : "before");
    const json& after = one.at(backwards ? "before" : "after");
    const json& known = after.is_null() ? before : after;
    if (table == &kClassesTable) result.classes = true;
    if (table != nullptr && table->clip_column >= 0) {
      clips.insert(known.at(static_cast<std::size_t>(table->clip_column)).get<ClipId>());
    }
    if (table == &kRegionsTable && !after.is_null()) result.region = after.at(0).get<RegionId>();
  }
  result.clips.assign(clips.begin(), clips.end());
  return result;
}

void apply(Database& database, const json& change, bool backwards) {
  const ActTable* table = table_named(change.at("table").get<std::string>());
  const Row& before = change.at("before");
  const Row& after = change.at("after");
  if (table == nullptr || (before.is_null() && after.is_null())) damaged(database);
  write_row(database, *table, before.is_null() ? after : before, backwards ? before : after);
}

struct JournalEntry {
  std::int64_t id = 0;
  std::string text;
  json changes;
};

constexpr const char* kNewestDone = "SELECT id, text, changes FROM journal WHERE done = 1 ORDER BY id DESC LIMIT 1";
constexpr const char* kOldestUndone = "SELECT id, text, changes FROM journal WHERE done = 0 ORDER BY id LIMIT 1";

std::optional<JournalEntry> read_entry(Database& database, const char* sql) {
  Statement statement(database, sql);
  if (!statement.step()) return std::nullopt;
  JournalEntry entry{statement.integer(0), statement.text(1), json::parse(statement.text(2), nullptr, false)};
  if (!entry.changes.is_array()) damaged(database);
  return entry;
}

std::optional<std::string> entry_text(Database& database, const char* sql) {
  Statement statement(database, sql);
  if (!statement.step()) return std::nullopt;
  return statement.text(1);
}

/// Applies one entry of the journal in either direction, as one transaction.
Change travel(Database& database, bool backwards) {
  Transaction transaction(database);
  auto entry = read_entry(database, backwards ? kNewestDone : kOldestUndone);
  if (!entry) return {};
  try {
    if (backwards) std::reverse(entry->changes.begin(), entry->changes.end());
    for (const auto& change : entry->changes) apply(database, change, backwards);
    Change result = summary(entry->changes, entry->text, backwards);
    Statement mark(database, "UPDATE journal SET done = ? WHERE id = ?");
    mark.bind(!backwards, entry->id).run();
    transaction.commit();
    return result;
  } catch (const json::exception&) {
    damaged(database);
  }
}

}  // namespace

const ActTable kClassesTable{"classes", kClassColumns, 1, -1};
const ActTable kMarksTable{"marks", kMarkColumns, 1, 0};
const ActTable kLabelsTable{"labels", kLabelColumns, 2, 0};
const ActTable kRegionsTable{"regions", kRegionColumns, 1, 1};

Row Act::find(const ActTable& table, const Row& key) const {
  Statement statement(database_,
                      "SELECT " + joined(table.columns, ", ") + " FROM " + std::string(table.name) + where_key(table));
  bind_values(statement, key, table.keys, database_);
  if (!statement.step()) return nullptr;
  Row row = Row::array();
  for (std::size_t i = 0; i < table.columns.size(); ++i) row.push_back(column_value(statement, static_cast<int>(i)));
  return row;
}

void Act::change(const ActTable& table, const Row& before, const Row& after) {
  if (before == after) return;
  write_row(database_, table, before.is_null() ? after : before, after);
  changes_.push_back({{"table", table.name}, {"before", before}, {"after", after}});
}

void Act::put(const ActTable& table, const Row& row) {
  change(table, find(table, row), row);
}

void Act::erase(const ActTable& table, const Row& key) {
  change(table, find(table, key), nullptr);
}

std::size_t Act::clip_count() const {
  return summary(changes_, {}, false).clips.size();
}

Change Act::commit(const std::string& text) {
  if (changes_.empty()) return {};
  database_.execute("DELETE FROM journal WHERE done = 0");
  Statement statement(database_, "INSERT INTO journal (text, changes, done) VALUES (?, ?, 1)");
  // Text from a damaged file may be no UTF-8; what is not is replaced.
  statement.bind(text, changes_.dump(-1, ' ', false, json::error_handler_t::replace)).run();
  transaction_.commit();
  return summary(changes_, text, false);
}

std::optional<std::string> journal_undo_text(Database& database) {
  return entry_text(database, kNewestDone);
}

std::optional<std::string> journal_redo_text(Database& database) {
  return entry_text(database, kOldestUndone);
}

Change journal_undo(Database& database) {
  return travel(database, true);
}

Change journal_redo(Database& database) {
  return travel(database, false);
}

}  // namespace hearsay
