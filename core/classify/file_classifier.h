#pragma once
// Files through the model: decoding and features run ahead on their own thread while the tower works.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audio/sound_doubts.h"
#include "base/job.h"
#include "classify/scores.h"
#include "classify/windows.h"
#include "model/clap_model.h"

namespace hearsay {

/// How a file's scores come from its windows; those with nothing in them are left out where others have something.
enum class WindowPooling {
  Mean,  ///< one score from the mean of the windows' embeddings, and from all their frames
  Max    ///< every class by its best window: a short sound in a long file is not averaged away
};
/// "mean" or "max". Error: Usage.
WindowPooling parse_pooling(std::string_view name);

struct ClassifyOptions {
  ScoreKind kind = ScoreKind::Fused;
  WindowPooling pooling = WindowPooling::Mean;  ///< of a file's windows into the file's scores
  double window = 0.0;     ///< seconds; 0: the model's. Shorter windows are filled up as short clips are.
  double hop = 0.0;        ///< seconds, at most the window; 0: the window (no overlap)
  int batch = 8;           ///< windows a pass
  bool per_window = true;  ///< keep the windows' scores, not only the file's
  bool frame_similarity = false;
  double noise_correction = 0.0;  ///< weight of the bonus for noisy rooms (prompts/noise_drift.h); 0: off
};

struct WindowResult {
  double start = 0.0;  ///< seconds
  double end = 0.0;
  WindowScores scores;             ///< no class's for a silent window (is_silent()): nothing is heard there
  std::vector<float> probability;  ///< [K] softmax of the chosen kind; empty likewise
};

struct FileResult {
  std::filesystem::path file;
  std::string error;     ///< empty: it worked. One sentence otherwise
  double seconds = 0.0;  ///< length
  int sample_rate = 0;   ///< its own; 0: not known
  SoundDoubts doubts;    ///< of a file that worked
  std::vector<WindowResult> windows;
  WindowScores scores;             ///< of the file, as its windows were pooled; frames of all windows
  std::vector<float> probability;  ///< [K]
  std::vector<int> order;          ///< class indices, best first
};

/// Calls `done` on the calling thread for every file in the order given, also for those that failed; a failing file
/// never stops the rest. Memory stays bounded for files of any length (beyond the results themselves). `control` may be
/// null: cancelling returns once the windows in flight are done; files that were finished by then have been given to
/// `done`. Errors: Usage (window, hop, batch, noise correction, no classes), WrongModel (prompts of another width);
/// what `done` throws.
void classify_files(const ClapModel& model, const PromptSet& prompts, const std::vector<std::filesystem::path>& files,
                    const ClassifyOptions& options, JobControl* control, const ProgressFn& progress,
                    const std::function<void(FileResult&&)>& done);

/// The clip embedding of a whole file (mean of the embeddings of its windows, normalised; the silent ones are left out
/// where others have something) and all its frames.
struct FileEmbedding {
  std::vector<float> clip;     ///< [d]
  Matrix frames;               ///< [T, d], of its windows one after the other
  Matrix windows;              ///< [n, d], each window's own embedding
  std::vector<Window> places;  ///< [n] of the windows, in samples at the model's rate
  double seconds = 0.0;
  SoundDoubts doubts;
};
/// Errors: as AudioReader::open; BadAudio for no samples; Cancelled.
FileEmbedding embed_file(const ClapModel& model, const std::filesystem::path& file, JobControl* control = nullptr);

/// Text of `classify`'s output in one of "csv" (DESIGN section 7), "jsonl" (the same fields, one object a row; a file
/// that failed gives {"file","error"}), "audacity" (label track of one file), "raven" (selection table: begin and end
/// count on through the files one after the other, as where they are opened together; the offset is in the file).
class ResultWriter {
 public:
  /// `top`: classes a window, best first; 0: all. `thresholds`: rows with a lower probability are left out; [K] for
  /// each class, or one for all, or none. `join`: of windows that follow one another a class has one row, from the
  /// first one's start to the last one's end, with rank, score and similarity where it scored best. Errors: Usage for
  /// another format, a negative `top`, another number of thresholds, or one outside 0..1.
  ResultWriter(const std::string& format, const PromptSet& prompts, ScoreKind kind, int top,
               std::vector<double> thresholds = {}, bool join = false);
  /// Of another set from now on, with thresholds as for the constructor; selections are numbered on.
  void take(const ClassList& classes, std::vector<double> thresholds);
  [[nodiscard]] std::string header() const;  ///< with its line end; empty for formats without one
  /// Lines for one file: `per_window` one row a window and rank, otherwise one row a rank for the whole file. Text of a
  /// file that failed: nothing, but in jsonl; there a line with "doubts" follows those of a sound that is odd.
  [[nodiscard]] std::string rows(const FileResult& result, bool per_window);

 private:
  struct Row;
  void add(std::vector<Row>& rows, const Row& place, const WindowScores& scores,
           const std::vector<float>& probability) const;
  [[nodiscard]] static std::vector<Row> joined(const std::vector<Row>& rows);
  [[nodiscard]] std::string line(const Row& row, const FileResult& result);

  std::string format_;
  std::vector<std::string> names_;
  ScoreKind kind_;
  int top_;
  std::vector<double> thresholds_;  ///< [K] or empty
  bool join_;
  int selection_ = 0;
  double before_ = 0.0;  ///< seconds of the files so far
};

}  // namespace hearsay
