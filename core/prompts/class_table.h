#pragma once
// Classes as a table has them: rows of name, alias, alias; or with titles (name, class, label or sound; aliases, with
// ";" between them; description) the columns called so. A name that comes again is the same class.

#include <string>
#include <string_view>

#include "prompts/class_list.h"

namespace hearsay {

/// Of the text of a file that ends in `ending` (".csv", ".tsv"). Empty for what is no table of two rows or more: other
/// endings, names behind "|", descriptions behind ": ". Error: BadFormat, for quotes that do not close.
ClassList table_classes(std::string_view text, const std::string& ending);

/// What somebody pastes or types: cells copied from a spreadsheet (tabs between them), a table with titles, or else the
/// text form of class_list.h. Errors: those of table_classes and parse_classes.
ClassList pasted_classes(std::string_view text);

/// Whether such a file lists classes and holds no captions, by its first row: it has titles, one of them that of a name
/// and another that of aliases, or of descriptions where no name comes twice, and none of them that of a caption.
/// Error: BadFormat, for quotes that do not close.
bool lists_classes(std::string_view text, const std::string& ending);

}  // namespace hearsay
