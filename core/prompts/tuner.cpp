#include "prompts/tuner.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/error.h"
#include "base/files.h"
#include "base/held_memory.h"
#include "model/matrices.h"
#include "model/torch_errors.h"
#include "prompts/adamw.h"
#include "prompts/batch_order.h"
#include "prompts/familiarity.h"
#include "prompts/feature_cache.h"
#include "prompts/reference_sounds.h"
#include "prompts/score_weights.h"
#include "prompts/step_losses.h"
#include "prompts/step_time.h"
#include "prompts/tuning_checkpoint.h"
#include "prompts/tuning_run.h"
#include "prompts/tuning_state.h"
#include "prompts/unread_names.h"

namespace hearsay {
namespace {

class Run {
 public:
  Run(const ClapModel& model, const ClassList& classes, const CaptionSet& captions, const TunerOptions& options,
      const std::string& text_template, JobControl* control, const TunerFn& watch,
      const std::optional<StartingContexts>& start, TuningCheckpoint* checkpoint,
      std::shared_ptr<const TuningState> earlier)
      : model_(model),
        options_(options),
        control_(control),
        worked_(control),
        checkpoint_(checkpoint),
        earlier_(std::move(earlier)),
        classes_(classes, options.unseen),
        text_(divide_captions(captions, classes_, options)),
        pace_(pace_for(options, classes_.seen.size(), text_.train.size(), step_speed(model.text_tower()))),
        initial_(initial_contexts(model, options, text_template, start)),
        learner_(model.text_tower(), class_prompts(model, classes_.seen_classes(), options.further_prompts),
                 initial_.contexts.clone(), options.class_chunk),
        watch_(watch, result_.report, control),
        optimiser_({pace_.rate, pace_.beta1, pace_.beta2, options.epsilon, options.weight_decay}) {
    result_.prompts = zero_shot_prompts(model, classes, text_template, control);
    result_.prompts.text_hash = captions.hash();
    if (options.offsets) {
      sounds_ = options.reference_sounds.empty()
                    ? reference_sounds(model)
                    : read_reference_sounds(options.reference_sounds, model.info().embedding_dim);
    }
    zero_shot_all_ = to_tensor(result_.prompts.zero_shot, device());
    zero_shot_ = zero_shot_all_.index_select(0, at::tensor(classes_.seen, at::kLong).to(device()));
  }

  TunerResult run() {
    prepare();
    result_.report.seconds_encoding =
        worked_.seconds() - seconds_of_trial_ + (earlier_ ? earlier_->seconds_encoding : 0.0);
    descend();
    finish();
    result_.report.seconds = seconds();
    watch_.finish(result_.report.cancelled);
    return std::move(result_);
  }

 private:
  [[nodiscard]] at::Device device() const { return model_.text_tower().device(); }
  [[nodiscard]] double scale() const { return model_.info().logit_scale; }
  [[nodiscard]] bool plain() const { return options_.steps > 0; }
  /// Whether text that was not trained on says how good the contexts are: not in plain runs, nor with one caption a
  /// class.
  [[nodiscard]] bool judged() const { return result_.report.held_out_captions > 0; }
  /// Spent on this tuning, by earlier runs too.
  [[nodiscard]] double seconds() const { return worked_.seconds() + (earlier_ ? earlier_->seconds : 0.0); }
  [[nodiscard]] bool going_on() const { return control_ == nullptr || control_->keep_going(); }

  /// Encodes all captions and lays out what every step and look needs.
  void prepare() {
    const std::size_t total = text_.train.size() + text_.held_out.size() + text_.unseen.size();
    std::size_t done = 0;
    std::optional<FeatureCache> cache;
    if (options_.caption_cache) cache.emplace(model_);
    const auto encode = [&](std::vector<Caption>& captions) {
      const double share = static_cast<double>(captions.size()) / static_cast<double>(total);
      const double before = static_cast<double>(done) / static_cast<double>(total);
      done += captions.size();
      return CaptionFeatures::encode(
          model_, std::move(captions), control_, [&](double part) { watch_.encoding(before + share * part); },
          cache ? &*cache : nullptr);
    };
    result_.report.training_captions = static_cast<int>(text_.train.size());
    result_.report.held_out_captions = static_cast<int>(text_.held_out.size());
    result_.measured = measured_captions(text_, classes_);
    note_long_captions(model_, text_);
    result_.report.notes = text_.notes;
    tell_what_to_expect();
    train_.emplace(encode(text_.train));
    const CaptionFeatures held_out = encode(text_.held_out);
    const CaptionFeatures unseen = encode(text_.unseen);
    if (cache) result_.report.caption_cache = cache->summary();
    cache.reset();
    if (const std::string& said = result_.report.caption_cache; !said.empty()) result_.report.notes.push_back(said);
    const std::vector<TrainingPair> pairs = train_->pairs(options_.multi_label);
    order_.emplace(pairs, options_.batch, seed_from("batches", options_.seed));
    if (order_->whole()) whole_ = train_->batches(pairs, classes_.seen.size(), device());
    // Where nothing is held out the accuracies are those of the text that was trained on.
    const CaptionFeatures& measured = judged() ? held_out : *train_;
    const std::vector<TrainingPair> each = measured.pairs(true);
    const bool there_already = !judged() && order_->whole() && each.size() == pairs.size();
    held_out_ = there_already ? whole_ : measured.batches(each, classes_.seen.size(), device());
    unseen_ = unseen.batches(unseen.pairs(true), classes_.all.size(), device());
    if (order_->whole()) train_.reset();
    if (pace_.by_template) {
      const at::Tensor both = zero_shot_.expand({2, -1, -1});
      pace_.passes = passes_by(look_at_held_out(held_out_, both, zero_shot_, scale(), options_.multi_label).loss);
    }
  }

