// The starter and whatever else is trained in its format (resources/starter/README.md, format 1).

#include <cmath>

#include "base/error.h"
#include "model/bert_tower.h"
#include "model/conv_tower.h"
#include "model/families.h"

namespace hearsay {

namespace {

constexpr std::int64_t kMaxChannels = 65536;

ConvTowerConfig tower_config(const Config& audio) {
  ConvTowerConfig config;
  config.n_mels = audio.whole("num_mel_bins", 64, 4, 1024);
  config.norm_eps = audio.number("norm_eps", 1e-5, 0.0, 1.0);
  const Config stem = audio.section("stem");
  config.stem_channels = stem.whole("channels", 0, 1, kMaxChannels);
  const auto patch = stem.wholes("patch", {4, 4}, 1, 64);
  if (patch.size() != 2) stem.refuse("patch", "does not hold two numbers");
  config.patch_time = patch[0];
  config.patch_mel = patch[1];
  const auto layers = audio.values().find("layers");
  if (layers == audio.values().end() || !layers->is_array() || layers->empty() || layers->size() > 256) {
    audio.refuse("layers", "is not a list of layers");
  }
  for (const auto& values : *layers) {
    if (!values.is_object()) audio.refuse("layers", "holds something that is not a layer");
    const Config layer("config.json", values);
    const auto pool = layer.wholes("pool", {1, 1}, 1, 64);
    if (pool.size() != 2) layer.refuse("pool", "does not hold two numbers");
    config.layers.push_back(
        {layer.whole("channels", 0, 1, kMaxChannels), pool[0], pool[1], layer.flag("residual", false)});
  }
  return config;
}

FamiliarNames familiar_names(const Config& config) {
  FamiliarNames familiar;
  familiar.names = config.texts("names");
  familiar.like_from = config.number("like_from", familiar.like_from, -1.0, 1.0);
  familiar.like_to = config.number("like_to", familiar.like_to, -1.0, 1.0);
  if (familiar.like_to <= familiar.like_from) config.refuse("like_to", "is not above \"like_from\"");
  return familiar;
}

bool recognises(const ModelSource& source) {
  return source.config.text("model_type", "") == "hearsay-clap" ||
         source.checkpoint->tensors().contains("audio_model.stem.conv.weight");
}

ModelInfo describe(const ModelSource& source) {
  if (source.config.whole("format_version", 1, 1, 1'000'000) != 1) {
    source.config.refuse("format_version", "is newer than this program reads; update Hearsay");
  }
  ModelInfo info = common_info(source, "logit_scale");
  info.name = source.config.text("name", info.name);
  info.family = "hearsay";
  info.audio_tower = "convolutions";
  info.text_tower = "bert";
  const Config audio = source.config.section("audio_config");
  const Config text = source.config.section("text_config");
  info.sample_rate = static_cast<int>(audio.whole("sampling_rate", 32000, 4000, 384000));
  info.window_seconds = audio.number("window_seconds", 5.0, 0.1, 120.0);
  info.window_samples = std::llround(info.window_seconds * info.sample_rate);
  info.embedding_dim = static_cast<int>(source.config.whole("projection_dim", 0, 1, kMaxChannels));
  info.text_width = static_cast<int>(text.whole("hidden_size", 0, 1, kMaxChannels));
  info.max_text_tokens = static_cast<int>(text.whole("max_position_embeddings", 128, 8, 1'000'000));
  info.mel.sample_rate = info.sample_rate;
  info.mel.n_fft = static_cast<int>(audio.whole("fft_window_size", 1024, 16, 65536));
  info.mel.hop = static_cast<int>(audio.whole("hop_length", 320, 1, 65536));
  info.mel.n_mels = static_cast<int>(audio.whole("num_mel_bins", 64, 4, 1024));
  info.mel.f_min = audio.number("frequency_min", 50.0, 0.0, info.sample_rate / 2.0);
  info.mel.f_max = audio.number("frequency_max", info.sample_rate / 2.0, info.mel.f_min, info.sample_rate / 2.0);
  const ConvTowerConfig tower = tower_config(audio);
  const std::int64_t steps = tower.steps(1 + info.window_samples / info.mel.hop);
  if (steps < 3 || tower.rows() < 1) audio.refuse("layers", "pools a window's picture away");
  info.frames_per_window = static_cast<int>(steps - 2);
  info.frame_seconds = static_cast<double>(tower.stride() * info.mel.hop) / info.sample_rate;
  info.familiar = familiar_names(source.config.section("familiar_names"));
  return info;
}

ModelParts build(const ModelSource& source, const ModelInfo& info, const Weights& weights) {
  const Config text = source.config.section("text_config");
  BertConfig bert;
  bert.heads = text.whole("num_attention_heads", 4, 1, 1024);
  bert.eps = text.number("layer_norm_eps", 1e-12, 0.0, 1.0);
  bert.activation = activation_named(text.text("hidden_act", "gelu"));
  bert.pad = text.whole("pad_token_id", 0, 0, 1'000'000);
  bert.max_tokens = info.max_text_tokens;
  ConvTowerConfig tower = tower_config(source.config.section("audio_config"));
  const std::int64_t channels = tower.layers.back().channels;

  ModelParts parts;
  parts.feed = load_text_feed(source, info);
  parts.text = std::make_unique<BertTower>(weights.under("text_model"), bert,
                                           Projection::residual(weights.under("text_projection"), info.text_width));
  parts.audio = std::make_unique<ConvTower>(weights.under("audio_model"), std::move(tower),
                                            Projection::residual(weights.under("audio_projection"), channels));
  at::Tensor filters = weights.get("audio_model.mel_filters", {info.mel.n_fft / 2 + 1, info.mel.n_mels});
  parts.front_end = std::make_unique<FrontEnd>(LogMel(info.mel, std::move(filters)), info.window_samples,
                                               Filling::RepeatAndCut, weights.device());
  return parts;
}

}  // namespace

const Family kStarterFamily{recognises, describe, build};

}  // namespace hearsay
