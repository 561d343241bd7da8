// Prompt sets as .safetensors files (DESIGN section 6). The tensor `logit_scale` is the logarithm, as in every CLAP
// checkpoint; PromptSet::logit_scale is what cosines are multiplied by.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <ctime>

#include "base/error.h"
#include "base/files.h"
#include "model/safetensors.h"
#include "prompts/prompt_metadata.h"
#include "prompts/prompt_set.h"
#include "prompts/tuner.h"

namespace hearsay {
namespace {

constexpr double kLargestScale = 100.0;

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& what) {
  throw Error(ErrorKind::BadFormat,
              quoted(file) + " is no prompt set that can be used: " + what + ". Choose a file that Hearsay has saved.");
}

std::string shape_of(const Matrix& matrix) {
  return std::to_string(matrix.rows) + " x " + std::to_string(matrix.cols);
}

bool all_numbers(const Matrix& matrix) {
  return std::ranges::all_of(matrix.data, [](float value) { return std::isfinite(value); });
}

/// A 2-d tensor of finite numbers; `rows`, `cols`: -1 for any size.
Matrix read_matrix(const SafetensorsFile& content, const std::string& name, std::int64_t rows, std::int64_t cols,
                   const std::filesystem::path& file) {
  if (!content.has(name)) fail(file, "the tensor " + name + " is missing");
  if (content.get(name).shape.size() != 2) fail(file, "the tensor " + name + " is not a matrix");
  Matrix matrix = content.matrix(name);
  const bool fits = (rows < 0 || matrix.rows == rows) && (cols < 0 || matrix.cols == cols);
  if (matrix.empty() || !fits) {
    fail(file, "the tensor " + name + " has the shape " + shape_of(matrix) + ", which does not fit the others");
  }
  if (!all_numbers(matrix)) {
    fail(file, "the tensor " + name + " holds values that are not numbers");
  }
  return matrix;
}

/// When the file was last changed, as ISO 8601 in UTC; empty when that is not known. The tuner writes no time into a
/// set, so that the same seed gives the same bytes.
std::string time_of(const std::filesystem::path& file) {
  std::error_code code;
  const auto changed = std::filesystem::last_write_time(file, code);
  if (code) return {};
  const auto since = std::chrono::file_clock::to_sys(changed).time_since_epoch();
  const std::time_t seconds = std::chrono::duration_cast<std::chrono::seconds>(since).count();
  std::tm utc = {};
  std::array<char, 32> text{};
  if (gmtime_r(&seconds, &utc) == nullptr) return {};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc)};
}

double read_scale(const SafetensorsFile& content, const std::filesystem::path& file) {
  if (!content.has("logit_scale")) fail(file, "the tensor logit_scale is missing");
  const std::vector<float> values = content.floats("logit_scale");
  if (values.size() != 1 || !std::isfinite(values[0])) fail(file, "logit_scale is not one number");
  return std::min(kLargestScale, std::exp(static_cast<double>(values[0])));
}

void read_tuned(const SafetensorsFile& content, const std::filesystem::path& file, PromptSet& prompts) {
  const auto classes = static_cast<std::int64_t>(prompts.size());
  const std::int64_t dim = prompts.zero_shot.cols;
  prompts.coarse_context = read_matrix(content, "coarse.context", -1, -1, file);
  prompts.fine_context =
      read_matrix(content, "fine.context", prompts.coarse_context.rows, prompts.coarse_context.cols, file);
  prompts.coarse = read_matrix(content, "coarse.classes", classes, dim, file);
  prompts.fine = read_matrix(content, "fine.classes", classes, dim, file);
  if (content.has("anchored.classes")) prompts.anchored = read_matrix(content, "anchored.classes", classes, dim, file);
}

}  // namespace

void save_prompts(const PromptSet& prompts, const std::filesystem::path& file) {
  SafetensorsWriter writer;
  const auto add = [&](const std::string& name, const Matrix& matrix) {
    if (!all_numbers(matrix)) {
      throw Error(ErrorKind::BadFormat, "The prompts were not saved to " + quoted(file) + ": " + name +
                                            " holds values that are not numbers.");
    }
    writer.add(name, matrix);
  };
  if (prompts.tuned) {
    add("coarse.context", prompts.coarse_context);
    add("fine.context", prompts.fine_context);
    add("coarse.classes", prompts.coarse);
    add("fine.classes", prompts.fine);
    if (!prompts.anchored.empty()) add("anchored.classes", prompts.anchored);
  }
  add("zero_shot.classes", prompts.zero_shot);
  if (!prompts.noise_drift.empty()) add("noise.drift", prompts.noise_drift);
  const auto scale = static_cast<float>(std::log(prompts.logit_scale));
  writer.add("logit_scale", {}, std::span(&scale, 1));
  for (const auto& [key, value] : prompts_to_metadata(prompts)) writer.set_metadata(key, value);
  writer.write(file);
}

PromptSet load_prompts(const std::filesystem::path& file) {
  const SafetensorsFile content = SafetensorsFile::open(file);
  PromptSet prompts = prompts_from_metadata(content.metadata(), quoted(file));
  prompts.zero_shot = read_matrix(content, "zero_shot.classes", static_cast<std::int64_t>(prompts.size()), -1, file);
  if (content.has("noise.drift")) {
    prompts.noise_drift = read_matrix(content, "noise.drift", prompts.zero_shot.rows, prompts.zero_shot.cols, file);
  }
  prompts.logit_scale = read_scale(content, file);
  if (prompts.tuned) read_tuned(content, file, prompts);
  const bool wrong_thresholds = !prompts.thresholds.empty() && prompts.thresholds.size() != prompts.size();
  if (wrong_thresholds) fail(file, "it has thresholds for another number of classes");
  const auto is_share = [](double value) { return value >= 0.0 && value <= 1.0; };
  if (!std::ranges::all_of(prompts.thresholds, is_share)) fail(file, "it has a threshold that is not from 0 to 1");
  if (!prompts.tuned) prompts.preferred = ScoreKind::ZeroShot;
  if (prompts.created_at.empty()) prompts.created_at = time_of(file);
  return prompts;
}

StartingContexts load_contexts(const std::string& name) {
  const std::filesystem::path file(name);
  const SafetensorsFile content = SafetensorsFile::open(file);
  const bool named = content.has("coarse.context") && content.has("fine.context");
  const bool reversed = content.has("context.coarse") && content.has("context.fine");
  if (!named && !reversed) {
    throw Error(ErrorKind::BadFormat, quoted(file) +
                                          " holds no contexts to start from: the tensors coarse.context and "
                                          "fine.context are wanted. A prompt set that was tuned has them.");
  }
  StartingContexts start;
  start.coarse = read_matrix(content, named ? "coarse.context" : "context.coarse", -1, -1, file);
  start.fine =
      read_matrix(content, named ? "fine.context" : "context.fine", start.coarse.rows, start.coarse.cols, file);
  return start;
}

}  // namespace hearsay
