#include "model/layers.h"

#include <cmath>
#include <utility>

#include "base/error.h"
#include "model/short_attention.h"

namespace hearsay {

Activation activation_named(const std::string& name) {
  if (name == "gelu") return Activation::GeluErf;
  if (name == "gelu_new" || name == "gelu_pytorch_tanh") return Activation::GeluTanh;
  if (name == "relu") return Activation::Relu;
  throw Error(ErrorKind::BadFormat,
              "The model's configuration asks for the activation \"" + name +
                  "\", which is not known here (known: gelu, gelu_new, gelu_pytorch_tanh, relu).");
}

at::Tensor activate(const at::Tensor& x, Activation kind) {
  switch (kind) {
    case Activation::GeluErf:
      return at::gelu(x, "none");
    case Activation::GeluTanh:
      return at::gelu(x, "tanh");
    case Activation::Relu:
      return at::relu(x);
  }
  return x;
}

Linear Linear::load(const Weights& weights, std::int64_t out, std::int64_t in, bool with_bias) {
  Linear result;
  result.weight = weights.get("weight", {out, in});
  if (with_bias) result.bias = weights.get("bias", {result.weight.size(0)});
  return result;
}

Linear Linear::load_transposed(const Weights& weights, std::int64_t in, std::int64_t out) {
  return {weights.get("weight", {in, out}).t().contiguous(), weights.get("bias", {out})};
}

Linear Linear::stacked(const std::vector<Linear>& parts) {
  std::vector<at::Tensor> rows;
  std::vector<at::Tensor> biases;
  for (const Linear& part : parts) {
    rows.push_back(part.weight);
    biases.push_back(part.bias);
  }
  return {at::cat(rows), at::cat(biases)};
}

Linear Linear::rows(std::int64_t start, std::int64_t length) const {
  return {weight.narrow(0, start, length), bias.defined() ? bias.narrow(0, start, length) : at::Tensor()};
}

LayerNorm LayerNorm::load(const Weights& weights, std::int64_t width, double eps) {
  return {weights.get("weight", {width}), weights.get("bias", {width}), eps};
}

ChannelScale ChannelScale::load(const Weights& weights, std::int64_t channels, double eps) {
  const at::Tensor mean = weights.get("running_mean", {channels}).to(at::kDouble);
  const at::Tensor variance = weights.get("running_var", {channels}).to(at::kDouble);
  const at::Tensor weight = weights.get("weight", {channels});
  const at::Tensor scale = weight.to(at::kDouble) / at::sqrt(variance + eps);
  const at::Tensor shift = weights.get("bias", {channels}).to(at::kDouble) - mean * scale;
  return {scale.to(weight.scalar_type()), shift.to(weight.scalar_type())};
}

at::Tensor SelfAttention::operator()(const at::Tensor& x, const at::Tensor& mask, const at::Tensor& query) const {
  return query.defined() ? one_place(x, query, mask) : mix(qkv(x), mask);
}

// A key's product with the query, q . (W x + b), is (q W) . x and something that all places have alike, which softmax
// does not see; the values' mean is W (the mean of x) + b. So W is applied to one place in place of all.
at::Tensor SelfAttention::one_place(const at::Tensor& x, const at::Tensor& query, const at::Tensor& mask) const {
  const std::int64_t batch = x.size(0);
  const std::int64_t head = width() / heads;
  const Linear key = qkv.rows(width(), width());
  const Linear value = qkv.rows(2 * width(), width());
  const double scale = 1.0 / std::sqrt(static_cast<double>(head));
  const at::Tensor q = (queries_of(query) * scale).view({batch, heads, head}).transpose(0, 1);
  const at::Tensor directions = at::bmm(q, key.weight.view({heads, head, width()})).transpose(0, 1);  // [B, heads, h]
  at::Tensor scores = at::bmm(directions, x.transpose(1, 2));                                         // [B, heads, L]
  if (mask.defined()) scores.unsqueeze(2).add_(mask);
  const at::Tensor means = at::bmm(at::softmax(scores, -1), x).transpose(0, 1);  // [heads, B, h]
  const at::Tensor mixed = at::bmm(means, value.weight.view({heads, head, width()}).transpose(1, 2));
  const at::Tensor joined = mixed.transpose(0, 1).reshape({batch, 1, width()});
  return out(value.bias.defined() ? joined + value.bias : joined);
}

at::Tensor SelfAttention::mix(const at::Tensor& projected, const at::Tensor& mask) const {
  if (fits_short_attention(projected, projected.size(1), width() / heads, mask)) {
    return out(short_attention(projected, {}, mask, heads));
  }
  const std::vector<at::Tensor> parts = by_head(projected, 3);
  return mix(parts[0], parts[1], parts[2], mask);
}

at::Tensor SelfAttention::mix(const at::Tensor& q, const at::Tensor& kv, const at::Tensor& mask) const {
  if (fits_short_attention(q, kv.size(1), width() / heads, mask)) return out(short_attention(q, kv, mask, heads));
  const std::vector<at::Tensor> parts = by_head(kv, 2);
  return mix(by_head(q, 1)[0], parts[0], parts[1], mask);
}

std::vector<at::Tensor> SelfAttention::by_head(const at::Tensor& x, std::int64_t parts) const {
  // Copied once for all products; slices of them would make a gradient of zeros each.
  const at::Tensor split = x.view({x.size(0), x.size(1), parts, heads, width() / heads});
  return split.permute({2, 0, 3, 1, 4}).contiguous().unbind(0);
}

at::Tensor SelfAttention::mix(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values,
                              const at::Tensor& mask) const {
  const std::int64_t batch = q.size(0);
  const double scale = 1.0 / std::sqrt(static_cast<double>(q.size(3)));
  at::Tensor scores = at::matmul(q * scale, keys.transpose(2, 3));
  if (mask.defined()) {
    if (mask.size(0) == 1 || mask.size(0) == batch) {
      scores.add_(mask);
    } else {  // one mask for every window of a picture, over and over
      scores.view({-1, mask.size(0), heads, scores.size(2), scores.size(3)}).add_(mask);
    }
  }
  const at::Tensor mixed = at::matmul(at::softmax(scores, -1), values);
  return out(mixed.transpose(1, 2).reshape({batch, q.size(2), width()}));
}

void check_heads(const Weights& weights, std::int64_t heads, std::int64_t width) {
  if (heads >= 1 && width % heads == 0) return;
  throw Error(ErrorKind::BadFormat, "The configuration beside " + weights.file().string() + " asks for " +
                                        std::to_string(heads) + " attention heads, which does not divide " +
                                        std::to_string(width) + ".");
}

Projection Projection::residual(const Weights& weights, std::int64_t width) {
  Projection result;
  result.residual_ = true;
  result.first_ = Linear::load(weights.under("linear1"), -1, width, false);
  const std::int64_t dim = result.first_.weight.size(0);
  result.second_ = Linear::load(weights.under("linear2"), dim, dim, false);
  result.norm_ = LayerNorm::load(weights.under("layer_norm"), dim, 1e-5);
  return result;
}

Projection Projection::plain(const Weights& weights, std::int64_t width, Activation activation, Linear pooler) {
  Projection result;
  result.pooler_ = std::move(pooler);
  result.activation_ = activation;
  result.first_ = Linear::load(weights.under("linear1"), -1, width);
  result.second_ = Linear::load(weights.under("linear2"), -1, result.first_.weight.size(0));
  return result;
}

at::Tensor Projection::operator()(const at::Tensor& x) const {
  const at::Tensor pooled = pooler_.weight.defined() ? at::tanh(pooler_(x)) : x;
  const at::Tensor first = first_(pooled);
  if (residual_) return norm_(first + second_(activate(first, activation_)));
  return second_(activate(first, activation_));
}

at::Tensor unit_length(const at::Tensor& x) {
  return x / at::linalg_vector_norm(x, 2, at::IntArrayRef{-1}, true).clamp_min(1e-12);
}

}  // namespace hearsay
