#include "prompts/reference_sounds.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/files.h"
#include "model/clap_model.h"
#include "model/safetensors.h"

namespace hearsay {

namespace fs = std::filesystem;

namespace {

constexpr double kTemperature = 20.0;
constexpr double kShare = 0.5;

/// What every class is in the fused score, [K, d].
std::vector<double> class_vectors(const PromptSet& prompts) {
  const ScoreWeights& weights = prompts.weights;
  std::vector<double> sum(prompts.zero_shot.data.size());
  const auto add = [&](const Matrix& part, double weight) {
    for (std::size_t i = 0; i < part.data.size(); ++i) sum[i] += weight / weights.sum() * part.data[i];
  };
  add(prompts.coarse, weights.coarse);
  add(prompts.fine, weights.fine);
  add(prompts.anchor(), weights.zero_shot);
  return sum;
}

double log_mean_exp(const ReferenceSounds& sounds, std::span<const double> of_class) {
  std::vector<double> powers(sounds.shares.size());
  for (std::size_t i = 0; i < powers.size(); ++i) {
    const std::span<const float> row = sounds.audio.row(static_cast<std::int64_t>(i));
    powers[i] = kTemperature * std::inner_product(row.begin(), row.end(), of_class.begin(), 0.0);
  }
  const double highest = std::ranges::max(powers);
  double sum = 0.0;
  for (std::size_t i = 0; i < powers.size(); ++i) sum += sounds.shares[i] * std::exp(powers[i] - highest);
  return (highest + std::log(sum)) / kTemperature;
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

std::vector<double> hub_offsets(const PromptSet& tuned, const ReferenceSounds& sounds) {
  if (sounds.audio.empty() || tuned.size() == 0) return {};
  const std::vector<double> vectors = class_vectors(tuned);
  const auto width = static_cast<std::size_t>(tuned.zero_shot.cols);
  std::vector<double> offsets;
  for (std::size_t k = 0; k < tuned.size(); ++k) {
    offsets.push_back(kShare * log_mean_exp(sounds, std::span(vectors).subspan(k * width, width)));
  }
  const double mean = std::accumulate(offsets.begin(), offsets.end(), 0.0) / static_cast<double>(offsets.size());
  for (double& offset : offsets) offset -= mean;
  return offsets;
}

}  // namespace hearsay
