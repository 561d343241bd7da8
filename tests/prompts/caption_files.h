#pragma once
// What the tests of caption files share: three classes, and a folder to write files to.

#include <QTemporaryDir>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "prompts/captions.h"

namespace hearsay::testing {

inline bool contains(const std::vector<std::string>& sentences, const std::string& words) {
  return std::ranges::any_of(sentences, [&](const std::string& s) { return s.find(words) != std::string::npos; });
}

class CaptionFiles {
 protected:
  [[nodiscard]] std::filesystem::path write(const char* name, const std::string& content) const {
    const std::filesystem::path path = std::filesystem::path(dir_.path().toStdString()) / name;
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }

  const ClassList kThree = parse_classes("dog | hound\nrain\ncar horn");
  QTemporaryDir dir_;
};

}  // namespace hearsay::testing
