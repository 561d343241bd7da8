#include "random_weights.h"

#include <array>
#include <cmath>
#include <cstdlib>
#include <deque>
#include <filesystem>

#include "model/families.h"

namespace hearsay::bench {

namespace {

using Shape = std::vector<std::int64_t>;
enum class Fill { Matrix, Small, Scale, Variance };

class RandomCheckpoint final : public Checkpoint {
 public:
  RandomCheckpoint() : Checkpoint("random weights") { at::manual_seed(7); }

  void add(const std::string& name, const Shape& shape, Fill fill) {
    at::Tensor values = at::empty(shape, at::kFloat);
    std::int64_t inputs = 1;
    for (std::size_t i = 1; i < shape.size(); ++i) inputs *= shape[i];
    if (fill == Fill::Matrix) values.normal_(0.0, 1.0 / std::sqrt(static_cast<double>(inputs)));
    if (fill == Fill::Small) values.normal_(0.0, 0.02);
    if (fill == Fill::Scale) values.normal_(1.0, 0.1);
    if (fill == Fill::Variance) values.uniform_(0.5, 1.5);
    const auto bytes = static_cast<std::size_t>(values.numel()) * sizeof(float);
    StoredTensor stored;
    stored.shape = shape;
    stored.strides = values.strides().vec();
    stored.bytes = {reinterpret_cast<const std::byte*>(values.data_ptr<float>()), bytes};
    bytes_ += bytes;
    held_.push_back(values);
    tensors_.emplace(name, stored);
  }
  void linear(const std::string& name, std::int64_t out, std::int64_t in, bool bias = true) {
    add(name + ".weight", {out, in}, Fill::Matrix);
    if (bias) add(name + ".bias", {out}, Fill::Small);
  }
  void norm(const std::string& name, std::int64_t width) {
    add(name + ".weight", {width}, Fill::Scale);
    add(name + ".bias", {width}, Fill::Small);
  }
  void batch_norm(const std::string& name, std::int64_t width) {
    norm(name, width);
    add(name + ".running_mean", {width}, Fill::Small);
    add(name + ".running_var", {width}, Fill::Variance);
  }
  void convolution(const std::string& name, const Shape& shape, bool bias = true) {
    add(name + ".weight", shape, Fill::Matrix);
    if (bias) add(name + ".bias", {shape[0]}, Fill::Small);
  }

  [[nodiscard]] std::uint64_t bytes() const noexcept override { return bytes_; }
  void forget(std::span<const std::byte>) const noexcept override {}

