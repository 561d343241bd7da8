#pragma once
// One run of the tuner, part by part (core/prompts only; includes LibTorch).

#include <ATen/ATen.h>

#include <chrono>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "model/clap_model.h"
#include "prompts/caption_features.h"
#include "prompts/held_out.h"
#include "prompts/prompt_learner.h"
#include "prompts/tuner.h"

namespace hearsay {

/// What a step of 50 classes takes on a CPU: seconds with towers as wide as those of published checkpoints that read
/// the contexts anew in every prompt. With them `fast` is shorter, and their tokens hold more (TUNING.md, "Wide
/// towers"); on a GPU too, so that results do not go by the device.
enum class StepSpeed { Quick, Slow };
StepSpeed step_speed(const TextTower& tower);

/// What is left open filled in: contexts of 13 tokens, of 5 where steps are slow. Plain runs are the paper's loss and
/// prompts alone, whatever else is set.
TunerOptions options_in_use(const TunerOptions& options, StepSpeed speed);

/// How long a run goes on, and how fast.
struct Pace {
  int passes = 0;            ///< over the training captions
  bool by_template = false;  ///< then passes_by() takes the place of `passes`
  double rate = 0.0;         ///< of learning, at the first step
  double held = 1.0;         ///< share of the run during which the rate stays; then it falls to zero (rate_share)
  double beta1 = 0.0;
  double beta2 = 0.0;
};
/// What the options say, and where they leave it open what the numbers of classes and training captions do (TUNING.md).
/// For as many as the bank gives, 40 a class or 1,200 in all: 135 passes for 13 classes and more, up to 350 for fewer,
/// which are soon told apart and take longer to have no doubt left. More captions, which say more, get passes by how
/// far the template is from telling them apart (200 where steps are slow), a rate that falls from early on, and a
/// longer memory of squared gradients.
Pace pace_for(const TunerOptions& options, std::size_t classes, std::size_t captions, StepSpeed speed);

/// Passes over more captions than the bank gives: 200, and 85 for every 1.0 of the held-out loss (coarse + fine) of the
/// template, 400 at most. Going on when there is little left to learn lets rounding grow, and gains next to nothing.
int passes_by(double template_loss);

/// What training makes of captions, counted: one pair each (`multi_label`), or one for each label.
std::size_t pairs_of(const std::vector<Caption>& captions, bool multi_label);

/// Steps of a run on so many pairs, before the template's loss is known: where passes go by it, those of a loss of 1.0.
int likely_steps(const TunerOptions& options, const Pace& pace, std::size_t pairs);

/// The settings of a run as JSON, for PromptSet::recipe. Of files the names, not where they were.
std::string recipe_json(const TunerOptions& options, const Pace& pace, int context_length, int steps,
                        const std::string& start);

/// The class list of a run: `seen` are tuned, all are embedded at the end.
struct TuningClasses {
  ClassList all;
  std::vector<int> seen;    ///< indices into all
  std::vector<int> unseen;  ///< likewise
  /// Error: Usage for an unseen name that is no class, or when nothing is left to tune.
  TuningClasses(const ClassList& classes, const std::vector<std::string>& unseen_names);
  [[nodiscard]] ClassList seen_classes() const;
};

/// Captions of a run.
struct TuningText {
  std::vector<Caption> train;     ///< labels are places in TuningClasses::seen, by name
  std::vector<Caption> held_out;  ///< likewise; empty in a plain run, and with one caption a class
  std::vector<Caption> unseen;    ///< with unseen classes alone; labels are indices into all classes
  std::vector<std::string> notes;
};
/// At most 20,000 captions of the classes to be tuned, and of those held out of tuning as many as are held out of the
/// others' captions at most; a class with one caption keeps it for training. Error: Usage when no caption is left to
/// train on.
TuningText divide_captions(const CaptionSet& captions, const TuningClasses& classes, const TunerOptions& options);

/// Adds a note where the tower reads no more than the beginning of some captions.
void note_long_captions(const ClapModel& model, TuningText& text);

/// What the accuracies are of, as captions of all classes: those held out, or those trained on where none are,
/// and those of classes held out of tuning.
std::vector<Caption> measured_captions(const TuningText& text, const TuningClasses& classes);

/// Held-out text alone decides whether tuning helped: accuracy, then loss. Where no text was held out it is not
/// known, but for plain runs, which are measured on what they were trained on. `in_the_way`: why it cannot have helped
/// whatever the numbers say, a sentence; empty: nothing is.
void judge(const HeldOutResult& kept, bool plain, const std::string& in_the_way, TunerReport& report);

/// The prompts of class names as the tower takes them; with `further`, of their aliases too, and descriptions as fixed
/// embeddings.
ClassPrompts class_prompts(const ClapModel& model, const ClassList& classes, bool further);

/// [2, N, h] to start from, and what it is called in the recipe: what was given, the template's words, or N(0, 0.02).
struct InitialContexts {
  at::Tensor contexts;
  std::string name;
};
InitialContexts initial_contexts(const ClapModel& model, const TunerOptions& options, const std::string& text_template,
                                 const std::optional<StartingContexts>& start);

/// The contexts with the lowest held-out loss so far.
struct Best {
  at::Tensor contexts;
  double loss = INFINITY;
  int looks_since = 0;

  void consider(const at::Tensor& current, double held_out_loss) {
    ++looks_since;
    if (held_out_loss < loss) {
      loss = held_out_loss;
      contexts = current.clone();
      looks_since = 0;
    }
  }
};

/// Progress, losses and looks for the watcher, at a bounded rate.
class TuningWatch {
 public:
  /// `control` may be null.
  TuningWatch(const TunerFn& watch, TunerReport& report, const JobControl* control)
      : watch_(watch), report_(report), worked_(control) {}
  /// Whether anybody watches.
  [[nodiscard]] bool watched() const { return static_cast<bool>(watch_); }
  /// What is known of the steps when the encoding of the captions begins: how many there will be, and what each takes.
  void expect(int steps, double seconds_a_step);
  void encoding(double fraction);  ///< 0..1 of the captions
  /// The losses and looks of an earlier run of the same tuning, as if they had been seen.
  void earlier(std::vector<CurvePoint> steps, const std::vector<HeldOutPoint>& looks, int total);
  /// Steps are expected to end at `total`; the time left is estimated from the steps alone, pauses taken off.
  void step(const CurvePoint& point, int total);
  void look(const HeldOutPoint& point);
  /// "done", or "stopped" where it got to.
  void finish(bool cancelled);

 private:
  using Clock = std::chrono::steady_clock;
  void send(const std::string& stage, double fraction, double seconds_left, bool now);

  const TunerFn& watch_;
  TunerReport& report_;
  std::size_t sent_points_ = 0;
  std::size_t earlier_steps_ = 0;
  std::optional<HeldOutPoint> unsent_look_;
  Clock::time_point last_{};
  double fraction_ = 0.0;         ///< last told
  WorkClock worked_;              ///< on the captions; from the first step on: since then
  double seconds_a_step_ = -1.0;  ///< expected; negative: not known
  int expected_steps_ = 0;
};

}  // namespace hearsay