  /// So that the time left is known while captions are encoded, which the trial is no part of.
  void tell_what_to_expect() {
    if (!watch_.watched()) return;
    watch_.encoding(0.0);
    const WorkClock trial(control_);
    const std::size_t pairs = pairs_of(text_.train, options_.multi_label);
    const std::size_t batch = options_.batch == 0 ? pairs : std::min(pairs, static_cast<std::size_t>(options_.batch));
    const double a_step =
        likely_step_seconds(model_, classes_.seen_classes(), options_, initial_.contexts, batch, control_);
    watch_.expect(earlier_ ? earlier_->steps - earlier_->step : likely_steps(options_, pace_, pairs), a_step);
    seconds_of_trial_ = trial.seconds();
  }

  void descend() {
    const int epoch = order_->steps_an_epoch();
    const int total = plain() ? options_.steps : pace_.passes * epoch;
    const int every = options_.evaluate_every > 0 ? options_.evaluate_every : epoch;
    take_up(total);
    for (int step = result_.report.resumed_after + 1; step <= total; ++step) {
      keep(step - 1, total);
      if (!going_on()) {
        keep(step - 1, total);  // what ends it may be that the program closes: then the time has come
        result_.report.cancelled = true;
        break;
      }
      std::vector<FeatureBatch> drawn;
      if (!order_->whole()) drawn = train_->batches(order_->next(), classes_.seen.size(), device());
      CurvePoint point{step, 0.0, 0.0, 0.0};
      const bool look = judged() && (step - 1) % every == 0;
      const double share = rate_share(step, total, pace_.held);
      const at::Tensor gradient = learner_.gradient([&](const at::Tensor& embeddings) {
        if (look) look_at(embeddings, step - 1);  // of the contexts before this step's move
        const StepLosses losses =
            step_losses(order_->whole() ? whole_ : drawn, embeddings, scale(), options_.multi_label);
        point = {step, losses.sum(), losses.coarse, losses.fine};
        pull(embeddings, share * options_.template_pull);
      });
      if (!std::isfinite(point.loss)) {
        fall_back(step - 1);
        break;
      }
      if (look && options_.patience > 0 && best_.looks_since >= options_.patience) break;
      if (!best_.contexts.defined()) sound_ = learner_.contexts().clone();
      optimiser_.step(learner_.contexts(), gradient, share);
      watch_.step(point, total);
    }
    if (result_.report.cancelled && result_.report.steps.empty()) {
      if (checkpoint_ != nullptr && !checkpoint_->keep_unbegun()) checkpoint_->finish(result_.report);
      throw Error(ErrorKind::Cancelled, "Tuning was stopped before its first step; nothing was changed.");
    }
  }

  /// The move of this step led to contexts that give no numbers: back to the best, or to those before it.
  void fall_back(int step) {
    const at::Tensor& kept = best_.contexts.defined() ? best_.contexts : sound_;
    if (!kept.defined()) {
      throw Error(ErrorKind::Usage,
                  earlier_ ? "The contexts that the earlier run had come to give no number as their loss. Discard it, "
                             "and begin again with a lower learning rate."
                           : "The contexts to start from give no number as their loss: they, or the model's weights, "
                             "hold values that are too large. Start from the template, or take another model.");
    }
    learner_.contexts().copy_(kept);
    fell_back_ = true;
    result_.report.notes.push_back(
        "Step " + std::to_string(step) + " led to contexts that give no number as their loss; " +
        (judged() ? "the best" : "those") + " before it are kept. Try a lower learning rate.");
  }

