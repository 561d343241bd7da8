// prompts show | export | verify | reweigh | thresholds
#include <array>
#include <cstdio>
#include <filesystem>
#include <map>
#include <optional>

#include "base/error.h"
#include "base/files.h"
#include "base/words.h"
#include "cli/commands.h"
#include "cli/kept.h"
#include "prompts/fused_score.h"

namespace hearsay::cli {
namespace {

struct Options {
  std::string file;
  std::string format;
  std::string out;
  std::vector<double> weights;
  std::optional<double> offsets;
  bool no_anchors = false;
  std::string reference_sounds;
  std::vector<std::string> thresholds;  ///< NAME=NUMBER
  std::string others;
};

int show(const Options& options) {
  std::string text = describe_prompts(load_prompts(options.file));
  if (!text.ends_with('\n')) text += '\n';
  write_results({}, text);
  return kDone;
}

int export_set(Session& session, const Options& options) {
  check_can_save(options.out);
  check_not_read(options.out, {options.file});
  export_prompts(load_prompts(options.file), options.format, options.out);
  session.console.say("Saved " + options.out + ".");
  return kDone;
}

int verify(Session& session, const Options& options) {
  const PromptSet prompts = load_prompts(options.file);
  const auto model = load_model(session);
  check_prompts_fit(prompts, *model, options.file);
  session.console.say(hearsay::quoted(options.file) + " was made with this model (fingerprint " +
                      prompts.model_fingerprint + ").");
  return kDone;
}

FusedChange change_of(const Options& options) {
  FusedChange change;
  if (!options.weights.empty()) change.weights = {options.weights[0], options.weights[1], options.weights[2]};
  change.offsets = options.offsets;
  change.anchors = !options.no_anchors;
  return change;
}

/// "10 % coarse, 10 % fine, 80 % zero-shot (anchored), less 0.5 of what a class gives the model's reference sounds"
std::string fused_in_words(const PromptSet& prompts, double share, const std::string& sounds) {
  const ScoreWeights& weights = prompts.weights;
  std::array<char, 32> number{};
  std::snprintf(number.data(), number.size(), "%.4g", share);
  return percent(weights.coarse / weights.sum()) + " coarse, " + percent(weights.fine / weights.sum()) + " fine, " +
         percent(weights.zero_shot / weights.sum()) + " zero-shot" +
         (prompts.anchored.empty() || weights.zero_shot == 0.0 ? "" : " (anchored)") +
         (share == 0.0 ? ", without offsets"
                       : std::string(", less ") + number.data() + " of what a class gives " +
                             (sounds.empty() ? "the model's reference sounds" : hearsay::quoted(sounds)));
}

int reweigh(Session& session, const Options& options) {
  check_can_save(options.out);
  check_not_read(options.out, {options.reference_sounds});
  check_not_of_model(session, options.out);
  if (options.weights.empty() && !options.offsets && !options.no_anchors && options.reference_sounds.empty()) {
    throw Error(ErrorKind::Usage, "Say what to change: --weights, --offsets, --no-anchors or --reference-sounds.");
  }
  PromptSet prompts = load_prompts(options.file);
  const FusedChange change = change_of(options);
  check_change(prompts, change);
  const double share = share_after(prompts, change);
  if (share == 0.0 && !options.reference_sounds.empty()) {
    throw Error(ErrorKind::Usage, "--reference-sounds are for offsets, and there would be none: add --offsets 0.5.");
  }
  const auto model = load_model(session);
  check_prompts_fit(prompts, *model, options.file);
  ReferenceSounds sounds;
  if (share > 0.0) {
    sounds = options.reference_sounds.empty()
                 ? reference_sounds(*model)
                 : read_reference_sounds(options.reference_sounds, model->info().embedding_dim);
  }
  change_fused(prompts, change, sounds);
  save_or_keep(options.out, "tuned", "The prompts were",
               [&](const std::filesystem::path& place) { save_prompts(prompts, place); });
  session.console.say("Saved " + options.out +
                      ". Its fused score: " + fused_in_words(prompts, share, options.reference_sounds) + ".");
  if (prompts.preferred != ScoreKind::Fused) {
    session.console.say("The set prefers " + std::string(score_name(prompts.preferred)) +
                        " scores, as before; --scores fused takes these.");
  }
  return kDone;
}

/// Where an event of a class begins, and what `classify --threshold own` goes by.
int set_thresholds(Session& session, const Options& options) {
  check_can_save(options.out);
  if (options.thresholds.empty() && options.others.empty()) {
    throw Error(ErrorKind::Usage, "Say which: \"siren=0.8\", or --others 0.5 for all that are not named.");
  }
  PromptSet prompts = load_prompts(options.file);
  if (!options.others.empty()) {
    prompts.thresholds.assign(prompts.size(), share_from(options.others, "--others takes a number from 0 to 1"));
  }
  prompts.thresholds.resize(prompts.size(), kUsualThreshold);
  const std::map<std::string, int> places = classes_by_name(prompts.classes);
  for (const std::string& one : options.thresholds) {
    const auto sign = one.rfind('=');
    if (sign == std::string::npos) {
      throw Error(ErrorKind::Usage, hearsay::quoted(one) + " is not NAME=NUMBER, as in \"car horn=0.8\".");
    }
    const auto found = places.find(fold_name(one.substr(0, sign)));
    if (found == places.end()) {
      throw Error(ErrorKind::Usage, hearsay::quoted(one.substr(0, sign)) + " is none of the set's classes.");
    }
    prompts.thresholds[static_cast<std::size_t>(found->second)] =
        share_from(one.substr(sign + 1), "A threshold is a number from 0 to 1; " + hearsay::quoted(one) + " has none");
  }
  save_or_keep(options.out, "tuned", "The prompts were",
               [&](const std::filesystem::path& place) { save_prompts(prompts, place); });
  session.console.say("Saved " + options.out + ".");
  return kDone;
}

void add_thresholds(CLI::App& prompts, Session& session, const std::shared_ptr<Options>& options) {
  CLI::App* command = prompts.add_subcommand("thresholds", "Set from which probability on each class counts as heard");
  command->footer("`listen --events`, `classify --threshold own` and Listen in the window go by them.");
  command->add_option("set", options->file, "A prompt set (.safetensors)")->required();
  add_list(*command, "thresholds", options->thresholds, "Names with a number from 0 to 1: \"car horn=0.8\"");
  command->add_option("--others", options->others, "For all classes that are not named (default: as they were)");
  command->add_option("-o,--out", options->out, "The file to write; may be the set itself")->required();
  add_quiet_option(*command, session);
  command->callback(
      [&session, options] { session.action = [&session, options] { return set_thresholds(session, *options); }; });
}

void add_reweigh(CLI::App& prompts, Session& session, const std::shared_ptr<Options>& options) {
  CLI::App* command = prompts.add_subcommand("reweigh", "Put a tuned set's fused score together differently");
  command->footer("Nothing is tuned anew. eval tells how right the set is on labelled sounds before and after.");
  command->add_option("set", options->file, "A tuned prompt set (.safetensors)")->required();
  command
      ->add_option("--weights", options->weights,
                   "Of coarse, fine and zero-shot, compared with one another: 0.1,0.1,0.8 (1,1,0: the paper's; "
                   "default: the set's)")
      ->delimiter(',')
      ->expected(3)
      ->allow_extra_args(false)
      ->type_name("C,F,Z");
  command->add_option(
      "--offsets", options->offsets,
      "Share taken off of what a class gives every sound, 0 to 1; 0: none (default: the set's, by tune 0.5)");
  command->add_flag("--no-anchors", options->no_anchors, "Zero-shot does not lean on names that the model has met");
  command->add_option("--reference-sounds", options->reference_sounds,
                      "The sounds that offsets are measured on, by embed --audio (default: the model's own)");
  command->add_option("-o,--out", options->out, "The file to write")->required();
  add_common_options(*command, session);
  command->callback(
      [&session, options] { session.action = [&session, options] { return reweigh(session, *options); }; });
}

}  // namespace

void add_prompts(CLI::App& app, Session& session) {
  CLI::App* prompts = app.add_subcommand("prompts", "Look at, export and check prompt sets");
  prompts->require_subcommand(1);
  const auto options = std::make_shared<Options>();

  CLI::App* showing = prompts->add_subcommand("show", "Classes, model, recipe and results, as JSON");
  showing->add_option("set", options->file, "A prompt set (.safetensors)")->required();
  add_quiet_option(*showing, session);
  showing->callback([&session, options] { session.action = [options] { return show(*options); }; });

  CLI::App* exporting = prompts->add_subcommand("export", "For other programs");
  exporting->add_option("set", options->file, "A prompt set (.safetensors)")->required();
  exporting->add_option("--format", options->format, "json, csv or npz")->required();
  exporting->add_option("-o,--out", options->out, "The file to write")->required();
  add_quiet_option(*exporting, session);
  exporting->callback(
      [&session, options] { session.action = [&session, options] { return export_set(session, *options); }; });

  CLI::App* verifying = prompts->add_subcommand("verify", "Was it made with this model?");
  verifying->add_option("set", options->file, "A prompt set (.safetensors)")->required();
  add_common_options(*verifying, session);
  verifying->callback(
      [&session, options] { session.action = [&session, options] { return verify(session, *options); }; });
  add_reweigh(*prompts, session, options);
  add_thresholds(*prompts, session, options);
}

}  // namespace hearsay::cli
