#pragma once
// Captions and labels in a table that does not say which column is which.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "prompts/label_reader.h"

namespace hearsay {

struct UnnamedTable {
  struct Row {
    std::string caption;
    std::string label;  ///< empty where the row has none
  };
  std::vector<Row> rows;
  std::string how;  ///< how it was read, a sentence for the person
};

/// A table by tabs, commas or semicolons, told by its labels: two rows or more, and four in five, end with names of
/// classes, or else begin with them. Sentences with commas in them are none. A first row without a class is taken as
/// its header.
/// `caption_column`: where the header names it; -1: it does not.
std::optional<UnnamedTable> read_unnamed_table(std::string_view text, const LabelReader& reader, int caption_column);

}  // namespace hearsay
