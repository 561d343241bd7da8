#pragma once
// From embeddings to scores, on plain floats (DESIGN section 3, "Test time").

#include <span>
#include <vector>

#include "base/matrix.h"
#include "prompts/prompt_set.h"

namespace hearsay {

/// Everything one window gives for K classes.
struct WindowScores {
  std::vector<float> zero_shot;   ///< [K] cosines with the template's embeddings
  std::vector<float> coarse;      ///< [K] cosines; empty for sets that are not tuned
  std::vector<float> fine;        ///< [K] attention-weighted cosines over frames; empty likewise
  std::vector<float> fused;       ///< [K] coarse + fine; empty likewise
  Matrix frame_similarity;        ///< [T, K] cosines of frames with the chosen kind's class embeddings (for charts)
};

/// `clip` [d] and `frames` [T, d] are L2-normalised. `kind` chooses the class embeddings for frame_similarity.
WindowScores score_window(std::span<const float> clip, const Matrix& frames, const PromptSet& prompts,
                          ScoreKind kind, bool with_frames);

/// The [K] numbers of one kind (zero-shot for a set that is not tuned).
std::span<const float> scores_of(const WindowScores& scores, ScoreKind kind);

/// softmax(scale * values).
std::vector<float> softmax(std::span<const float> values, double scale);

/// What is shown as "similarity": a cosine (fused: half of coarse + fine).
float similarity_of(const WindowScores& scores, ScoreKind kind, std::size_t k);

/// Class indices by falling score; ties by index.
std::vector<int> ranking(std::span<const float> values);

}  // namespace hearsay
