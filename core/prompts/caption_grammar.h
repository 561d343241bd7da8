#pragma once
// The sentence patterns of resources/captions/grammar.txt and how they are filled (the file's head explains its marks).

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "prompts/random.h"

namespace hearsay {

/// What a sentence is about. `slot` gives the text for {a}, {the}, {name}, {phrase}, {other}, {second}, {third}.
struct SentenceSubject {
  std::function<std::string(std::string_view slot)> slot;
  bool plural = false;  ///< which side of <is/are>
};

class CaptionGrammar {
 public:
  /// Errors: BadFormat (an unknown slot, an unclosed bracket, a missing section), naming `where` and the line.
  CaptionGrammar(std::string_view text, const std::string& where);

  /// A sentence from a random pattern of the section, without capital and full stop.
  [[nodiscard]] std::string sentence(std::string_view section, const SentenceSubject& subject, Random& random) const;
  [[nodiscard]] const std::vector<std::string>& lines(std::string_view section) const;

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> sections_;
};

}  // namespace hearsay
