#include "prompts/unread_names.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>

#include "base/plain_text.h"
#include "base/words.h"
#include "model/clap_model.h"
#include "text/tokenizer.h"

namespace hearsay {
namespace {

/// The name; with `further` aliases and description too: all that can say what a class is.
std::vector<std::string> texts_of(const SoundClass& sound, bool further) {
  std::vector<std::string> texts{normalise_class_name(sound.name)};
  if (!further) return texts;
  for (const std::string& alias : sound.aliases) {
    if (!fold_name(alias).empty()) texts.push_back(normalise_class_name(alias));
  }
  if (!fold_name(sound.description).empty()) texts.push_back(trim(sound.description));
  return texts;
}

bool knows_a_word_of(const Tokenizer& tokenizer, const std::string& text) {
  const auto known = [&](const std::string& word) {
    const std::vector<std::int64_t> ids = tokenizer.encode_plain(word);
    return std::ranges::any_of(ids, [&](std::int64_t id) { return id != tokenizer.special().unknown; });
  };
  const std::vector<std::string> words = words_of(text);
  return words.empty() ? known(text) : std::ranges::any_of(words, known);
}

std::string names_of(const ClassList& classes, const std::vector<std::size_t>& which) {
  constexpr std::size_t kNamed = 8;
  std::vector<std::string> names;
  for (const std::size_t k : which) names.push_back(classes[k].name);
  return some_of(names, kNamed);
}

}  // namespace

UnreadNames unread_names(const ClassList& classes, const ClapModel& model, bool further) {
  UnreadNames unread;
  std::map<std::set<std::vector<std::int64_t>>, std::size_t> read_before;
  for (std::size_t k = 0; k < classes.size(); ++k) {
    const std::vector<std::string> texts = texts_of(classes[k], further);
    if (texts.size() == 1 && texts.front().empty()) continue;  // check_classes() says what is wrong with these
    if (std::ranges::none_of(texts, [&](const auto& text) { return knows_a_word_of(model.tokenizer(), text); })) {
      unread.unknown.push_back(k);
      continue;
    }
    std::set<std::vector<std::int64_t>> tokens;
    for (const std::string& text : texts) tokens.insert(model.tokens(" " + text));  // as the tuner feeds them
    const auto [earlier, is_new] = read_before.emplace(std::move(tokens), k);
    if (!is_new) unread.alike.emplace_back(earlier->second, k);
  }
  return unread;
}

std::vector<std::string> unread_names_in_words(const ClassList& classes, const UnreadNames& unread) {
  constexpr std::size_t kTold = 3;
  std::vector<std::string> said;
  if (!unread.unknown.empty()) {
    const bool one = unread.unknown.size() == 1;
    said.push_back("This model knows no word of " + names_of(classes, unread.unknown) + ": it cannot tell what " +
                   (one ? "it sounds" : "they sound") + " like. Name " + (one ? "it" : "them") +
                   " in English, or add English words as aliases.");
  }
  for (std::size_t i = 0; i < std::min(unread.alike.size(), kTold); ++i) {
    const auto& [first, second] = unread.alike[i];
    said.push_back("This model reads \"" + classes[first].name + "\" and \"" + classes[second].name +
                   "\" as the same words: it cannot tell them apart. Rename one of them.");
  }
  if (unread.alike.size() > kTold) {
    said.push_back(std::to_string(unread.alike.size()) + " classes are read as others are in all.");
  }
  return said;
}

std::string not_told_apart_in_words(const ClassList& classes, const UnreadNames& unread) {
  if (unread.told_apart()) return {};
  std::set<std::size_t> which;
  if (unread.unknown.size() > 1) which.insert(unread.unknown.begin(), unread.unknown.end());
  for (const auto& [first, second] : unread.alike) which.insert({first, second});
  return "This model reads the same, or no words at all, in " + names_of(classes, {which.begin(), which.end()}) +
         ": tuning cannot tell them apart.";
}

}  // namespace hearsay
