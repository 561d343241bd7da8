#include "model/families.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "base/error.h"

namespace hearsay {

namespace fs = std::filesystem;

namespace {

constexpr std::array<const Family*, 3> kFamilies{&kStarterFamily, &kHuggingFaceFamily, &kMicrosoftFamily};

fs::path weights_in(const fs::path& folder) {
  for (const char* name : {"model.safetensors", "pytorch_model.bin"}) {
    if (fs::is_regular_file(folder / name)) return folder / name;
  }
  std::vector<fs::path> found;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(folder, problem)) {
    if (entry.path().extension() == ".pth" && entry.is_regular_file()) found.push_back(entry.path());
  }
  if (problem)
    throw Error(ErrorKind::Unreadable, "The folder " + folder.string() + " cannot be read: " + problem.message() + ".");
  if (found.size() == 1) return found.front();
  if (found.size() > 1) {
    throw Error(ErrorKind::BadFormat,
                "The folder " + folder.string() + " holds several .pth files; name the one you mean.");
  }
  throw Error(ErrorKind::NotFound,
              "The folder " + folder.string() +
                  " holds no weights: looked for model.safetensors, pytorch_model.bin and a .pth file.");
}

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
  std::error_code ignored;
  if (!fs::exists(path, ignored)) throw Error(ErrorKind::NotFound, "There is no model at " + path.string() + ".");
  ModelSource source;
  source.path = path;
  const bool is_folder = fs::is_directory(path, ignored);
  const fs::path weights = is_folder ? weights_in(path) : path;
  source.folder = is_folder ? path : fs::absolute(path).parent_path();
  source.checkpoint = Checkpoint::open(weights);
  if (fs::exists(source.folder / "config.json", ignored)) source.config = Config::read(source.folder / "config.json");
  return source;
}

const Family& family_of(const ModelSource& source) {
  for (const Family* family : kFamilies) {
    if (family->recognises(source)) return *family;
  }
  std::string some;
  for (const auto& [name, tensor] : source.checkpoint->tensors()) {
    if (some.size() > 200) break;
    some += (some.empty() ? "" : ", ") + name;
  }
  throw Error(ErrorKind::BadFormat, source.checkpoint->file().string() +
                                        " is no CLAP model of a kind known here. Its tensors are called " +
                                        (some.empty() ? "nothing at all" : some + " ...") + ".");
}

ModelInfo common_info(const ModelSource& source, const std::string& scale_name) {
  ModelInfo info;
  info.path = source.path;
  const fs::path named = source.path.has_filename() ? source.path : source.path.parent_path();
  info.name = (fs::is_directory(source.path) ? named.filename() : named.stem()).string();
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
