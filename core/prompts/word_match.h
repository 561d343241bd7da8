#pragma once
// Words of sentences against words of class names: "two dogs are barking" mentions the class "dog bark".

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "prompts/class_list.h"

namespace hearsay {

/// An English word's stem, roughly: plural, -ing, -ed and a final e are taken off ("barking", "barks", "barked" ->
/// "bark"). `word` is lower-case. Words of other languages pass unharmed unless they end alike, and then do so on both
/// sides.
std::string word_stem(std::string_view word);

/// Stems of a text's words in order.
std::vector<std::string> stems_of(std::string_view text);

/// The text with each word's plural ending taken off, joined by blanks.
std::string singular_words(std::string_view folded);

/// Words that carry no sound by themselves: "a", "the", "of", "in", ...
bool is_function_word(std::string_view stem);

/// Finds the classes a sentence mentions: all the words (stems, in any order; function words left out) of a class's
/// name or of one of its aliases.
class ClassMatcher {
 public:
  explicit ClassMatcher(const ClassList& classes);
  /// Class indices, ascending.
  [[nodiscard]] std::vector<int> classes_in(std::string_view sentence) const;

  struct Match {
    int label = 0;
    std::string words;  ///< the name or alias that was found, as typed
  };
  /// One match a class, ascending by class.
  [[nodiscard]] std::vector<Match> matches_in(std::string_view sentence) const;

 private:
  struct Phrase {
    int label = 0;
    std::vector<std::string> stems;
    std::string typed;
  };
  std::vector<Phrase> phrases_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_first_stem_;
};

}  // namespace hearsay
