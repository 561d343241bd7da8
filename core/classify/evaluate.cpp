#include "classify/evaluate.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

#include "base/csv.h"
#include "base/error.h"
#include "base/files.h"
#include "base/words.h"

namespace hearsay {
namespace {

using Json = nlohmann::ordered_json;

/// The classes a cell names, and what it names besides.
void take_labels(const std::string& cell, const std::map<std::string, int>& names, ManifestRow& row) {
  for (const std::string& label : split_list(cell, ';')) {
    const auto found = names.find(fold_name(label));
    if (found == names.end()) {
      row.unknown.push_back(label);
    } else if (std::ranges::find(row.labels, found->second) == row.labels.end()) {
      row.labels.push_back(found->second);
    }
  }
}

/// Why a row of a file that is called `name` has no place in an evaluation.
std::string left_out(const std::string& name, const std::vector<std::string>& labels) {
  std::string quoted_labels;
  for (const std::string& label : labels) quoted_labels += (quoted_labels.empty() ? "\"" : ", \"") + label + "\"";
  return "\"" + name + "\" " +
         (labels.empty() ? "has no label; it is left out."
                         : "is labelled " + quoted_labels + ", which is none of the classes; it is left out.");
}

Json number_or_null(double value) {
  return std::isnan(value) ? Json() : Json(value);
}

Json json_of(const ScoreMetrics& metrics, const ClassList& classes) {
  Json per_class = Json::object();
  for (std::size_t k = 0; k < classes.size(); ++k) {
    per_class[classes[k].name] = {{"accuracy", number_or_null(metrics.per_class_accuracy[k])},
                                  {"average_precision", number_or_null(metrics.average_precision[k])},
                                  {"files", metrics.per_class_files[k]}};
  }
  Json bins = Json::array();
  for (const auto& bin : metrics.reliability) {
    bins.push_back({{"confidence", bin.confidence}, {"accuracy", bin.accuracy}, {"count", bin.count}});
  }
  return {{"accuracy", metrics.accuracy},   {"mAP", metrics.map}, {"per_class", per_class},
          {"confusion", metrics.confusion}, {"ece", metrics.ece}, {"reliability", bins}};
}

/// What measure() wants, for one kind of score.
struct Rows {
  ScoreKind kind = ScoreKind::ZeroShot;
  Matrix scores;
  Matrix probability;

  void add(const FileResult& result, double scale) {
    const auto values = scores_of(result.scores, kind);
    const std::vector<float> softmaxed = softmax(values, scale);
    scores.cols = probability.cols = static_cast<std::int64_t>(values.size());
    ++scores.rows;
    ++probability.rows;
    scores.data.insert(scores.data.end(), values.begin(), values.end());
    probability.data.insert(probability.data.end(), softmaxed.begin(), softmaxed.end());
  }
};

std::vector<Rows> kinds_of(const PromptSet& prompts) {
  std::vector<Rows> kinds = {{ScoreKind::ZeroShot, {}, {}}};
  if (prompts.tuned) {
    for (const ScoreKind kind : {ScoreKind::Coarse, ScoreKind::Fine, ScoreKind::Fused}) kinds.push_back({kind, {}, {}});
  }
  return kinds;
}

}  // namespace

Manifest read_manifest_rows(const std::filesystem::path& csv, const std::filesystem::path& audio_root,
                            const ClassList& classes) {
  const CsvTable table = parse_csv(read_text_file(csv), quoted(csv));
  const int file = table.column("file");
  const int label = table.column("label");
  if (file < 0 || label < 0) {
    throw Error(ErrorKind::BadFormat, quoted(csv) + " has no column \"" + (file < 0 ? "file" : "label") +
                                          "\". The first line must name the columns `file` and `label`.");
  }
  const auto names = classes_by_name(classes);
  Manifest manifest;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const std::string line = "Line " + std::to_string(table.lines[i]) + ": ";
    const std::string name = trim(table.rows[i][static_cast<std::size_t>(file)]);
    if (name.empty()) {
      manifest.problems.push_back(line + "no file is named.");
      continue;
    }
    ManifestRow row{audio_root / name, {}, {}};
    take_labels(table.rows[i][static_cast<std::size_t>(label)], names, row);
    if (row.labels.empty()) manifest.problems.push_back(line + left_out(name, row.unknown));
    (row.labels.empty() ? manifest.others : manifest.rows).push_back(std::move(row));
  }
  return manifest;
}

