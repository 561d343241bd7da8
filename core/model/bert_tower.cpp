#include "model/bert_tower.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "model/text_batch.h"

namespace hearsay {

BertTower::BertTower(const Weights& weights, const BertConfig& config, Projection projection)
    : config_(config), projection_(std::move(projection)) {
  const Weights embeddings = weights.under("embeddings");
  words_ = embeddings.get("word_embeddings.weight", {-1, -1});
  const std::int64_t width = words_.size(1);
  const at::Tensor types = embeddings.get("token_type_embeddings.weight", {-1, width});
  positions_ = embeddings.get("position_embeddings.weight", {-1, width}) + types[0];
  embedding_norm_ = LayerNorm::load(embeddings.under("LayerNorm"), width, config.eps);
  check_heads(weights, config.heads, width);
  const std::int64_t unused = config.roberta ? config.pad + 1 : 0;
  config_.max_tokens = std::min(config.max_tokens, positions_.size(0) - unused);
  const int depth = weights.count("encoder.layer");
  for (int i = 0; i < depth; ++i) layers_.push_back(load_layer(weights.under("encoder.layer." + std::to_string(i))));
  if (layers_.empty()) throw Error(ErrorKind::BadFormat, weights.file().string() + " holds no text tower layers.");
}

BertTower::Layer BertTower::load_layer(const Weights& weights) const {
  const std::int64_t h = words_.size(1);
  const Weights self = weights.under("attention.self");
  Layer layer;
  layer.attention.heads = config_.heads;
  layer.attention.qkv = Linear::stacked({Linear::load(self.under("query"), h, h), Linear::load(self.under("key"), h, h),
                                         Linear::load(self.under("value"), h, h)});
  layer.attention.out = Linear::load(weights.under("attention.output.dense"), h, h);
  layer.attention_norm = LayerNorm::load(weights.under("attention.output.LayerNorm"), h, config_.eps);
  layer.inner = Linear::load(weights.under("intermediate.dense"), -1, h);
  layer.outer = Linear::load(weights.under("output.dense"), h, layer.inner.weight.size(0));
  layer.outer_norm = LayerNorm::load(weights.under("output.LayerNorm"), h, config_.eps);
  return layer;
}

at::Tensor BertTower::after_attention(const Layer& layer, const at::Tensor& x, const at::Tensor& attended) const {
  const at::Tensor mixed = layer.attention_norm(x + attended);
  return layer.outer_norm(mixed + layer.outer(activate(layer.inner(mixed), config_.activation)));
}

at::Tensor BertTower::run(at::Tensor x, const at::Tensor& mask, bool first_only, const at::Tensor& first_qkv) const {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    if (first_only && i + 1 == layers_.size()) {
      const at::Tensor first = x.narrow(1, 0, 1);
      x = after_attention(layer, first, layer.attention(x, mask, first));
    } else if (i == 0 && first_qkv.defined()) {
      x = after_attention(layer, x, layer.attention.mix(first_qkv, mask));
    } else {
      x = after_attention(layer, x, layer.attention(x, mask));
    }
  }
  return x;
}

TextOutput BertTower::encode(std::span<const TokenIds> texts, bool with_words) const {
  const at::NoGradGuard no_grad;
  const TextBatch batch = make_text_batch(texts, config_.pad, words_.size(0), config_.max_tokens, device());
  at::Tensor places = at::arange(batch.longest, batch.ids.options()).unsqueeze(0);
  if (config_.roberta) {  // padding tokens are not counted, not even one written out in the text
    const at::Tensor counted = (batch.ids != config_.pad).to(at::kLong);
    places = counted.cumsum(1) * counted + config_.pad;
  }
  const at::Tensor sum = at::embedding(words_, batch.ids) + at::embedding(positions_, places);
  const at::Tensor real = real_places(batch.lengths, batch.longest);
  const at::Tensor mask = batch.ragged ? key_mask(real, words_.scalar_type()) : at::Tensor();
  TextOutput output;
  const at::Tensor hidden = run(embedding_norm_(sum), mask, !with_words);
  output.sentence = projection_(hidden.select(1, 0));
  if (with_words) {
    output.hidden = hidden;
    output.word_mask = real.narrow(1, 1, batch.longest - 1);
    output.words = projection_(hidden.narrow(1, 1, batch.longest - 1))
                       .masked_fill(output.word_mask.logical_not().unsqueeze(-1), 0.0);
  }
  return output;
}

at::Tensor BertTower::encode_prompts(const at::Tensor& contexts, std::span<const TokenIds> classes) const {
  const std::int64_t sets = contexts.size(0);
  const std::int64_t tokens = contexts.size(1);
  const std::int64_t first_place = config_.roberta ? config_.pad + 1 : 0;
  const TextBatch batch =
      make_text_batch(classes, config_.pad, words_.size(0), positions_.size(0) - first_place - tokens, device());
  const std::int64_t count = batch.ids.size(0);
  const std::int64_t length = batch.longest + tokens;
  // Until the first layer mixes them, a context is the same before every class and a class the same behind every
  // context: queries, keys and values are made of each once, and of the classes without a gradient.
  const auto joined = [&](const at::Tensor& of_classes, const at::Tensor& of_sets) {
    const at::Tensor own = for_every_set(of_classes, sets);
    return at::cat({own.narrow(1, 0, 1), for_every_class(of_sets, count), own.narrow(1, 1, batch.longest - 1)}, 1);
  };
  const at::Tensor places = positions_.narrow(0, first_place, length);
  const at::Tensor own_places = at::cat({places.narrow(0, 0, 1), places.narrow(0, 1 + tokens, batch.longest - 1)});
  const at::Tensor own = embedding_norm_(at::embedding(words_, batch.ids) + own_places);
  const at::Tensor shared = embedding_norm_(contexts + places.narrow(0, 1, tokens));
  const Linear& qkv = layers_.front().attention.qkv;
  at::Tensor mask;
  if (batch.ragged) {
    mask = key_mask(real_places(batch.lengths + tokens, length), words_.scalar_type()).repeat({sets, 1, 1, 1});
  }
  const at::Tensor hidden = run(joined(own, shared), mask, true, joined(qkv(own), qkv(shared)));
  return projection_(hidden.select(1, 0)).view({sets, count, projection_.dim()});
}

at::Tensor BertTower::word_embeddings(std::span<const std::int64_t> ids) const {
  const at::NoGradGuard no_grad;
  return embedding_rows(words_, ids);
}

}  // namespace hearsay
