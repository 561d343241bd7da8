#include "prompts/prompt_learner.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/error.h"
#include "model/layers.h"
#include "model/side_by_side.h"
#include "prompts/random.h"

namespace hearsay {
namespace {

constexpr double kInitialDeviation = 0.02;
constexpr std::int64_t kFewestClassTokens = 3;  // begin, a word, end
// Of a chunk, for each of the two contexts: the activations that a chunk's graph keeps grow with them.
constexpr std::int64_t kChunkTokens = 768;
constexpr std::int64_t kPassTokens = 8;    // what a pass costs beside its tokens, in a prompt's tokens
constexpr std::size_t kFewestOfALane = 4;  // prompts worth a thread of their own

TokenIds cut(TokenIds ids, std::int64_t most) {
  if (static_cast<std::int64_t>(ids.size()) <= most) return ids;
  const std::int64_t closing = ids.back();
  ids.resize(static_cast<std::size_t>(most));
  ids.back() = closing;
  return ids;
}

/// Where chunks begin among prompts of these lengths (rising, with what is the tower's work anew in each), at most
/// `most` prompts and about so many tokens each.
std::vector<std::size_t> bounded_chunks(std::span<const std::int64_t> lengths, std::size_t most, std::int64_t tokens) {
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const std::size_t in_chunk = starts.empty() ? 0 : i - starts.back();
    if (starts.empty() || in_chunk == most || lengths[i] * static_cast<std::int64_t>(in_chunk) >= tokens) {
      starts.push_back(i);
    }
  }
  return starts;
}

/// The same where all prompts may be held at once: whatever costs least, padding or another pass of so many tokens.
std::vector<std::size_t> chunks_by_length(std::span<const std::int64_t> lengths, std::int64_t pass_tokens) {
  const std::size_t count = lengths.size();
  std::vector<std::int64_t> least(count + 1, 0);  // for the prompts before each
  std::vector<std::size_t> last(count + 1, 0);    // where its last chunk starts
  for (std::size_t end = 1; end <= count; ++end) {
    least[end] = std::numeric_limits<std::int64_t>::max();
    for (std::size_t start = 0; start < end; ++start) {
      const std::int64_t padded = lengths[end - 1] * static_cast<std::int64_t>(end - start);
      const std::int64_t tokens = least[start] + padded + pass_tokens;
      if (tokens >= least[end]) continue;
      least[end] = tokens;
      last[end] = start;
    }
  }
  std::vector<std::size_t> starts;
  for (std::size_t end = count; end > 0; end = last[end]) starts.insert(starts.begin(), last[end]);
  return starts;
}

/// Where lanes begin among prompts of these lengths: about as many tokens in each.
std::vector<std::size_t> lane_starts(const std::vector<std::int64_t>& lengths, std::size_t lanes) {
  const std::int64_t all = std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0});
  std::vector<std::size_t> starts;
  std::int64_t before = 0;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const bool next = before * static_cast<std::int64_t>(lanes) >= all * static_cast<std::int64_t>(starts.size());
    if (next) starts.push_back(i);
    before += lengths[i];
  }
  return starts;
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
  const std::int64_t in_every_prompt = tower.contexts_once() ? 0 : contexts_.size(1);
  const std::int64_t pass = kPassTokens + contexts_.size(1) - in_every_prompt;
  std::vector<std::int64_t> lengths;
  for (const std::int64_t i : order) {
    TokenIds& ids = prompts[static_cast<std::size_t>(i)];
    ids = cut(std::move(ids), room);
    lengths.push_back(in_every_prompt + static_cast<std::int64_t>(ids.size()));
  }
  const std::size_t most = std::max<std::size_t>(1, class_chunk);
  at_once_ = order.size() <= most;
  std::vector<std::size_t> lanes = lane_starts(lengths, parts_for(order.size(), kFewestOfALane, tower.device()));
  lanes.push_back(order.size());
  for (std::size_t lane = 0; lane + 1 < lanes.size(); ++lane) {
    const std::size_t first = lanes[lane];
    const auto own = std::span(lengths).subspan(first, lanes[lane + 1] - first);
    const auto tokens = kChunkTokens / static_cast<std::int64_t>(lanes.size() - 1);
    const std::vector<std::size_t> starts = at_once_ ? chunks_by_length(own, pass) : bounded_chunks(own, most, tokens);
    Lane& chunks = lanes_.emplace_back();
    for (std::size_t i = 0; i < own.size(); ++i) {
      if (std::ranges::binary_search(starts, i)) chunks.push_back({{}, static_cast<std::int64_t>(first + i)});
      chunks.back().prompts.push_back(std::move(prompts[static_cast<std::size_t>(order[first + i])]));
    }
  }
  place_of_ = at::argsort(at::tensor(order, at::kLong)).to(tower.device());
  classes_ = static_cast<std::int64_t>(order.size());
  if (!classes.class_of.empty()) {
    class_of_ = at::tensor(classes.class_of, at::kLong).to(tower.device());
    classes_ = std::ranges::max(classes.class_of) + 1;
  }
}

