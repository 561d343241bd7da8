#pragma once
// How right a prompt set is on labelled files: accuracy, mean average precision, confusion, calibration.

#include <filesystem>
#include <string>
#include <vector>

#include "base/job.h"
#include "classify/file_classifier.h"

namespace hearsay {

struct ManifestRow {
  std::filesystem::path file;             ///< as it is to be opened
  std::vector<int> labels;                ///< class indices
  std::vector<std::string> unknown = {};  ///< labels that are none of the classes, as written
};

struct Manifest {
  std::vector<ManifestRow> rows;      ///< with a class each
  std::vector<ManifestRow> others;    ///< files without one: they have no place in an evaluation
  std::vector<std::string> problems;  ///< sentences about what is left out: `others`, and rows that name no file
};

/// CSV `file,label` (several labels by `;`, each a class's name or alias in any case; other columns are ignored; paths
/// relative to `audio_root`). Errors: NotFound, BadFormat (no such columns), Usage (no row fits the classes).
Manifest read_manifest(const std::filesystem::path& csv, const std::filesystem::path& audio_root,
                       const ClassList& classes);
/// The same, also where no row fits the classes.
Manifest read_manifest_rows(const std::filesystem::path& csv, const std::filesystem::path& audio_root,
                            const ClassList& classes);

struct ScoreMetrics {
  double accuracy = 0.0;         ///< best class is one of the file's labels
  double map = 0.0;              ///< mean over classes (with a positive) of average precision
  double ece = 0.0;              ///< expected calibration error, 15 equal bins on the best class's probability
  double seen_accuracy = 0.0;    ///< of rows with tuned classes alone; NaN without such rows
  double unseen_accuracy = 0.0;  ///< of rows with a class held out of tuning; NaN likewise
  std::vector<double> per_class_accuracy;   ///< recall; NaN for a class without files
  std::vector<int> per_class_files;         ///< rows with that label
  std::vector<double> average_precision;    ///< NaN likewise
  std::vector<std::vector<int>> confusion;  ///< [true][predicted]; of several labels the right one, else the first
  struct Bin {
    double confidence = 0.0;
    double accuracy = 0.0;
    int count = 0;
  };
  std::vector<Bin> reliability;  ///< 15
};

/// `scores` [n, K] of any kind, `probability` [n, K], labels per row (at least one each). Average precision ranks the
/// scores, equal ones as one step (as scikit-learn does). `unseen`: for each class whether it was held out of tuning;
/// empty: none.
ScoreMetrics measure(const Matrix& scores, const Matrix& probability, const std::vector<std::vector<int>>& labels,
                     const std::vector<bool>& unseen = {});

struct Evaluation {
  std::vector<std::pair<ScoreKind, ScoreMetrics>> scores;  ///< zero-shot always; coarse, fine, fused when tuned
  std::vector<std::string> unseen;                         ///< classes held out of tuning (PromptSet::unseen)
  int files = 0;
  std::vector<std::pair<std::string, std::string>> failed;  ///< file, why
  std::vector<std::string> doubts;                          ///< sentences about files that count all the same
  double seconds = 0.0;
  [[nodiscard]] std::string to_json(const ClassList& classes) const;  ///< DESIGN section 7, `eval --report`
};

struct EvaluateOptions {
  double noise_correction = 0.0;                ///< weight of the bonus for noisy rooms; 0: off
  WindowPooling pooling = WindowPooling::Mean;  ///< of a file's windows into its scores
};

/// A file that cannot be read is told in `failed` and left out of the figures. Errors: Usage, WrongModel; Cancelled
/// (figures over a part of the files would mislead); BadAudio when no file at all could be read.
Evaluation evaluate(const ClapModel& model, const PromptSet& prompts, const Manifest& manifest,
                    JobControl* control = nullptr, const ProgressFn& progress = {},
                    const EvaluateOptions& options = {});

}  // namespace hearsay
