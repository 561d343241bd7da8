// Captions a person brings: CSV with labels, CSV without, or plain sentences.
#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "base/csv.h"
#include "base/error.h"
#include "base/files.h"
#include "base/words.h"
#include "prompts/captions.h"
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
    out += (i == 0 ? "'" : ", '") + beginning_of(names[i], 60) + "'";
  }
  if (names.size() > kNamedInAWarning) out += ", ... (" + std::to_string(names.size() - kNamedInAWarning) + " more)";
  return out;
}

/// Label cells -> class indices: names, aliases, or numbers from 0; "a; b" or "[17, 22]".
class LabelReader {
 public:
  explicit LabelReader(const ClassList& classes) : classes_(classes.size()) {
    for (std::size_t k = 0; k < classes.size(); ++k) by_name_.emplace(fold_name(classes[k].name), static_cast<int>(k));
    for (std::size_t k = 0; k < classes.size(); ++k) {
      for (const std::string& alias : classes[k].aliases) by_name_.emplace(fold_name(alias), static_cast<int>(k));
    }
  }

  /// Ascending, each once; labels that are no class are added to `unknown`.
  [[nodiscard]] std::vector<int> read(const std::string& cell, std::set<std::string>& unknown) const {
    std::set<int> labels;
    const bool list = cell.size() > 1 && cell.front() == '[' && cell.back() == ']';
    const std::string inside = list ? cell.substr(1, cell.size() - 2) : cell;
    for (const std::string& label : split_list(inside, list ? ',' : ';')) {
      const int index = find(label);
      if (index >= 0) {
        labels.insert(index);
      } else {
        unknown.insert(label);
      }
    }
    return {labels.begin(), labels.end()};
  }

 private:
  [[nodiscard]] int find(const std::string& label) const {
    if (const auto found = by_name_.find(fold_name(label)); found != by_name_.end()) return found->second;
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(label.data(), label.data() + label.size(), index);
    const bool number = error == std::errc() && end == label.data() + label.size();
    return number && index < classes_ ? static_cast<int>(index) : -1;
  }

  std::size_t classes_;
  std::map<std::string, int> by_name_;
};

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

/// What was left out, for the warnings.
struct LeftOut {
  std::size_t empty = 0;
  std::size_t unknown_rows = 0;
  std::size_t unmatched = 0;
  std::size_t too_long = 0;
  std::set<std::string> unknown;
};

void add(CaptionSet& set, Caption caption, LeftOut& left_out) {
  if (caption.text.size() > kLongCaption) ++left_out.too_long;
  set.captions.push_back(std::move(caption));
}

void read_labelled(const CsvTable& table, const Columns& columns, const ClassList& classes, CaptionSet& set,
                   LeftOut& left_out) {
  const LabelReader reader(classes);
  for (const std::vector<std::string>& row : table.rows) {
    std::string text = trim(row[static_cast<std::size_t>(columns.caption)]);
    if (words_of(text).empty()) {
      ++left_out.empty;
      continue;
    }
    std::set<std::string> unknown;
    std::vector<int> labels = reader.read(trim(row[static_cast<std::size_t>(columns.label)]), unknown);
    left_out.unknown_rows += unknown.empty() && !labels.empty() ? 0 : 1;
    left_out.unknown.insert(unknown.begin(), unknown.end());
    if (!labels.empty()) add(set, {std::move(text), std::move(labels), true}, left_out);
  }
}

void read_sentences(const std::vector<std::string>& sentences, const ClassList& classes, CaptionSet& set,
                    LeftOut& left_out) {
  const ClassMatcher matcher(classes);
  for (const std::string& sentence : sentences) {
    std::string text = trim(sentence);
    if (words_of(text).empty()) {
      ++left_out.empty;
      continue;
    }
    Caption caption{std::move(text), {}, true};
    for (ClassMatcher::Match& match : matcher.matches_in(caption.text)) {
      caption.labels.push_back(match.label);
      caption.found_by.push_back(std::move(match.words));
    }
    if (caption.labels.empty()) {
      ++left_out.unmatched;
    } else {
      add(set, std::move(caption), left_out);
    }
  }
}

void warn_about_what_was_left_out(const LeftOut& left_out, std::vector<std::string>& warnings) {
  if (left_out.unknown_rows > 0) {
    const std::vector<std::string> names(left_out.unknown.begin(), left_out.unknown.end());
    warnings.push_back(names.empty() ? counted(left_out.unknown_rows, "row", "rows") + " without a label left out."
                                     : counted(left_out.unknown_rows, "row names", "rows name") +
                                           " unknown classes: " + some_of(names) +
                                           ". These labels are left out; correct them or add the classes.");
  }
  if (left_out.empty > 0) warnings.push_back(counted(left_out.empty, "row", "rows") + " without words left out.");
  if (left_out.unmatched > 0) {
    warnings.push_back(counted(left_out.unmatched, "sentence mentions", "sentences mention") +
                       " none of the classes and " + (left_out.unmatched == 1 ? "is" : "are") +
                       " left out. Aliases help to find more.");
  }
  if (left_out.too_long > 0) {
    warnings.push_back(counted(left_out.too_long, "caption is", "captions are") +
                       " longer than a model reads; only the beginning is used.");
  }
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

std::string unquoted(const std::string& line) {
  const bool quotes = line.size() > 1 && line.front() == '"' && line.back() == '"';
  return quotes ? line.substr(1, line.size() - 2) : line;
}

void read_text(const std::string& text, const std::filesystem::path& file, const ClassList& classes, CaptionSet& set,
               LeftOut& left_out) {
  const std::vector<std::string> lines = split_lines(text);
  const auto first = std::ranges::find_if(lines, [](const std::string& line) { return !trim(line).empty(); });
  const bool plain = file.extension() == ".txt" || first == lines.end();
  // The header is looked at alone: sentences with commas are no table.
  const Columns columns =
      plain || std::ranges::count(*first, '"') % 2 != 0 ? Columns{} : columns_of(parse_csv(*first, quoted(file)));
  if (columns.caption < 0) {
    std::vector<std::string> sentences;
    sentences.reserve(lines.size());
    for (const std::string& line : lines) sentences.push_back(unquoted(trim(line)));
    while (!sentences.empty() && sentences.back().empty()) sentences.pop_back();
    read_sentences(sentences, classes, set, left_out);
    return;
  }
  const CsvTable table = parse_csv(text, quoted(file));
  if (columns.label >= 0) {
    read_labelled(table, columns, classes, set, left_out);
    return;
  }
  std::vector<std::string> sentences;
  sentences.reserve(table.rows.size());
  for (const std::vector<std::string>& row : table.rows)
    sentences.push_back(row[static_cast<std::size_t>(columns.caption)]);
  read_sentences(sentences, classes, set, left_out);
}

}  // namespace

CaptionSet captions_from_file(const std::filesystem::path& file, const ClassList& classes, bool alone) {
  check_classes(classes);
  CaptionSet set;
  LeftOut left_out;
  read_text(read_text_file(file), file, classes, set, left_out);
  warn_about_what_was_left_out(left_out, set.warnings);
  if (set.captions.empty()) {
    std::string why = quoted(file) + " holds no caption for these classes.";
    for (const std::string& warning : set.warnings) why += " " + warning;
    throw Error(ErrorKind::Usage, why + " Give rows of caption,label, or sentences that contain the class names.");
  }
  if (alone) warn_about_bare_classes(set, classes, set.warnings);
  return set;
}

}  // namespace hearsay
