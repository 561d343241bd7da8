#pragma once
// What is known of common sounds: resources/captions/sounds.txt, by the words of their names.

#include <map>
#include <string>
#include <string_view>

#include "prompts/class_list.h"

namespace hearsay {

/// The words of a name as a set, so that "chirping birds" and "birds chirping" have the same key. Stems, sorted,
/// function words left out; empty for a name without words.
std::string word_key(std::string_view name);

class SoundWords {
 public:
  /// Reads resources_folder()/captions/sounds.txt. Errors: NotFound, Unreadable, BadFormat.
  SoundWords();
  /// The entry for a class, by its name or else by an alias: its name and other names, and phrases as its description.
  /// Null: none.
  [[nodiscard]] const SoundClass* find(const SoundClass& sound) const;

 private:
  ClassList sounds_;
  std::map<std::string, std::size_t> by_key_;
};

}  // namespace hearsay
