#pragma once
// Label cells of captions that a person brings.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "prompts/class_list.h"

namespace hearsay {

/// Label cells -> class indices: names, aliases, or numbers from 0; "a; b" or "[17, 22]". A class's name wins over
/// another's alias, and both over a number.
class LabelReader {
 public:
  explicit LabelReader(const ClassList& classes);

  struct Cell {
    std::vector<int> labels;           ///< ascending, each once
    std::vector<int> by_number;        ///< those of them that were numbers
    std::vector<std::string> unknown;  ///< what is no class
  };
  [[nodiscard]] Cell read(std::string_view cell) const;

  /// The labels of a cell all of which are names or aliases; none where something else is in it.
  [[nodiscard]] std::vector<int> read_names(std::string_view cell) const;

 private:
  [[nodiscard]] int by_name(const std::string& label) const;    ///< -1: no class
  [[nodiscard]] int by_number(const std::string& label) const;  ///< -1: no class

  std::size_t classes_;
  std::map<std::string, int> names_;
};

}  // namespace hearsay
