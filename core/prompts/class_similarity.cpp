#include "prompts/class_similarity.h"

#include <numeric>
#include <span>

#include "base/unit_length.h"

namespace hearsay {
namespace {

Matrix fused_embeddings(const PromptSet& prompts) {
  const ScoreWeights& weights = prompts.weights;
  Matrix sum(prompts.coarse.rows, prompts.coarse.cols);
  for (std::size_t i = 0; i < sum.data.size(); ++i) {
    const double value = weights.coarse * static_cast<double>(prompts.coarse.data[i]) +
                         weights.fine * static_cast<double>(prompts.fine.data[i]) +
                         weights.zero_shot * static_cast<double>(prompts.anchor().data[i]);
    sum.data[i] = static_cast<float>(value);
  }
  for (std::int64_t k = 0; k < sum.rows; ++k) make_unit_length(sum.row(k));
  return sum;
}

}  // namespace

Matrix score_embeddings(const PromptSet& prompts, ScoreKind kind) {
  if (!prompts.tuned || kind == ScoreKind::ZeroShot) return prompts.zero_shot;
  if (kind == ScoreKind::Coarse) return prompts.coarse;
  return kind == ScoreKind::Fine ? prompts.fine : fused_embeddings(prompts);
}

Matrix class_similarity(const PromptSet& prompts, ScoreKind kind) {
  const Matrix embeddings = score_embeddings(prompts, kind);
  Matrix cosines(embeddings.rows, embeddings.rows);
  for (std::int64_t i = 0; i < embeddings.rows; ++i) {
    for (std::int64_t j = i; j < embeddings.rows; ++j) {
      const std::span<const float> a = embeddings.row(i);
      cosines.at(i, j) = std::inner_product(a.begin(), a.end(), embeddings.row(j).begin(), 0.0F);
      cosines.at(j, i) = cosines.at(i, j);
    }
  }
  return cosines;
}

}  // namespace hearsay
