#include "prompts/prompt_learner.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "prompts/random.h"

namespace hearsay {
namespace {

constexpr double kInitialDeviation = 0.02;
constexpr std::int64_t kFewestClassTokens = 3;  // begin, a word, end

at::Tensor unit(const at::Tensor& x) {
  return x / x.norm(2, -1, true).clamp_min(1e-12);
}

TokenIds cut(TokenIds ids, std::int64_t most) {
  if (static_cast<std::int64_t>(ids.size()) <= most) return ids;
  const std::int64_t closing = ids.back();
  ids.resize(static_cast<std::size_t>(most));
  ids.back() = closing;
  return ids;
}

}  // namespace

at::Tensor random_contexts(int length, int width, std::uint64_t seed) {
  Random random(seed);
  at::Tensor contexts = at::empty({2, length, width}, at::kFloat);
  float* values = contexts.data_ptr<float>();
  for (std::int64_t i = 0; i < contexts.numel(); ++i)
    values[i] = static_cast<float>(kInitialDeviation * random.normal());
  return contexts;
}

PromptLearner::PromptLearner(const TextTower& tower, std::vector<TokenIds> classes, at::Tensor contexts,
                             std::size_t class_chunk)
    : tower_(tower), contexts_(std::move(contexts)) {
  const std::int64_t room = tower.max_tokens() - contexts_.size(1);
  if (room < kFewestClassTokens) {
    throw Error(ErrorKind::Usage, "This model reads at most " + std::to_string(tower.max_tokens()) +
                                      " tokens; a context of " + std::to_string(contexts_.size(1)) +
                                      " leaves no room for class names. Choose a shorter context.");
  }
  std::vector<std::int64_t> order(classes.size());
  std::iota(order.begin(), order.end(), 0);
  const auto length = [&](std::int64_t k) { return classes[static_cast<std::size_t>(k)].size(); };
  std::ranges::stable_sort(order, {}, length);
  const std::size_t step = std::max<std::size_t>(1, class_chunk);
  for (std::size_t start = 0; start < order.size(); start += step) {
    Chunk chunk;
    chunk.start = static_cast<std::int64_t>(start);
    for (std::size_t i = start; i < std::min(order.size(), start + step); ++i) {
      chunk.classes.push_back(cut(std::move(classes[static_cast<std::size_t>(order[i])]), room));
    }
    chunks_.push_back(std::move(chunk));
  }
  by_length_ = at::tensor(order, at::kLong).to(tower.device());
  place_of_ = at::argsort(by_length_);
}

at::Tensor PromptLearner::encode(const Chunk& chunk, const at::Tensor& contexts) const {
  return unit(tower_.encode_prompts(contexts, chunk.classes));
}

at::Tensor PromptLearner::embed() const {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> parts;
  for (const Chunk& chunk : chunks_) parts.push_back(encode(chunk, contexts_));
  return at::cat(parts, 1).index_select(1, place_of_);
}

at::Tensor PromptLearner::gradient(const LossFn& loss) const {
  const at::AutoGradMode with_grad(true);
  const at::Tensor contexts = contexts_.detach().requires_grad_(true);
  // One chunk keeps its graph; several are run again one by one once the gradient at the embeddings is known.
  const bool whole = chunks_.size() == 1;
  const at::Tensor in_order = whole ? encode(chunks_[0], contexts).index_select(1, place_of_) : embed();
  const at::Tensor embeddings = in_order.detach().requires_grad_(true);
  loss(embeddings);
  if (!embeddings.grad().defined()) return at::zeros_like(contexts_);
  if (whole) {
    in_order.backward(embeddings.grad());
    return contexts.grad();
  }
  const at::Tensor by_length = embeddings.grad().index_select(1, by_length_);
  for (const Chunk& chunk : chunks_) {
    const auto count = static_cast<std::int64_t>(chunk.classes.size());
    encode(chunk, contexts).backward(by_length.narrow(1, chunk.start, count));
  }
  return contexts.grad();
}

}  // namespace hearsay
