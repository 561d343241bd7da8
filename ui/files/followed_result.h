#pragma once
// What was heard with one prompt set, as another that scores alike has it: a list whose classes were moved, or were
// given other words or colours after a tuning, is no reason to name files again.

#include <vector>

#include "classify/file_classifier.h"

namespace hearsay::ui {

/// For each class of `to` its place in `from`, where both give a sound the same scores under the same names; else
/// empty.
std::vector<std::size_t> placesIn(const PromptSet& from, const PromptSet& to);

/// The result with the scores of every class in its new place (`places` as above).
FileResult inOrder(FileResult result, const std::vector<std::size_t>& places);

}  // namespace hearsay::ui
