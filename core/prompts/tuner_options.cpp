// What a tuning run may be asked for, and what a recipe stands for.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "prompts/tuner.h"
#include "prompts/tuning_run.h"

namespace hearsay {
namespace {

// Passes over more captions than the bank gives.
constexpr int kFewestOfMany = 200;
constexpr int kMostOfMany = 400;

[[noreturn]] void refuse(const std::string& setting, const std::string& range) {
  throw Error(ErrorKind::Usage, "The " + setting + " must be " + range + ".");
}

/// NaN is outside every range.
void check_range(const char* setting, double value, double low, double high, const char* range) {
  if (!(value >= low && value <= high)) refuse(setting, range);
}

}  // namespace

TunerOptions recipe(const std::string& name) {
  TunerOptions options;
  if (name == "paper") {
    options.recipe = "paper";
    options.batch = 24;
    options.epochs = 10;
    options.evaluate_every = 0;
    options.patience = 0;
    return options;
  }
  if (name != "fast") {
    throw Error(ErrorKind::Usage, "There is no recipe called \"" + name + "\". Choose fast or paper.");
  }
  // Chosen by measuring, see TUNING.md beside this file: all captions in every step, contexts that start as the
  // template's words, a rate that stays and then falls to zero.
  options.recipe = "fast";
  options.start_from_template = true;
  options.choose_weights = true;
  options.anchors = true;
  options.offsets = true;
  options.context_length = 0;
  options.falling_rate = 0.0105;
  options.batch = 0;
  options.epochs = 0;
  options.evaluate_every = 5;
  options.patience = 8;
  return options;
}

void check_options(const TunerOptions& options) {
  recipe(options.recipe);
  if (options.context_length != 0) {
    check_range("number of context tokens", options.context_length, 4, 64, "between 4 and 64, or 0 to go by the model");
  }
  if (!(options.learning_rate > 0.0 && options.learning_rate <= 1.0)) {
    refuse("learning rate", "a number above 0 and at most 1");
  }
  check_range("falling learning rate", options.falling_rate, 0.0, 1.0, "between 0 and 1, 0 for one that stays");
  check_range("beta1 of AdamW", options.beta1, 0.0, 0.999999, "between 0 and 1, 1 excluded");
  check_range("beta2 of AdamW", options.beta2, 0.0, 0.999999, "between 0 and 1, 1 excluded");
  if (!(options.epsilon > 0.0 && options.epsilon <= 1.0)) refuse("epsilon of AdamW", "above 0 and at most 1");
  check_range("weight decay", options.weight_decay, 0.0, 1.0, "between 0 and 1");
  check_range("pull towards the template", options.template_pull, 0.0, 1e4, "between 0 and 10000");
  check_range("batch", options.batch, 0, 1e6, "between 1 and 1000000, or 0 for all captions in every step");
  check_range("number of epochs", options.epochs, 0, 1e5, "between 1 and 100000, or 0 to go by the number of classes");
  check_range("number of steps", options.steps, 0, 1e6, "between 1 and 1000000, or 0 to let the recipe decide");
  check_range("share held out", options.hold_out_one_in, 2, 1000, "one in 2 to one in 1000");
  check_range("number of steps between looks at held-out text", options.evaluate_every, 0, 1e6,
              "between 1 and 1000000, or 0 for one look an epoch");
  check_range("patience", options.patience, 0, 1e6, "between 1 and 1000000 looks, or 0 to never stop early");
  if (options.class_chunk == 0) refuse("number of classes a pass", "at least 1");
}

StepSpeed step_speed(const TextTower& tower) {
  return tower.width() > kWideTower && !tower.contexts_once() ? StepSpeed::Slow : StepSpeed::Quick;
}

TunerOptions options_in_use(const TunerOptions& options, StepSpeed speed) {
  TunerOptions used = options;
  if (used.context_length == 0) used.context_length = speed == StepSpeed::Slow ? 5 : 13;
  if (used.steps > 0) {
    used.further_prompts = false;
    used.template_pull = 0.0;
    used.choose_weights = false;
    used.falling_rate = 0.0;
    used.anchors = false;
    used.offsets = false;
  }
  return used;
}

Pace pace_for(const TunerOptions& options, std::size_t classes, std::size_t captions, StepSpeed speed) {
  const std::size_t bank = std::max<std::size_t>(1200, 40 * classes);  // captions that come of names
  const bool many = captions > bank;
  const int by_classes = std::clamp(static_cast<int>(20000 / (classes * classes)), 135, 350);
  Pace pace;
  pace.passes = options.epochs > 0 ? options.epochs : by_classes;
  if (options.falling_rate == 0.0) {
    pace.rate = options.learning_rate;
    pace.beta1 = options.beta1;
    pace.beta2 = options.beta2;
    return pace;
  }
  if (many && options.epochs == 0) {
    pace.passes = kFewestOfMany;
    pace.by_template = speed == StepSpeed::Quick;
  }
  pace.rate = options.falling_rate;
  pace.held = many ? 0.05 : 0.7;
  pace.beta1 = 0.95;
  pace.beta2 = many ? 0.99 : 0.95;
  return pace;
}

int passes_by(double template_loss) {
  if (std::isnan(template_loss)) return kMostOfMany;
  return static_cast<int>(std::clamp(kFewestOfMany + 85.0 * template_loss, 1.0 * kFewestOfMany, 1.0 * kMostOfMany));
}

std::size_t pairs_of(const std::vector<Caption>& captions, bool multi_label) {
  std::size_t pairs = 0;
  for (const Caption& caption : captions) pairs += multi_label ? 1 : caption.labels.size();
  return pairs;
}

int likely_steps(const TunerOptions& options, const Pace& pace, std::size_t pairs) {
  if (options.steps > 0) return options.steps;
  const std::size_t batch = options.batch == 0 ? pairs : static_cast<std::size_t>(options.batch);
  return (pace.by_template ? passes_by(1.0) : pace.passes) * static_cast<int>((pairs + batch - 1) / batch);
}

std::string recipe_json(const TunerOptions& options, const Pace& pace, int context_length, int steps,
                        const std::string& start) {
  const nlohmann::ordered_json json = {
      {"name", options.recipe},
      {"context_length", context_length},
      {"learning_rate", options.learning_rate},
      {"beta1", pace.beta1},
      {"beta2", pace.beta2},
      {"epsilon", options.epsilon},
      {"weight_decay", options.weight_decay},
      {"falling_rate", options.falling_rate},
      {"held", pace.held},
      {"batch", options.batch},
      {"epochs", pace.passes},
      {"plain", options.steps > 0},
      {"steps", steps},
      {"multi_label", options.multi_label},
      {"hold_out_one_in", options.hold_out_one_in},
      {"evaluate_every", options.evaluate_every},
      {"patience", options.patience},
      {"start", start},
      {"further_prompts", options.further_prompts},
      {"template_pull", options.template_pull},
      {"choose_weights", options.choose_weights},
      {"anchors", options.anchors},
      {"offsets", options.offsets},
      {"reference_sounds", std::filesystem::path(options.reference_sounds).filename().string()},
      {"unseen", options.unseen}};
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string TunerReport::to_json() const {
  using Json = nlohmann::ordered_json;
  const auto accuracy = [](const TextAccuracy& a) -> Json {
    return {{"zero_shot", a.zero_shot}, {"coarse", a.coarse}, {"fine", a.fine}, {"fused", a.fused}};
  };
  Json json;
  json["steps"] = Json::array();
  for (const CurvePoint& p : steps) {
    json["steps"].push_back(
        {{"step", p.step}, {"loss", p.loss}, {"coarse_loss", p.coarse_loss}, {"fine_loss", p.fine_loss}});
  }
  json["held_out_text"] = accuracy(held_out);
  json["score_weights"] = {{"coarse", weights.coarse}, {"fine", weights.fine}, {"zero_shot", weights.zero_shot}};
  json["held_out_captions"] = held_out_captions;
  json["training_captions"] = training_captions;
  json["held_out_curve"] = Json::array();
  for (const HeldOutPoint& p : held_out_curve) {
    Json entry = accuracy(p.accuracy);
    entry["step"] = p.step;
    json["held_out_curve"].push_back(std::move(entry));
  }
  if (unseen) {
    const TextAccuracy among_all = seen.value_or(held_out);
    const TextAccuracy mean = harmonic_mean(among_all, *unseen);
    json["unseen_text"] = accuracy(*unseen);
    json["seen_text"] = accuracy(among_all);
    json["harmonic_means"] = accuracy(mean);
    json["harmonic_mean"] = mean.fused;
  }
  json["held_out_loss"] = held_out_loss;
  json["helped"] = helped;
  json["cancelled"] = cancelled;
  json["notes"] = notes;
  json["seconds"] = seconds;
  json["seconds_encoding"] = seconds_encoding;
  if (resumed_after > 0) json["resumed_after"] = resumed_after;
  json["device"] = device;
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace hearsay
