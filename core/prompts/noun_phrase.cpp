#include "prompts/noun_phrase.h"

#include <algorithm>
#include <unordered_set>
#include <vector>

#include "base/csv.h"
#include "base/plain_text.h"
#include "base/words.h"
#include "prompts/word_match.h"

namespace hearsay {
namespace {

using Words = std::unordered_set<std::string_view>;

// Nouns that take no article: what one hears of them is an amount, not a piece.
const Words& mass_nouns() {
  static const Words words = {
      "air",        "ambience", "applause", "bacon",       "brass",     "breath",     "chatter",  "conversation",
      "crockery",   "cutlery",  "dirt",     "electricity", "fire",      "foliage",    "food",     "gas",
      "grass",      "gravel",   "gunfire",  "hail",        "hardware",  "heartbeat",  "hip-hop",  "hubbub",
      "ice",        "jazz",     "laughter", "lava",        "lightning", "machinery",  "mud",      "music",
      "noise",      "oil",      "paper",    "percussion",  "pop",       "rain",       "rainfall", "reverb",
      "rock",       "rubble",   "rustle",   "sand",        "silence",   "silverware", "sizzle",   "sleet",
      "snow",       "speech",   "static",   "steam",       "surf",      "techno",     "thunder",  "traffic",
      "water",      "weather",  "wildlife", "wind",        "wood",      "chat",       "murmur",   "babble",
      "background", "coughs",   "drizzle",  "glass",       "audio",     "singing",    "talk",     "whispering"};
  return words;
}

const Words& plural_nouns() {
  static const Words words = {"children", "people", "men",   "women", "teeth",  "feet",   "mice",   "geese",
                              "cattle",   "oxen",   "sheep", "kids",  "police", "wolves", "leaves", "knives"};
  return words;
}

// -ing words that name a thing: "a building", "a recording".
const Words& ing_things() {
  static const Words words = {"building", "string", "ring",      "spring",  "king",    "wing",    "swing",
                              "ceiling",  "thing",  "lightning", "morning", "evening", "wedding", "bowstring"};
  return words;
}

bool is_capital(char c) {
  return c >= 'A' && c <= 'Z';
}

bool is_ascii_letter(char c) {
  return (c >= 'a' && c <= 'z') || is_capital(c);
}

bool is_acronym(std::string_view word) {
  const auto capitals = std::ranges::count_if(word, is_capital);
  return capitals >= 2 || (word.size() == 1 && capitals == 1);
}

/// "Car Horn" -> "car horn", "FM Radio" -> "FM radio".
std::string lower_but_acronyms(std::string_view name) {
  std::string out;
  for (std::string word : split_list(name, ' ')) {
    const bool shouted = std::ranges::none_of(name, [](char c) { return c >= 'a' && c <= 'z'; }) && name.size() > 4;
    if (!is_acronym(word) || shouted) {
      word = ascii_lower(word);
    }
    out += (out.empty() ? "" : " ") + word;
  }
  return out;
}

bool is_ing_form(std::string_view word) {
  return word.size() > 4 && word.ends_with("ing") && !ing_things().contains(word);
}

bool starts_like(std::string_view word, const std::vector<std::string_view>& beginnings) {
  return std::ranges::any_of(beginnings, [&](std::string_view beginning) { return word.starts_with(beginning); });
}

enum class Form { Countable, Mass, Plural, Ing };

Form form_of(const std::vector<std::string>& words) {
  const std::string& last = words.back();
  if (is_ing_form(last)) {
    // "birds chirping" are, "glass breaking" is.
    const bool birds = words.size() > 1 && (plural_nouns().contains(words[words.size() - 2]) ||
                                            singular_words(words[words.size() - 2]) != words[words.size() - 2]);
    return birds ? Form::Plural : Form::Ing;
  }
  static const Words prepositions = {"on", "at", "in", "into", "to", "with", "through", "a", "an", "the"};
  const auto is_preposition = [](const std::string& word) { return prepositions.contains(word); };
  const bool doing = is_ing_form(words.front()) && std::ranges::any_of(words, is_preposition);
  if (doing) return Form::Ing;  // "knocking on a door"
  const bool acting = words.size() > 1 && is_ing_form(words.front()) && (last == "teeth" || last == "hands");
  if (acting) return Form::Ing;  // "brushing teeth"
  if (plural_nouns().contains(last)) return Form::Plural;
  if (mass_nouns().contains(last)) return Form::Mass;
  return singular_words(last) != last ? Form::Plural : Form::Countable;
}

}  // namespace

std::string_view article_for(std::string_view word) {
  if (word.empty() || !is_ascii_letter(word.front())) return "a";
  if (is_acronym(word))
    return std::string_view("AEFHILMNORSX").find(word.front()) != std::string_view::npos ? "an" : "a";
  const std::string lower = ascii_lower(word);
  if (starts_like(lower, {"hour", "honest", "honour", "honor", "heir"})) return "an";
  const bool you = starts_like(lower, {"uni", "use", "usu", "euro", "eu", "ute", "ura", "uku", "one", "once", "ewe"}) &&
                   !starts_like(lower, {"unin", "unim", "onion"});
  if (you) return "a";
  return std::string_view("aeiou").find(lower.front()) != std::string_view::npos ? "an" : "a";
}

NounPhrase noun_phrase(std::string_view name) {
  NounPhrase phrase;
  phrase.bare = lower_but_acronyms(normalise_class_name(name));
  const std::vector<std::string> words = split_list(phrase.bare, ' ');
  const bool has_one = !words.empty() && (words[0] == "a" || words[0] == "an" || words[0] == "the" ||
                                          words[0] == "someone" || words[0] == "something");
  if (words.empty() || has_one || !is_ascii_letter(phrase.bare.front())) {
    phrase.with_article = phrase.bare;
    phrase.definite = phrase.bare;
    return phrase;
  }
  const Form form = form_of(words);
  phrase.plural = form == Form::Plural;
  phrase.with_article = form == Form::Countable ? std::string(article_for(words[0])) + " " + phrase.bare : phrase.bare;
  phrase.definite = form == Form::Ing ? phrase.bare : "the " + phrase.bare;
  return phrase;
}

}  // namespace hearsay
