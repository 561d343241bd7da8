#pragma once
// The towers as the field's own code runs them, operation by operation in LibTorch-eager: what Hearsay's towers are
// compared with. Separate query, key and value, BatchNorm of its own, windows cut by copies, bicubic resize of
// LibTorch's, sums out of place. (transformers' modeling_clap.py, msclap's htsat.py and Cnn14.)

#include <ATen/ATen.h>

#include <map>
#include <string>
#include <vector>

#include "model/weights.h"

namespace hearsay::bench {

/// A checkpoint's tensors by name, each fetched once.
class Parts {
 public:
  explicit Parts(Weights weights) : weights_(std::move(weights)) {}
  [[nodiscard]] const at::Tensor& operator[](const std::string& name) const;
  [[nodiscard]] bool has(const std::string& name) const { return weights_.has(name); }
  [[nodiscard]] int count(const std::string& name) const { return weights_.count(name); }
  [[nodiscard]] at::Tensor linear(const std::string& name, const at::Tensor& x) const;
  [[nodiscard]] at::Tensor norm(const std::string& name, const at::Tensor& x, double eps) const;
  [[nodiscard]] at::Tensor batch_norm(const std::string& name, const at::Tensor& x) const;

 private:
  Weights weights_;
  mutable std::map<std::string, at::Tensor> held_;
};

class EagerHtsat {
 public:
  EagerHtsat(Weights tower, Weights projection);
  /// log_mel [n, T, mels] or [n, 4, T, mels] with every row longer: [n, d] projected.
  [[nodiscard]] at::Tensor operator()(const at::Tensor& log_mel) const;

 private:
  [[nodiscard]] at::Tensor patches(const at::Tensor& picture) const;
  [[nodiscard]] at::Tensor fused(const at::Tensor& whole, const at::Tensor& picture) const;
  [[nodiscard]] at::Tensor attention(const std::string& name, const at::Tensor& windows, const at::Tensor& mask) const;
  [[nodiscard]] at::Tensor block(const std::string& name, const at::Tensor& x, std::int64_t side, int index) const;
  [[nodiscard]] at::Tensor merge(const std::string& name, const at::Tensor& x, std::int64_t side) const;

  Parts parts_;
  Parts projection_;
  bool hf_;
  at::Tensor index_;                         ///< relative positions [64 * 64]
  std::map<std::int64_t, at::Tensor> mask_;  ///< of shifted windows, by side
};

class EagerCnn14 {
 public:
  EagerCnn14(Weights tower, Weights projection) : parts_(std::move(tower)), projection_(std::move(projection)) {}
  [[nodiscard]] at::Tensor operator()(const at::Tensor& log_mel) const;

 private:
  Parts parts_;
  Parts projection_;
};

/// BERT and RoBERTa (`pad` 1): ids [B, L] of equal lengths -> [B, d].
class EagerBert {
 public:
  EagerBert(Weights tower, Weights projection, bool roberta)
      : parts_(std::move(tower)), projection_(std::move(projection)), roberta_(roberta) {}
  /// `mask` [B, 1, 1, L], added to the scores: always there in the field's code.
  [[nodiscard]] at::Tensor operator()(const at::Tensor& ids, const at::Tensor& mask) const;
  /// Word embeddings [B, L, h] of ids; the last hidden state [B, L, h] of word embeddings; its projection [.., d].
  [[nodiscard]] at::Tensor words(const at::Tensor& ids) const;
  [[nodiscard]] at::Tensor hidden(const at::Tensor& words, const at::Tensor& mask) const;
  [[nodiscard]] at::Tensor project(const at::Tensor& hidden) const;

 private:
  Parts parts_;
  Parts projection_;
  bool roberta_;
};

class EagerGpt2 {
 public:
  EagerGpt2(Weights tower, Weights projection) : parts_(std::move(tower)), projection_(std::move(projection)) {}
  [[nodiscard]] at::Tensor operator()(const at::Tensor& ids, const at::Tensor& mask) const;
  [[nodiscard]] at::Tensor words(const at::Tensor& ids) const;
  [[nodiscard]] at::Tensor hidden(const at::Tensor& words, const at::Tensor& mask) const;
  [[nodiscard]] at::Tensor project(const at::Tensor& hidden) const;

 private:
  Parts parts_;
  Parts projection_;
};

/// [n, T, mels] in dB by at::stft in float32.
at::Tensor eager_log_mel(const at::Tensor& samples, const at::Tensor& window, const at::Tensor& filters,
                         std::int64_t hop);

}  // namespace hearsay::bench
