#include "prompts/word_match.h"

#include <algorithm>
#include <array>
#include <map>
#include <unordered_set>

#include "base/words.h"

namespace hearsay {
namespace {

bool has_vowel(std::string_view text) {
  return text.find_first_of("aeiouy") != std::string_view::npos;
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string_view drop(std::string_view word, std::size_t letters) {
  return word.substr(0, word.size() - letters);
}

/// "dogs" -> "dog", "glasses" -> "glass", "cries" -> "cry"; "bus", "gas", "glass" stay.
std::string singular(std::string_view word) {
  constexpr std::array<std::string_view, 8> kNotPlural = {"bus",    "gas",    "bass",   "lens",
                                                          "chorus", "walrus", "cactus", "series"};
  if (std::ranges::find(kNotPlural, word) != kNotPlural.end()) return std::string(word);
  const bool plural =
      word.size() > 3 && word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us") && !word.ends_with("is");
  if (!plural) return std::string(word);
  if (word.ends_with("ies") && word.size() > 4) return std::string(drop(word, 3)) + "y";
  for (const std::string_view hiss : {"sses", "shes", "ches", "xes", "zzes", "buses", "gases"}) {
    if (word.ends_with(hiss)) return std::string(drop(word, 2));
  }
  return std::string(drop(word, 1));
}

/// "runn" -> "run"; "bell", "hiss" and "buzz" are no doublings of a verb's ending.
std::string_view undouble(std::string_view stem) {
  if (stem.size() < 3 || stem.back() != stem[stem.size() - 2]) return stem;
  return std::string_view("lsz").find(stem.back()) == std::string_view::npos ? drop(stem, 1) : stem;
}

}  // namespace

std::string word_stem(std::string_view word) {
  if (!is_ascii(word)) return std::string(word);
  if (word.ends_with("'s")) word = drop(word, 2);
  std::string stem = singular(word);
  for (const std::string_view ending : {std::string_view("ing"), std::string_view("ed")}) {
    const std::string_view root = drop(stem, std::min(stem.size(), ending.size()));
    if (stem.ends_with(ending) && root.size() >= 3 && has_vowel(root) && !root.ends_with('e')) {
      stem = std::string(undouble(root));
      break;
    }
  }
  if (stem.size() > 3 && stem.ends_with('e') && !stem.ends_with("ee")) stem.pop_back();
  return stem;
}

std::vector<std::string> stems_of(std::string_view text) {
  std::vector<std::string> stems = words_of(text);
  for (std::string& word : stems) word = word_stem(word);
  return stems;
}

std::string singular_words(std::string_view folded) {
  std::string out;
  for (const std::string& word : words_of(folded)) {
    if (!out.empty()) out += ' ';
    out += singular(word);
  }
  return out;
}

bool is_function_word(std::string_view stem) {
  static const std::unordered_set<std::string_view> kWords = {
      "a",    "an",   "the",  "of",   "in",    "on",    "at",   "to",  "and",  "or",   "is",    "are",
      "was",  "were", "with", "by",   "for",   "as",    "from", "it",  "this", "that", "there", "which",
      "be",   "can",  "i",    "we",   "some",  "while", "so",   "no",  "not",  "then", "up",    "down",
      "into", "out",  "over", "near", "about", "one",   "my",   "his", "her"};
  return kWords.contains(stem);
}

ClassMatcher::ClassMatcher(const ClassList& classes) {
  for (std::size_t k = 0; k < classes.size(); ++k) {
    std::vector<std::string> names = classes[k].aliases;
    names.insert(names.begin(), classes[k].name);
    for (const std::string& name : names) {
      std::vector<std::string> stems = stems_of(normalise_class_name(name));
      const auto is_function = [](const std::string& stem) { return is_function_word(stem); };
      if (!std::ranges::all_of(stems, is_function)) std::erase_if(stems, is_function);
      if (stems.empty()) continue;
      by_first_stem_[stems.front()].push_back(phrases_.size());
      phrases_.push_back({static_cast<int>(k), std::move(stems), name});
    }
  }
}

std::vector<ClassMatcher::Match> ClassMatcher::matches_in(std::string_view sentence) const {
  const std::vector<std::string> words = stems_of(sentence);
  const std::unordered_set<std::string> present(words.begin(), words.end());
  std::map<int, std::size_t> found;  // class -> its first phrase
  for (const std::string& word : present) {
    const auto phrases = by_first_stem_.find(word);
    if (phrases == by_first_stem_.end()) continue;
    for (const std::size_t index : phrases->second) {
      const Phrase& phrase = phrases_[index];
      if (!std::ranges::all_of(phrase.stems, [&](const std::string& stem) { return present.contains(stem); })) continue;
      const auto [entry, is_new] = found.emplace(phrase.label, index);
      if (!is_new) entry->second = std::min(entry->second, index);
    }
  }
  std::vector<Match> matches;
  matches.reserve(found.size());
  for (const auto& [label, index] : found) matches.push_back({label, phrases_[index].typed});
  return matches;
}

std::vector<int> ClassMatcher::classes_in(std::string_view sentence) const {
  std::vector<int> labels;
  for (const Match& match : matches_in(sentence)) labels.push_back(match.label);
  return labels;
}

}  // namespace hearsay
