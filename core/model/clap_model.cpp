#include "model/clap_model.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "model/families.h"
#include "model/fingerprint.h"
#include "model/layers.h"
#include "model/load_on.h"
#include "model/matrices.h"
#include "model/torch_errors.h"

namespace hearsay {

struct AudioFeatures::State {
  FrontFeatures features;
};

std::int64_t AudioFeatures::windows() const {
  return state ? state->features.log_mel.size(0) : 0;
}

namespace {

constexpr std::int64_t kWindowsAtOnce = 8;   // audio tower: bounds memory
constexpr std::size_t kTextsAtOnce = 64;     // text tower
constexpr std::size_t kTokensAtOnce = 2048;  // texts times the longest of them

/// The rows [n, d], which scores cannot be made of if a single value is no number.
Matrix numbers_of(const at::Tensor& rows, const char* of) {
  Matrix matrix = to_matrix(rows);
  if (std::ranges::all_of(matrix.data, [](float value) { return std::isfinite(value); })) return matrix;
  throw Error(ErrorKind::BadFormat, std::string("The model gives no numbers for this ") + of +
                                        ": its weights are damaged. Get the model again, or take another one.");
}

/// Indices in order of length, cut into batches of texts that are about as long as each other.
std::vector<std::vector<std::size_t>> batches_by_length(const std::vector<TokenIds>& texts) {
  std::vector<std::size_t> order(texts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return texts[i].size(); });
  std::vector<std::vector<std::size_t>> batches;
  for (const std::size_t i : order) {
    const bool full = batches.empty() || batches.back().size() >= kTextsAtOnce ||
                      (batches.back().size() + 1) * texts[i].size() > kTokensAtOnce;
    if (full) batches.emplace_back();
    batches.back().push_back(i);
  }
  return batches;
}

class LoadedModel final : public ClapModel {
 public:
  LoadedModel(ModelInfo info, DeviceChoice device, std::filesystem::path weights, ModelParts parts)
      : info_(std::move(info)), device_(std::move(device)), weights_(std::move(weights)), parts_(std::move(parts)) {}

  [[nodiscard]] const ModelInfo& info() const override { return info_; }
  [[nodiscard]] const DeviceChoice& device() const override { return device_; }
  [[nodiscard]] const Tokenizer& tokenizer() const override { return *parts_.feed.tokenizer; }
  [[nodiscard]] const TextTower& text_tower() const override { return *parts_.text; }

  [[nodiscard]] std::string fingerprint() const override {
    const std::lock_guard lock(fingerprint_mutex_);
    if (fingerprint_.empty()) fingerprint_ = remembered_fingerprint(weights_);
    return fingerprint_;
  }

  [[nodiscard]] TokenIds tokens(std::string_view text) const override { return parts_.feed(text); }

  [[nodiscard]] Matrix embed_texts(std::span<const std::string> texts, JobControl* control,
                                   const ProgressFn& progress) const override {
    Matrix result(static_cast<std::int64_t>(texts.size()), info_.embedding_dim);
    encode_batches(texts, false, control, progress,
                   [&](const std::vector<std::size_t>& batch, const TextOutput& output) {
                     const Matrix rows = numbers_of(unit_length(output.sentence), "text");
                     for (std::size_t i = 0; i < batch.size(); ++i) {
                       std::ranges::copy(rows.row(static_cast<std::int64_t>(i)),
                                         result.row(static_cast<std::int64_t>(batch[i])).begin());
                     }
                   });
    return result;
  }

  [[nodiscard]] TextEmbeddings embed_texts_with_words(std::span<const std::string> texts, JobControl* control,
                                                      const ProgressFn& progress) const override {
    TextEmbeddings result{Matrix(static_cast<std::int64_t>(texts.size()), info_.embedding_dim), {}};
    result.words.resize(texts.size());
    encode_batches(
        texts, true, control, progress, [&](const std::vector<std::size_t>& batch, const TextOutput& output) {
          const Matrix rows = numbers_of(unit_length(output.sentence), "text");
          const at::Tensor words = unit_length(output.words).to(at::kCPU);
          const at::Tensor mask = output.word_mask.to(at::kCPU);
          for (std::size_t i = 0; i < batch.size(); ++i) {
            const auto at = static_cast<std::int64_t>(i);
            std::ranges::copy(rows.row(at), result.sentences.row(static_cast<std::int64_t>(batch[i])).begin());
            result.words[batch[i]] = to_matrix(words[at].index_select(0, mask[at].nonzero().flatten()));
          }
        });
    return result;
  }

  [[nodiscard]] AudioFeatures features(std::span<const float> samples) const override {
    return guarded("preparing sound for the model", [&] {
      const c10::InferenceMode inference;
      return AudioFeatures{std::make_shared<AudioFeatures::State>(parts_.front_end->windows(samples))};
    });
  }

  [[nodiscard]] AudioFeatures whole_features(std::span<const float> clip) const override {
    return guarded("preparing sound for the model", [&] {
      const c10::InferenceMode inference;
      return AudioFeatures{std::make_shared<AudioFeatures::State>(parts_.front_end->whole(clip))};
    });
  }

