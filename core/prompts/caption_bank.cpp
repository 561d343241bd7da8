// Captions from class names: the grammar of resources/captions/grammar.txt, the sound words of sounds.txt.
#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>

#include "base/error.h"
#include "base/files.h"
#include "base/plain_text.h"
#include "base/words.h"
#include "prompts/caption_grammar.h"
#include "prompts/captions.h"
#include "prompts/noun_phrase.h"
#include "prompts/random.h"
#include "prompts/sound_words.h"
#include "prompts/word_match.h"

namespace hearsay {
namespace {

constexpr std::size_t kFewestInAll = 1200;
constexpr std::size_t kFewestPerClass = 40;
constexpr std::size_t kTriesPerSentence = 60;

/// What may be said of one class.
struct Voice {
  std::vector<NounPhrase> names;     ///< the class's own name first, then aliases and other names
  std::vector<std::string> phrases;  ///< of sounds.txt
  std::string description;           ///< small first letter, no full stop
  std::vector<int> allowed;          ///< classes its own names mention too ("dog bark" mentions "dog")
};

std::string as_fragment(std::string text) {
  text = trim(text);
  while (!text.empty() && text.back() == '.') text.pop_back();
  const bool sentence_case = text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && !(text[1] >= 'A' && text[1] <= 'Z');
  if (sentence_case) text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

std::vector<std::string> phrases_of(const std::string& list) {
  std::vector<std::string> phrases;
  std::size_t start = 0;
  while (start < list.size()) {
    const std::size_t end = std::min(list.find(';', start), list.size());
    if (std::string phrase = trim(list.substr(start, end - start)); !phrase.empty())
      phrases.push_back(std::move(phrase));
    start = end + 1;
  }
  return phrases;
}

/// Writes the sentences of one class list.
class Bank {
 public:
  Bank(const ClassList& classes, std::uint64_t seed)
      : classes_(classes),
        seed_(seed),
        grammar_(read_text_file(resources_folder() / "captions" / "grammar.txt"), "resources/captions/grammar.txt"),
        matcher_(classes) {
    make_voices();
    make_others();
    for (std::size_t k = 0; k < classes.size(); ++k) by_name_.push_back(k);
    std::ranges::sort(by_name_, {}, [&](std::size_t k) { return fold_name(classes[k].name); });
  }

  /// `wanted` different sentences for class k.
  void write(std::size_t k, std::size_t wanted, bool multi_label, std::vector<Caption>& out) const {
    Random random(seed_from(fold_name(classes_[k].name), seed_));
    std::unordered_set<std::string> seen;
    const std::size_t tries = wanted * kTriesPerSentence;
    for (std::size_t i = 0; i < tries && seen.size() < wanted; ++i) {
      const std::vector<std::size_t> subjects = choose_subjects(k, multi_label, random);
      const std::string text = sentence(subjects, random);
      // When every sentence mentions another class (a class called "sound"), the rule gives way.
      const bool strict = i < tries / 2;
      if (text.empty() || (strict && mentions_another(text, subjects)) || !seen.insert(text).second) continue;
      Caption caption;
      caption.text = random.coin() ? ascii_capitalised(text) + "." : text;
      for (const std::size_t subject : subjects) caption.labels.push_back(static_cast<int>(subject));
      std::ranges::sort(caption.labels);
      out.push_back(std::move(caption));
    }
  }

 private:
  void make_voices() {
    const SoundWords words;
    std::map<const SoundClass*, int> uses;
    std::vector<const SoundClass*> entries;
    for (const SoundClass& sound : classes_) {
      entries.push_back(words.find(sound));
      ++uses[entries.back()];
    }
    for (std::size_t k = 0; k < classes_.size(); ++k) {
      Voice voice = own_voice(k);
      // Words that would describe two classes of the list tell neither apart.
      if (entries[k] != nullptr && uses[entries[k]] == 1) add_sound_words(*entries[k], voice);
      voices_.push_back(std::move(voice));
    }
  }

  [[nodiscard]] Voice own_voice(std::size_t k) const {
    Voice voice;
    voice.names.push_back(noun_phrase(classes_[k].name));
    std::set<int> allowed{static_cast<int>(k)};
    for (const std::string& alias : classes_[k].aliases) voice.names.push_back(noun_phrase(alias));
    for (const NounPhrase& name : voice.names) {
      for (const int label : matcher_.classes_in(name.bare)) allowed.insert(label);
    }
    voice.allowed.assign(allowed.begin(), allowed.end());
    voice.description = as_fragment(classes_[k].description);
    return voice;
  }

  void add_sound_words(const SoundClass& entry, Voice& voice) const {
    const auto is_ours = [&](const std::string& text) {
      return std::ranges::includes(voice.allowed, matcher_.classes_in(text));
    };
    std::vector<std::string> names = entry.aliases;
    names.push_back(entry.name);
    for (const std::string& name : names) {
      const NounPhrase phrase = noun_phrase(name);
      const auto same = [&](const NounPhrase& other) { return other.bare == phrase.bare; };
      if (is_ours(name) && std::ranges::none_of(voice.names, same)) voice.names.push_back(phrase);
    }
    for (std::string& phrase : phrases_of(entry.description)) {
      if (is_ours(phrase)) voice.phrases.push_back(std::move(phrase));
    }
  }

  /// Distractors that share no word with any class.
  void make_others() {
    std::unordered_set<std::string> taken;
    for (const Voice& voice : voices_) {
      for (const NounPhrase& name : voice.names) {
        for (std::string& stem : stems_of(name.bare)) taken.insert(std::move(stem));
      }
    }
    for (const std::string& other : grammar_.lines("other")) {
      const std::vector<std::string> stems = stems_of(other);
      const auto is_taken = [&](const std::string& stem) { return !is_function_word(stem) && taken.contains(stem); };
      if (std::ranges::none_of(stems, is_taken)) others_.push_back(other);
    }
    if (others_.empty()) others_ = {"something else", "another sound", "other sounds"};
  }

  /// The class, and in multi-label lists now and then one or two more.
  std::vector<std::size_t> choose_subjects(std::size_t k, bool multi_label, Random& random) const {
    std::vector<std::size_t> subjects{k};
    if (!multi_label || random.below(5) < 2) return subjects;
    const std::size_t wanted = std::min<std::size_t>(random.below(3) == 0 ? 3 : 2, classes_.size());
    while (subjects.size() < wanted) {
      const std::size_t other = by_name_[random.below(by_name_.size())];
      if (std::ranges::find(subjects, other) == subjects.end()) subjects.push_back(other);
    }
    random.shuffle(subjects);
    return subjects;
  }

  [[nodiscard]] const NounPhrase& choose_name(const Voice& voice, Random& random) const {
    return random.coin() ? voice.names.front() : random.pick(voice.names);
  }

  [[nodiscard]] std::string sentence(const std::vector<std::size_t>& subjects, Random& random) const {
    const Voice& voice = voices_[subjects.front()];
    std::string section = subjects.size() == 1 ? "sentence" : subjects.size() == 2 ? "pair" : "triple";
    const std::size_t draw = random.below(20);
    if (section == "sentence" && draw < 2 && !voice.description.empty()) section = "description";
    if (section == "sentence" && draw >= 13 && !voice.phrases.empty()) section = "frame";
    const NounPhrase& name = choose_name(voice, random);
    SentenceSubject subject;
    subject.plural = name.plural;
    subject.slot = [&](std::string_view slot) -> std::string {
      if (slot == "a") return name.with_article;
      if (slot == "the") return name.definite;
      if (slot == "name") return name.bare;
      if (slot == "other") return random.pick(others_);
      if (slot == "phrase") return section == "description" ? voice.description : random.pick(voice.phrases);
      const std::size_t further = slot == "second" ? 1 : 2;
      return choose_name(voices_[subjects.at(further)], random).with_article;
    };
    return grammar_.sentence(section, subject, random);
  }

  [[nodiscard]] bool mentions_another(const std::string& text, const std::vector<std::size_t>& subjects) const {
    std::set<int> allowed;
    for (const std::size_t subject : subjects) {
      allowed.insert(voices_[subject].allowed.begin(), voices_[subject].allowed.end());
    }
    return !std::ranges::includes(allowed, matcher_.classes_in(text));
  }

  const ClassList& classes_;
  std::uint64_t seed_;
  CaptionGrammar grammar_;
  ClassMatcher matcher_;
  std::vector<Voice> voices_;
  std::vector<std::string> others_;
  std::vector<std::size_t> by_name_;
};

}  // namespace

CaptionSet captions_from_bank(const ClassList& classes, const BankOptions& options) {
  check_classes(classes);
  if (options.per_class < 0 || options.per_class > 100000) {
    throw Error(ErrorKind::Usage,
                "The number of captions for each class must be between 1 and 100000 (0: as many as needed).");
  }
  const std::size_t enough = std::max(kFewestPerClass, (kFewestInAll + classes.size() - 1) / classes.size());
  const std::size_t wanted = options.per_class > 0 ? static_cast<std::size_t>(options.per_class) : enough;
  const Bank bank(classes, options.seed);
  CaptionSet set;
  for (std::size_t k = 0; k < classes.size(); ++k) bank.write(k, wanted, options.multi_label, set.captions);
  return set;
}

}  // namespace hearsay
