#include "prompts/score_weights.h"

#include <ATen/core/grad_mode.h>

#include <cmath>

#include "prompts/losses.h"

namespace hearsay {
namespace {

constexpr int kParts = 10;

/// Loss of every caption for every share of the grid: [grid, captions], double, on the CPU.
at::Tensor losses_of(const std::vector<ScoreWeights>& grid, const FeatureBatch& batch, const at::Tensor& embeddings,
                     const at::Tensor& zero_shot, double scale, bool multi_label) {
  const at::Tensor coarse = coarse_cosines(batch.sentences, embeddings[0]);
  const at::Tensor fine = fine_cosines(batch.words, batch.mask, embeddings[1]);
  const at::Tensor plain = coarse_cosines(batch.sentences, zero_shot);
  std::vector<at::Tensor> rows;
  rows.reserve(grid.size());
  for (const ScoreWeights& w : grid) {
    const at::Tensor fused = w.coarse * coarse + w.fine * fine + w.zero_shot * plain;
    const at::Tensor each =
        multi_label ? ranking_losses(fused, batch.targets) : cross_entropy_losses(fused, batch.labels, scale);
    rows.push_back(each.to(at::kCPU, at::kDouble));
  }
  return at::stack(rows);
}

}  // namespace

std::vector<ScoreWeights> score_weight_grid() {
  std::vector<ScoreWeights> grid;
  for (int zero_shot = kParts; zero_shot >= 0; --zero_shot) {
    for (int coarse = kParts - zero_shot; coarse >= 0; --coarse) {
      const int fine = kParts - zero_shot - coarse;
      grid.push_back({static_cast<double>(coarse) / kParts, static_cast<double>(fine) / kParts,
                      static_cast<double>(zero_shot) / kParts});
    }
  }
  return grid;
}

ScoreWeights choose_score_weights(const std::vector<FeatureBatch>& held_out, const at::Tensor& embeddings,
                                  const at::Tensor& zero_shot, double scale, bool multi_label) {
  if (held_out.empty()) return {};
  const at::NoGradGuard no_grad;
  const std::vector<ScoreWeights> grid = score_weight_grid();
  std::vector<at::Tensor> parts;
  for (const FeatureBatch& batch : held_out) {
    parts.push_back(losses_of(grid, batch, embeddings, zero_shot, scale, multi_label));
  }
  const at::Tensor losses = at::cat(parts, 1);
  const at::Tensor means = losses.mean(1);
  const auto lowest = means.argmin().item<std::int64_t>();
  const auto captions = static_cast<double>(losses.size(1));
  const double error = captions > 1 ? losses[lowest].std().item<double>() / std::sqrt(captions) : 0.0;
  const double limit = means[lowest].item<double>() + error;
  if (!std::isfinite(limit)) return {};
  // The grid begins with the most zero-shot.
  std::size_t chosen = static_cast<std::size_t>(lowest);
  double chosen_loss = INFINITY;
  for (std::size_t i = 0; i < grid.size(); ++i) {
    const double loss = means[static_cast<std::int64_t>(i)].item<double>();
    if (chosen_loss < INFINITY && grid[i].zero_shot < grid[chosen].zero_shot) break;
    if (loss <= limit && loss < chosen_loss) {
      chosen = i;
      chosen_loss = loss;
    }
  }
  return grid[chosen];
}

}  // namespace hearsay
