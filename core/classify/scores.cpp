#include "classify/scores.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "base/error.h"

namespace hearsay {
namespace {

/// Eight running sums, so that the compiler may use vector instructions without reordering one sum.
float dot(std::span<const float> a, std::span<const float> b) {
  constexpr std::size_t kLanes = 8;
  std::array<float, kLanes> sums{};
  const std::size_t whole = a.size() / kLanes * kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  }
  float rest = 0.0F;
  for (std::size_t i = whole; i < a.size(); ++i) rest += a[i] * b[i];
  return std::accumulate(sums.begin(), sums.end(), rest);
}

std::vector<float> cosines(std::span<const float> vector, const Matrix& classes) {
  std::vector<float> out(static_cast<std::size_t>(classes.rows));
  for (std::int64_t k = 0; k < classes.rows; ++k) out[static_cast<std::size_t>(k)] = dot(vector, classes.row(k));
  return out;
}

/// A weight proportional to exp(cosine / T); at most 1, so that no sum overflows.
double attention_weight(float cosine) {
  return std::exp((static_cast<double>(cosine) - 1.0) / kFrameTemperature);
}

/// `sum` += weight * `values`; nothing for a weight of 0.
void add_weighted(std::vector<double>& sum, std::span<const float> values, double weight) {
  if (weight == 0.0) return;
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += weight * static_cast<double>(values[i]);
}

std::vector<float> scaled(const std::vector<double>& sum, double factor) {
  std::vector<float> out(sum.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(sum[i] * factor);
  return out;
}

/// `bonus` may be empty.
void add_bonus(std::vector<float>& values, const std::vector<float>& bonus, double weight) {
  for (std::size_t k = 0; k < bonus.size(); ++k) values[k] += static_cast<float>(weight) * bonus[k];
}

Matrix single_row(std::span<const float> vector) {
  Matrix row;
  row.rows = 1;
  row.cols = static_cast<std::int64_t>(vector.size());
  row.data.assign(vector.begin(), vector.end());
  return row;
}

}  // namespace

Matrix cosines(const Matrix& a, const Matrix& b) {
  Matrix out(a.rows, b.rows);
  for (std::int64_t i = 0; i < a.rows; ++i) {
    for (std::int64_t k = 0; k < b.rows; ++k) out.at(i, k) = dot(a.row(i), b.row(k));
  }
  return out;
}

void FineScore::add(const Matrix& frames, const Matrix& classes) {
  for (std::int64_t t = 0; t < frames.rows; ++t) {
    for (std::int64_t k = 0; k < classes.rows; ++k) {
      const float cosine = dot(frames.row(t), classes.row(k));
      const double weight = attention_weight(cosine);
      weighted_[static_cast<std::size_t>(k)] += weight * static_cast<double>(cosine);
      weights_[static_cast<std::size_t>(k)] += weight;
    }
  }
  frames_ += frames.rows;
}

std::vector<float> FineScore::value() const {
  std::vector<float> out(weights_.size(), 0.0F);
  if (frames_ == 0) return out;
  for (std::size_t k = 0; k < out.size(); ++k) out[k] = static_cast<float>(weighted_[k] / weights_[k]);
  return out;
}

Matrix frame_attention(const Matrix& frames, const Matrix& classes) {
  Matrix out = cosines(frames, classes);
  for (std::int64_t k = 0; k < out.cols; ++k) {
    double sum = 0.0;
    for (std::int64_t t = 0; t < out.rows; ++t) sum += attention_weight(out.at(t, k));
    for (std::int64_t t = 0; t < out.rows; ++t) {
      out.at(t, k) = static_cast<float>(attention_weight(out.at(t, k)) / sum);
    }
  }
  return out;
}

Matrix frame_similarity(const Matrix& frames, const PromptSet& prompts, ScoreKind kind) {
  if (!prompts.tuned || kind == ScoreKind::ZeroShot) return cosines(frames, prompts.zero_shot);
  if (kind == ScoreKind::Coarse) return cosines(frames, prompts.coarse);
  Matrix out = cosines(frames, prompts.fine);
  if (kind == ScoreKind::Fine) return out;
  const ScoreWeights& weights = prompts.weights;
  std::vector<double> sum(out.data.size());
  add_weighted(sum, out.data, weights.fine);
  add_weighted(sum, cosines(frames, prompts.coarse).data, weights.coarse);
  if (weights.zero_shot != 0.0) add_weighted(sum, cosines(frames, prompts.anchor()).data, weights.zero_shot);
  out.data = scaled(sum, 1.0 / weights.sum());
  for (std::int64_t t = 0; t < out.rows; ++t) {
    for (std::size_t k = 0; k < prompts.offsets.size(); ++k) {
      out.at(t, static_cast<std::int64_t>(k)) -= static_cast<float>(prompts.offsets[k]);
    }
  }
  return out;
}

WindowScores score_file(std::span<const float> clip, const FineScore& fine, const PromptSet& prompts,
                        double noise_correction) {
  WindowScores scores;
  std::vector<float> bonus;
  if (noise_correction != 0.0 && !prompts.noise_drift.empty()) bonus = cosines(clip, prompts.noise_drift);
  scores.zero_shot = cosines(clip, prompts.zero_shot);
  add_bonus(scores.zero_shot, bonus, noise_correction);
  if (!prompts.tuned) return scores;
  scores.coarse = cosines(clip, prompts.coarse);
  add_bonus(scores.coarse, bonus, noise_correction);
  if (fine.empty()) {  // a tower without frames: the clip is the only frame
    FineScore alone(prompts.size());
    alone.add(single_row(clip), prompts.fine);
    scores.fine = alone.value();
  } else {
    scores.fine = fine.value();
  }
  add_bonus(scores.fine, bonus, noise_correction);
  const ScoreWeights& weights = prompts.weights;
  std::vector<double> sum(prompts.size());
  add_weighted(sum, scores.coarse, weights.coarse);
  add_weighted(sum, scores.fine, weights.fine);
  if (prompts.anchored.empty()) {
    add_weighted(sum, scores.zero_shot, weights.zero_shot);
  } else {
    std::vector<float> anchored = cosines(clip, prompts.anchored);
    add_bonus(anchored, bonus, noise_correction);
    add_weighted(sum, anchored, weights.zero_shot);
  }
  for (std::size_t k = 0; k < prompts.offsets.size(); ++k) sum[k] -= weights.sum() * prompts.offsets[k];
  scores.fused = scaled(sum, 1.0);
  scores.fused_weight = weights.sum();
  return scores;
}

WindowScores score_window(std::span<const float> clip, const Matrix& frames, const PromptSet& prompts, ScoreKind kind,
                          bool with_frames, double noise_correction) {
  FineScore fine(prompts.size());
  if (prompts.tuned) fine.add(frames, prompts.fine);
  WindowScores scores = score_file(clip, fine, prompts, noise_correction);
  if (with_frames) scores.frame_similarity = frame_similarity(frames, prompts, kind);
  return scores;
}

void take_larger(WindowScores& best, const WindowScores& other) {
  const auto larger = [](std::vector<float>& mine, const std::vector<float>& theirs) {
    mine.resize(theirs.size(), -std::numeric_limits<float>::infinity());
    for (std::size_t k = 0; k < theirs.size(); ++k) mine[k] = std::max(mine[k], theirs[k]);
  };
  larger(best.zero_shot, other.zero_shot);
  larger(best.coarse, other.coarse);
  larger(best.fine, other.fine);
  larger(best.fused, other.fused);
  best.fused_weight = other.fused_weight;
}

std::span<const float> scores_of(const WindowScores& scores, ScoreKind kind) {
  const std::vector<float>* wanted = &scores.zero_shot;
  if (kind == ScoreKind::Coarse) wanted = &scores.coarse;
  if (kind == ScoreKind::Fine) wanted = &scores.fine;
  if (kind == ScoreKind::Fused) wanted = &scores.fused;
  return wanted->empty() ? scores.zero_shot : *wanted;
}

std::vector<float> softmax(std::span<const float> values, double scale) {
  std::vector<float> out(values.size());
  if (values.empty()) return out;
  const double highest = scale * static_cast<double>(*std::ranges::max_element(values));
  std::vector<double> powers(values.size());
  double sum = 0.0;
  for (std::size_t k = 0; k < values.size(); ++k) {
    powers[k] = std::exp(scale * static_cast<double>(values[k]) - highest);
    sum += powers[k];
  }
  for (std::size_t k = 0; k < values.size(); ++k) out[k] = static_cast<float>(powers[k] / sum);
  return out;
}

float similarity_of(const WindowScores& scores, ScoreKind kind, std::size_t k) {
  const float value = scores_of(scores, kind)[k];
  const bool summed = kind == ScoreKind::Fused && !scores.fused.empty();
  return summed ? static_cast<float>(static_cast<double>(value) / scores.fused_weight) : value;
}

std::vector<int> ranking(std::span<const float> values) {
  std::vector<int> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  const auto key = [&](int k) {
    const float value = values[static_cast<std::size_t>(k)];
    return std::isnan(value) ? -std::numeric_limits<float>::infinity() : value;
  };
  std::ranges::stable_sort(order, [&](int a, int b) { return key(a) > key(b); });
  return order;
}

void check_width(const PromptSet& prompts, int embedding_dim) {
  if (prompts.classes.empty()) throw Error(ErrorKind::Usage, "There are no classes to tell apart. Name some sounds.");
  if (prompts.zero_shot.cols == embedding_dim) return;
  throw Error(ErrorKind::WrongModel, "These prompts were made for a model with embeddings of " +
                                         std::to_string(prompts.zero_shot.cols) + " numbers; this model's have " +
                                         std::to_string(embedding_dim) +
                                         ". Choose the model they were made with, or "
                                         "tune them again.");
}

}  // namespace hearsay
