#pragma once
// How a tuned set's fused score is put together, changed afterwards: for the tables of TUNING.md, and for whoever has
// labelled sounds to try it on. Nothing is tuned anew: contexts, class embeddings, curves and what held-out text said
// of the set as it was tuned stay as they are.

#include <optional>

#include "prompts/prompt_set.h"
#include "prompts/reference_sounds.h"

namespace hearsay {

struct FusedChange {
  std::optional<ScoreWeights> weights;  ///< only how they compare counts: their sum stays the set's, so that
                                        ///< probabilities stay as sharp; empty: those of the set
  bool anchors = true;                  ///< false: zero-shot itself in the place of PromptSet::anchored
  std::optional<double> offsets;        ///< share taken off, 0..1 (kOffsetsShare is the tuner's); 0: none. Empty: the
                                        ///< set's own
};

/// The share that the offsets will have: what was asked for, else that of an earlier change (noted in
/// PromptSet::recipe), else the tuner's for a set with offsets. 0: none, and no sounds are needed.
double share_after(const PromptSet& prompts, const FusedChange& change);

/// Errors: Usage for a set that is not tuned, weights outside 0..100 or all 0, and a share outside 0..1.
void check_change(const PromptSet& prompts, const FusedChange& change);

/// Offsets go by the weights and anchors, so they are always measured anew, on `sounds`. The change is added to the
/// recipe as "reweighed". Errors: as check_change; Usage for offsets without sounds to measure them on.
void change_fused(PromptSet& prompts, const FusedChange& change, const ReferenceSounds& sounds);

}  // namespace hearsay
