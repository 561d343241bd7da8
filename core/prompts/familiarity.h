#pragma once
// Fairness between classes that the audio tower has met and classes that it has not: calibrated stacking (Chao et al.,
// "An Empirical Study and Analysis of Generalized Zero-Shot Learning", arXiv 1605.04253), from text alone.

#include <string>
#include <vector>

#include "prompts/prompt_set.h"

namespace hearsay {

class ClapModel;

struct Familiarity {
  /// [K] 0..1. 1 where the words of the class's name, of an alias or of another name that sounds.txt has for it are
  /// those of a familiar name of the model (ModelInfo::familiar); else the highest cosine between the class's zero-shot
  /// embedding and the template's prompts of the familiar names, as a smooth step from like_from to like_to. Zeros for
  /// a model that names none.
  std::vector<double> likeness;
  /// [K] for PromptSet::offsets, in cosine: handicap times likeness, less what the prompts hold of it already, less the
  /// mean over the classes. Empty when that is nothing: the model names no familiar names, or all classes are alike.
  std::vector<double> offsets;
};

/// `zero_shot`: classes, template and zero-shot embeddings are read. One pass of the familiar names through the text
/// tower.
Familiarity familiarity(const ClapModel& model, const PromptSet& zero_shot);

/// A sentence that names the classes which are new to the model; empty when there are none, or no offsets for them.
std::string new_names_in_words(const ClassList& classes, const Familiarity& familiarity);

}  // namespace hearsay