  [[nodiscard]] AudioEmbeddings embed_audio(const AudioFeatures& features) const override {
    if (features.windows() == 0) throw Error(ErrorKind::Usage, "There is no sound to embed.");
    return guarded("running the audio tower", [&] { return run_audio(features.state->features); });
  }

  [[nodiscard]] std::vector<float> fill_window(std::span<const float> clip) const override {
    return parts_.front_end->fill(clip);
  }

 private:
  template <typename Take>
  void encode_batches(std::span<const std::string> texts, bool with_words, JobControl* control,
                      const ProgressFn& progress, Take&& take) const {
    std::vector<TokenIds> ids;
    ids.reserve(texts.size());
    for (const std::string& text : texts) ids.push_back(tokens(text));
    ProgressMeter meter(progress, control);
    std::size_t done = 0;
    std::vector<TokenIds> group;
    for (const auto& batch : batches_by_length(ids)) {
      if (control != nullptr) control->checkpoint();
      group.clear();
      for (const std::size_t i : batch) group.push_back(ids[i]);
      guarded("encoding texts", [&] { take(batch, parts_.text->encode(group, with_words)); });
      done += batch.size();
      meter.report("encoding texts", static_cast<double>(done) / static_cast<double>(texts.size()));
    }
  }

  [[nodiscard]] AudioEmbeddings run_audio(const FrontFeatures& features) const {
    const c10::InferenceMode inference;
    const std::int64_t windows = features.log_mel.size(0);
    AudioEmbeddings result{Matrix(windows, info_.embedding_dim), {}};
    for (std::int64_t start = 0; start < windows; start += kWindowsAtOnce) {
      const std::int64_t count = std::min(kWindowsAtOnce, windows - start);
      const at::Tensor longer = features.longer.defined() ? features.longer.narrow(0, start, count) : at::Tensor();
      const AudioOutput output = parts_.audio->forward(features.log_mel.narrow(0, start, count), longer);
      const Matrix clips = numbers_of(unit_length(output.clips), "sound");
      std::ranges::copy(clips.data, result.clips.row(start).begin());
      const at::Tensor frames = unit_length(output.frames).to(at::kCPU);
      for (std::int64_t i = 0; i < count; ++i) result.frames.push_back(to_matrix(frames[i]));
    }
    return result;
  }

  ModelInfo info_;
  DeviceChoice device_;
  std::filesystem::path weights_;
  ModelParts parts_;
  mutable std::mutex fingerprint_mutex_;
  mutable std::string fingerprint_;
};

}  // namespace

std::shared_ptr<ClapModel> load_on(at::Device device, DeviceChoice choice, const std::filesystem::path& path,
                                   const LoadOptions& options) {
  return guarded("loading the model", [&]() -> std::shared_ptr<ClapModel> {
    const ModelSource source = open_model(path);
    const Family& family = family_of(source);
    const ModelInfo info = family.describe(source);
    WeightOptions wanted;
    wanted.device = device;
    wanted.progress = options.progress;
    wanted.control = options.control;
    const Weights weights(source.checkpoint, wanted);
    ModelParts parts = family.build(source, info, weights);
    if (parts.text->width() != info.text_width || parts.text->embedding_dim() != info.embedding_dim) {
      throw Error(ErrorKind::BadFormat,
                  "config.json in " + source.files.folder.string() + " does not fit the weights beside it.");
    }
    if (options.progress) options.progress({"loading the model", 1.0, 0.0});
    return std::make_shared<LoadedModel>(info, std::move(choice), source.checkpoint->file(), std::move(parts));
  });
}

std::shared_ptr<ClapModel> ClapModel::load(const std::filesystem::path& path, const LoadOptions& options) {
  DeviceChoice choice = choose_device(options.device);
  at::Device device(at::kCPU);
  if (choice.cuda) {
    device = at::Device(at::kCUDA, static_cast<at::DeviceIndex>(choice.index));
    // Float32 throughout: float16 moves cosines by 1e-3 and TF32 by 3e-4, and captions through a BERT-base take as long
    // with either (tests/bench/bench_tuner, Device).
    at::globalContext().setAllowTF32CuDNN(false);
    at::globalContext().setAllowTF32CuBLAS(false);
  }
  return load_on(device, std::move(choice), path, options);
}

std::function<TokenIds(std::string_view)> token_reader(const std::filesystem::path& path) {
  return guarded("looking at the model", [&] {
    const ModelSource source = open_model(path);
    const auto feed = std::make_shared<const TextFeed>(load_text_feed(source, family_of(source).describe(source)));
    return [feed](std::string_view text) { return (*feed)(text); };
  });
}

ModelInfo inspect_model(const std::filesystem::path& path) {
  return guarded("looking at the model", [&] {
    const ModelSource source = open_model(path);
    return family_of(source).describe(source);
  });
}

}  // namespace hearsay
