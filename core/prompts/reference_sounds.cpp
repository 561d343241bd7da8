#include "prompts/reference_sounds.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "base/error.h"
#include "base/files.h"
#include "model/clap_model.h"
#include "model/matrices.h"
#include "model/safetensors.h"

namespace hearsay {

namespace fs = std::filesystem;

namespace {

constexpr double kTemperature = 20.0;
constexpr std::int64_t kSoundsAtOnce = 4096;
constexpr float kLongestSquare = 1.01F;  // of a row's length: rounding is no reason to refuse it

/// What every class is in the fused score, [K, d].
at::Tensor class_vectors(const PromptSet& prompts) {
  const ScoreWeights& weights = prompts.weights;
  const double all = weights.sum();
  at::Tensor sum = to_tensor(prompts.anchor()).to(at::kDouble) * (weights.zero_shot / all);
  if (!prompts.coarse.empty()) sum += to_tensor(prompts.coarse).to(at::kDouble) * (weights.coarse / all);
  if (!prompts.fine.empty()) sum += to_tensor(prompts.fine).to(at::kDouble) * (weights.fine / all);
  return sum;
}

/// Of every class [K, d] over all sounds, [K].
at::Tensor log_mean_exp(const ReferenceSounds& sounds, const at::Tensor& classes) {
  const at::Tensor audio = to_tensor(sounds.audio);
  const at::Tensor shares = at::tensor(sounds.shares, at::kDouble).log().unsqueeze(1);
  at::Tensor sum = at::full({classes.size(0)}, -INFINITY, at::kDouble);
  for (std::int64_t start = 0; start < sounds.audio.rows; start += kSoundsAtOnce) {
    const std::int64_t count = std::min(kSoundsAtOnce, sounds.audio.rows - start);
    const at::Tensor cosines = audio.narrow(0, start, count).to(at::kDouble).matmul(classes.t());
    sum = at::logaddexp(sum, (cosines * kTemperature + shares.narrow(0, start, count)).logsumexp(0));
  }
  return sum / kTemperature;
}

}  // namespace

ReferenceSounds read_reference_sounds(const fs::path& file, int embedding_dim) {
  const auto refuse = [&](const std::string& why) {
    throw Error(ErrorKind::BadFormat, quoted(file) + " holds no reference sounds for this model: " + why + ".");
  };
  const SafetensorsFile tensors = SafetensorsFile::open(file);
  ReferenceSounds sounds;
  sounds.audio = tensors.matrix("audio");
  if (sounds.audio.rows == 0) refuse("\"audio\" has no rows");
  if (sounds.audio.cols != embedding_dim) {
    refuse("\"audio\" is " + std::to_string(sounds.audio.cols) + " wide, its embeddings are " +
           std::to_string(embedding_dim));
  }
  if (!std::ranges::all_of(sounds.audio.data, [](float value) { return std::isfinite(value); })) {
    refuse("\"audio\" holds something that is not a number");
  }
  for (std::int64_t i = 0; i < sounds.audio.rows; ++i) {
    const std::span<const float> row = sounds.audio.row(i);
    const float square = std::inner_product(row.begin(), row.end(), row.begin(), 0.0F);
    if (square > kLongestSquare) refuse("\"audio\" has rows longer than 1; embeddings are L2-normalised");
  }
  sounds.shares.assign(static_cast<std::size_t>(sounds.audio.rows), 1.0);
  if (tensors.has("weight")) {
    const std::vector<float> weights = tensors.floats("weight");
    if (weights.size() != sounds.shares.size()) refuse("\"weight\" has not one number a row");
    sounds.shares.assign(weights.begin(), weights.end());
  }
  const double all = std::accumulate(sounds.shares.begin(), sounds.shares.end(), 0.0);
  const bool fit = std::ranges::all_of(sounds.shares, [](double share) { return share >= 0.0; });
  if (!fit || !(all > 0.0) || !std::isfinite(all)) refuse("\"weight\" holds something below 0, or nothing above");
  for (double& share : sounds.shares) share /= all;
  return sounds;
}

ReferenceSounds reference_sounds(const ClapModel& model) {
  const fs::path& path = model.info().path;
  std::error_code ignored;
  const fs::path file = (fs::is_directory(path, ignored) ? path : path.parent_path()) / kReferenceSoundsFile;
  if (!fs::exists(file, ignored)) return {};
  return read_reference_sounds(file, model.info().embedding_dim);
}

std::vector<double> hub_offsets(const PromptSet& tuned, const ReferenceSounds& sounds, double share) {
  if (sounds.audio.empty() || tuned.size() == 0) return {};
  const at::Tensor heights = share * log_mean_exp(sounds, class_vectors(tuned));
  const at::Tensor centred = (heights - heights.mean()).contiguous();
  return {centred.data_ptr<double>(), centred.data_ptr<double>() + centred.numel()};
}

}  // namespace hearsay
