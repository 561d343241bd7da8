#include "model/htsat_tower.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "model/htsat_parts.h"
#include "model/resize.h"

namespace hearsay {

namespace {

constexpr double kNormEps = 1e-5;  // of every norm outside the blocks, whatever config.json says

}  // namespace

HtsatTower::~HtsatTower() = default;

std::int64_t htsat_steps(const Weights& weights, const HtsatConfig& config) {
  const int stages = weights.count("layers");
  const std::int64_t side = stages < 1 || stages > 16 ? 0 : config.picture / config.patch_stride >> (stages - 1);
  if (side < 1)
    throw Error(ErrorKind::BadFormat, weights.file().string() + " holds an HTSAT of a shape that cannot be run.");
  return side * (config.picture / config.n_mels);
}

HtsatTower::HtsatTower(const Weights& weights, HtsatNames names, const HtsatConfig& config, Projection projection)
    : config_(config), projection_(std::move(projection)) {
  const bool hf = names == HtsatNames::HuggingFace;
  const Weights embed = weights.under("patch_embed");
  input_norm_ = ChannelScale::load(weights.under(hf ? "batch_norm" : "bn0"), config.n_mels, kNormEps);
  patch_weight_ = embed.get("proj.weight", {-1, 1, config.patch_stride, config.patch_stride});
  std::int64_t width = patch_weight_.size(0);
  patch_bias_ = embed.get("proj.bias", {width});
  if (embed.has_group("norm")) patch_norm_ = LayerNorm::load(embed.under("norm"), width, kNormEps);
  if (embed.has_group("fusion_model")) fusion_ = std::make_unique<const Fusion>(Fusion::load(embed, width, kNormEps));
  std::int64_t side = config.picture / config.patch_stride;
  const int count = weights.count("layers");
  for (int i = 0; i < count; ++i) {
    const Weights layer = weights.under("layers." + std::to_string(i));
    Stage stage;
    stage.side = side;
    const int depth = layer.count("blocks");
    for (int j = 0; j < depth; ++j) {
      stage.blocks.push_back(Block::load(layer.under("blocks." + std::to_string(j)), names, config, width, side, j));
    }
    if (i + 1 < count) {
      stage.merge_norm = LayerNorm::load(layer.under("downsample.norm"), 4 * width, kNormEps);
      stage.merge = Linear::load(layer.under("downsample.reduction"), -1, 4 * width, false);
      width = stage.merge.weight.size(0);
      side /= 2;
    }
    stages_.push_back(std::move(stage));
  }
  last_norm_ = LayerNorm::load(weights.under("norm"), width, kNormEps);
  in_place_ = std::ranges::all_of(stages_, [](const Stage& s) {
    return std::ranges::all_of(s.blocks, [](const Block& b) { return b.runs_in_place(); });
  });
  if (stages_.empty() || side % (config.picture / config.n_mels) != 0) {
    throw Error(ErrorKind::BadFormat, weights.file().string() + " holds an HTSAT of a shape that cannot be run.");
  }
}

/// [n, V, T, mels] -> [n, V, picture, picture]: time in pieces, one below the other, each mel row by mel row.
at::Tensor HtsatTower::fold(const at::Tensor& x) const {
  const std::int64_t pieces = config_.picture / config_.n_mels;
  at::Tensor stretched = x;
  if (x.size(2) != config_.stretched()) stretched = stretch_time(x, config_.stretched());
  return stretched.view({x.size(0), x.size(1), pieces, config_.picture, config_.n_mels})
      .transpose(3, 4)
      .reshape({x.size(0), x.size(1), config_.picture, config_.picture});
}

at::Tensor HtsatTower::patches(const at::Tensor& picture, const at::Tensor& longer) const {
  at::Tensor whole = at::conv2d(picture.narrow(1, 0, 1), patch_weight_, patch_bias_, config_.patch_stride);
  if (fusion_ && picture.size(1) > 1 && longer.defined()) {
    const at::Tensor rows = longer.nonzero().flatten();
    if (rows.numel() > 0) {
      const at::Tensor chunks = picture.index_select(0, rows).narrow(1, 1, picture.size(1) - 1);
      whole = whole.index_copy(0, rows, fusion_->mix(whole.index_select(0, rows), chunks));
    }
  }
  const at::Tensor flat = whole.flatten(2).transpose(1, 2);
  return patch_norm_.weight.defined() ? patch_norm_(flat) : flat.contiguous();
}

at::Tensor HtsatTower::through_stages(at::Tensor x, HtsatTrace* trace) const {
  for (const Stage& stage : stages_) {
    if (trace != nullptr) trace->blocks.emplace_back();
    for (const Block& block : stage.blocks) {
      x = block(x);
      if (trace != nullptr) trace->blocks.back().push_back(x);
    }
    if (stage.merges()) x = stage.merged(x);
    if (trace != nullptr) trace->stages.push_back(x);
  }
  return x;
}

at::Tensor HtsatTower::through_stages_in_place(at::Tensor x, HtsatTrace* trace) const {
  // Picture by picture while a picture fills the cores, because what is at work then stays in the cache.
  constexpr std::int64_t kPlacesAtLeast = 256;
  const auto at_once = [&](const Stage& stage) {
    return stage.side * stage.side >= kPlacesAtLeast && trace == nullptr ? 1 : x.size(0);
  };
  std::int64_t narrow = 0;
  std::int64_t wide = 0;
  for (const Stage& stage : stages_) {
    const std::int64_t places = at_once(stage) * stage.side * stage.side;
    for (const Block& block : stage.blocks) {
      const std::int64_t width = block.before.weight.size(0);
      narrow = std::max(narrow, places * width);
      wide = std::max(wide, places * std::max(3 * width, block.inner.weight.size(0)));
    }
  }
  const Room room{at::empty({narrow}, x.options()), at::empty({wide}, x.options())};
  x = x.contiguous();
  for (const Stage& stage : stages_) {
    if (trace != nullptr) trace->blocks.emplace_back();
    const std::int64_t pictures = at_once(stage);
    std::vector<at::Tensor> done;
    for (std::int64_t first = 0; first < x.size(0); first += pictures) {
      at::Tensor some = x.narrow(0, first, pictures);
      for (const Block& block : stage.blocks) {
        block.run_in_place(some, room);
        if (trace != nullptr) trace->blocks.back().push_back(some.clone());
      }
      done.push_back(stage.merges() ? stage.merged(some) : some);
    }
    if (stage.merges()) x = done.size() == 1 ? done[0] : at::cat(done);
    if (trace != nullptr) trace->stages.push_back(x.clone());
  }
  return x;
}

at::Tensor HtsatTower::map(const at::Tensor& log_mel, const at::Tensor& longer, HtsatTrace* trace) const {
  if (log_mel.size(-2) > config_.stretched()) {
    throw Error(ErrorKind::Usage, "This model takes at most " + std::to_string(config_.stretched()) +
                                      " spectrogram frames at once; got " + std::to_string(log_mel.size(-2)) + ".");
  }
  const at::Tensor normed =
      (log_mel.dim() == 3 ? log_mel.unsqueeze(1) : log_mel) * input_norm_.scale + input_norm_.shift;
  const at::Tensor picture = fold(normed);
  at::Tensor x = patches(picture, longer);
  if (trace != nullptr) {
    trace->normed = normed.select(1, 0);
    trace->picture = picture.select(1, 0);
    trace->patches = x.clone();  // x may be overwritten below
  }
  x = in_place_ ? through_stages_in_place(x, trace) : through_stages(x, trace);
  const std::int64_t side = stages_.back().side;
  const std::int64_t pieces = config_.picture / config_.n_mels;
  // Unfold: row = piece * bins + bin, and a step's place in time is piece * side + column.
  return last_norm_(x)
      .transpose(1, 2)
      .reshape({x.size(0), x.size(2), pieces, side / pieces, side})
      .transpose(2, 3)
      .reshape({x.size(0), x.size(2), side / pieces, pieces * side});
}

AudioOutput HtsatTower::forward(const at::Tensor& log_mel, const at::Tensor& longer) const {
  const at::Tensor features = map(log_mel, longer);
  return {projection_(features.mean({2, 3})), projection_(features.mean(2).transpose(1, 2))};
}

}  // namespace hearsay
