#include "model/gpt2_tower.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "model/text_batch.h"

namespace hearsay {

namespace {

/// Row i of each [L, h] matrix: [B, L, h], [B] -> [B, 1, h].
at::Tensor rows_at(const at::Tensor& x, const at::Tensor& places) {
  return x.gather(1, places.view({-1, 1, 1}).expand({x.size(0), 1, x.size(2)}));
}

/// Looking back only; padding lies behind every real token, so this hides it too.
at::Tensor causal_mask(const at::Tensor& places, at::ScalarType type) {
  return key_mask(places.unsqueeze(0) <= places.unsqueeze(1), type).permute({1, 2, 0, 3});
}

}  // namespace

Gpt2Tower::Gpt2Tower(const Weights& weights, const Gpt2Config& config, Projection projection)
    : config_(config), projection_(std::move(projection)) {
  words_ = weights.get("wte.weight", {-1, -1});
  const std::int64_t width = words_.size(1);
  positions_ = weights.get("wpe.weight", {-1, width});
  check_heads(weights, config.heads, width);
  config_.max_tokens = std::min(config.max_tokens, positions_.size(0));
  const int depth = weights.count("h");
  for (int i = 0; i < depth; ++i) layers_.push_back(load_layer(weights.under("h." + std::to_string(i))));
  if (layers_.empty()) throw Error(ErrorKind::BadFormat, weights.file().string() + " holds no text tower layers.");
  last_norm_ = LayerNorm::load(weights.under("ln_f"), width, config.eps);
}

Gpt2Tower::Layer Gpt2Tower::load_layer(const Weights& weights) const {
  const std::int64_t h = words_.size(1);
  Layer layer;
  layer.attention_norm = LayerNorm::load(weights.under("ln_1"), h, config_.eps);
  layer.attention.heads = config_.heads;
  layer.attention.qkv = Linear::load_transposed(weights.under("attn.c_attn"), h, 3 * h);
  layer.attention.out = Linear::load_transposed(weights.under("attn.c_proj"), h, h);
  layer.inner_norm = LayerNorm::load(weights.under("ln_2"), h, config_.eps);
  layer.inner = Linear::load_transposed(weights.under("mlp.c_fc"), h, -1);
  layer.outer = Linear::load_transposed(weights.under("mlp.c_proj"), layer.inner.weight.size(0), h);
  return layer;
}

at::Tensor Gpt2Tower::run(at::Tensor x, const at::Tensor& only) const {
  const std::int64_t length = x.size(1);
  const at::Tensor place = at::arange(length, x.options().dtype(at::kLong));
  const at::Tensor causal = causal_mask(place, x.scalar_type());
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    const at::Tensor normed = layer.attention_norm(x);
    if (only.defined() && i + 1 == layers_.size()) {
      const at::Tensor mask = key_mask(place.unsqueeze(0) <= only.unsqueeze(1), x.scalar_type());
      x = rows_at(x, only) + layer.attention(normed, mask, rows_at(normed, only));
    } else {
      x = x + layer.attention(normed, causal);
    }
    x = x + feed_forward(layer, x);
  }
  return last_norm_(x);
}

at::Tensor Gpt2Tower::sentence_places(const at::Tensor& ids) const {
  return ((ids != config_.pad).sum(1) - 1).clamp_min(0);
}

TextOutput Gpt2Tower::encode(std::span<const TokenIds> texts, bool with_words) const {
  const at::NoGradGuard no_grad;
  const TextBatch batch = make_text_batch(texts, config_.pad, words_.size(0), config_.max_tokens, device());
  const at::Tensor x = at::embedding(words_, batch.ids) + positions_.narrow(0, 0, batch.longest);
  const at::Tensor last = sentence_places(batch.ids);
  TextOutput output;
  if (!with_words) {
    output.sentence = projection_(run(x, last).select(1, 0));
    return output;
  }
  output.hidden = run(x, {});
  output.sentence = projection_(rows_at(output.hidden, last).select(1, 0));
  output.word_mask = real_places(last, batch.longest - 1);
  output.words = projection_(output.hidden.narrow(1, 0, batch.longest - 1))
                     .masked_fill(output.word_mask.logical_not().unsqueeze(-1), 0.0);
  return output;
}

at::Tensor Gpt2Tower::encode_prompts(const at::Tensor& contexts, std::span<const TokenIds> classes) const {
  const std::int64_t sets = contexts.size(0);
  const std::int64_t tokens = contexts.size(1);
  const TextBatch batch = make_text_batch(classes, config_.pad, words_.size(0), positions_.size(0) - tokens, device());
  const std::int64_t count = batch.ids.size(0);
  const at::Tensor own = at::embedding(words_, batch.ids) + positions_.narrow(0, tokens, batch.longest);
  const at::Tensor last = sentence_places(batch.ids).repeat({sets});
  const at::Tensor sentence = run_behind(contexts + positions_.narrow(0, 0, tokens), for_every_set(own, sets), last);
  return projection_(sentence).view({sets, count, projection_.dim()});
}

at::Tensor Gpt2Tower::run_behind(at::Tensor shared, at::Tensor own, const at::Tensor& last) const {
  const std::int64_t tokens = shared.size(1);
  const std::int64_t count = own.size(0) / shared.size(0);
  const at::Tensor place = at::arange(tokens + own.size(1), own.options().dtype(at::kLong));
  const at::Tensor causal = causal_mask(place, own.scalar_type());
  const at::Tensor first = causal.narrow(2, 0, tokens).narrow(3, 0, tokens);
  const at::Tensor behind = causal.narrow(2, tokens, own.size(1));
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    const SelfAttention& attention = layer.attention;
    const at::Tensor normed = layer.attention_norm(shared);
    const at::Tensor own_normed = layer.attention_norm(own);
    const at::Tensor shared_kv = attention.keys_and_values_of(normed);
    const at::Tensor kv = at::cat({for_every_class(shared_kv, count), attention.keys_and_values_of(own_normed)}, 1);
    if (i + 1 == layers_.size()) {
      const at::Tensor mask = key_mask(place.unsqueeze(0) <= (last + tokens).unsqueeze(1), own.scalar_type());
      own = rows_at(own, last) + attention.mix(attention.queries_of(rows_at(own_normed, last)), kv, mask);
    } else {
      own = own + attention.mix(attention.queries_of(own_normed), kv, behind);
      shared = shared + attention.mix(attention.queries_of(normed), shared_kv, first);
      shared = shared + feed_forward(layer, shared);
    }
    own = own + feed_forward(layer, own);
  }
  return last_norm_(own).select(1, 0);
}

at::Tensor Gpt2Tower::feed_forward(const Layer& layer, const at::Tensor& x) const {
  return layer.outer(activate(layer.inner(layer.inner_norm(x)), config_.activation));
}

at::Tensor Gpt2Tower::word_embeddings(std::span<const std::int64_t> ids) const {
  const at::NoGradGuard no_grad;
  return embedding_rows(words_, ids);
}

}  // namespace hearsay
