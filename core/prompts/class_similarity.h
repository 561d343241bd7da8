#pragma once
// How alike the classes of a prompt set are to one of its scores: which ones it confuses.

#include "base/matrix.h"
#include "prompts/prompt_set.h"

namespace hearsay {

/// [K, d], L2-normalised: what this score compares a sound with. For the fused score the sum of coarse, fine and anchor
/// (PromptSet::anchor()) embeddings by the set's weights, which is exact for a sound of a single frame; offsets, which
/// are not about likeness, are no part of it. A set that is not tuned has zero-shot embeddings only.
Matrix score_embeddings(const PromptSet& prompts, ScoreKind kind);

/// [K, K]: cosines between those of any two classes.
Matrix class_similarity(const PromptSet& prompts, ScoreKind kind);

}  // namespace hearsay
