#include "eager_towers.h"

#include <array>
#include <cmath>

namespace hearsay::bench {

namespace {

at::Tensor split_heads(const at::Tensor& x, std::int64_t heads) {
  return x.view({x.size(0), x.size(1), heads, x.size(2) / heads}).permute({0, 2, 1, 3});
}

at::Tensor join_heads(const at::Tensor& x) {
  return x.permute({0, 2, 1, 3}).contiguous().view({x.size(0), x.size(2), x.size(1) * x.size(3)});
}

at::Tensor cut(const at::Tensor& x) {
  const std::int64_t count = x.size(1) / 8;
  return x.view({x.size(0), count, 8, count, 8, x.size(3)})
      .permute({0, 1, 3, 2, 4, 5})
      .contiguous()
      .view({-1, 64, x.size(3)});
}

at::Tensor joined(const at::Tensor& windows, std::int64_t side) {
  return windows.view({-1, side / 8, side / 8, 8, 8, windows.size(2)})
      .permute({0, 1, 3, 2, 4, 5})
      .contiguous()
      .view({-1, side, side, windows.size(2)});
}

at::Tensor shifted_mask(std::int64_t side) {
  at::Tensor regions = at::zeros({1, side, side, 1});
  const std::array<std::array<std::int64_t, 2>, 3> bands{{{0, side - 8}, {side - 8, side - 4}, {side - 4, side}}};
  double region = 0.0;
  for (const auto& rows : bands) {
    for (const auto& columns : bands) {
      regions.slice(1, rows[0], rows[1]).slice(2, columns[0], columns[1]).fill_(region++);
    }
  }
  const at::Tensor of_place = cut(regions).view({-1, 64});
  const at::Tensor differs = of_place.unsqueeze(1) - of_place.unsqueeze(2);
  return at::where(differs != 0, at::full({}, -100.0F), at::full({}, 0.0F));
}

at::Tensor relative_positions() {
  const at::Tensor place = at::arange(64, at::kLong);
  const at::Tensor row = place.div(8, "floor");
  const at::Tensor column = place.remainder(8);
  const at::Tensor rows = row.unsqueeze(1) - row.unsqueeze(0) + 7;
  const at::Tensor columns = column.unsqueeze(1) - column.unsqueeze(0) + 7;
  return (rows * 15 + columns).flatten();
}

at::Tensor residual_projection(const Parts& parts, const at::Tensor& x) {
  const at::Tensor first = at::linear(x, parts["linear1.weight"]);
  return parts.norm("layer_norm", first + at::linear(at::gelu(first), parts["linear2.weight"]), 1e-5);
}

at::Tensor plain_projection(const Parts& parts, const at::Tensor& x) {
  return parts.linear("linear2", at::relu(parts.linear("linear1", x)));
}

}  // namespace

const at::Tensor& Parts::operator[](const std::string& name) const {
  const auto found = held_.find(name);
  if (found != held_.end()) return found->second;
  const std::vector<std::int64_t> any(weights_.shape(name).size(), -1);
  return held_.emplace(name, weights_.get(name, any)).first->second;
}

at::Tensor Parts::linear(const std::string& name, const at::Tensor& x) const {
  return at::linear(x, (*this)[name + ".weight"], (*this)[name + ".bias"]);
}

at::Tensor Parts::norm(const std::string& name, const at::Tensor& x, double eps) const {
  const at::Tensor& weight = (*this)[name + ".weight"];
  return at::layer_norm(x, weight.sizes(), weight, (*this)[name + ".bias"], eps);
}

at::Tensor Parts::batch_norm(const std::string& name, const at::Tensor& x) const {
  return at::batch_norm(x, (*this)[name + ".weight"], (*this)[name + ".bias"], (*this)[name + ".running_mean"],
                        (*this)[name + ".running_var"], false, 0.1, 1e-5, false);
}

EagerHtsat::EagerHtsat(Weights tower, Weights projection)
    : parts_(std::move(tower)),
      projection_(std::move(projection)),
      hf_(parts_.has("batch_norm.weight")),
      index_(relative_positions()) {
  for (const std::int64_t side : {64, 32, 16}) mask_.emplace(side, shifted_mask(side));
}

at::Tensor EagerHtsat::fused(const at::Tensor& whole, const at::Tensor& picture) const {
  const std::string embed = "patch_embed.";
  const at::Tensor chunks = picture.narrow(1, 1, 3).contiguous();
  at::Tensor local = at::conv2d(chunks.view({-1, 1, chunks.size(2), chunks.size(3)}),
                                parts_[embed + "mel_conv2d.weight"], parts_[embed + "mel_conv2d.bias"], {4, 12});
  const std::int64_t height = local.size(2);
  local = local.view({-1, 3, local.size(1), height, local.size(3)}).permute({0, 2, 3, 1, 4}).contiguous().flatten(3);
  local = at::constant_pad_nd(local, {0, whole.size(3) - local.size(3)});
  const auto branch = [&](const std::string& name, int first, at::Tensor x) {
    for (const int at : {first, first + 3}) {
      const std::string convolution = embed + "fusion_model." + name + "." + std::to_string(at);
      x = parts_.batch_norm(embed + "fusion_model." + name + "." + std::to_string(at + 1),
                            at::conv2d(x, parts_[convolution + ".weight"], parts_[convolution + ".bias"]));
      if (at == first) x = at::relu(x);
    }
    return x;
  };
  const at::Tensor sum = whole + local;
  const at::Tensor share =
      at::sigmoid(branch("local_att", 0, sum) + branch("global_att", 1, at::adaptive_avg_pool2d(sum, {1, 1})));
  return 2 * whole * share + 2 * local * (1 - share);
}

at::Tensor EagerHtsat::patches(const at::Tensor& picture) const {
  at::Tensor whole =
      at::conv2d(picture.narrow(1, 0, 1), parts_["patch_embed.proj.weight"], parts_["patch_embed.proj.bias"], {4, 4});
  if (picture.size(1) > 1) whole = fused(whole, picture);
  return parts_.norm("patch_embed.norm", whole.flatten(2).transpose(1, 2), 1e-5);
}

at::Tensor EagerHtsat::attention(const std::string& name, const at::Tensor& windows, const at::Tensor& mask) const {
  const std::string self = name + (hf_ ? ".attention.self" : ".attn");
  const at::Tensor& table = parts_[self + ".relative_position_bias_table"];
  const std::int64_t heads = table.size(1);
  std::array<at::Tensor, 3> qkv;
  if (hf_) {
    qkv = {split_heads(parts_.linear(self + ".query", windows), heads),
           split_heads(parts_.linear(self + ".key", windows), heads),
           split_heads(parts_.linear(self + ".value", windows), heads)};
  } else {
    const at::Tensor all = parts_.linear(self + ".qkv", windows)
                               .view({windows.size(0), 64, 3, heads, windows.size(2) / heads})
                               .permute({2, 0, 3, 1, 4});
    qkv = {all[0], all[1], all[2]};
  }
  at::Tensor scores = at::matmul(qkv[0], qkv[1].transpose(-1, -2)) / std::sqrt(static_cast<double>(qkv[0].size(3)));
  const at::Tensor bias = table.index_select(0, index_).view({64, 64, heads}).permute({2, 0, 1}).contiguous();
  scores = scores + bias.unsqueeze(0);
  if (mask.defined()) {
    const std::int64_t count = mask.size(0);
    scores = scores.view({-1, count, heads, 64, 64}) + mask.unsqueeze(1).unsqueeze(0);
    scores = scores.view({-1, heads, 64, 64});
  }
  const at::Tensor mixed = join_heads(at::matmul(at::softmax(scores, -1), qkv[2]));
  return parts_.linear(name + (hf_ ? ".attention.output.dense" : ".attn.proj"), mixed);
}

at::Tensor EagerHtsat::block(const std::string& name, const at::Tensor& x, std::int64_t side, int index) const {
  const bool shift = index % 2 == 1 && side > 8;
  at::Tensor square = parts_.norm(name + (hf_ ? ".layernorm_before" : ".norm1"), x, 1e-5);
  square = square.view({x.size(0), side, side, x.size(2)});
  if (shift) square = at::roll(square, {-4, -4}, {1, 2});
  at::Tensor mixed = joined(attention(name, cut(square), shift ? mask_.at(side) : at::Tensor()), side);
  if (shift) mixed = at::roll(mixed, {4, 4}, {1, 2});
  const at::Tensor kept = x + mixed.view(x.sizes());
  const at::Tensor inner = parts_.linear(name + (hf_ ? ".intermediate.dense" : ".mlp.fc1"),
                                         parts_.norm(name + (hf_ ? ".layernorm_after" : ".norm2"), kept, 1e-5));
  return kept + parts_.linear(name + (hf_ ? ".output.dense" : ".mlp.fc2"), at::gelu(inner));
}

at::Tensor EagerHtsat::merge(const std::string& name, const at::Tensor& x, std::int64_t side) const {
  const at::Tensor square = x.view({x.size(0), side, side, x.size(2)});
  const auto every_other = [&](std::int64_t row, std::int64_t column) {
    return square.slice(1, row, side, 2).slice(2, column, side, 2);
  };
  const at::Tensor four = at::cat({every_other(0, 0), every_other(1, 0), every_other(0, 1), every_other(1, 1)}, -1);
  const at::Tensor flat = four.view({x.size(0), -1, 4 * x.size(2)});
  return at::linear(parts_.norm(name + ".norm", flat, 1e-5), parts_[name + ".reduction.weight"]);
}

at::Tensor EagerHtsat::operator()(const at::Tensor& log_mel) const {
  at::Tensor x = log_mel.dim() == 3 ? log_mel.unsqueeze(1) : log_mel;
  const std::int64_t views = x.size(1);
  x = x.reshape({-1, 1, x.size(2), 64}).transpose(1, 3);
  x = parts_.batch_norm(hf_ ? "batch_norm" : "bn0", x).transpose(1, 3);
  x = at::upsample_bicubic2d(x, {1024, 64}, true);
  x = x.reshape({-1, views, 4, 256, 64}).permute({0, 1, 2, 4, 3}).contiguous().view({-1, views, 256, 256});
  x = patches(x);
  std::int64_t side = 64;
  const int stages = parts_.count("layers");
  for (int i = 0; i < stages; ++i) {
    const std::string layer = "layers." + std::to_string(i);
    const int depth = parts_.count(layer + ".blocks");
    for (int j = 0; j < depth; ++j) x = block(layer + ".blocks." + std::to_string(j), x, side, j);
    if (i + 1 == stages) break;
    x = merge(layer + ".downsample", x, side);
    side /= 2;
  }
  x = parts_.norm("norm", x, 1e-5).mean(1);
  return hf_ ? plain_projection(projection_, x) : residual_projection(projection_, x);
}

at::Tensor EagerCnn14::operator()(const at::Tensor& log_mel) const {
  at::Tensor x = log_mel.unsqueeze(1).transpose(1, 3);
  x = parts_.batch_norm("bn0", x).transpose(1, 3);
  for (int i = 1; i <= 6; ++i) {
    const std::string block = "conv_block" + std::to_string(i);
    for (const char* number : {"1", "2"}) {
      x = at::conv2d(x, parts_[block + ".conv" + number + ".weight"], {}, 1, 1);
      x = at::relu_(x = parts_.batch_norm(block + ".bn" + number, x));
    }
    if (i < 6) x = at::avg_pool2d(x, 2);
  }
  const at::Tensor map = x.mean(3);
  return residual_projection(projection_, at::relu(parts_.linear("fc1", std::get<0>(map.max(2)) + map.mean(2))));
}

at::Tensor EagerBert::words(const at::Tensor& ids) const {
  return at::embedding(parts_["embeddings.word_embeddings.weight"], ids);
}

at::Tensor EagerBert::hidden(const at::Tensor& words, const at::Tensor& mask) const {
  const at::Tensor places = at::arange(words.size(1), at::kLong) + (roberta_ ? 2 : 0);
  const at::Tensor types = at::zeros({words.size(0), words.size(1)}, at::kLong);
  const at::Tensor sum = words + at::embedding(parts_["embeddings.token_type_embeddings.weight"], types) +
                         at::embedding(parts_["embeddings.position_embeddings.weight"], places);
  at::Tensor x = parts_.norm("embeddings.LayerNorm", sum, 1e-12);
  const int depth = parts_.count("encoder.layer");
  for (int i = 0; i < depth; ++i) {
    const std::string layer = "encoder.layer." + std::to_string(i);
    const auto heads = [&](const char* part) {
      return split_heads(parts_.linear(layer + ".attention.self." + part, x), 12);
    };
    const at::Tensor scores = at::matmul(heads("query"), heads("key").transpose(-1, -2)) / 8.0 + mask;
    const at::Tensor mixed = join_heads(at::matmul(at::softmax(scores, -1), heads("value")));
    x = parts_.norm(layer + ".attention.output.LayerNorm", parts_.linear(layer + ".attention.output.dense", mixed) + x,
                    1e-12);
    const at::Tensor inner = at::gelu(parts_.linear(layer + ".intermediate.dense", x));
    x = parts_.norm(layer + ".output.LayerNorm", parts_.linear(layer + ".output.dense", inner) + x, 1e-12);
  }
  return x;
}

at::Tensor EagerBert::project(const at::Tensor& hidden) const {
  if (!roberta_) return residual_projection(projection_, hidden);
  return plain_projection(projection_, at::tanh(parts_.linear("pooler.dense", hidden)));
}

at::Tensor EagerBert::operator()(const at::Tensor& ids, const at::Tensor& mask) const {
  return project(hidden(words(ids), mask).select(1, 0));
}

at::Tensor EagerGpt2::words(const at::Tensor& ids) const {
  return at::embedding(parts_["wte.weight"], ids);
}

at::Tensor EagerGpt2::hidden(const at::Tensor& words, const at::Tensor& mask) const {
  const std::int64_t length = words.size(1);
  const auto conv1d = [&](const std::string& name, const at::Tensor& x) {
    const at::Tensor flat = at::addmm(parts_[name + ".bias"], x.view({-1, x.size(2)}), parts_[name + ".weight"]);
    return flat.view({x.size(0), x.size(1), -1});
  };
  at::Tensor x = words + parts_["wpe.weight"].narrow(0, 0, length);
  const at::Tensor causal = at::ones({length, length}, at::kBool).tril();
  const int depth = parts_.count("h");
  for (int i = 0; i < depth; ++i) {
    const std::string layer = "h." + std::to_string(i);
    const std::vector<at::Tensor> qkv =
        conv1d(layer + ".attn.c_attn", parts_.norm(layer + ".ln_1", x, 1e-5)).split(768, 2);
    at::Tensor scores = at::matmul(split_heads(qkv[0], 12), split_heads(qkv[1], 12).transpose(-1, -2)) / 8.0;
    scores = at::where(causal, scores, at::full({}, -3.4e38F)) + mask;
    x = x + conv1d(layer + ".attn.c_proj", join_heads(at::matmul(at::softmax(scores, -1), split_heads(qkv[2], 12))));
    const at::Tensor inner = conv1d(layer + ".mlp.c_fc", parts_.norm(layer + ".ln_2", x, 1e-5));
    const at::Tensor cubed = inner + 0.044715 * at::pow(inner, 3.0);
    x = x + conv1d(layer + ".mlp.c_proj", 0.5 * inner * (1.0 + at::tanh(std::sqrt(2.0 / M_PI) * cubed)));
  }
  return parts_.norm("ln_f", x, 1e-5);
}

at::Tensor EagerGpt2::project(const at::Tensor& hidden) const {
  return residual_projection(projection_, hidden);
}

at::Tensor EagerGpt2::operator()(const at::Tensor& ids, const at::Tensor& mask) const {
  return project(hidden(words(ids), mask).select(1, ids.size(1) - 1));
}

at::Tensor eager_log_mel(const at::Tensor& samples, const at::Tensor& window, const at::Tensor& filters,
                         std::int64_t hop) {
  const std::int64_t n_fft = window.size(0);
  const at::Tensor padded = at::reflection_pad1d(samples.unsqueeze(1), {n_fft / 2, n_fft / 2}).squeeze(1);
  const at::Tensor spectrum = at::stft(padded, n_fft, hop, n_fft, window, false, true, true);
  const at::Tensor power = spectrum.abs().pow(2).transpose(1, 2);
  return 10.0 * at::log10(at::clamp_min(at::matmul(power, filters), 1e-10));
}

}  // namespace hearsay::bench
