#include "prompts/sound_words.h"

#include <set>

#include "base/files.h"
#include "base/words.h"
#include "prompts/word_match.h"

namespace hearsay {

std::string word_key(std::string_view name) {
  std::set<std::string> words;
  for (std::string& stem : stems_of(normalise_class_name(name))) {
    if (!is_function_word(stem)) words.insert(std::move(stem));
  }
  std::string key;
  for (const std::string& word : words) key += word + ' ';
  return key;
}

SoundWords::SoundWords() : sounds_(read_classes(resources_folder() / "captions" / "sounds.txt")) {
  for (std::size_t i = 0; i < sounds_.size(); ++i) {
    by_key_.emplace(word_key(sounds_[i].name), i);
    for (const std::string& alias : sounds_[i].aliases) by_key_.emplace(word_key(alias), i);
  }
}

const SoundClass* SoundWords::find(const SoundClass& sound) const {
  const auto entry = [this](std::string_view name) -> const SoundClass* {
    const auto found = by_key_.find(word_key(name));
    return found == by_key_.end() ? nullptr : &sounds_[found->second];
  };
  const SoundClass* found = entry(sound.name);
  for (std::size_t i = 0; found == nullptr && i < sound.aliases.size(); ++i) found = entry(sound.aliases[i]);
  return found;
}

}  // namespace hearsay
