#include "prompts/class_table.h"

#include <algorithm>
#include <set>
#include <vector>

#include "base/csv.h"
#include "base/files.h"
#include "base/plain_text.h"
#include "base/words.h"

namespace hearsay {
namespace {

using Row = std::vector<std::string>;

std::string without_comments(std::string_view text) {
  std::string kept;
  for (const std::string& line : split_lines(text)) {
    if (!trim(line).starts_with('#')) kept += line + "\n";
  }
  return kept;
}

/// The first column whose title is one of these; as many as there are where none is.
std::size_t column_titled(const Row& titles, const std::set<std::string>& wanted) {
  const auto found = std::ranges::find_if(titles, [&](const auto& title) { return wanted.contains(fold_name(title)); });
  return static_cast<std::size_t>(found - titles.begin());
}

/// Where the columns are, as many as there are titles for one that is not there.
struct Titles {
  std::size_t names;
  std::size_t aliases;
  std::size_t descriptions;
  std::size_t captions;
  std::size_t count;

  explicit Titles(const Row& row)
      : names(column_titled(row, {"name", "class", "label", "sound", "display name"})),
        aliases(column_titled(row, {"alias", "aliases", "also called"})),
        descriptions(column_titled(row, {"description", "how it sounds"})),
        captions(column_titled(row, {"caption", "captions", "text", "sentence"})),
        count(row.size()) {}
  [[nodiscard]] bool there() const { return names < count; }
  [[nodiscard]] bool of_classes_alone() const {
    return there() && std::min(aliases, descriptions) < count && captions == count;
  }
};

/// '\0': by the first line.
char separator_of(const std::string& ending) {
  return ascii_lower(ending) == ".tsv" ? '\t' : '\0';
}

std::vector<Row> rows_of(std::string_view table, char separator) {
  return csv_rows(table, separator, "The table");
}

/// Of the first line that says something.
Titles titles_of(const std::string& table, char separator) {
  const std::vector<std::string> lines = split_lines(table);
  const auto first = std::ranges::find_if(lines, [](const std::string& line) { return !trim(line).empty(); });
  if (first == lines.end() || std::ranges::count(*first, '"') % 2 != 0) return Titles(Row{});
  const std::vector<Row> rows = rows_of(*first, separator);
  return Titles(rows.empty() ? Row{} : rows.front());
}

/// Of what is no comment. One line is names with commas; "name: how it sounds" is the other form, unless a title says
/// that this is a table.
bool is_table(const std::string& table, const std::string& ending) {
  const std::string kind = ascii_lower(ending);
  const std::string_view separators = kind == ".csv" ? ",;\t" : kind == ".tsv" ? "\t" : "";
  if (table.find_first_of(separators) == std::string::npos || table.find('|') != std::string::npos) return false;
  const std::vector<std::string> lines = split_lines(table);
  if (std::ranges::count_if(lines, [](const std::string& line) { return !trim(line).empty(); }) < 2) return false;
  return titles_of(table, separator_of(ending)).there() || table.find(": ") == std::string::npos;
}

ClassList classes_of_table(std::string_view table, char separator) {
  const std::vector<Row> rows = rows_of(valid_utf8(table), separator);
  if (rows.empty()) return {};
  const Titles titles(rows.front());
  std::set<std::string> seen;
  ClassList classes;
  for (std::size_t i = titles.there() ? 1 : 0; i < rows.size(); ++i) {
    const auto cell = [&](std::size_t column) {
      return column < rows[i].size() ? trim(rows[i][column]) : std::string();
    };
    SoundClass sound{cell(titles.there() ? titles.names : 0), {}, {}, {}};
    if (titles.there()) {
      if (titles.aliases < titles.count) sound.aliases = split_list(cell(titles.aliases), ';');
      if (titles.descriptions < titles.count) sound.description = cell(titles.descriptions);
    } else {
      for (std::size_t k = 1; k < rows[i].size(); ++k) sound.aliases.push_back(cell(k));
    }
    std::erase(sound.aliases, std::string());
    const bool says_nothing = sound.name.empty() && sound.aliases.empty();
    if (!says_nothing && seen.insert(sound.name).second) classes.push_back(std::move(sound));
  }
  return classes;
}

}  // namespace

ClassList table_classes(std::string_view text, const std::string& ending) {
  const std::string table = without_comments(text);
  if (!is_table(table, ending)) return {};
  return classes_of_table(table, separator_of(ending));
}

ClassList pasted_classes(std::string_view text) {
  const std::string table = without_comments(text);
  const std::vector<std::string> lines = split_lines(trim(table));
  const auto has_cells = [](const std::string& line) { return trim(line).find('\t') != std::string::npos; };
  const auto typed = [](const std::string& line) {  // "dog,<tab>rain" and "dog:<tab>it barks" are no cells
    const std::string first = trim(line.substr(0, line.find('\t')));
    return first.ends_with(',') || first.ends_with(':');
  };
  const bool cells = table.find('|') == std::string::npos && std::ranges::any_of(lines, has_cells) &&
                     std::ranges::none_of(lines, typed);
  const bool titled = lines.size() > 1 && titles_of(table, '\0').of_classes_alone();
  if (!cells && !titled) return parse_classes(text);
  ClassList classes = classes_of_table(table, cells ? '\t' : '\0');
  return classes.empty() ? parse_classes({}) : classes;
}

bool lists_classes(std::string_view text, const std::string& ending) {
  const std::string table = without_comments(text);
  const char separator = separator_of(ending);
  const Titles titles = titles_of(table, separator);
  if (!titles.of_classes_alone()) return false;
  const bool has_aliases = titles.aliases < titles.count;
  return has_aliases || classes_of_table(table, separator).size() + 1 == rows_of(table, separator).size();
}

}  // namespace hearsay
