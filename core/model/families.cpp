#include "model/families.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string_view>

#include "base/error.h"
#include "base/words.h"

namespace hearsay {

namespace fs = std::filesystem;

namespace {

constexpr std::array<const Family*, 3> kFamilies{&kStarterFamily, &kHuggingFaceFamily, &kMicrosoftFamily};

/// Buffers that come with weights, but were never trained.
bool is_parameter(const std::string& name, const StoredTensor& tensor) {
  static constexpr std::array<std::string_view, 12> kBuffers{
      "running_mean",     "running_var",    "num_batches_tracked",
      "position_ids",     "token_type_ids", "relative_position_index",
      "mel_filters",      "melW",           "conv_real.weight",
      "conv_imag.weight", "attn_mask",      "masked_bias"};
  if (std::ranges::any_of(kBuffers, [&](std::string_view end) { return name.ends_with(end); })) return false;
  return !(name.ends_with("attn.bias") && tensor.shape.size() == 4);  // GPT-2's causal mask
}

bool has_group(const Checkpoint& checkpoint, const std::string& group) {
  const auto next = checkpoint.tensors().lower_bound(group + ".");
  return next != checkpoint.tensors().end() && next->first.starts_with(group + ".");
}

/// What a file that no family recognises holds, and what it lacks.
std::string what_misled(const Checkpoint& checkpoint) {
  if (has_group(checkpoint, "audio_branch") && has_group(checkpoint, "text_branch")) {
    return "it is named as in LAION's own training code. Take the same model as Hugging Face has it, for example "
           "laion/clap-htsat-unfused.";
  }
  struct Towers {
    const char* whose;
    const char* audio;
    const char* text;
  };
  constexpr std::array<Towers, 2> kTowers{{{"LAION's CLAP", "audio_model.audio_encoder", "text_model.encoder"},
                                           {"Microsoft's CLAP", "audio_encoder.base", "caption_encoder.base"}}};
  for (const auto& [whose, audio, text] : kTowers) {
    const bool has_audio = has_group(checkpoint, audio);
    const bool has_text = has_group(checkpoint, text);
    if (!has_audio && !has_text) continue;
    if (has_audio && has_text)
      return std::string("it has the towers of ") + whose + ", but not all that belongs to them.";
    return std::string("it has the ") + (has_text ? "text" : "audio") + " tower of " + whose + " and no " +
           (has_text ? "audio tower (" : "text tower (") + (has_text ? audio : text) + ").";
  }
  return "it has neither LAION's towers (audio_model, text_model) nor Microsoft's (audio_encoder, caption_encoder).";
}

/// Enough names to tell what a file is: one of every group, and a few more.
std::string some_names(const Checkpoint& checkpoint) {
  constexpr std::size_t kMost = 8;
  std::set<std::string> groups;
  std::set<std::string> names;
  for (const auto& [name, tensor] : checkpoint.tensors()) {
    if (names.size() < kMost && groups.insert(name.substr(0, name.find('.'))).second) names.insert(name);
  }
  for (const auto& [name, tensor] : checkpoint.tensors()) {
    if (names.size() < kMost) names.insert(name);
  }
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + valid_utf8(name.substr(0, 80));
  const std::size_t left = checkpoint.tensors().size() - names.size();
  if (left > 0) text += " and " + std::to_string(left) + " more";
  return text.empty() ? "nothing at all" : text;
}

/// Microsoft's published weights come without tokenizer files: says whose they take.
std::unique_ptr<Tokenizer> tokenizer_beside(const ModelSource& source, const ModelInfo& info) {
  try {
    return Tokenizer::load(source.files.folder);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::NotFound || !info.family.starts_with("msclap")) throw;
    throw Error(ErrorKind::NotFound,
                "No tokenizer in " + source.files.folder.string() + ": Microsoft's weights come without one. Put the " +
                    (info.text_tower == "gpt2" ? "vocab.json and merges.txt of openai-community/gpt2"
                                               : "vocab.txt of google-bert/bert-base-uncased") +
                    " (Hugging Face) beside them, or let the Models page download both.");
  }
}

double read_logit_scale(const ModelSource& source, const std::string& name) {
  WeightOptions exact;
  exact.type = at::kDouble;
  const at::Tensor log_scale = Weights(source.checkpoint, exact).get(name, at::IntArrayRef{});
  const double scale = std::exp(log_scale.item<double>());
  if (!std::isfinite(scale)) {
    throw Error(ErrorKind::BadFormat, "The logit scale in " + source.checkpoint->file().string() + " is not a number.");
  }
  return std::min(scale, 100.0);
}

}  // namespace

ModelSource open_model(const fs::path& path) {
  ModelSource source;
  source.files = find_model_files(path);
  source.checkpoint = Checkpoint::open(source.files.weights);
  const fs::path config = source.files.folder / "config.json";
  std::error_code ignored;
  if (fs::exists(config, ignored)) source.config = Config::read(config);
  return source;
}

const Family& family_of(const ModelSource& source) {
  for (const Family* family : kFamilies) {
    if (family->recognises(source)) return *family;
  }
  throw Error(ErrorKind::BadFormat, source.checkpoint->file().string() +
                                        " is no CLAP model of a kind known here: " + what_misled(*source.checkpoint) +
                                        " Its tensors are called " + some_names(*source.checkpoint) + ".");
}

TokenIds TextFeed::operator()(std::string_view text) const {
  if (suffix.empty()) return tokenizer->encode(text, most);
  TokenIds ids = tokenizer->encode(std::string(text) + suffix);
  if (ids.size() > most) {  // the closing token stays last: it stands for the text
    ids[most - 1] = ids.back();
    ids.resize(most);
  }
  return ids;
}

TextFeed load_text_feed(const ModelSource& source, const ModelInfo& info) {
  TextFeed feed{tokenizer_beside(source, info), {}, static_cast<std::size_t>(info.max_text_tokens)};
  const Tokenizer* tokenizer = feed.tokenizer.get();
  const TokenizerKind kind = tokenizer->kind();
  bool fits = kind != TokenizerKind::WordPiece;
  if (info.text_tower == "bert") fits = kind == TokenizerKind::WordPiece;
  if (info.text_tower == "roberta") fits = kind == TokenizerKind::RobertaBpe;
  if (info.text_tower == "gpt2") fits = fits && tokenizer->encode_plain("<|endoftext|>").size() == 1;
  if (!fits) {
    throw Error(ErrorKind::BadFormat, "The tokenizer files in " + source.files.folder.string() +
                                          " are of another kind than the text tower of this model, which is " +
                                          info.text_tower + ". Put those beside it that belong to it.");
  }
  if (info.text_tower == "gpt2") {
    feed.tokenizer->make_special("!");  // declared the padding token, and so never merged
    feed.suffix = " <|endoftext|>";
  }
  return feed;
}

ModelInfo common_info(const ModelSource& source, const std::string& scale_name) {
  ModelInfo info;
  info.path = source.files.path;
  info.name = source.files.name;
  info.bytes = source.checkpoint->bytes();
  for (const auto& [name, tensor] : source.checkpoint->tensors()) {
    if (!is_parameter(name, tensor)) continue;
    std::int64_t count = 1;
    for (const std::int64_t size : tensor.shape) count *= size;
    info.parameters += count;
  }
  info.logit_scale = read_logit_scale(source, scale_name);
  return info;
}

}  // namespace hearsay
