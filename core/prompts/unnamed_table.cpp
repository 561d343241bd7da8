#include "prompts/unnamed_table.h"

#include <algorithm>
#include <span>

#include "base/csv.h"
#include "base/error.h"
#include "base/words.h"

namespace hearsay {
namespace {

using Fields = std::vector<std::string>;

/// Without blank rows, and without columns at the end that are blank in all rows; nothing where a quotation mark stays
/// open, as in sentences it may.
std::vector<Fields> rows_of(std::string_view text, char separator) {
  std::vector<Fields> rows;
  try {
    rows = csv_rows(text, separator, {});
  } catch (const Error&) {
    return {};
  }
  const auto used = [](const Fields& row) {  // up to the last field with something in it
    std::size_t fields = row.size();
    while (fields > 0 && trim(row[fields - 1]).empty()) --fields;
    return fields;
  };
  std::erase_if(rows, [&](const Fields& row) { return used(row) == 0; });
  std::size_t width = 0;
  for (const Fields& row : rows) width = std::max(width, used(row));
  for (Fields& row : rows) row.resize(std::min(row.size(), width));
  return rows;
}

bool has_letter(std::string_view text) {
  return std::ranges::any_of(
      text, [](unsigned char c) { return c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

/// A caption, then labels. "birds, wind, rain" is a sentence of classes; "a dog; barking; rain" may be one.
bool is_labelled(const Fields& row, char separator, const LabelReader& reader) {
  if (row.size() < 2 || (separator == ';' && row.size() > 2)) return false;
  const std::vector<int> labels = reader.read_names(row.back());
  if (labels.empty()) return false;
  bool words = false;
  for (std::size_t i = 0; i + 1 < row.size(); ++i) {
    const std::vector<int> others = reader.read_names(row[i]);
    if (!others.empty() && others != labels) return false;
    words = words || has_letter(row[i]);
  }
  return words;
}

/// What the labelled rows of a table have in common.
struct Shape {
  std::size_t labelled = 0;
  std::size_t width = 0;           ///< of the shortest; what longer ones have more are separators in their captions
  std::vector<std::size_t> bytes;  ///< in each column of the rows of this width
};

Shape shape_of(std::span<const Fields> rows, char separator, const LabelReader& reader) {
  Shape shape;
  for (const Fields& row : rows) {
    if (!is_labelled(row, separator, reader)) continue;
    ++shape.labelled;
    if (shape.labelled == 1 || row.size() < shape.width) {
      shape.width = row.size();
      shape.bytes.assign(row.size(), 0);
    }
    if (row.size() > shape.width) continue;
    for (std::size_t i = 0; i < row.size(); ++i) shape.bytes[i] += row[i].size();
  }
  return shape;
}

UnnamedTable::Row split(const Fields& row, std::size_t width, std::size_t column, char separator) {
  if (row.size() < width) return {row[std::min(column, row.size() - 1)], {}};  // it ends before the label
  const std::size_t first = std::min(column, row.size() - 2);
  std::string caption = row[first];
  for (std::size_t more = 1; width + more <= row.size(); ++more) caption += separator + row[first + more];
  return {std::move(caption), row.back()};
}

/// Which field of the rows, as they are in the file, is the label.
enum class LabelPlace { Last, First };

/// The field with the label put last. A comma or semicolon and a blank part a sentence rather than a table; such rows
/// stay, but for the first, which may be the header.
std::vector<Fields> with_first_field_last(std::vector<Fields> rows, char separator) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Fields& row = rows[i];
    const bool sentence = row.size() > 1 && separator != '\t' && row[1].starts_with(' ');
    if (row.size() > 1 && (i == 0 || !sentence)) std::rotate(row.begin(), row.begin() + 1, row.end());
  }
  return rows;
}

/// `header` and `column` with the label last, wherever it is in the file.
std::string described(const Fields* header, std::size_t width, std::size_t column, LabelPlace place) {
  const bool first = place == LabelPlace::First;
  std::string how = "The file has no header: ";
  if (header != nullptr) {
    Fields fields = *header;
    if (first) std::rotate(fields.begin(), fields.end() - 1, fields.end());
    std::string names;
    for (const std::string& name : fields) names += (names.empty() ? "" : ",") + trim(name);
    how = "The first row, '" + beginning_of(names) +
          "', is taken as a header that does not name both caption and label: ";
  }
  const std::string rest = first ? "what is after it" : "what is before it";
  const std::string caption = width == 2 ? rest : "field " + std::to_string(column + (first ? 2 : 1));
  return how + "of each row, the " + (first ? "first" : "last") + " field is taken as the label and " + caption +
         " as the caption.";
}

/// `rows` and `caption_column` with the label last, wherever it is in the file.
std::optional<UnnamedTable> table_of(const std::vector<Fields>& rows, char separator, const LabelReader& reader,
                                     int caption_column, LabelPlace place) {
  const auto named = static_cast<std::size_t>(std::max(caption_column, 0));
  if (rows.size() < 2 || (caption_column >= 0 && rows.front().size() < named + 2)) return {};
  const bool no_class = rows.front().size() > 1 && reader.read(rows.front().back()).labels.empty();
  const Fields* header = caption_column >= 0 || no_class ? &rows.front() : nullptr;
  const auto body = std::span(rows).subspan(header != nullptr ? 1 : 0);
  const Shape shape = shape_of(body, separator, reader);
  if (shape.labelled < 2 || shape.labelled * 5 < body.size() * 4) return {};
  const auto longest = std::max_element(shape.bytes.begin(), shape.bytes.end() - 1) - shape.bytes.begin();
  const std::size_t column = caption_column >= 0 ? named : static_cast<std::size_t>(longest);
  if (column + 1 >= shape.width) return {};  // it would be the label's
  UnnamedTable table;
  for (const Fields& row : body) table.rows.push_back(split(row, shape.width, column, separator));
  table.how = described(header, shape.width, column, place);
  return table;
}

}  // namespace

std::optional<UnnamedTable> read_unnamed_table(std::string_view text, const LabelReader& reader, int caption_column) {
  for (const char separator : {'\t', ',', ';'}) {
    if (text.find(separator) == std::string_view::npos) continue;
    std::vector<Fields> rows = rows_of(text, separator);
    if (auto table = table_of(rows, separator, reader, caption_column, LabelPlace::Last)) return table;
    if (caption_column == 0) continue;
    rows = with_first_field_last(std::move(rows), separator);
    const int caption = caption_column < 0 ? caption_column : caption_column - 1;
    if (auto table = table_of(rows, separator, reader, caption, LabelPlace::First)) return table;
  }
  return {};
}

}  // namespace hearsay
