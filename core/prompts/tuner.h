#pragma once
// Tuning a prompt set from text alone (arXiv 2309.08357; DESIGN section 3). No tensors in this header.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/job.h"
#include "prompts/captions.h"
#include "prompts/prompt_set.h"

namespace hearsay {

class ClapModel;
class TuningCheckpoint;

/// So many captions are tuned on at most, spread evenly over the classes.
/// Their word features stay in memory: about 0.4 GB with the starter.
inline constexpr std::size_t kMostTuningCaptions = 20000;

struct TunerOptions {
  std::string recipe = "fast";  ///< "fast" or "paper"; the fields below start from it (see recipe())
  int context_length = 32;      ///< N, 4..64; 0: by the text tower (options_in_use in tuning_run.h)
  double learning_rate = 2e-3;
  double beta1 = 0.9;
  double beta2 = 0.98;
  double epsilon = 1e-6;
  double weight_decay = 0.01;
  double falling_rate = 0.0;  ///< positive: in place of learning_rate, stays for a while and then falls to zero; when,
                              ///< and both betas, go by the number of captions (Pace in tuning_run.h). 0, and always
                              ///< in plain runs: learning_rate at every step, and the betas above
  int batch = 24;             ///< captions a step; 0: all
  int epochs = 10;            ///< of the training captions; 0: by the classes, captions and template (Pace)
  int steps = 0;              ///< positive: exactly so many, plain: no early stop, no selection, nothing held out, the
                              ///< paper's loss and prompts alone (further_prompts and template_pull have no effect)
  bool multi_label = false;   ///< ranking loss on cosines instead of cross-entropy
  std::uint64_t seed = 0;
  int hold_out_one_in = 5;
  int evaluate_every = 10;           ///< steps between looks at the held-out text
  int patience = 8;                  ///< looks without gain before an early stop; 0: never
  bool start_from_template = false;  ///< contexts start from the template's word embeddings
  bool further_prompts = false;      ///< aliases and descriptions are averaged into a class's prompts, as in the
                                     ///< zero-shot baseline; false: the class names alone, as in the paper
  double template_pull = 0.0;        ///< weight of the mean squared distance between tuned class embeddings and the
                                     ///< template's (Yao, Zhang and Xu, arXiv 2303.13283), which falls with the rate
                                     ///< where that does; 0: the paper's loss alone
  bool choose_weights = false;       ///< the fused score's weights are chosen on held-out text (score_weights.h);
                                     ///< false, and always in plain runs: the paper's coarse + fine
  bool anchors = false;              ///< zero-shot's part of the fused score leans on names that the audio tower has
                                     ///< met (familiarity.h); false, and always in plain runs: the template alone
  bool offsets = false;              ///< the fused score takes off what a class gives every sound (reference_sounds.h);
                                     ///< false, and always in plain runs: cosines alone
  std::string reference_sounds;      ///< a file of sounds for that; empty: the model's own
  std::size_t class_chunk = 64;      ///< class prompts a pass; more use the gradient cache
  std::vector<std::string> unseen;   ///< class names held out of tuning, reported apart
  bool caption_cache = true;         ///< caption features are kept on disk between runs (feature_cache.h)
};

/// The options a recipe stands for. Error: Usage.
TunerOptions recipe(const std::string& name);
/// Errors: Usage, with a sentence that names the setting and its range (NaN learning rates too).
void check_options(const TunerOptions& options);

/// What a watcher sees; called from the tuning thread, at a bounded rate, and once at the end.
struct TunerUpdate {
  Progress progress;
  std::vector<CurvePoint> new_points;  ///< since the last update
  std::optional<HeldOutPoint> held_out;
};
using TunerFn = std::function<void(const TunerUpdate&)>;

/// Contexts to start from ([N, h] each); made from a PromptSet or any safetensors file with the two context tensors.
struct StartingContexts {
  Matrix coarse;
  Matrix fine;
};
/// Errors: NotFound, Unreadable, BadFormat (without the two, or of other shapes).
StartingContexts load_contexts(const std::string& file);

/// How often the captions of a class get a right class first. One with several labels is its first label's.
struct ClassGain {
  int captions = 0;
  double before = 0.0;  ///< share, with the template
  double after = 0.0;   ///< share, fused
};

struct TunerReport {
  std::vector<CurvePoint> steps;
  std::vector<HeldOutPoint> held_out_curve;
  TextAccuracy held_out;               ///< of what was kept
  std::optional<TextAccuracy> unseen;  ///< of captions of the unseen classes, with all classes to choose from
  std::optional<TextAccuracy>
      seen;  ///< of the captions of the others that `held_out` is of, likewise; there when `unseen` is
  double seconds = 0.0;
  double seconds_encoding = 0.0;
  std::string device;
  bool cancelled = false;      ///< stopped by the person: the best so far was kept, or the last where none was held out
  bool helped = true;          ///< fused beats the template on held-out text
  ScoreWeights weights;        ///< of the fused score
  double held_out_loss = 0.0;  ///< coarse + fine, of what was kept
  int held_out_captions = 0;   ///< 0: none could be, or a plain run (`steps`): measured on what it was trained on
  int training_captions = 0;
  int resumed_after = 0;                      ///< steps that an earlier run had done (tuning_checkpoint.h)
  std::string caption_cache;                  ///< how many captions came from it, or why it was not used; may be empty
  std::vector<std::string> notes;             ///< sentences for the person: why zero-shot stays, what was left out
  [[nodiscard]] std::string to_json() const;  ///< DESIGN section 7, `--report`
};

struct TunerResult {
  PromptSet prompts;
  TunerReport report;
  std::vector<Caption> measured;  ///< what `held_out` and `unseen` of the report are of; labels: places in the list
  std::vector<ClassGain> gains;   ///< of `measured`, one a class, with all classes to choose from
};

/// Runs on the calling thread. `control` may be null. Cancelling after the first step returns the best so far; before
/// it, throws Cancelled. Same seed, machine and threads: same bytes. `checkpoint` may be null; with one the state is
/// kept while the run goes on, and gone on with where it was asked to (tuning_checkpoint.h); the caller finishes it.
/// Errors: Usage (classes, options, no captions), WrongModel (contexts of another width), those of
/// read_reference_sounds() and of TuningCheckpoint::begin().
TunerResult tune(const ClapModel& model, const ClassList& classes, const CaptionSet& captions,
                 const TunerOptions& options, const std::string& text_template = std::string(kDefaultTemplate),
                 JobControl* control = nullptr, const TunerFn& watch = {},
                 const std::optional<StartingContexts>& start = {}, TuningCheckpoint* checkpoint = nullptr);

}  // namespace hearsay