at::Tensor PromptLearner::encode(const Chunk& chunk, const at::Tensor& contexts) const {
  return unit_length(tower_.encode_prompts(contexts, chunk.prompts));
}

at::Tensor PromptLearner::encode(const Lane& lane, const at::Tensor& contexts) const {
  std::vector<at::Tensor> parts;
  for (const Chunk& chunk : lane) parts.push_back(encode(chunk, contexts));
  return at::cat(parts, 1);
}

at::Tensor PromptLearner::encode_without_graph() const {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> parts(lanes_.size());
  side_by_side(lanes_.size(), tower_.device(), [&](std::size_t i) { parts[i] = encode(lanes_[i], contexts_); });
  return at::cat(parts, 1);
}

at::Tensor PromptLearner::gather(const at::Tensor& by_length) const {
  at::Tensor classes = by_length.index_select(1, place_of_);
  if (class_of_.defined()) {
    const at::Tensor sums = at::zeros({classes.size(0), classes_, classes.size(2)}, classes.options());
    classes = sums.index_add(1, class_of_, classes);
  }
  if (fixed_.defined()) classes = classes + fixed_;
  return class_of_.defined() || fixed_.defined() ? unit_length(classes) : classes;
}

at::Tensor PromptLearner::embed() const {
  const at::NoGradGuard no_grad;
  return gather(encode_without_graph());
}

at::Tensor PromptLearner::gradient(const LossFn& loss) const {
  const at::AutoGradMode with_grad(true);
  std::vector<at::Tensor> contexts(lanes_.size());  // a leaf a lane
  for (at::Tensor& own : contexts) own = contexts_.detach().requires_grad_(true);
  // Few prompts keep their graph; more are run again chunk by chunk once the gradient at their embeddings is known.
  std::vector<at::Tensor> kept(lanes_.size());
  at::Tensor prompts;
  if (at_once_) {
    side_by_side(lanes_.size(), tower_.device(), [&](std::size_t i) { kept[i] = encode(lanes_[i], contexts[i]); });
    prompts = at::cat(kept, 1).detach();
  } else {
    prompts = encode_without_graph();
  }
  prompts.requires_grad_(true);
  const at::Tensor classes = gather(prompts);
  const at::Tensor embeddings = classes.detach().requires_grad_(true);
  loss(embeddings);
  if (!embeddings.grad().defined()) return at::zeros_like(contexts_);
  classes.backward(embeddings.grad());
  const auto gradient_at = [&](const Chunk& chunk) {
    return prompts.grad().narrow(1, chunk.start, static_cast<std::int64_t>(chunk.prompts.size()));
  };
  side_by_side(lanes_.size(), tower_.device(), [&](std::size_t i) {
    const Lane& lane = lanes_[i];
    if (at_once_) {
      kept[i].backward(prompts.grad().narrow(1, lane.front().start, kept[i].size(1)));
      return;
    }
    for (const Chunk& chunk : lane) encode(chunk, contexts[i]).backward(gradient_at(chunk));
  });
  at::Tensor sum = contexts.front().grad();
  for (std::size_t i = 1; i < contexts.size(); ++i) sum = sum + contexts[i].grad();
  return sum;
}

}  // namespace hearsay