Manifest read_manifest(const std::filesystem::path& csv, const std::filesystem::path& audio_root,
                       const ClassList& classes) {
  Manifest manifest = read_manifest_rows(csv, audio_root, classes);
  if (manifest.rows.empty()) {
    throw Error(ErrorKind::Usage, "No row of " + quoted(csv) + " names one of the " + std::to_string(classes.size()) +
                                      " classes" +
                                      (manifest.problems.empty() ? "." : ". " + manifest.problems.front()));
  }
  return manifest;
}

Evaluation evaluate(const ClapModel& model, const PromptSet& prompts, const Manifest& manifest, JobControl* control,
                    const ProgressFn& progress, const EvaluateOptions& options) {
  const auto started = std::chrono::steady_clock::now();
  std::vector<std::filesystem::path> files;
  for (const ManifestRow& row : manifest.rows) files.push_back(row.file);
  std::vector<Rows> kinds = kinds_of(prompts);
  std::vector<std::vector<int>> labels;
  Evaluation evaluation;
  std::size_t seen = 0;
  ClassifyOptions settings;
  settings.per_window = false;
  settings.noise_correction = options.noise_correction;
  settings.pooling = options.pooling;
  classify_files(model, prompts, files, settings, control, progress, [&](FileResult&& result) {
    const std::size_t i = seen++;
    if (!result.error.empty()) {
      evaluation.failed.emplace_back(valid_utf8(result.file.string()), result.error);
      return;
    }
    std::ranges::move(sentences_of(result.doubts, result.file), std::back_inserter(evaluation.doubts));
    labels.push_back(manifest.rows[i].labels);
    for (Rows& rows : kinds) rows.add(result, prompts.logit_scale);
  });
  if (seen < files.size()) throw Error(ErrorKind::Cancelled, "Stopped before all files were evaluated.");
  if (labels.empty() && !files.empty()) {
    throw Error(ErrorKind::BadAudio, "None of the " + std::to_string(files.size()) + " files could be read. " +
                                         evaluation.failed.front().second);
  }
  const std::vector<bool> unseen = unseen_classes(prompts);
  evaluation.unseen = prompts.unseen;
  for (Rows& rows : kinds)
    evaluation.scores.emplace_back(rows.kind, measure(rows.scores, rows.probability, labels, unseen));
  evaluation.files = static_cast<int>(labels.size());
  evaluation.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return evaluation;
}

std::string Evaluation::to_json(const ClassList& classes) const {
  Json report = Json::object();
  for (const auto& [kind, metrics] : scores) {
    std::string name(score_name(kind));
    std::ranges::replace(name, '-', '_');
    report[name] = json_of(metrics, classes);
    if (unseen.empty()) continue;
    report[name]["seen_accuracy"] = number_or_null(metrics.seen_accuracy);
    report[name]["unseen_accuracy"] = number_or_null(metrics.unseen_accuracy);
    report[name]["harmonic_mean"] = harmonic_mean(metrics.seen_accuracy, metrics.unseen_accuracy);
  }
  if (!unseen.empty()) report["unseen_classes"] = unseen;
  Json names = Json::array();
  for (const SoundClass& sound : classes) names.push_back(sound.name);
  report["classes"] = std::move(names);
  report["files"] = files;
  report["failed"] = Json::array();
  for (const auto& [file, why] : failed) report["failed"].push_back({{"file", file}, {"why", why}});
  report["doubts"] = doubts;
  report["seconds"] = seconds;
  return report.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace hearsay
