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
// Of a chunk, for each of the two contexts: the activations that a chunk's graph keeps grow with them.
constexpr std::int64_t kChunkTokens = 768;

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

PromptLearner::PromptLearner(const TextTower& tower, ClassPrompts classes, at::Tensor contexts, std::size_t class_chunk)
    : tower_(tower), contexts_(std::move(contexts)), fixed_(std::move(classes.fixed)) {
  const std::int64_t room = tower.max_tokens() - contexts_.size(1);
  if (room < kFewestClassTokens) {
    throw Error(ErrorKind::Usage, "This model reads at most " + std::to_string(tower.max_tokens()) +
                                      " tokens; a context of " + std::to_string(contexts_.size(1)) +
                                      " leaves no room for class names. Choose a shorter context.");
  }
  std::vector<TokenIds>& prompts = classes.prompts;
  std::vector<std::int64_t> order(prompts.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](std::int64_t i) { return prompts[static_cast<std::size_t>(i)].size(); });
  const std::size_t most = std::max<std::size_t>(1, class_chunk);
  for (std::size_t i = 0; i < order.size(); ++i) {
    TokenIds ids = cut(std::move(prompts[static_cast<std::size_t>(order[i])]), room);
    const auto tokens = contexts_.size(1) + static_cast<std::int64_t>(ids.size());
    const bool full =
        !chunks_.empty() &&
        (chunks_.back().prompts.size() == most ||
         (order.size() > most && tokens * static_cast<std::int64_t>(chunks_.back().prompts.size()) >= kChunkTokens));
    if (chunks_.empty() || full) chunks_.push_back({{}, static_cast<std::int64_t>(i)});
    chunks_.back().prompts.push_back(std::move(ids));
  }
  place_of_ = at::argsort(at::tensor(order, at::kLong)).to(tower.device());
  classes_ = static_cast<std::int64_t>(order.size());
  if (!classes.class_of.empty()) {
    class_of_ = at::tensor(classes.class_of, at::kLong).to(tower.device());
    classes_ = std::ranges::max(classes.class_of) + 1;
  }
}

at::Tensor PromptLearner::encode(const Chunk& chunk, const at::Tensor& contexts) const {
  return unit(tower_.encode_prompts(contexts, chunk.prompts));
}

at::Tensor PromptLearner::encode_all() const {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> parts;
  for (const Chunk& chunk : chunks_) parts.push_back(encode(chunk, contexts_));
  return at::cat(parts, 1);
}

at::Tensor PromptLearner::gather(const at::Tensor& by_length) const {
  at::Tensor classes = by_length.index_select(1, place_of_);
  if (class_of_.defined()) {
    const at::Tensor sums = at::zeros({classes.size(0), classes_, classes.size(2)}, classes.options());
    classes = sums.index_add(1, class_of_, classes);
  }
  if (fixed_.defined()) classes = classes + fixed_;
  return class_of_.defined() || fixed_.defined() ? unit(classes) : classes;
}

at::Tensor PromptLearner::embed() const {
  const at::NoGradGuard no_grad;
  return gather(encode_all());
}

at::Tensor PromptLearner::gradient(const LossFn& loss) const {
  const at::AutoGradMode with_grad(true);
  const at::Tensor contexts = contexts_.detach().requires_grad_(true);
  // One chunk keeps its graph; several are run again one by one once the gradient at their embeddings is known.
  const bool whole = chunks_.size() == 1;
  const at::Tensor prompts = whole ? encode(chunks_[0], contexts) : encode_all().requires_grad_(true);
  const at::Tensor classes = gather(prompts);
  const at::Tensor embeddings = classes.detach().requires_grad_(true);
  loss(embeddings);
  if (!embeddings.grad().defined()) return at::zeros_like(contexts_);
  classes.backward(embeddings.grad());
  if (whole) return contexts.grad();
  for (const Chunk& chunk : chunks_) {
    const auto count = static_cast<std::int64_t>(chunk.prompts.size());
    encode(chunk, contexts).backward(prompts.grad().narrow(1, chunk.start, count));
  }
  return contexts.grad();
}

}  // namespace hearsay