 private:
  std::deque<at::Tensor> held_;
  std::uint64_t bytes_ = 0;
};

constexpr const char* kLaionAudio = "audio_model.audio_encoder";
constexpr const char* kHtsat = "audio_encoder.base.htsat";

void add_swin_block(RandomCheckpoint& file, const std::string& name, bool hf, std::int64_t width, std::int64_t heads) {
  file.norm(name + (hf ? ".layernorm_before" : ".norm1"), width);
  file.norm(name + (hf ? ".layernorm_after" : ".norm2"), width);
  file.linear(name + (hf ? ".intermediate.dense" : ".mlp.fc1"), 4 * width, width);
  file.linear(name + (hf ? ".output.dense" : ".mlp.fc2"), width, 4 * width);
  const std::string self = name + (hf ? ".attention.self" : ".attn");
  if (hf) {
    for (const char* part : {".query", ".key", ".value"}) file.linear(self + part, width, width);
  } else {
    file.linear(self + ".qkv", 3 * width, width);
  }
  file.linear(name + (hf ? ".attention.output.dense" : ".attn.proj"), width, width);
  file.add(self + ".relative_position_bias_table", {15 * 15, heads}, Fill::Small);
}

void add_fusion(RandomCheckpoint& file, const std::string& embed) {
  file.convolution(embed + ".mel_conv2d", {96, 1, 4, 12});
  for (const auto& [branch, first] : {std::pair{".fusion_model.local_att", 0}, {".fusion_model.global_att", 1}}) {
    const auto part = [&, b = embed + branch](int i) { return b + "." + std::to_string(i); };
    file.convolution(part(first), {24, 96, 1, 1});
    file.batch_norm(part(first + 1), 24);
    file.convolution(part(first + 3), {96, 24, 1, 1});
    file.batch_norm(part(first + 4), 96);
  }
}

/// HTSAT tiny, as in laion/clap-htsat-* and MS-CLAP 2023.
void add_htsat(RandomCheckpoint& file, const std::string& tower, bool hf, bool fused) {
  constexpr std::array<int, 4> kDepths{2, 2, 6, 2};
  file.batch_norm(tower + (hf ? ".batch_norm" : ".bn0"), 64);
  file.convolution(tower + ".patch_embed.proj", {96, 1, 4, 4});
  file.norm(tower + ".patch_embed.norm", 96);
  if (fused) add_fusion(file, tower + ".patch_embed");
  std::int64_t width = 96;
  std::int64_t heads = 4;
  for (std::size_t i = 0; i < kDepths.size(); ++i) {
    const std::string layer = tower + ".layers." + std::to_string(i);
    for (int j = 0; j < kDepths[i]; ++j) {
      add_swin_block(file, layer + ".blocks." + std::to_string(j), hf, width, heads);
    }
    if (i + 1 == kDepths.size()) break;
    file.norm(layer + ".downsample.norm", 4 * width);
    file.linear(layer + ".downsample.reduction", 2 * width, 4 * width, false);
    width *= 2;
    heads *= 2;
  }
  file.norm(tower + ".norm", width);
}

void add_cnn14(RandomCheckpoint& file, const std::string& tower) {
  constexpr std::array<std::int64_t, 7> kChannels{1, 64, 128, 256, 512, 1024, 2048};
  file.batch_norm(tower + ".bn0", 64);
  for (std::size_t i = 1; i < kChannels.size(); ++i) {
    const std::string block = tower + ".conv_block" + std::to_string(i);
    file.convolution(block + ".conv1", {kChannels[i], kChannels[i - 1], 3, 3}, false);
    file.convolution(block + ".conv2", {kChannels[i], kChannels[i], 3, 3}, false);
    file.batch_norm(block + ".bn1", kChannels[i]);
    file.batch_norm(block + ".bn2", kChannels[i]);
  }
  file.linear(tower + ".fc1", 2048, 2048);
}

void add_residual_projection(RandomCheckpoint& file, const std::string& name, std::int64_t width) {
  file.linear(name + ".linear1", 1024, width, false);
  file.linear(name + ".linear2", 1024, 1024, false);
  file.norm(name + ".layer_norm", 1024);
}

void add_bert(RandomCheckpoint& file, const std::string& tower, std::int64_t vocabulary, std::int64_t positions,
              std::int64_t types) {
  file.add(tower + ".embeddings.word_embeddings.weight", {vocabulary, 768}, Fill::Small);
  file.add(tower + ".embeddings.position_embeddings.weight", {positions, 768}, Fill::Small);
  file.add(tower + ".embeddings.token_type_embeddings.weight", {types, 768}, Fill::Small);
  file.norm(tower + ".embeddings.LayerNorm", 768);
  for (int i = 0; i < 12; ++i) {
    const std::string layer = tower + ".encoder.layer." + std::to_string(i);
    for (const char* part : {".query", ".key", ".value"}) file.linear(layer + ".attention.self" + part, 768, 768);
    file.linear(layer + ".attention.output.dense", 768, 768);
    file.norm(layer + ".attention.output.LayerNorm", 768);
    file.linear(layer + ".intermediate.dense", 3072, 768);
    file.linear(layer + ".output.dense", 768, 3072);
    file.norm(layer + ".output.LayerNorm", 768);
  }
}

void add_gpt2(RandomCheckpoint& file, const std::string& tower) {
  file.add(tower + ".wte.weight", {50257, 768}, Fill::Small);
  file.add(tower + ".wpe.weight", {1024, 768}, Fill::Small);
  const auto conv1d = [&](const std::string& name, std::int64_t in, std::int64_t out) {
    file.add(name + ".weight", {in, out}, Fill::Matrix);
    file.add(name + ".bias", {out}, Fill::Small);
  };
  for (int i = 0; i < 12; ++i) {
    const std::string layer = tower + ".h." + std::to_string(i);
    file.norm(layer + ".ln_1", 768);
    file.norm(layer + ".ln_2", 768);
    conv1d(layer + ".attn.c_attn", 768, 2304);
    conv1d(layer + ".attn.c_proj", 768, 768);
    conv1d(layer + ".mlp.c_fc", 768, 3072);
    conv1d(layer + ".mlp.c_proj", 3072, 768);
  }
  file.norm(tower + ".ln_f", 768);
}

/// From HEARSAY_BENCH_MODELS, or nothing.
std::shared_ptr<const Checkpoint> given(Published model) {
  const char* folder = std::getenv("HEARSAY_BENCH_MODELS");
  if (folder == nullptr || *folder == '\0') return nullptr;
  const auto path = std::filesystem::path(folder) / name_of(model);
  return std::filesystem::exists(path) ? open_model(path).checkpoint : nullptr;
}

bool laion(Published model) {
  return model == Published::LaionUnfused || model == Published::LaionFused;
}

}  // namespace

std::string name_of(Published model) {
  constexpr std::array kNames{"laion-unfused", "laion-fused", "msclap-2022", "msclap-2023"};
  return kNames[static_cast<std::size_t>(model)];
}

std::shared_ptr<const Checkpoint> audio_half(Published model) {
  if (auto checkpoint = given(model)) return checkpoint;
  auto file = std::make_shared<RandomCheckpoint>();
  if (laion(model)) {
    add_htsat(*file, kLaionAudio, true, model == Published::LaionFused);
    file->linear("audio_projection.linear1", 512, 768);
    file->linear("audio_projection.linear2", 512, 512);
  } else if (model == Published::Microsoft2022) {
    add_cnn14(*file, "audio_encoder.base");
    add_residual_projection(*file, "audio_encoder.projection", 2048);
  } else {
    add_htsat(*file, kHtsat, false, false);
    add_residual_projection(*file, "audio_encoder.projection", 768);
  }
  return file;
}

std::shared_ptr<const Checkpoint> text_half(Published model) {
  if (auto checkpoint = given(model)) return checkpoint;
  auto file = std::make_shared<RandomCheckpoint>();
  if (laion(model)) {
    add_bert(*file, "text_model", 50265, 514, 1);
    file->linear("text_model.pooler.dense", 768, 768);
    file->linear("text_projection.linear1", 512, 768);
    file->linear("text_projection.linear2", 512, 512);
    return file;
  }
  if (model == Published::Microsoft2022) {
    add_bert(*file, "caption_encoder.base", 30522, 512, 2);
  } else {
    add_gpt2(*file, "caption_encoder.base");
  }
  add_residual_projection(*file, "caption_encoder.projection", 768);
  return file;
}

Weights audio_weights(Published model) {
  const Weights all(audio_half(model));
  if (laion(model)) return all.under(kLaionAudio);
  return all.under(model == Published::Microsoft2022 ? "audio_encoder.base" : kHtsat);
}

Weights audio_projection(Published model) {
  return Weights(audio_half(model)).under(laion(model) ? "audio_projection" : "audio_encoder.projection");
}

Weights text_weights(Published model, const WeightOptions& as) {
  return Weights(text_half(model), as).under(laion(model) ? "text_model" : "caption_encoder.base");
}

Weights text_projection(Published model, const WeightOptions& as) {
  return Weights(text_half(model), as).under(laion(model) ? "text_projection" : "caption_encoder.projection");
}

}  // namespace hearsay::bench