  /// Begins behind the last step of an earlier run, where there was one.
  void take_up(int total) {
    if (!earlier_) return;
    const TuningState& state = *earlier_;
    const at::IntArrayRef shape = learner_.contexts().sizes();
    if (state.steps != total || state.contexts.rows != 2 * shape[1] || state.contexts.cols != shape[2]) {
      throw Error(ErrorKind::BadFormat, quoted(checkpoint_->file()) +
                                            " does not fit the tuning it names: it is of another version of Hearsay. "
                                            "Name another file, or begin the tuning again without it.");
    }
    const auto restored = [&](const Matrix& matrix) {
      return matrix.empty() ? at::Tensor() : to_tensor(matrix, device()).reshape(shape);
    };
    learner_.contexts().copy_(restored(state.contexts));
    optimiser_.restore({restored(state.mean), restored(state.square), state.step});
    best_ = {restored(state.best_contexts), state.best_loss, state.looks_since_best};
    order_->skip(state.step);
    watch_.earlier(state.curve, state.looks, total);
    result_.report.resumed_after = state.step;
  }

  /// Writes the state between two steps, when it is time to.
  void keep(int step, int total) const {
    const bool there_already = earlier_ && step == earlier_->step;
    if (checkpoint_ == nullptr || there_already || !checkpoint_->due()) return;
    if (!at::isfinite(learner_.contexts()).all().item<bool>()) return;  // nobody could go on with these
    const auto rows = [](const at::Tensor& tensor) {
      return tensor.defined() ? to_matrix(tensor.reshape({-1, tensor.size(2)})) : Matrix();
    };
    TuningState state;
    state.step = step;
    state.steps = total;
    state.contexts = rows(learner_.contexts());
    state.mean = rows(optimiser_.state().mean);
    state.square = rows(optimiser_.state().square);
    state.best_contexts = rows(best_.contexts);
    state.best_loss = best_.loss;
    state.looks_since_best = best_.looks_since;
    state.curve = result_.report.steps;
    state.looks = result_.report.held_out_curve;
    state.seconds = seconds();
    state.seconds_encoding = result_.report.seconds_encoding;
    checkpoint_->save(state);
  }

  /// Towards the template's embeddings.
  void pull(const at::Tensor& embeddings, double weight) const {
    if (weight <= 0.0) return;
    const at::Tensor away = (embeddings - zero_shot_.unsqueeze(0)).square().sum(-1);  // [2, K]
    (away.sum(0).mean() * weight).backward();
  }

  HeldOutResult look_at(const at::Tensor& embeddings, int step) {
    const HeldOutResult look =
        look_at_held_out(held_out_, embeddings.detach(), zero_shot_, scale(), options_.multi_label);
    best_.consider(learner_.contexts(), look.loss);
    if (std::isfinite(look.loss)) watch_.look({step, look.accuracy});
    return look;
  }

  void finish() {
    const int steps = static_cast<int>(result_.report.steps.size());
    at::Tensor embeddings = learner_.embed();
    if (!at::isfinite(embeddings).all().item<bool>()) {
      fall_back(steps);
      embeddings = learner_.embed();
    }
    const std::vector<HeldOutPoint>& looks = result_.report.held_out_curve;
    const bool looked = fell_back_ || (!looks.empty() && looks.back().step == steps);
    HeldOutResult kept = looked || !judged()
                             ? look_at_held_out(held_out_, embeddings, zero_shot_, scale(), options_.multi_label)
                             : look_at(embeddings, steps);
    if (best_.contexts.defined() && best_.looks_since > 0) {
      learner_.contexts().copy_(best_.contexts);
      embeddings = learner_.embed();
      kept = look_at_held_out(held_out_, embeddings, zero_shot_, scale(), options_.multi_label);
    }
    if (options_.choose_weights && judged()) kept = weigh(embeddings);
    const std::string alike =
        not_told_apart_in_words(classes_.all, unread_names(classes_.all, model_, options_.further_prompts));
    judge(kept, plain(), alike, result_.report);
    fill_prompts(steps, classes_.unseen.empty() ? embeddings : embed_all());
    if (checkpoint_ != nullptr && !checkpoint_->problem().empty()) {
      result_.report.notes.push_back(checkpoint_->problem());
    }
  }

  /// The weights of the fused score by held-out text, and how the prompts do with them.
  HeldOutResult weigh(const at::Tensor& embeddings) {
    const ScoreWeights weights = choose_score_weights(held_out_, embeddings, zero_shot_, scale(), options_.multi_label);
    result_.report.weights = result_.prompts.weights = weights;
    return look_at_held_out(held_out_, embeddings, zero_shot_, scale(), options_.multi_label, weights);
  }

