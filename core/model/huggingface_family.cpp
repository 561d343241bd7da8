// LAION's checkpoints as Hugging Face transformers saves them: HTSAT, fused or not, and RoBERTa.
// Truth: ../shared/reference/README-hf.md. A missing key has the default of transformers' ClapConfig.

#include <cmath>

#include "base/error.h"
#include "model/bert_tower.h"
#include "model/families.h"
#include "model/htsat_tower.h"

namespace hearsay {

namespace {

namespace fs = std::filesystem;

constexpr const char* kAudio = "audio_model.audio_encoder";

/// preprocessor_config.json, or the same inside processor_config.json, or nothing: all defaults.
Config feature_config(const fs::path& folder) {
  std::error_code ignored;
  if (fs::exists(folder / "preprocessor_config.json", ignored))
    return Config::read(folder / "preprocessor_config.json");
  if (fs::exists(folder / "processor_config.json", ignored)) {
    return Config::read(folder / "processor_config.json").section("feature_extractor");
  }
  return Config(folder / "preprocessor_config.json");
}

HtsatConfig htsat_config(const Config& audio) {
  HtsatConfig config;
  config.picture = audio.whole("spec_size", 256, 32, 4096);
  config.n_mels = audio.whole("num_mel_bins", 64, 8, 1024);
  const auto stride = audio.wholes("patch_stride", {4, 4}, 1, 64);
  const std::int64_t patch = audio.whole("patch_size", 4, 1, 64);
  if (stride.size() != 2 || stride[0] != stride[1] || stride[0] != patch) {
    audio.refuse("patch_stride", "is not the patch size in both directions");
  }
  config.patch_stride = patch;
  config.block_eps = audio.number("layer_norm_eps", 1e-5, 0.0, 1.0);
  config.activation = activation_named(audio.text("hidden_act", "gelu"));
  if (config.picture % config.n_mels != 0 || config.picture % patch != 0) {
    audio.refuse("spec_size", "is no multiple of the mel bins and the patch size");
  }
  if (audio.text("fusion_type", "") == "channel_map")
    audio.refuse("fusion_type", "is channel_map, which is not read here");
  return config;
}

Filling filling_named(const Config& features) {
  const std::string name = features.text("padding", "repeatpad");
  if (name == "repeatpad") return Filling::RepeatAndPad;
  if (name == "repeat") return Filling::RepeatAndCut;
  if (name == "pad") return Filling::Pad;
  features.refuse("padding", "is neither repeatpad, repeat nor pad");
}

bool recognises(const ModelSource& source) {
  const Weights weights(source.checkpoint);
  return weights.has(std::string(kAudio) + ".patch_embed.proj.weight") &&
         weights.has_group("text_model.encoder.layer.0") && weights.has_group("text_projection");
}

bool is_fused(const ModelSource& source) {
  return Weights(source.checkpoint).has_group(std::string(kAudio) + ".patch_embed.fusion_model");
}

LogMelConfig mel_config(const Config& features, bool fused) {
  LogMelConfig mel;
  mel.sample_rate = static_cast<int>(features.whole("sampling_rate", 48000, 4000, 384000));
  mel.n_fft = static_cast<int>(features.whole("fft_window_size", 1024, 16, 65536));
  mel.hop = static_cast<int>(features.whole("hop_length", 480, 1, 65536));
  mel.n_mels = static_cast<int>(features.whole("feature_size", 64, 8, 1024));
  mel.f_min = features.number("frequency_min", 0.0, 0.0, mel.sample_rate / 2.0);
  mel.f_max = features.number("frequency_max", 14000.0, mel.f_min, mel.sample_rate / 2.0);
  mel.scale =
      features.text("truncation", fused ? "fusion" : "rand_trunc") == "fusion" ? MelScale::Htk : MelScale::Slaney;
  return mel;
}

ModelInfo describe(const ModelSource& source) {
  const Weights weights(source.checkpoint);
  const bool fused = is_fused(source);
  ModelInfo info = common_info(source, "logit_scale_a");
  info.family = fused ? "laion-htsat-fused" : "laion-htsat";
  info.audio_tower = "htsat";
  info.text_tower = "roberta";
  const Config features = feature_config(source.files.folder);
  info.mel = mel_config(features, fused);
  info.sample_rate = info.mel.sample_rate;
  info.window_seconds = features.number("max_length_s", 10.0, 0.1, 120.0);
  info.window_samples = std::llround(info.window_seconds * info.sample_rate);
  const HtsatConfig htsat = htsat_config(source.config.section("audio_config"));
  const std::int64_t frames = 1 + info.window_samples / info.mel.hop;
  if (htsat.n_mels != info.mel.n_mels || frames > htsat.stretched()) {
    features.refuse("feature_size", "or the window's length does not fit the audio tower in config.json");
  }
  info.frames_per_window = static_cast<int>(htsat_steps(weights.under(kAudio), htsat));
  info.frame_seconds = static_cast<double>(frames * info.mel.hop) / info.sample_rate / info.frames_per_window;
  info.embedding_dim = static_cast<int>(weights.size("text_projection.linear2.weight", 0));
  info.text_width = static_cast<int>(weights.size("text_model.embeddings.word_embeddings.weight", -1));
  const Config text = source.config.section("text_config");
  const std::int64_t pad = text.whole("pad_token_id", 1, 0, 1'000'000);
  const std::int64_t positions = weights.size("text_model.embeddings.position_embeddings.weight", 0);
  info.max_text_tokens = static_cast<int>(std::max<std::int64_t>(positions - pad - 1, 1));
  return info;
}

ModelParts build(const ModelSource& source, const ModelInfo& info, const Weights& weights) {
  const Config text = source.config.section("text_config");
  const Config audio = source.config.section("audio_config");
  BertConfig bert;
  bert.roberta = true;
  bert.heads = text.whole("num_attention_heads", 12, 1, 1024);
  bert.eps = text.number("layer_norm_eps", 1e-12, 0.0, 1.0);
  bert.activation = activation_named(text.text("hidden_act", "gelu"));
  bert.pad = text.whole("pad_token_id", 1, 0, 1'000'000);
  bert.max_tokens = info.max_text_tokens;
  const Activation text_end = activation_named(text.text("projection_hidden_act", "relu"));
  const Activation audio_end = activation_named(audio.text("projection_hidden_act", "relu"));
  const Weights tower = weights.under(kAudio);
  const std::int64_t width = tower.size("norm.weight", 0);
  Linear pooler = Linear::load(weights.under("text_model.pooler.dense"), info.text_width, info.text_width);

  ModelParts parts;
  parts.feed = load_text_feed(source, info);
  parts.text = std::make_unique<BertTower>(
      weights.under("text_model"), bert,
      Projection::plain(weights.under("text_projection"), info.text_width, text_end, std::move(pooler)));
  parts.audio = std::make_unique<HtsatTower>(tower, HtsatNames::HuggingFace, htsat_config(audio),
                                             Projection::plain(weights.under("audio_projection"), width, audio_end));
  parts.front_end = std::make_unique<FrontEnd>(LogMel(info.mel), info.window_samples,
                                               filling_named(feature_config(source.files.folder)), weights.device(),
                                               is_fused(source));
  return parts;
}

}  // namespace

const Family kHuggingFaceFamily{recognises, describe, build};

}  // namespace hearsay
