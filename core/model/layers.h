#pragma once
// The pieces that the towers are made of. All of them hold frozen weights and are const when run.
// Includes LibTorch: inside core/model only.

#include <ATen/ATen.h>

#include <string>

#include "model/weights.h"

namespace hearsay {

enum class Activation { GeluErf, GeluTanh, Relu };
/// By the name in config.json. Error: BadFormat for one that is not known.
Activation activation_named(const std::string& name);
at::Tensor activate(const at::Tensor& x, Activation kind);

/// y = x W^T + b.
struct Linear {
  at::Tensor weight;  ///< [out, in]
  at::Tensor bias;    ///< [out] or undefined
  static Linear load(const Weights& weights, std::int64_t out, std::int64_t in, bool with_bias = true);
  /// GPT-2's Conv1D: stored [in, out].
  static Linear load_transposed(const Weights& weights, std::int64_t in, std::int64_t out);
  /// Several linears of the same input as one: their rows one below the other.
  static Linear stacked(const std::vector<Linear>& parts);
  /// Rows [start, start + length) only.
  [[nodiscard]] Linear rows(std::int64_t start, std::int64_t length) const;
  [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const { return at::linear(x, weight, bias); }
};

struct LayerNorm {
  at::Tensor weight;
  at::Tensor bias;
  double eps = 1e-5;
  static LayerNorm load(const Weights& weights, std::int64_t width, double eps);
  [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const {
    return at::layer_norm(x, weight.sizes(), weight, bias, eps);
  }
};

/// BatchNorm at test time as scale and shift, one of each per channel: y = x * scale + shift.
struct ChannelScale {
  at::Tensor scale;
  at::Tensor shift;
  static ChannelScale load(const Weights& weights, std::int64_t channels, double eps);
};

/// Multi-head attention of whole sequences; scores are divided by sqrt(head width).
struct SelfAttention {
  Linear qkv;  ///< [3h, h]: queries, keys, values
  Linear out;
  std::int64_t heads = 1;
  /// x [B, L, h]; mask (added to the scores, may be undefined): [1, B or a divisor of B; 1 or heads; 1 or Q; L],
  /// repeated along the batch when it is a divisor. Returns [B, L, h]. With `query` [B, 1, h], one place of x, that
  /// place alone: [B, 1, h]; then the mask is undefined or [1 or B, 1, 1, L].
  [[nodiscard]] at::Tensor operator()(const at::Tensor& x, const at::Tensor& mask, const at::Tensor& query = {}) const;
  /// The same from what `qkv` made already: [B, L, 3h], or q [B, Q, h] and kv [B, L, 2h].
  [[nodiscard]] at::Tensor mix(const at::Tensor& projected, const at::Tensor& mask) const;
  [[nodiscard]] at::Tensor mix(const at::Tensor& q, const at::Tensor& kv, const at::Tensor& mask) const;
  [[nodiscard]] at::Tensor queries_of(const at::Tensor& x) const { return qkv.rows(0, width())(x); }
  [[nodiscard]] at::Tensor keys_and_values_of(const at::Tensor& x) const { return qkv.rows(width(), 2 * width())(x); }
  [[nodiscard]] std::int64_t width() const { return out.weight.size(1); }  ///< h

 private:
  /// [B, L, parts * h] -> parts times [B, heads, L, head width].
  [[nodiscard]] std::vector<at::Tensor> by_head(const at::Tensor& x, std::int64_t parts) const;
  [[nodiscard]] at::Tensor one_place(const at::Tensor& x, const at::Tensor& query, const at::Tensor& mask) const;
  [[nodiscard]] at::Tensor mix(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values,
                               const at::Tensor& mask) const;
};

/// Error: BadFormat for a count of heads that does not divide the width; `weights` is named in it.
void check_heads(const Weights& weights, std::int64_t heads, std::int64_t width);

/// From a tower's width to the shared space.
class Projection {
 public:
  /// Microsoft's and the starter's: a = W1 x; LayerNorm(a + W2 gelu(a)), eps 1e-5, no biases.
  static Projection residual(const Weights& weights, std::int64_t width);
  /// Hugging Face's: linear, activation, linear; `pooler` (may be undefined) comes first, with tanh.
  static Projection plain(const Weights& weights, std::int64_t width, Activation activation, Linear pooler = {});
  [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;
  [[nodiscard]] std::int64_t dim() const { return second_.weight.size(0); }

 private:
  Linear pooler_;
  Linear first_;
  Linear second_;
  LayerNorm norm_;
  Activation activation_ = Activation::GeluErf;
  bool residual_ = false;
};

/// Every row of the last dimension to unit length; a zero row stays zero.
at::Tensor unit_length(const at::Tensor& x);

}  // namespace hearsay
