// Captions a person brings: CSV with labels, CSV without, or plain sentences.
#include <algorithm>
#include <optional>
#include <set>

#include "base/csv.h"
#include "base/error.h"
#include "base/files.h"
#include "base/words.h"
#include "prompts/captions.h"
#include "prompts/label_reader.h"
#include "prompts/unnamed_table.h"
#include "prompts/word_match.h"

namespace hearsay {
namespace {

constexpr std::size_t kNamedInAWarning = 5;
constexpr std::size_t kLongCaption = 4000;  // bytes; no text tower reads more than a few hundred tokens

/// "1 row", "12 rows"
std::string counted(std::size_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

/// "'a', 'b', ... (12 more)"
std::string some_of(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < std::min(names.size(), kNamedInAWarning); ++i) {
    out += (i == 0 ? "'" : ", '") + beginning_of(names[i]) + "'";
  }
  if (names.size() > kNamedInAWarning) out += ", ... (" + std::to_string(names.size() - kNamedInAWarning) + " more)";
  return out;
}

/// Which columns a CSV file has; -1: not there.
struct Columns {
  int caption = -1;
  int label = -1;
};

Columns columns_of(const CsvTable& table) {
  const auto first = [&](std::initializer_list<const char*> names) {
    for (const char* name : names) {
      if (const int column = table.column(name); column >= 0) return column;
    }
    return -1;
  };
  return {first({"caption", "captions", "text", "sentence"}),
          first({"label", "labels", "class", "classes", "category"})};
}

/// What was left out or guessed, for the warnings.
struct Remarks {
  std::size_t empty = 0;
  std::size_t unlabelled = 0;
  std::size_t unknown_rows = 0;
  std::size_t unmatched = 0;
  std::size_t too_long = 0;
  std::set<std::string> unknown;
  std::set<int> by_number;  ///< classes named by their place in the list
  std::string columns;      ///< how columns without names were read
};

void add(CaptionSet& set, Caption caption, Remarks& remarks) {
  if (caption.text.size() > kLongCaption) ++remarks.too_long;
  set.captions.push_back(std::move(caption));
}

void add_labelled(std::string_view caption, std::string_view label, const LabelReader& reader, CaptionSet& set,
                  Remarks& remarks) {
  std::string text = trim(caption);
  if (words_of(text).empty()) {
    ++remarks.empty;
    return;
  }
  LabelReader::Cell cell = reader.read(label);
  remarks.unlabelled += cell.labels.empty() && cell.unknown.empty() ? 1 : 0;
  remarks.unknown_rows += cell.unknown.empty() ? 0 : 1;
  remarks.unknown.insert(cell.unknown.begin(), cell.unknown.end());
  remarks.by_number.insert(cell.by_number.begin(), cell.by_number.end());
  if (!cell.labels.empty()) add(set, {std::move(text), std::move(cell.labels), true}, remarks);
}

void read_labelled(const CsvTable& table, const Columns& columns, const LabelReader& reader, CaptionSet& set,
                   Remarks& remarks) {
  for (const std::vector<std::string>& row : table.rows) {
    add_labelled(row[static_cast<std::size_t>(columns.caption)], row[static_cast<std::size_t>(columns.label)], reader,
                 set, remarks);
  }
}

void read_sentences(const std::vector<std::string>& sentences, const ClassList& classes, CaptionSet& set,
                    Remarks& remarks) {
  const ClassMatcher matcher(classes);
  for (const std::string& sentence : sentences) {
    std::string text = trim(sentence);
    if (words_of(text).empty()) {
      ++remarks.empty;
      continue;
    }
    Caption caption{std::move(text), {}, true};
    for (ClassMatcher::Match& match : matcher.matches_in(caption.text)) {
      caption.labels.push_back(match.label);
      caption.found_by.push_back(std::move(match.words));
    }
    if (caption.labels.empty()) {
      ++remarks.unmatched;
    } else {
      add(set, std::move(caption), remarks);
    }
  }
}

void warn_about_numbers(const Remarks& remarks, const ClassList& classes, std::vector<std::string>& warnings) {
  if (remarks.by_number.empty()) return;
  const auto place = [&](int index) {
    const std::string& name = classes[static_cast<std::size_t>(index)].name;
    return std::to_string(index) + " is \"" + beginning_of(name) + "\"";
  };
  const int first = *remarks.by_number.begin();
  const int last = *remarks.by_number.rbegin();
  warnings.push_back("Labels that are numbers are taken as places in the list: " + place(first) +
                     (last == first ? "." : ", " + place(last) + "."));
}

void warn_about_what_was_left_out(const Remarks& remarks, std::vector<std::string>& warnings) {
  if (remarks.unknown_rows > 0) {
    const std::vector<std::string> names(remarks.unknown.begin(), remarks.unknown.end());
    warnings.push_back(counted(remarks.unknown_rows, "row names", "rows name") + " unknown classes: " + some_of(names) +
                       ". These labels are left out; correct them or add the classes.");
  }
  if (remarks.unlabelled > 0) {
    warnings.push_back(counted(remarks.unlabelled, "row", "rows") + " without a label left out.");
  }
  if (remarks.empty > 0) warnings.push_back(counted(remarks.empty, "row", "rows") + " without words left out.");
  if (remarks.unmatched > 0) {
    warnings.push_back(counted(remarks.unmatched, "sentence mentions", "sentences mention") +
                       " none of the classes and " + (remarks.unmatched == 1 ? "is" : "are") +
                       " left out. Aliases help to find more.");
  }
  if (remarks.too_long > 0) {
    warnings.push_back(counted(remarks.too_long, "caption is", "captions are") +
                       " longer than a model reads; only the beginning is used.");
  }
}

/// What the file's encoding does not allow was replaced when it was read.
void warn_about_broken_characters(std::string_view text, std::vector<std::string>& warnings) {
  constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
  std::size_t count = 0;
  for (auto at = text.find(kReplacement); at != std::string_view::npos; at = text.find(kReplacement, at + 1)) ++count;
  if (count == 0) return;
  warnings.push_back(counted(count, "character of the file is", "characters of the file are") +
                     " broken, shown as \xEF\xBF\xBD. Correct " + (count == 1 ? "it" : "them") +
                     ", or save the file as UTF-8 again.");
}

void warn_about_bare_classes(const CaptionSet& set, const ClassList& classes, std::vector<std::string>& warnings) {
  constexpr int kFew = 5;
  const std::vector<int> counts = set.counts(classes.size());
  std::vector<std::string> none;
  std::vector<std::string> few;
  for (std::size_t k = 0; k < classes.size(); ++k) {
    if (counts[k] == 0) none.push_back(classes[k].name);
    if (counts[k] > 0 && counts[k] < kFew) few.push_back(classes[k].name);
  }
  if (!none.empty()) warnings.push_back("No caption mentions " + some_of(none) + ".");
  if (!few.empty()) {
    warnings.push_back("Fewer than " + std::to_string(kFew) + " captions for " + some_of(few) +
                       ": what is learned about them will be thin.");
  }
}

/// A line that is one quoted field, without its quotation marks; other lines as they are.
std::string unquoted(const std::string& line) {
  if (line.size() < 2 || line.front() != '"' || line.back() != '"') return line;
  std::string inside;
  for (std::size_t i = 1; i + 1 < line.size(); ++i) {
    if (line[i] == '"' && (i + 2 == line.size() || line[++i] != '"')) return line;
    inside += line[i];
  }
  return inside;
}

/// Plain sentences, one a line; a quoted one may go on over several lines, up to the one that ends with its closing
/// mark.
std::vector<std::string> sentences_of(const std::vector<std::string>& lines) {
  constexpr std::size_t kMostLines = 20;  // of one sentence; further on a mark is another one's
  const auto odd = [](const std::string& line) { return std::ranges::count(line, '"') % 2 != 0; };
  const auto opens_another = [](const std::string& line) {
    return line.starts_with('"') && !line.starts_with("\"\"") && line != "\"";
  };
  std::vector<std::string> sentences;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::string sentence = trim(lines[i]);
    if (sentence.starts_with('"') && odd(sentence)) {
      std::string whole = sentence;
      for (std::size_t last = i + 1; last < std::min(lines.size(), i + kMostLines); ++last) {
        const std::string more = trim(lines[last]);
        if (!more.empty()) whole += " " + more;
        if (!odd(more)) continue;
        if (!more.ends_with('"') || opens_another(more)) break;
        sentence = std::move(whole);
        i = last;
        break;
      }
    }
    sentences.push_back(unquoted(sentence));
  }
  while (!sentences.empty() && sentences.back().empty()) sentences.pop_back();
  return sentences;
}

void read_text(const std::string& text, const std::filesystem::path& file, const ClassList& classes, CaptionSet& set,
               Remarks& remarks) {
  const std::vector<std::string> lines = split_lines(text);
  const auto first = std::ranges::find_if(lines, [](const std::string& line) { return !trim(line).empty(); });
  const bool nothing = first == lines.end();
  // The header is looked at alone: sentences with commas are no table.
  Columns columns;
  if (!nothing && std::ranges::count(*first, '"') % 2 == 0) columns = columns_of(parse_csv(*first, quoted(file)));
  const bool named = columns.caption >= 0 && columns.label >= 0;
  const bool plain = nothing || (file.extension() == ".txt" && !named);
  if (plain) columns = {};
  const LabelReader reader(classes);
  if (named) {
    read_labelled(parse_csv(text, quoted(file)), columns, reader, set, remarks);
    return;
  }
  if (const auto table = plain ? std::nullopt : read_unnamed_table(text, reader, columns.caption)) {
    for (const UnnamedTable::Row& row : table->rows) add_labelled(row.caption, row.label, reader, set, remarks);
    remarks.columns = table->how;
    return;
  }
  std::vector<std::string> sentences;
  if (columns.caption >= 0) {
    const CsvTable table = parse_csv(text, quoted(file));
    for (const auto& row : table.rows) sentences.push_back(row[static_cast<std::size_t>(columns.caption)]);
  } else {
    sentences = sentences_of(lines);
  }
  read_sentences(sentences, classes, set, remarks);
}

}  // namespace

CaptionSet captions_from_file(const std::filesystem::path& file, const ClassList& classes, bool alone) {
  check_classes(classes);
  CaptionSet set;
  Remarks remarks;
  const std::string text = read_text_file(file);
  read_text(text, file, classes, set, remarks);
  // The window shows the first few: what the classes lack comes before what the rows do.
  if (alone && !set.captions.empty()) warn_about_bare_classes(set, classes, set.warnings);
  if (!remarks.columns.empty()) set.warnings.push_back(remarks.columns);
  warn_about_numbers(remarks, classes, set.warnings);
  warn_about_what_was_left_out(remarks, set.warnings);
  warn_about_broken_characters(text, set.warnings);
  if (set.captions.empty()) {
    const bool nothing = trim(text).empty();
    std::string why =
        quoted(file) + (nothing ? " is empty: it holds no caption." : " holds no caption for these classes.");
    for (const std::string& warning : set.warnings) why += " " + warning;
    throw Error(ErrorKind::Usage, why + " Give rows of caption,label, or sentences that contain the class names.");
  }
  return set;
}

}  // namespace hearsay
