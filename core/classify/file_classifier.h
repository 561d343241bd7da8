#pragma once
// Files through the model: decoding and features run ahead on their own thread while the tower works.

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/job.h"
#include "classify/scores.h"
#include "model/clap_model.h"

namespace hearsay {

struct ClassifyOptions {
  ScoreKind kind = ScoreKind::Fused;
  double window = 0.0;      ///< seconds; 0: the model's. Shorter windows are filled up as short clips are.
  double hop = 0.0;         ///< seconds; 0: the window (no overlap)
  int batch = 8;            ///< windows a pass
  bool per_window = true;   ///< keep the windows' scores, not only the file's
  bool frame_similarity = false;
};

struct WindowResult {
  double start = 0.0;  ///< seconds
  double end = 0.0;
  WindowScores scores;
  std::vector<float> probability;  ///< [K] softmax of the chosen kind
};

struct FileResult {
  std::filesystem::path file;
  std::string error;               ///< empty: it worked. One sentence otherwise
  double seconds = 0.0;            ///< length
  std::int64_t bad_samples = 0;    ///< NaN or infinite, taken as 0
  std::vector<WindowResult> windows;
  WindowScores scores;             ///< of the file: from the mean of its windows' embeddings; fine and frames over all frames
  std::vector<float> probability;  ///< [K]
  std::vector<int> order;          ///< class indices, best first
};

/// Calls `done` for every file in the order given, also for those that failed; a failing file never stops the rest. Memory
/// stays bounded for files of any length. `control` may be null: cancelling ends after the files in flight.
void classify_files(const ClapModel& model, const PromptSet& prompts, const std::vector<std::filesystem::path>& files,
                    const ClassifyOptions& options, JobControl* control, const ProgressFn& progress,
                    const std::function<void(FileResult&&)>& done);

/// The clip embedding of a whole file (mean of its windows' embeddings, normalised) and all its frames.
struct FileEmbedding {
  std::vector<float> clip;  ///< [d]
  Matrix frames;            ///< [T, d]
  double seconds = 0.0;
};
FileEmbedding embed_file(const ClapModel& model, const std::filesystem::path& file, JobControl* control = nullptr);

/// Text of `classify`'s output in one of "csv", "jsonl", "audacity", "raven".
class ResultWriter {
 public:
  /// Errors: Usage for another format.
  ResultWriter(const std::string& format, const PromptSet& prompts, ScoreKind kind, int top,
               std::optional<double> threshold);
  [[nodiscard]] std::string header() const;
  /// Lines for one file: `per_window` one row a window and rank, otherwise one row a rank for the whole file.
  [[nodiscard]] std::string rows(const FileResult& result, bool per_window);

 private:
  std::string format_;
  std::vector<std::string> names_;
  ScoreKind kind_;
  int top_;
  std::optional<double> threshold_;
  int selection_ = 0;
};

}  // namespace hearsay
