// Microsoft's CLAP: a .pth beside tokenizer files; Cnn14 or HTSAT, BERT or GPT-2. Sizes come from the tensors' shapes;
// head counts, hop, rate and duration from config.json and config.yml, or the published values where these are missing.
// Truth: ../shared/reference/README-ms.md.

#include <charconv>
#include <cmath>

#include "base/error.h"
#include "model/bert_tower.h"
#include "model/cnn14_tower.h"
#include "model/families.h"
#include "model/gpt2_tower.h"
#include "model/htsat_tower.h"

namespace hearsay {

namespace {

namespace fs = std::filesystem;

constexpr const char* kText = "caption_encoder.base";

bool has_htsat(const Weights& weights) {
  return weights.has_group("audio_encoder.base.htsat.layers");
}
bool has_gpt2(const Weights& weights) {
  return weights.has(std::string(kText) + ".wte.weight");
}

Weights audio_weights(const Weights& weights) {
  return weights.under(has_htsat(weights) ? "audio_encoder.base.htsat" : "audio_encoder.base");
}

/// The numbers of config.yml, with the published ones as defaults.
struct Settings {
  double sample_rate = 44100;
  double duration = 5;
  double hop_size = 320;
  double fmin = 50;
  double fmax = 14000;
  double text_len = 100;
};

Settings settings_of(const ModelSource& source, const Weights& weights) {
  Settings settings;
  settings.duration = has_htsat(weights) ? 7 : 5;
  settings.text_len = has_gpt2(weights) ? 77 : 100;
  const fs::path file = source.files.folder / "config.yml";
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return settings;
  const auto values = read_simple_yaml(file);
  const auto take = [&](const char* key, double& into, double low, double high) {
    const auto found = values.find(key);
    if (found == values.end()) return;
    double number = 0;
    const char* end = found->second.data() + found->second.size();
    const auto [stop, problem] = std::from_chars(found->second.data(), end, number);
    if (problem != std::errc{} || stop != end || !(number >= low && number <= high)) {
      throw Error(ErrorKind::BadFormat, "In " + file.string() + ", " + key + " is \"" + found->second +
                                            "\", which is no number that makes sense.");
    }
    into = number;
  };
  take("sampling_rate", settings.sample_rate, 4000, 384000);
  take("duration", settings.duration, 0.1, 120);
  take("hop_size", settings.hop_size, 1, 65536);
  take("fmin", settings.fmin, 0, 100000);
  take("fmax", settings.fmax, 1, 192000);
  take("text_len", settings.text_len, 4, 100000);
  return settings;
}

HtsatConfig htsat_config(const Weights& audio) {
  HtsatConfig config;  // a picture of 256 x 256 in every published checkpoint
  config.n_mels = audio.size("bn0.weight", 0);
  config.patch_stride = audio.size("patch_embed.proj.weight", -1);
  if (config.n_mels < 1 || config.picture % config.n_mels != 0 || config.patch_stride < 1) {
    throw Error(ErrorKind::BadFormat, audio.file().string() + " holds an HTSAT of a shape that is not known here.");
  }
  return config;
}

bool recognises(const ModelSource& source) {
  const Weights weights(source.checkpoint);
  const bool audio = has_htsat(weights) || weights.has_group("audio_encoder.base.conv_block1");
  const bool text = has_gpt2(weights) || weights.has_group("caption_encoder.base.encoder.layer.0");
  return audio && text && weights.has_group("caption_encoder.projection");
}

void describe_frames(const Weights& audio, bool htsat, const fs::path& settings, ModelInfo& info) {
  const std::int64_t frames = 1 + info.window_samples / info.mel.hop;
  if (htsat) {
    const HtsatConfig config = htsat_config(audio);
    if (frames > config.stretched()) {
      throw Error(ErrorKind::BadFormat,
                  "The window in " + settings.string() + " is longer than the audio tower takes.");
    }
    info.frames_per_window = static_cast<int>(htsat_steps(audio, config));
    info.frame_seconds = static_cast<double>(frames * info.mel.hop) / info.sample_rate / info.frames_per_window;
    return;
  }
  const int blocks = cnn14_block_count(audio);
  const std::int64_t steps = cnn14_steps(frames, blocks);
  if (steps < 3 || blocks > 16 || info.mel.n_mels >> (blocks - 1) < 1) {
    throw Error(ErrorKind::BadFormat, audio.file().string() + " pools a window's picture away.");
  }
  info.frames_per_window = static_cast<int>(steps - 2);
  info.frame_seconds = static_cast<double>(info.mel.hop << (blocks - 1)) / info.sample_rate;
}

ModelInfo describe(const ModelSource& source) {
  const Weights weights(source.checkpoint);
  const Weights audio = audio_weights(weights);
  const Settings settings = settings_of(source, weights);
  const bool htsat = has_htsat(weights);
  ModelInfo info = common_info(source, "logit_scale");
  info.family = htsat ? "msclap-2023" : "msclap-2022";
  info.audio_tower = htsat ? "htsat" : "cnn14";
  info.text_tower = has_gpt2(weights) ? "gpt2" : "bert";
  info.sample_rate = static_cast<int>(settings.sample_rate);
  info.window_seconds = settings.duration;
  info.window_samples = std::llround(settings.duration * info.sample_rate);
  const auto& filters = audio.shape("logmel_extractor.melW");
  if (filters.size() != 2 || filters[0] < 9 || filters[0] > 32769 || filters[1] < 4 || filters[1] > 1024) {
    throw Error(ErrorKind::BadFormat,
                "The mel filters in " + source.checkpoint->file().string() + " have a shape that makes no sense.");
  }
  info.mel.sample_rate = info.sample_rate;
  info.mel.n_fft = static_cast<int>(2 * (filters[0] - 1));
  info.mel.n_mels = static_cast<int>(filters[1]);
  info.mel.hop = static_cast<int>(settings.hop_size);
  info.mel.f_min = settings.fmin;
  info.mel.f_max = std::min(std::max(settings.fmax, settings.fmin + 1.0), info.sample_rate / 2.0);
  describe_frames(audio, htsat, source.files.folder / "config.yml", info);
  info.embedding_dim = static_cast<int>(weights.size("caption_encoder.projection.linear1.weight", 0));
  const std::string words = has_gpt2(weights) ? ".wte.weight" : ".embeddings.word_embeddings.weight";
  const std::string positions = has_gpt2(weights) ? ".wpe.weight" : ".embeddings.position_embeddings.weight";
  info.text_width = static_cast<int>(weights.size(kText + words, -1));
  info.max_text_tokens =
      static_cast<int>(std::min(static_cast<std::int64_t>(settings.text_len), weights.size(kText + positions, 0)));
  return info;
}

/// A head is 64 wide in every published text tower.
std::int64_t usual_heads(std::int64_t width) {
  return std::max<std::int64_t>(1, width / 64);
}

std::unique_ptr<TextTower> build_text(const ModelSource& source, const ModelInfo& info, const Weights& weights) {
  Projection projection = Projection::residual(weights.under("caption_encoder.projection"), info.text_width);
  const Config& config = source.config;
  if (has_gpt2(weights)) {
    Gpt2Config gpt2;
    gpt2.heads = config.whole("n_head", usual_heads(info.text_width), 1, 1024);
    gpt2.eps = config.number("layer_norm_epsilon", 1e-5, 0.0, 1.0);
    gpt2.activation = activation_named(config.text("activation_function", "gelu_new"));
    gpt2.max_tokens = info.max_text_tokens;
    return std::make_unique<Gpt2Tower>(weights.under(kText), gpt2, std::move(projection));
  }
  BertConfig bert;
  bert.heads = config.whole("num_attention_heads", usual_heads(info.text_width), 1, 1024);
  bert.eps = config.number("layer_norm_eps", 1e-12, 0.0, 1.0);
  bert.activation = activation_named(config.text("hidden_act", "gelu"));
  bert.pad = config.whole("pad_token_id", 0, 0, 1'000'000);
  bert.max_tokens = info.max_text_tokens;
  return std::make_unique<BertTower>(weights.under(kText), bert, std::move(projection));
}

ModelParts build(const ModelSource& source, const ModelInfo& info, const Weights& weights) {
  const Weights audio = audio_weights(weights);
  const Weights projection = weights.under("audio_encoder.projection");
  ModelParts parts;
  parts.feed = load_text_feed(source, info);
  parts.text = build_text(source, info, weights);
  if (has_htsat(weights)) {
    const std::int64_t width = audio.size("norm.weight", 0);
    parts.audio = std::make_unique<HtsatTower>(audio, HtsatNames::Microsoft, htsat_config(audio),
                                               Projection::residual(projection, width));
  } else {
    parts.audio = std::make_unique<Cnn14Tower>(audio, projection);
  }
  at::Tensor filters = audio.get("logmel_extractor.melW", {info.mel.n_fft / 2 + 1, info.mel.n_mels});
  parts.front_end = std::make_unique<FrontEnd>(LogMel(info.mel, std::move(filters)), info.window_samples,
                                               Filling::RepeatAndCut, weights.device());
  return parts;
}

}  // namespace

const Family kMicrosoftFamily{recognises, describe, build};

}  // namespace hearsay
