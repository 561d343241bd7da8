#pragma once
// Tuning that outlives a crash: while a run goes on, its whole state is written every few seconds, atomically, and a
// later run of the same tuning goes on behind the last step that was written. With the same device and number of
// threads the end is the same to the bit as without the interruption.
//
// Files lie in data_folder()/unfinished, one a tuning, named by what it is made from; the newest 20 are kept. A lock
// beside the file (an open file description lock, gone with the process) keeps two programs, or two runs of one, from
// sharing it.

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "prompts/tuner.h"

namespace hearsay {

struct TuningState;

/// What a tuning is made from. Equal ones, equal runs.
struct TuningIdentity {
  std::string model;                         ///< fingerprint
  std::string classes;                       ///< SHA-256 of names, aliases and descriptions in order
  std::string captions;                      ///< CaptionSet::hash()
  std::string settings;                      ///< SHA-256 of options, template, and the contexts to start from
  [[nodiscard]] std::string digest() const;  ///< SHA-256 of the four
  bool operator==(const TuningIdentity&) const = default;
};
TuningIdentity identify_tuning(const ClapModel& model, const ClassList& classes, const CaptionSet& captions,
                               const TunerOptions& options, const std::string& text_template,
                               const std::optional<StartingContexts>& start = {});

/// Options as JSON and back. Errors: BadFormat; Usage as check_options.
std::string options_to_json(const TunerOptions& options);
TunerOptions options_from_json(const std::string& json);

/// A tuning that can be gone on with, and what is needed to ask for it again (but for the captions).
struct UnfinishedTuning {
  std::filesystem::path file;
  TuningIdentity identity;
  std::string model_name;
  ClassList classes;
  std::string text_template;
  TunerOptions options;
  std::optional<StartingContexts> start;
  std::string origin;    ///< what the program that tuned kept for itself (where its captions come from)
  int step = 0;          ///< steps done
  int steps = 0;         ///< at most, in all; 0: cancelled before that was known
  std::string saved_at;  ///< ISO 8601, UTC
};

/// data_folder()/unfinished, made when missing. Errors: NotFound (no home folder), NoSpace.
std::filesystem::path unfinished_folder();
/// Those of unfinished_folder() that no running program holds, newest first. Damaged ones are left out (with a line in
/// the log); where there is no folder there are none.
std::vector<UnfinishedTuning> unfinished_tunings();
/// Errors: NotFound, Unreadable, BadFormat (damaged, or no such file).
UnfinishedTuning read_unfinished(const std::filesystem::path& file);
/// Removes the file; nothing happens where it is gone, or held by a running program.
void discard_unfinished(const std::filesystem::path& file);

/// What one run of tune() keeps its state in.
class TuningCheckpoint {
 public:
  struct Settings {
    std::filesystem::path file = {};            ///< empty: a place of its own in unfinished_folder()
    bool resume = false;                        ///< go on with what is there
    std::chrono::duration<double> every{10.0};  ///< wall-clock time between two writes; 0: after every step
    std::string origin = {};                    ///< see UnfinishedTuning
    std::function<void(int step)> saved = {};   ///< called after each write, on the tuning thread; may be empty
    std::function<bool()> closing = {};  ///< whether the program closes, so that its runs end where they are: then they
                                         ///< are kept at once, those before their first step too, which are begun
                                         ///< again; empty: no
  };
  explicit TuningCheckpoint(Settings settings);
  TuningCheckpoint(const TuningCheckpoint&) = delete;
  TuningCheckpoint& operator=(const TuningCheckpoint&) = delete;
  ~TuningCheckpoint();

  /// Called by tune(): takes the place. With `resume` the state to go on from. Without, a state of the same tuning that
  /// is there already is overwritten only once this run is further. Where nothing can be written, problem() says so and
  /// the run goes on without. Errors, with `resume` or a `file` that holds something else: NotFound (there is nothing
  /// to go on with), BadFormat (damaged), WrongModel, Usage (other classes, captions or settings; held by a running
  /// program).
  std::shared_ptr<const TuningState> begin(const UnfinishedTuning& run);
  /// Whether the time has come to save(): asked between any two steps. It comes a step early where waiting for the next
  /// one would take longer than `every`, and at once where the program closes.
  [[nodiscard]] bool due();
  /// Never throws: problem() says what went wrong first.
  void save(const TuningState& state);
  /// Called by tune() that is cancelled before its first step: keeps what it is a tuning of, where the program closes.
  /// False where nothing is kept.
  bool keep_unbegun();
  /// For the caller of tune(), once the result is safe: the state is no longer wanted. A state further along than a run
  /// that was cancelled stays.
  void finish(const TunerReport& report);

  [[nodiscard]] const std::filesystem::path& file() const;  ///< empty before begin(), or where there is no place
  [[nodiscard]] const std::string& problem() const;         ///< why nothing was written; empty: all is well

 private:
  struct Place;
  std::unique_ptr<Place> place_;
};

}  // namespace hearsay
