#pragma once
// How a tuned set's fused score is put together, changed afterwards: for the tables of TUNING.md, and for whoever has
// labelled sounds to try it on. Contexts and class embeddings stay as they are.

#include <optional>

#include "prompts/prompt_set.h"
#include "prompts/reference_sounds.h"

namespace hearsay {

struct FusedChange {
  std::optional<ScoreWeights> weights;  ///< empty: those of the set
  bool anchors = true;                  ///< false: zero-shot itself in the place of PromptSet::anchored
  std::optional<double> offsets;        ///< share taken off, 0..1 (kOffsetsShare is the tuner's); 0: none.
                                        ///< Empty: the tuner's in a set that has offsets, none in one that has none
};

/// Offsets are measured anew on `sounds`, since they go by the weights and anchors; with these changed alone that is
/// the score the tuner would have made. Errors: Usage for a set that is not tuned, weights below 0 or all 0, a share
/// outside 0..1, and offsets without sounds to measure them on.
void change_fused(PromptSet& prompts, const FusedChange& change, const ReferenceSounds& sounds);

}  // namespace hearsay
