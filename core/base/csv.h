#pragma once
// CSV as RFC 4180 has it, read leniently (LF, CRLF or CR, a byte-order mark, blank lines, blanks around quotes, tabs or
// semicolons as separator when the header has no comma), written strictly but for line ends: who writes chooses them.

#include <string>
#include <string_view>
#include <vector>

namespace hearsay {

struct CsvTable {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>>
      rows;                        ///< every row has as many fields as the header (short ones are filled up)
  std::vector<std::size_t> lines;  ///< the line of the file each row starts on, from 1

  /// Index of a column by name (case and outer blanks ignored), or -1.
  [[nodiscard]] int column(std::string_view name) const;
};

/// Errors: BadFormat (a quote that never closes, or a row with more fields than the header: a comma that should have
/// been in quotes); the message names `where` and the line.
CsvTable parse_csv(std::string_view utf8, const std::string& where);

/// All rows with this separator ('\0': told by the first line, as parse_csv does), the first no other than the rest,
/// each as long as it is. Errors: BadFormat (a quote that never closes).
std::vector<std::vector<std::string>> csv_rows(std::string_view utf8, char separator, const std::string& where);

/// A field quoted when it must be.
std::string csv_field(std::string_view value);

/// "a; b;c" -> {"a","b","c"}: blanks trimmed, empties dropped.
std::vector<std::string> split_list(std::string_view cell, char separator);

}  // namespace hearsay
