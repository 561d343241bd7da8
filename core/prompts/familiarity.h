#pragma once
// What a class has in common with the names that the audio tower has met in training (ModelInfo::familiar), from text
// alone: a text tower knows words ("tweeting birds") that the audio tower has never heard called so, beside names that
// it has heard ("chirping birds"). Ours; measured in TUNING.md.

#include <string>
#include <vector>

#include "base/matrix.h"
#include "prompts/prompt_set.h"

namespace hearsay {

class ClapModel;

struct Familiarity {
  /// [K] 0..1. 1 where the words of the class's name, of an alias or of another name that sounds.txt has for it are
  /// those of a familiar name; else the highest cosine between the class's zero-shot embedding and the template's
  /// prompts of the familiar names, as a smooth step from like_from to like_to. Zeros for a model that names none.
  std::vector<double> likeness;
  /// [K, d], L2-normalised, for PromptSet::anchored: a class's zero-shot embedding and, counted as much at most, the
  /// mean of the familiar names' weighted by likeness. A familiar name that another class of the list has draws
  /// nobody else. Empty when that changes nothing.
  Matrix anchored;
};

/// `zero_shot`: classes, template and zero-shot embeddings are read. One pass of the familiar names through the text
/// tower.
Familiarity familiarity(const ClapModel& model, const PromptSet& zero_shot);

/// A sentence that names the classes which are new to the model; empty when there are none, or when the model does not
/// say what it has met (likeness of nothing but zeros).
std::string new_names_in_words(const ClassList& classes, const Familiarity& familiarity);

}  // namespace hearsay
