#pragma once
// Captions as the frozen text tower sees them, computed once and kept (DESIGN section 4). Includes LibTorch: for
// core/prompts and tests only.

#include <ATen/ATen.h>

#include <span>
#include <string>
#include <vector>

#include "base/job.h"
#include "base/matrix.h"
#include "prompts/captions.h"

namespace hearsay {

class ClapModel;
class FeatureCache;

/// Text towers wider than this, those of published checkpoints, take ten milliseconds a caption and more on a CPU.
constexpr int kWideTower = 512;

/// Some captions of like length, padded.
struct FeatureBatch {
  at::Tensor sentences;  ///< [b, d], L2-normalised
  at::Tensor words;      ///< [b, L, d], L2-normalised, zero at padding
  at::Tensor mask;       ///< [b, L] bool
  at::Tensor labels;     ///< [b] int64: the class of each training pair
  at::Tensor targets;    ///< [b, K] 0/1: all classes of the caption
  [[nodiscard]] std::int64_t size() const { return sentences.size(0); }
};

/// A caption as the tower sees it and one class it mentions: (caption, label). For several labels a caption is one pair
/// in the ranking loss, and one for each label in the cross-entropy.
struct TrainingPair {
  std::size_t caption = 0;
  int label = 0;
};

class CaptionFeatures {
 public:
  /// Encodes in blocks, equal texts once; `control` may be null; `progress` gets 0..1. Blocks that `cache` knows are
  /// taken from there, and the rest kept in it.
  static CaptionFeatures encode(const ClapModel& model, std::vector<Caption> captions, JobControl* control,
                                const std::function<void(double)>& progress, FeatureCache* cache = nullptr);
  /// From embeddings that are there already.
  CaptionFeatures(std::vector<Caption> captions, Matrix sentences, std::vector<Matrix> words);

  /// One pair a caption (`multi_label`), or one for each of its labels.
  [[nodiscard]] std::vector<TrainingPair> pairs(bool multi_label) const;

  /// Pairs as one padded batch on `device`.
  [[nodiscard]] FeatureBatch batch(std::span<const TrainingPair> pairs, std::size_t classes, at::Device device) const;
  /// The same, cut into batches of like length where one would be too large: captions x words x classes stays bounded.
  [[nodiscard]] std::vector<FeatureBatch> batches(std::vector<TrainingPair> pairs, std::size_t classes,
                                                  at::Device device) const;

 private:
  std::vector<Caption> captions_;
  Matrix sentences_;           ///< [n, d]
  std::vector<Matrix> words_;  ///< n times [words, d]
};

}  // namespace hearsay
