#pragma once
// One prompt set under two class lists that differ in order and words alone: what was tuned stays good for both.

#include "prompts/prompt_set.h"

namespace hearsay {

/// The same names, each as often, in whatever order.
bool same_names(const ClassList& a, const ClassList& b);

/// The set with this list in place of its own: in the list's order, with its aliases, descriptions and colours.
/// Everything that is kept for each class goes along. Error: Usage unless the names are the same.
PromptSet with_classes(const PromptSet& prompts, const ClassList& classes);

/// Whether both came of one tuning: the same names, and the same tuned embeddings for each.
bool same_tuning(const PromptSet& a, const PromptSet& b);

}  // namespace hearsay
