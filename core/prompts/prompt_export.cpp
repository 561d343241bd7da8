// Prompt sets for other programs: JSON, CSV, NumPy.
#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/csv.h"
#include "base/error.h"
#include "base/files.h"
#include "prompts/npz_writer.h"
#include "prompts/prompt_set.h"

namespace hearsay {
namespace {

using Json = nlohmann::ordered_json;

struct Kind {
  ScoreKind kind;
  const Matrix* classes;
};

std::vector<Kind> kinds_of(const PromptSet& prompts) {
  std::vector<Kind> kinds{{ScoreKind::ZeroShot, &prompts.zero_shot}};
  if (prompts.tuned) {
    kinds.push_back({ScoreKind::Coarse, &prompts.coarse});
    kinds.push_back({ScoreKind::Fine, &prompts.fine});
  }
  return kinds;
}

Json rows_of(const Matrix& matrix) {
  Json rows = Json::array();
  for (std::int64_t i = 0; i < matrix.rows; ++i) rows.push_back(matrix.row(i));
  return rows;
}

std::string to_json(const PromptSet& prompts) {
  Json json = Json::parse(describe_prompts(prompts));
  Json embeddings;
  for (const Kind& kind : kinds_of(prompts)) embeddings[std::string(score_name(kind.kind))] = rows_of(*kind.classes);
  if (prompts.tuned && !prompts.anchored.empty()) embeddings["anchored"] = rows_of(prompts.anchored);
  json["embeddings"] = std::move(embeddings);
  if (prompts.tuned) {
    json["contexts"] = {{"coarse", rows_of(prompts.coarse_context)}, {"fine", rows_of(prompts.fine_context)}};
  }
  return json.dump(1) + "\n";
}

/// As few digits as read back to the same float.
std::string number(float value) {
  std::array<char, 32> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return {digits.data(), error == std::errc() ? end : digits.data()};
}

std::string to_csv(const PromptSet& prompts) {
  std::string csv = "class,score";
  for (std::int64_t i = 0; i < prompts.zero_shot.cols; ++i) csv += ",e" + std::to_string(i);
  csv += "\r\n";
  for (const Kind& kind : kinds_of(prompts)) {
    for (std::size_t k = 0; k < prompts.size(); ++k) {
      csv += csv_field(prompts.classes[k].name) + ',' + std::string(score_name(kind.kind));
      for (const float value : kind.classes->row(static_cast<std::int64_t>(k))) csv += ',' + number(value);
      csv += "\r\n";
    }
  }
  return csv;
}

Matrix as_row(const std::vector<double>& values) {
  Matrix row(1, static_cast<std::int64_t>(values.size()));
  std::ranges::transform(values, row.data.begin(), [](double value) { return static_cast<float>(value); });
  return row;
}

void write_npz(const PromptSet& prompts, const std::filesystem::path& file) {
  NpzWriter writer;
  std::vector<std::string> names;
  for (const SoundClass& sound : prompts.classes) names.push_back(sound.name);
  writer.add("classes", names);
  writer.add("zero_shot.classes", prompts.zero_shot);
  if (!prompts.noise_drift.empty()) writer.add("noise.drift", prompts.noise_drift);
  if (prompts.tuned) {
    writer.add("coarse.classes", prompts.coarse);
    writer.add("fine.classes", prompts.fine);
    if (!prompts.anchored.empty()) writer.add("anchored.classes", prompts.anchored);
    writer.add("coarse.context", prompts.coarse_context);
    writer.add("fine.context", prompts.fine_context);
    const ScoreWeights& w = prompts.weights;
    Matrix weights(1, 3);
    weights.data = {static_cast<float>(w.coarse), static_cast<float>(w.fine), static_cast<float>(w.zero_shot)};
    writer.add("score_weights", weights);  // coarse, fine, zero-shot
    if (!prompts.offsets.empty()) writer.add("score_offsets", as_row(prompts.offsets));
  }
  if (!prompts.thresholds.empty()) writer.add("thresholds", as_row(prompts.thresholds));
  writer.add("scale", prompts.logit_scale);
  writer.add("template", std::vector<std::string>{prompts.text_template});
  writer.add("preferred", std::vector<std::string>{std::string(score_name(prompts.preferred))});
  writer.add("model", std::vector<std::string>{prompts.model_name, prompts.model_fingerprint});
  writer.write(file);
}

}  // namespace

void export_prompts(const PromptSet& prompts, const std::string& format, const std::filesystem::path& file) {
  if (format == "json") {
    write_file_atomically(file, to_json(prompts));
  } else if (format == "csv") {
    write_file_atomically(file, to_csv(prompts));
  } else if (format == "npz") {
    write_npz(prompts, file);
  } else {
    throw Error(ErrorKind::Usage, "\"" + format + "\" is no format for prompts. Choose json, csv or npz.");
  }
}

}  // namespace hearsay
