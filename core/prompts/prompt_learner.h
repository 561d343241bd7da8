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

/// What the class embeddings are made from. With one prompt a class and nothing fixed this is the paper's method;
/// further prompts (aliases) and fixed embeddings (descriptions) are averaged in, as in the zero-shot baseline.
struct ClassPrompts {
  std::vector<TokenIds> prompts;       ///< ids with special tokens, as the tower takes them
  std::vector<std::int64_t> class_of;  ///< which class each prompt is of; empty: prompt k is class k's only one
  at::Tensor fixed;                    ///< [K, d] added to every class's sum of prompts; undefined: nothing
};

class PromptLearner {
 public:
  /// Too long prompts are cut, the closing token kept. `contexts` [2, N, h], on the tower's device and of its type.
  /// Prompts go through the tower by length, a share of them on each thread of a CPU where there are a few for each.
  /// More than `class_chunk` of them go in chunks of at most so many prompts and, of all threads together, some hundred
  /// tokens, twice each: memory is bounded, the results are the same. Error: Usage when the contexts leave no room for
  /// a class.
  PromptLearner(const TextTower& tower, ClassPrompts classes, at::Tensor contexts, std::size_t class_chunk);

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
    std::vector<TokenIds> prompts;
    std::int64_t start = 0;  ///< its first prompt's place among the prompts by length
  };
  using Lane = std::vector<Chunk>;  ///< what one thread does, chunk by chunk
  [[nodiscard]] at::Tensor encode(const Chunk& chunk, const at::Tensor& contexts) const;
  [[nodiscard]] at::Tensor encode(const Lane& lane, const at::Tensor& contexts) const;
  /// [2, P, d] by length.
  [[nodiscard]] at::Tensor encode_without_graph() const;
  /// [2, P, d] by length -> [2, K, d].
  [[nodiscard]] at::Tensor gather(const at::Tensor& by_length) const;

  const TextTower& tower_;
  at::Tensor contexts_;
  bool at_once_ = true;      ///< all chunks' graphs may be held together
  std::vector<Lane> lanes_;  ///< chunks of prompts of like length, so that little is padded
  at::Tensor place_of_;      ///< [P] place by length of each prompt
  at::Tensor class_of_;      ///< [P] class of each prompt; undefined: one prompt a class
  at::Tensor fixed_;         ///< [K, d], or undefined
  std::int64_t classes_ = 0;
};

}  // namespace hearsay
