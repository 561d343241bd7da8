#include "prompts/score_weights.h"

#include <ATen/core/grad_mode.h>

#include <cmath>
#include <tuple>

#include "prompts/held_out.h"
#include "prompts/losses.h"

namespace hearsay {
namespace {

constexpr int kParts = 20;
constexpr double kSame = 1e-9;

/// Lowest, 1/3, for equal shares.
double unevenness(const ScoreWeights& w) {
  return w.coarse * w.coarse + w.fine * w.fine + w.zero_shot * w.zero_shot;
}

/// What held-out captions say of every share of the grid.
struct GridLook {
  at::Tensor losses;  ///< [grid, captions], double, on the CPU
  at::Tensor right;   ///< [grid, captions], likewise: 1 where the best class is one of the caption's
};

GridLook look_at(const std::vector<ScoreWeights>& grid, const FeatureBatch& batch, const at::Tensor& embeddings,
                 const at::Tensor& zero_shot, double scale, bool multi_label) {
  const at::Tensor coarse = coarse_cosines(batch.sentences, embeddings[0]);
  const at::Tensor fine = fine_cosines(batch.words, batch.mask, embeddings[1]);
  const at::Tensor plain = coarse_cosines(batch.sentences, zero_shot);
  std::vector<at::Tensor> losses;
  std::vector<at::Tensor> right;
  for (const ScoreWeights& w : grid) {
    const at::Tensor fused = w.coarse * coarse + w.fine * fine + w.zero_shot * plain;
    losses.push_back(caption_losses(fused, batch, scale, multi_label));
    right.push_back(batch.targets.gather(1, fused.argmax(1, true)).squeeze(1));
  }
  const auto on_cpu = [](const std::vector<at::Tensor>& rows) { return at::stack(rows).to(at::kCPU, at::kDouble); };
  return {on_cpu(losses), on_cpu(right)};
}

}  // namespace

std::vector<ScoreWeights> score_weight_grid() {
  std::vector<ScoreWeights> grid;
  const auto least = static_cast<int>(std::lround(kLeastZeroShot * kParts));
  for (int zero_shot = kParts; zero_shot >= least; --zero_shot) {
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
  std::vector<at::Tensor> loss_parts;
  std::vector<at::Tensor> right_parts;
  for (const FeatureBatch& batch : held_out) {
    const GridLook look = look_at(grid, batch, embeddings, zero_shot, scale, multi_label);
    loss_parts.push_back(look.losses);
    right_parts.push_back(look.right);
  }
  const at::Tensor losses = at::cat(loss_parts, 1);
  const at::Tensor means = losses.mean(1);
  const at::Tensor right = at::cat(right_parts, 1).sum(1);
  const auto lowest = means.argmin().item<std::int64_t>();
  const auto captions = static_cast<double>(losses.size(1));
  const double error = captions > 1 ? losses[lowest].std().item<double>() / std::sqrt(captions) : 0.0;
  const double limit = means[lowest].item<double>() + error;
  if (!std::isfinite(limit)) return {};
  const auto zero_shot_right = right[0].item<double>();  // the grid begins with zero-shot alone
  const auto rank = [&](std::int64_t i) {                // what comes first is better
    const ScoreWeights& w = grid[static_cast<std::size_t>(i)];
    const bool worse_than_template = right[i].item<double>() < zero_shot_right;
    return std::tuple(worse_than_template, std::round(unevenness(w) / kSame), means[i].item<double>());
  };
  std::int64_t chosen = lowest;
  for (std::int64_t i = 0; i < means.size(0); ++i) {
    if (means[i].item<double>() <= limit && rank(i) < rank(chosen)) chosen = i;
  }
  return grid[static_cast<std::size_t>(chosen)];
}

}  // namespace hearsay
