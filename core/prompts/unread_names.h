#pragma once
// What a model makes of class names before anything is tuned: words that its tokenizer does not know, and names that it
// reads as the same words.

#include <string>
#include <utility>
#include <vector>

#include "prompts/class_list.h"

namespace hearsay {

class ClapModel;

struct UnreadNames {
  /// Classes, ascending, of whose words the model knows none: not of the name, an alias or the description. Where there
  /// are no words ("♪"), what stands there counts.
  std::vector<std::size_t> unknown;
  /// Of the others each that is fed to the text tower as an earlier one is ("café" beside "cafe"): the earlier one, it.
  std::vector<std::pair<std::size_t, std::size_t>> alike;
  /// False where two classes are nothing but unknown words, or the same words, to the model.
  [[nodiscard]] bool told_apart() const noexcept { return unknown.size() < 2 && alike.empty(); }
};

/// By the tokenizer alone: quick enough for every change of a list. `further`: aliases and descriptions count too, as
/// in the zero-shot baseline; without, names alone, as a tuning without further prompts reads them.
UnreadNames unread_names(const ClassList& classes, const ClapModel& model, bool further = true);

/// Sentences that name these classes and what to do; none when all is well.
std::vector<std::string> unread_names_in_words(const ClassList& classes, const UnreadNames& unread);

/// Why a tuning of these classes cannot be called a success; empty where it can.
std::string not_told_apart_in_words(const ClassList& classes, const UnreadNames& unread);

}  // namespace hearsay
