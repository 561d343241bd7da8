#include "model/htsat_parts.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "model/swin_kernels.h"

namespace hearsay {

namespace {

[[noreturn]] void refuse(const Weights& weights, const std::string& name, const std::string& what) {
  throw Error(ErrorKind::BadFormat,
              "Tensor " + weights.full_name(name) + " in " + weights.file().string() + " " + what + ".");
}

/// [n, side, side, C] -> [n * windows, window * window, C], windows row by row.
at::Tensor cut_windows(const at::Tensor& x, std::int64_t window) {
  const std::int64_t count = x.size(1) / window;
  return x.view({x.size(0), count, window, count, window, x.size(3)})
      .transpose(2, 3)
      .reshape({-1, window * window, x.size(3)});
}

at::Tensor join_windows(const at::Tensor& windows, std::int64_t window, std::int64_t side) {
  const std::int64_t count = side / window;
  return windows.view({-1, count, count, window, window, windows.size(2)})
      .transpose(2, 3)
      .reshape({-1, side, side, windows.size(2)});
}

/// -100 between places that the roll brought together but that are not neighbours: [windows, w*w, w*w].
at::Tensor shift_mask(std::int64_t side, std::int64_t window, std::int64_t shift) {
  at::Tensor band = at::zeros({side});
  band.narrow(0, side - window, window - shift).fill_(1.0);
  band.narrow(0, side - shift, shift).fill_(2.0);
  const at::Tensor regions = (band.unsqueeze(1) * 3.0 + band.unsqueeze(0)).view({1, side, side, 1});
  const at::Tensor of_place = cut_windows(regions, window).squeeze(-1);
  return (of_place.unsqueeze(1) != of_place.unsqueeze(2)).to(at::kFloat) * -100.0;
}

/// Relative positions of two places in a window, as rows of the bias table.
at::Tensor usual_index(std::int64_t window) {
  const at::Tensor along = at::arange(window * window, at::kLong);
  const at::Tensor row = at::floor_divide(along, window);
  const at::Tensor column = along - row * window;
  const at::Tensor rows = row.unsqueeze(1) - row.unsqueeze(0) + (window - 1);
  const at::Tensor columns = column.unsqueeze(1) - column.unsqueeze(0) + (window - 1);
  return rows * (2 * window - 1) + columns;
}

/// [heads, w*w, w*w] from the table [(2w-1)^2, heads] and its index.
at::Tensor relative_bias(const Weights& weights, const std::string& table_name, const std::string& index_name,
                         std::int64_t& window) {
  const at::Tensor table = weights.get(table_name, {-1, -1});
  const std::int64_t edge = std::llround(std::sqrt(static_cast<double>(table.size(0))));
  if (edge * edge != table.size(0) || edge % 2 == 0) refuse(weights, table_name, "is no table of relative positions");
  window = (edge + 1) / 2;
  const std::int64_t area = window * window;
  at::Tensor index = usual_index(window);
  if (weights.has(index_name)) {
    index = weights.get(index_name, {area, area}).to(at::kCPU).to(at::kLong);
    if (index.min().item<std::int64_t>() < 0 || index.max().item<std::int64_t>() >= table.size(0)) {
      refuse(weights, index_name, "points outside its table");
    }
  }
  return table.index_select(0, index.flatten().to(table.device()))
      .view({area, area, -1})
      .permute({2, 0, 1})
      .contiguous();
}

}  // namespace

HtsatTower::Block HtsatTower::Block::load(const Weights& weights, HtsatNames names, const HtsatConfig& config,
                                          std::int64_t width, std::int64_t side, int index) {
  const bool hf = names == HtsatNames::HuggingFace;
  Block block;
  block.activation = config.activation;
  block.before = LayerNorm::load(weights.under(hf ? "layernorm_before" : "norm1"), width, config.block_eps);
  block.after = LayerNorm::load(weights.under(hf ? "layernorm_after" : "norm2"), width, config.block_eps);
  block.inner = Linear::load(weights.under(hf ? "intermediate.dense" : "mlp.fc1"), -1, width);
  block.outer = Linear::load(weights.under(hf ? "output.dense" : "mlp.fc2"), width, block.inner.weight.size(0));
  const Weights self = weights.under(hf ? "attention.self" : "attn");
  if (hf) {
    block.attention.qkv =
        Linear::stacked({Linear::load(self.under("query"), width, width), Linear::load(self.under("key"), width, width),
                         Linear::load(self.under("value"), width, width)});
  } else {
    block.attention.qkv = Linear::load(self.under("qkv"), 3 * width, width);
  }
  block.attention.out = Linear::load(weights.under(hf ? "attention.output.dense" : "attn.proj"), width, width);
  const at::Tensor bias = relative_bias(self, "relative_position_bias_table", "relative_position_index", block.window);
  block.attention.heads = bias.size(0);
  if (width % bias.size(0) != 0) refuse(self, "relative_position_bias_table", "has heads that do not divide the width");
  block.side = side;
  if (side < block.window || side % block.window != 0) {
    refuse(self, "relative_position_bias_table", "has windows that do not fit a picture of " + std::to_string(side));
  }
  block.shift = index % 2 == 1 && side > block.window ? block.window / 2 : 0;
  block.bias = bias.unsqueeze(0);
  if (block.shift > 0) {
    const at::Tensor mask = shift_mask(side, block.window, block.shift).unsqueeze(1).to(bias.options());
    block.bias = (block.bias + mask).contiguous();
  }
  return block;
}

at::Tensor HtsatTower::Block::operator()(const at::Tensor& x) const {
  at::Tensor square = before(x).view({x.size(0), side, side, x.size(2)});
  if (shift > 0) square = at::roll(square, {-shift, -shift}, {1, 2});
  at::Tensor mixed = join_windows(attention(cut_windows(square, window), bias), window, side);
  if (shift > 0) mixed = at::roll(mixed, {shift, shift}, {1, 2});
  const at::Tensor kept = x + mixed.view(x.sizes());
  return kept + outer(activate(inner(after(kept)), activation));
}

bool HtsatTower::Block::runs_in_place() const {
  const std::int64_t head_width = attention.out.weight.size(1) / attention.heads;
  return bias.is_cpu() && bias.scalar_type() == at::kFloat && window == swin::WindowAttention::kWindow &&
         head_width <= swin::WindowAttention::kMostHeadWidth && activation == Activation::GeluErf;
}

void HtsatTower::Block::run_in_place(at::Tensor& x, const Room& room) const {
  const std::int64_t width = x.size(2);
  const std::int64_t rows = x.size(0) * x.size(1);
  at::Tensor flat = x.view({rows, width});
  const auto part = [&](const at::Tensor& buffer, std::int64_t columns) {
    return buffer.narrow(0, 0, rows * columns).view({rows, columns});
  };
  const auto norm_into = [&](const LayerNorm& norm, const float* added, const at::Tensor& out) {
    swin::norm_rows({flat.data_ptr<float>(), added, norm.weight.data_ptr<float>(), norm.bias.data_ptr<float>(),
                     norm.eps, out.data_ptr<float>(), rows, width});
  };
  at::Tensor narrow = part(room.narrow, width);
  at::Tensor wide = part(room.wide, 3 * width);
  norm_into(before, nullptr, narrow);
  at::mm_out(wide, narrow, attention.qkv.weight.t());
  swin::WindowAttention job;
  job.qkv = wide.data_ptr<float>();
  job.qkv_bias = attention.qkv.bias.data_ptr<float>();
  job.bias = bias.data_ptr<float>();
  job.bias_per_window = bias.size(0) > 1;
  job.out = narrow.data_ptr<float>();
  job.pictures = x.size(0);
  job.side = side;
  job.heads = attention.heads;
  job.head_width = width / attention.heads;
  job.shift = shift;
  swin::attend(job);
  flat.addmm_(narrow, attention.out.weight.t());
  norm_into(after, attention.out.bias.data_ptr<float>(), narrow);
  wide = part(room.wide, inner.weight.size(0));
  at::mm_out(wide, narrow, inner.weight.t());
  swin::add_and_gelu(wide.data_ptr<float>(), inner.bias.data_ptr<float>(), rows, wide.size(1));
  flat.addmm_(wide, outer.weight.t());
  flat.add_(outer.bias);
}

at::Tensor HtsatTower::Stage::merged(const at::Tensor& x) const {
  const at::Tensor square = x.view({x.size(0), side, side, x.size(2)});
  const auto every_other = [&](std::int64_t row, std::int64_t column) {
    return square.slice(1, row, side, 2).slice(2, column, side, 2);
  };
  const at::Tensor four = at::cat({every_other(0, 0), every_other(1, 0), every_other(0, 1), every_other(1, 1)}, -1);
  return merge(merge_norm(four.view({x.size(0), -1, 4 * x.size(2)})));
}

HtsatTower::Fusion HtsatTower::Fusion::load(const Weights& weights, std::int64_t width, double eps) {
  Fusion fusion;
  fusion.chunk_weight = weights.get("mel_conv2d.weight", {width, 1, -1, -1});
  fusion.chunk_bias = weights.get("mel_conv2d.bias", {width});
  const auto folded = [&](const Weights& branch, int at, std::int64_t out, std::int64_t in, at::Tensor& weight,
                          at::Tensor& bias) {
    const Weights convolution = branch.under(std::to_string(at));
    const ChannelScale norm = ChannelScale::load(branch.under(std::to_string(at + 1)), out, eps);
    weight = convolution.get("weight", {out, in, 1, 1}) * norm.scale.view({-1, 1, 1, 1});
    bias = convolution.get("bias", {out}) * norm.scale + norm.shift;
  };
  const auto branch = [&](const Weights& part, int at) {
    const std::int64_t inner = part.size(std::to_string(at) + ".weight", 0);
    Branch result;
    folded(part, at, inner, width, result.first_weight, result.first_bias);
    folded(part, at + 3, width, inner, result.second_weight, result.second_bias);
    return result;
  };
  fusion.local = branch(weights.under("fusion_model.local_att"), 0);
  fusion.global = branch(weights.under("fusion_model.global_att"), 1);  // 0 is the pooling
  return fusion;
}

at::Tensor HtsatTower::Fusion::Branch::operator()(const at::Tensor& x) const {
  return at::conv2d(at::relu(at::conv2d(x, first_weight, first_bias)), second_weight, second_bias);
}

at::Tensor HtsatTower::Fusion::mix(const at::Tensor& whole, const at::Tensor& chunks) const {
  const std::int64_t rows = chunks.size(0);
  const std::int64_t views = chunks.size(1);
  at::Tensor parts = chunks.reshape({rows * views, 1, chunks.size(2), chunks.size(3)});
  parts = at::conv2d(parts, chunk_weight, chunk_bias, {chunk_weight.size(2), chunk_weight.size(3)});
  // The views side by side along time, padded with zeros to the whole clip's width.
  parts = parts.view({rows, views, parts.size(1), parts.size(2), parts.size(3)}).permute({0, 2, 3, 1, 4}).flatten(3);
  parts = at::constant_pad_nd(parts, {0, whole.size(3) - parts.size(3)});
  const at::Tensor sum = whole + parts;
  const at::Tensor share = at::sigmoid(local(sum) + global(sum.mean({2, 3}, true)));
  return 2.0 * whole * share + 2.0 * parts * (1.0 - share);
}

}  // namespace hearsay
