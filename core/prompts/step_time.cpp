#include "prompts/step_time.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "model/clap_model.h"
#include "prompts/caption_features.h"
#include "prompts/prompt_learner.h"
#include "prompts/step_losses.h"
#include "prompts/tuning_run.h"

namespace hearsay {
namespace {

constexpr std::size_t kMostClasses = 20;
constexpr std::size_t kMostCaptions = 2048;
constexpr std::int64_t kWords = 12;  // of a caption, about as many as people write
constexpr double kQuick = 0.5;       // seconds of a CPU: less is worth another try, with memory and kernels ready

double seconds_of(const std::function<void()>& work, at::Device device, JobControl* control) {
  const auto once = [&] {
    if (control != nullptr) control->checkpoint();
    const WorkClock clock(nullptr);
    work();
    return clock.seconds();
  };
  const double seconds = once();
  return seconds < kQuick || !device.is_cpu() ? once() : seconds;
}

/// The prompts there and back.
double seconds_of_tower(const ClapModel& model, const ClassList& classes, const TunerOptions& options,
                        const at::Tensor& contexts, JobControl* control) {
  const at::Device device = model.text_tower().device();
  ClassList few = classes;
  if (device.is_cpu()) few.resize(std::min(few.size(), kMostClasses));
  std::size_t chunk = options.class_chunk;
  if (classes.size() > chunk) chunk = std::clamp<std::size_t>(few.size() - 1, 1, chunk);  // then all go there twice
  const PromptLearner learner(model.text_tower(), class_prompts(model, few, options.further_prompts), contexts, chunk);
  const auto there_and_back = [&] {
    const at::Tensor gradient = learner.gradient([](const at::Tensor& embeddings) { embeddings.sum().backward(); });
    (void)gradient.sum().item<double>();  // until a GPU is done
  };
  return seconds_of(there_and_back, device, control) * static_cast<double>(classes.size()) /
         static_cast<double>(few.size());
}

double seconds_of_losses(const ClapModel& model, std::size_t classes, const TunerOptions& options, std::size_t captions,
                         JobControl* control) {
  const std::size_t count = std::clamp<std::size_t>(captions, 1, kMostCaptions);
  const std::int64_t dim = model.info().embedding_dim;
  const float value = 1.0F / std::sqrt(static_cast<float>(dim));
  Matrix sentences(static_cast<std::int64_t>(count), dim);
  Matrix words(kWords, dim);
  std::ranges::fill(sentences.data, value);
  std::ranges::fill(words.data, value);
  const CaptionFeatures features(std::vector<Caption>(count, {"", {0}, true}), std::move(sentences),
                                 std::vector<Matrix>(count, words));
  const at::Device device = model.text_tower().device();
  const std::vector<FeatureBatch> batches = features.batches(features.pairs(options.multi_label), classes, device);
  const at::Tensor embeddings = at::full({2, static_cast<std::int64_t>(classes), dim}, value, at::kFloat).to(device);
  const auto losses = [&] {
    const at::Tensor leaf = embeddings.detach().requires_grad_(true);
    step_losses(batches, leaf, model.info().logit_scale, options.multi_label);
    (void)leaf.grad().sum().item<double>();
  };
  return seconds_of(losses, device, control) * static_cast<double>(captions) / static_cast<double>(count);
}

}  // namespace

double likely_step_seconds(const ClapModel& model, const ClassList& classes, const TunerOptions& options,
                           const at::Tensor& contexts, std::size_t captions, JobControl* control) {
  return seconds_of_tower(model, classes, options, contexts, control) +
         seconds_of_losses(model, classes.size(), options, captions, control);
}

}  // namespace hearsay
