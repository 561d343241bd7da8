#include "prompts/label_reader.h"

#include <charconv>
#include <set>

#include "base/csv.h"
#include "base/words.h"

namespace hearsay {

LabelReader::LabelReader(const ClassList& classes) : classes_(classes.size()), names_(classes_by_name(classes)) {}

LabelReader::Cell LabelReader::read(std::string_view cell) const {
  const std::string text = trim(cell);
  const bool list = text.size() > 1 && text.front() == '[' && text.back() == ']';
  const std::string inside = list ? text.substr(1, text.size() - 2) : text;
  Cell out;
  std::set<int> labels;
  for (std::string& label : split_list(inside, list ? ',' : ';')) {
    const int named = by_name(label);
    const int index = named >= 0 ? named : by_number(label);
    if (index < 0) {
      out.unknown.push_back(std::move(label));
      continue;
    }
    labels.insert(index);
    if (named < 0) out.by_number.push_back(index);
  }
  out.labels.assign(labels.begin(), labels.end());
  return out;
}

std::vector<int> LabelReader::read_names(std::string_view cell) const {
  Cell read_cell = read(cell);
  return read_cell.unknown.empty() && read_cell.by_number.empty() ? std::move(read_cell.labels) : std::vector<int>();
}

int LabelReader::by_name(const std::string& label) const {
  const auto found = names_.find(fold_name(label));
  return found == names_.end() ? -1 : found->second;
}

int LabelReader::by_number(const std::string& label) const {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(label.data(), label.data() + label.size(), index);
  const bool number = error == std::errc() && end == label.data() + label.size();
  return number && index < classes_ ? static_cast<int>(index) : -1;
}

}  // namespace hearsay
