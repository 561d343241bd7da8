#pragma once
// A class name as part of an English sentence: "a dog", "an air conditioner", "rain", "birds chirping".

#include <string>
#include <string_view>

namespace hearsay {

struct NounPhrase {
  std::string bare;          ///< "air conditioner"
  std::string with_article;  ///< "an air conditioner"; mass nouns, plurals and -ing forms take none: "rain"
  std::string definite;      ///< "the air conditioner"; -ing forms take none: "clapping"
  bool plural = false;       ///< "footsteps are heard", "rain is heard"
};

/// `name`: a normalised class name. Words in capitals (acronyms) keep their case, others are folded.
NounPhrase noun_phrase(std::string_view name);

/// "a" or "an", by how the word is spoken: "an hour", "a unicorn", "an FM radio".
std::string_view article_for(std::string_view word);

}  // namespace hearsay