  /// Of the classes held out of tuning too.
  [[nodiscard]] at::Tensor embed_all() const {
    return PromptLearner(model_.text_tower(), class_prompts(model_, classes_.all, options_.further_prompts),
                         learner_.contexts(), options_.class_chunk)
        .embed();
  }

  /// `embeddings` [2, K, d] of all classes.
  void fill_prompts(int steps, const at::Tensor& embeddings) {
    PromptSet& prompts = result_.prompts;
    TunerReport& report = result_.report;
    std::vector<FeatureBatch> measured =
        classes_.unseen.empty() ? held_out_ : among_all_classes(held_out_, classes_.seen, classes_.all.size());
    if (!unseen_.empty()) {
      const auto accuracy = [&](const std::vector<FeatureBatch>& batches) {
        return look_at_held_out(batches, embeddings, zero_shot_all_, scale(), options_.multi_label, prompts.weights)
            .accuracy;
      };
      report.unseen = accuracy(unseen_);
      report.seen = accuracy(measured);
    }
    measured.insert(measured.end(), unseen_.begin(), unseen_.end());
    result_.gains = class_gains(measured, embeddings, zero_shot_all_, prompts.weights);
    for (const int k : classes_.unseen) prompts.unseen.push_back(classes_.all[static_cast<std::size_t>(k)].name);
    prompts.tuned = true;
    prompts.coarse_context = to_matrix(learner_.contexts()[0]);
    prompts.fine_context = to_matrix(learner_.contexts()[1]);
    prompts.coarse = to_matrix(embeddings[0]);
    prompts.fine = to_matrix(embeddings[1]);
    if (options_.anchors) {
      Familiarity heard = familiarity(model_, prompts);
      if (std::string said = new_names_in_words(prompts.classes, heard); !said.empty()) {
        report.notes.push_back(std::move(said));
      }
      prompts.anchored = std::move(heard.anchored);
    }
    if (options_.offsets) prompts.offsets = hub_offsets(prompts, sounds_);
    prompts.preferred = report.helped || plain() ? ScoreKind::Fused : ScoreKind::ZeroShot;
    TunerOptions done = options_;
    if (!judged()) done.hold_out_one_in = 0;
    prompts.recipe = recipe_json(done, pace_, static_cast<int>(prompts.coarse_context.rows), steps, initial_.name);
    prompts.seed = options_.seed;
    prompts.curve = report.steps;
    prompts.held_out_curve = report.held_out_curve;
    prompts.held_out = report.held_out;
    report.device = model_.device().name;
  }

  const ClapModel& model_;
  const TunerOptions& options_;
  JobControl* control_;
  WorkClock worked_;
  TuningCheckpoint* checkpoint_;
  std::shared_ptr<const TuningState> earlier_;  ///< to go on from; null: from the start
  ReferenceSounds sounds_;
  TuningClasses classes_;
  TuningText text_;
  Pace pace_;
  InitialContexts initial_;
  PromptLearner learner_;
  TunerResult result_;
  TuningWatch watch_;
  at::Tensor zero_shot_all_;  ///< [K, d]
  at::Tensor zero_shot_;      ///< of the seen classes
  std::optional<CaptionFeatures> train_;
  std::optional<BatchOrder> order_;
  std::vector<FeatureBatch> whole_;  ///< all training captions, for full batches
  std::vector<FeatureBatch> held_out_;
  std::vector<FeatureBatch> unseen_;
  AdamW optimiser_;
  Best best_;
  at::Tensor sound_;  ///< the last contexts whose loss was a number, where no look says which are the best
  bool fell_back_ = false;
  double seconds_of_trial_ = 0.0;
};

}  // namespace

TunerResult tune(const ClapModel& model, const ClassList& classes, const CaptionSet& captions,
                 const TunerOptions& options, const std::string& text_template, JobControl* control,
                 const TunerFn& watch, const std::optional<StartingContexts>& start, TuningCheckpoint* checkpoint) {
  check_options(options);
  const TunerOptions used = options_in_use(options, step_speed(model.text_tower()));
  const HeldMemory held;
  return guarded("tuning prompts", [&] {
    std::shared_ptr<const TuningState> earlier;
    if (checkpoint != nullptr) {
      UnfinishedTuning run;
      run.identity = identify_tuning(model, classes, captions, options, text_template, start);
      run.model_name = model.info().name;
      run.classes = classes;
      run.text_template = text_template;
      run.options = options;
      run.start = start;
      earlier = checkpoint->begin(run);
      if (earlier && earlier->step == 0) earlier.reset();  // that is the beginning
    }
    try {
      return Run(model, classes, captions, used, text_template, control, watch, start, checkpoint, earlier).run();
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::Cancelled && checkpoint != nullptr) checkpoint->keep_unbegun();
      throw;
    }
  });
}

}  // namespace hearsay
