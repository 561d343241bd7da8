#pragma once
// The two learned contexts (coarse and fine) and what they make of the class names: [CLS] v1..vN class [SEP] through
// the frozen text tower (arXiv 2309.08357, section 3). Includes LibTorch: for core/prompts and tests only.

#include <ATen/ATen.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "model/text_tower.h"

namespace hearsay {

/// [2, N, width] from N(0, 0.02), coarse first; the same on every machine.
at::Tensor random_contexts(int length, int width, std::uint64_t seed);

class PromptLearner {
 public:
  /// `classes`: ids with special tokens, as the tower takes them; too long ones are cut, the closing token kept.
  /// `contexts` [2, N, h], on the tower's device and of its type. More than `class_chunk` classes go through the tower
  /// in chunks: memory is bounded, the results are the same. Error: Usage when the contexts leave no room for a class.
  PromptLearner(const TextTower& tower, std::vector<TokenIds> classes, at::Tensor contexts, std::size_t class_chunk);

  /// Class embeddings [2, K, d], L2-normalised, without a graph.
  [[nodiscard]] at::Tensor embed() const;

  /// `loss` gets the class embeddings [2, K, d] (L2-normalised, a leaf) and calls backward() on whatever it computes
  /// from them, once or in pieces. Returns the gradient at the contexts [2, N, h].
  using LossFn = std::function<void(const at::Tensor& embeddings)>;
  [[nodiscard]] at::Tensor gradient(const LossFn& loss) const;

  /// To be moved by an optimiser.
  [[nodiscard]] at::Tensor& contexts() { return contexts_; }
  [[nodiscard]] const at::Tensor& contexts() const { return contexts_; }

 private:
  struct Chunk {
    std::vector<TokenIds> classes;
    std::int64_t start = 0;  ///< its first class's place among the classes by length
  };
  [[nodiscard]] at::Tensor encode(const Chunk& chunk, const at::Tensor& contexts) const;

  const TextTower& tower_;
  at::Tensor contexts_;
  std::vector<Chunk> chunks_;  ///< of classes of like length, so that little is padded
  at::Tensor by_length_;       ///< [K] class at each place of the chunks
  at::Tensor place_of_;        ///< [K] place of each class
};

}  // namespace hearsay
