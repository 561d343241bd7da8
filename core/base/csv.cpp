#include "base/csv.h"

#include <algorithm>

#include "base/error.h"
#include "base/plain_text.h"
#include "base/words.h"

namespace hearsay {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

char find_separator(std::string_view text) {
  bool quoted = false;
  bool tab = false;
  bool semicolon = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '\n' || c == '\r') break;
    if (c == ',') return ',';
    tab = tab || c == '\t';
    semicolon = semicolon || c == ';';
  }
  if (tab) return '\t';
  return semicolon ? ';' : ',';
}

class Parser {
 public:
  /// The separator is told by the first line where none is given.
  Parser(std::string_view text, const std::string& where, char separator = '\0')
      : text_(text), where_(where), separator_(separator) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
    if (separator_ != '\0') return;
    const auto first = text_.find_first_not_of("\r\n");
    separator_ = find_separator(text_.substr(std::min(first, text_.size())));
  }

  /// The next record that is not a blank line; false at the end.
  bool next(std::vector<std::string>& fields, std::size_t& line) {
    while (position_ < text_.size()) {
      line = line_;
      fields.clear();
      bool any = false;
      while (true) {
        const bool quoted = read_field(fields);
        any = any || quoted || !trim(fields.back()).empty();
        if (!take(separator_)) break;
      }
      take_line_end();
      if (any || fields.size() > 1) return true;
    }
    return false;
  }

 private:
  [[nodiscard]] bool at_end() const { return position_ >= text_.size(); }
  [[nodiscard]] bool at_line_end() const { return at_end() || text_[position_] == '\n' || text_[position_] == '\r'; }

  bool take(char c) {
    if (at_end() || text_[position_] != c) return false;
    ++position_;
    return true;
  }

  void take_line_end() {
    if (at_end()) return;
    take('\r');
    take('\n');
    ++line_;
  }

  /// One field; true when it was in quotes.
  bool read_field(std::vector<std::string>& fields) {
    std::size_t start = position_;
    while (start < text_.size() && is_blank(text_[start]) && text_[start] != separator_) ++start;
    if (start < text_.size() && text_[start] == '"') {
      position_ = start + 1;
      fields.push_back(read_quoted());
      return true;
    }
    start = position_;
    while (!at_line_end() && text_[position_] != separator_) ++position_;
    fields.emplace_back(text_.substr(start, position_ - start));
    return false;
  }

  std::string read_quoted() {
    const std::size_t opened = line_;
    std::string value;
    while (true) {
      if (at_end()) {
        throw Error(ErrorKind::BadFormat,
                    where_ + ", line " + std::to_string(opened) +
                        ": a quotation mark is opened and never closed. Close it, or double it if "
                        "it belongs to the text.");
      }
      const char c = text_[position_++];
      if (c == '\n' || (c == '\r' && (at_end() || text_[position_] != '\n'))) ++line_;
      if (c != '"') {
        value += c;
      } else if (take('"')) {
        value += '"';
      } else {
        break;
      }
    }
    // Whatever follows the closing quote up to the separator belongs to the field, outer blanks apart.
    const std::size_t start = position_;
    while (!at_line_end() && text_[position_] != separator_) ++position_;
    return value + trim(text_.substr(start, position_ - start));
  }

  std::string_view text_;
  const std::string& where_;
  char separator_;
  std::size_t position_ = 0;
  std::size_t line_ = 1;
};

/// Makes the row as long as the header.
void fit(std::vector<std::string>& row, std::size_t width, const std::string& where, std::size_t line) {
  while (row.size() > width && trim(row.back()).empty()) row.pop_back();
  if (row.size() > width) {
    throw Error(ErrorKind::BadFormat, where + ", line " + std::to_string(line) + ": " + std::to_string(row.size()) +
                                          " fields where the header has " + std::to_string(width) +
                                          ". Put quotation marks around a field that contains the separator.");
  }
  row.resize(width);
}

}  // namespace

int CsvTable::column(std::string_view name) const {
  const std::string wanted = ascii_lower(trim(name));
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (ascii_lower(trim(header[i])) == wanted) return static_cast<int>(i);
  }
  return -1;
}

CsvTable parse_csv(std::string_view utf8, const std::string& where) {
  CsvTable table;
  Parser parser(utf8, where);
  std::size_t line = 0;
  if (!parser.next(table.header, line)) {
    table.header.clear();
    return table;
  }
  for (std::string& name : table.header) name = trim(name);
  std::vector<std::string> row;
  while (parser.next(row, line)) {
    fit(row, table.header.size(), where, line);
    table.rows.push_back(std::move(row));
    table.lines.push_back(line);
  }
  return table;
}

std::vector<std::vector<std::string>> csv_rows(std::string_view utf8, char separator, const std::string& where) {
  std::vector<std::vector<std::string>> rows;
  Parser parser(utf8, where, separator);
  std::vector<std::string> row;
  std::size_t line = 0;
  while (parser.next(row, line)) rows.push_back(std::move(row));
  return rows;
}

std::string csv_field(std::string_view value) {
  const bool blank_outside = !value.empty() && (is_blank(value.front()) || is_blank(value.back()));
  if (!blank_outside && value.find_first_of(",\"\r\n;\t") == std::string_view::npos) return std::string(value);
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::vector<std::string> split_list(std::string_view cell, char separator) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  while (start <= cell.size()) {
    const std::size_t end = std::min(cell.find(separator, start), cell.size());
    std::string part = trim(cell.substr(start, end - start));
    if (!part.empty()) parts.push_back(std::move(part));
    start = end + 1;
  }
  return parts;
}

}  // namespace hearsay
