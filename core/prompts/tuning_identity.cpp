// What makes two tunings the same, and the options of a tuning as JSON.
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "model/clap_model.h"
#include "prompts/tuning_checkpoint.h"
#include "prompts/tuning_run.h"

namespace hearsay {
namespace {

using Json = nlohmann::ordered_json;

std::string dumped(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string digest_of(const ClassList& classes) {
  Json json = Json::array();
  for (const SoundClass& sound : classes) json.push_back({sound.name, sound.aliases, sound.description});
  return sha256_of(dumped(json));
}

std::string digest_of(const Matrix& matrix) {
  const std::string_view bytes(reinterpret_cast<const char*>(matrix.data.data()), matrix.data.size() * sizeof(float));
  return std::to_string(matrix.rows) + "x" + std::to_string(matrix.cols) + ":" + sha256_of(bytes);
}

}  // namespace

std::string options_to_json(const TunerOptions& options) {
  return dumped({{"recipe", options.recipe},
                 {"context_length", options.context_length},
                 {"learning_rate", options.learning_rate},
                 {"beta1", options.beta1},
                 {"beta2", options.beta2},
                 {"epsilon", options.epsilon},
                 {"weight_decay", options.weight_decay},
                 {"batch", options.batch},
                 {"epochs", options.epochs},
                 {"steps", options.steps},
                 {"multi_label", options.multi_label},
                 {"seed", options.seed},
                 {"hold_out_one_in", options.hold_out_one_in},
                 {"evaluate_every", options.evaluate_every},
                 {"patience", options.patience},
                 {"start_from_template", options.start_from_template},
                 {"further_prompts", options.further_prompts},
                 {"template_pull", options.template_pull},
                 {"choose_weights", options.choose_weights},
                 {"falling_rate", options.falling_rate},
                 {"anchors", options.anchors},
                 {"offsets", options.offsets},
                 {"reference_sounds", options.reference_sounds},
                 {"class_chunk", options.class_chunk},
                 {"unseen", options.unseen},
                 {"caption_cache", options.caption_cache}});
}

TunerOptions options_from_json(const std::string& text) {
  TunerOptions options;
  try {
    const Json json = Json::parse(text);
    const auto take = [&json](const char* key, auto& into) { json.at(key).get_to(into); };
    take("recipe", options.recipe);
    take("context_length", options.context_length);
    take("learning_rate", options.learning_rate);
    take("beta1", options.beta1);
    take("beta2", options.beta2);
    take("epsilon", options.epsilon);
    take("weight_decay", options.weight_decay);
    take("batch", options.batch);
    take("epochs", options.epochs);
    take("steps", options.steps);
    take("multi_label", options.multi_label);
    take("seed", options.seed);
    take("hold_out_one_in", options.hold_out_one_in);
    take("evaluate_every", options.evaluate_every);
    take("patience", options.patience);
    take("start_from_template", options.start_from_template);
    take("further_prompts", options.further_prompts);
    take("template_pull", options.template_pull);
    take("choose_weights", options.choose_weights);
    take("falling_rate", options.falling_rate);
    take("anchors", options.anchors);
    take("offsets", options.offsets);
    take("reference_sounds", options.reference_sounds);
    take("class_chunk", options.class_chunk);
    take("unseen", options.unseen);
    take("caption_cache", options.caption_cache);
  } catch (const nlohmann::json::exception&) {
    throw Error(ErrorKind::BadFormat, "The settings of a tuning cannot be understood. Set them again.");
  }
  check_options(options);
  return options;
}

std::string TuningIdentity::digest() const {
  return sha256_of(model + ' ' + classes + ' ' + captions + ' ' + settings);
}

TuningIdentity identify_tuning(const ClapModel& model, const ClassList& classes, const CaptionSet& captions,
                               const TunerOptions& options, const std::string& text_template,
                               const std::optional<StartingContexts>& start) {
  TunerOptions used = options_in_use(options, step_speed(model.text_tower()));
  used.caption_cache = true;  // where the features come from does not make another tuning
  std::string settings = options_to_json(used) + '\n' + text_template;
  if (start) settings += '\n' + digest_of(start->coarse) + ' ' + digest_of(start->fine);
  return {model.fingerprint(), digest_of(classes), captions.hash(), sha256_of(settings)};
}

}  // namespace hearsay
