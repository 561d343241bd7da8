// tune: a prompt set from text alone.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>

#include "base/error.h"
#include "base/files.h"
#include "cli/commands.h"
#include "cli/kept.h"
#include "prompts/captions.h"
#include "prompts/tuner.h"
#include "prompts/tuning_checkpoint.h"

namespace hearsay::cli {
namespace {

struct Options {
  ClassOptions classes;
  std::string captions;
  bool bank = false;
  std::string recipe = "fast";
  bool multi_label = false;
  std::optional<int> context;
  std::uint64_t seed = 0;
  std::optional<int> steps;
  std::optional<int> batch;
  std::optional<int> epochs;
  std::optional<double> learning_rate;
  std::optional<double> weight_decay;
  std::optional<double> pull;
  std::string unseen;
  std::string init;
  std::string out;
  std::string report;
  bool no_cache = false;
  bool no_anchors = false;
  bool no_offsets = false;
  std::string reference_sounds;
  bool further_prompts = false;
  bool resume = false;
  std::string checkpoint;
  double checkpoint_every = 10.0;  ///< seconds
};

TunerOptions tuner_options(const Options& options) {
  TunerOptions tuner = recipe(options.recipe);
  tuner.multi_label = options.multi_label;
  tuner.seed = options.seed;
  tuner.caption_cache = !options.no_cache;
  if (options.no_anchors) tuner.anchors = false;
  if (options.no_offsets) tuner.offsets = false;
  tuner.reference_sounds = options.reference_sounds;
  if (options.further_prompts) tuner.further_prompts = true;
  if (options.context) tuner.context_length = *options.context;
  if (options.steps) {
    if (*options.steps < 1) throw Error(ErrorKind::Usage, "--steps takes a number of steps, 1 or more.");
    tuner.steps = *options.steps;
  }
  if (options.batch) tuner.batch = *options.batch;
  if (options.epochs) tuner.epochs = *options.epochs;
  if (options.learning_rate) {
    tuner.learning_rate = *options.learning_rate;
    if (tuner.falling_rate != 0.0) tuner.falling_rate = *options.learning_rate;
  }
  if (options.weight_decay) tuner.weight_decay = *options.weight_decay;
  if (options.pull) tuner.template_pull = *options.pull;
  check_options(tuner);
  return tuner;
}

std::vector<std::string> unseen_names(const Options& options, const ClassList& classes) {
  std::vector<std::string> names = split_class_names(options.unseen, classes);
  if (names.empty() && !options.unseen.empty()) {
    throw Error(ErrorKind::Usage, "--unseen names no class. Name at least one, for example \"dog, rain\".");
  }
  return names;
}

/// The person's captions, the bank's, or both when both are asked for.
CaptionSet captions_of(const Options& options, const ClassList& classes) {
  CaptionSet set;
  if (!options.captions.empty()) set = captions_from_file(options.captions, classes, !options.bank);
  if (options.bank || options.captions.empty()) {
    BankOptions bank;
    bank.seed = options.seed;
    bank.multi_label = options.multi_label;
    CaptionSet generated = captions_from_bank(classes, bank);
    std::ranges::move(generated.captions, std::back_inserter(set.captions));
    std::ranges::move(generated.warnings, std::back_inserter(set.warnings));
  }
  return set;
}

/// Plain sentences carry no labels: what their classes were found by, the most frequent first.
void tell_found(Console& console, const CaptionSet& captions, const ClassList& classes) {
  constexpr std::size_t kTold = 8;
  std::map<std::pair<int, std::string>, std::size_t> counts;
  for (const Caption& caption : captions.captions) {
    for (std::size_t i = 0; i < caption.found_by.size(); ++i) ++counts[{caption.labels[i], caption.found_by[i]}];
  }
  if (counts.empty()) return;
  std::vector<std::pair<std::pair<int, std::string>, std::size_t>> found(counts.begin(), counts.end());
  std::ranges::stable_sort(found, std::greater{}, [](const auto& entry) { return entry.second; });
  std::string text;
  for (std::size_t i = 0; i < std::min(found.size(), kTold); ++i) {
    const auto& [what, count] = found[i];
    const std::string& name = classes[static_cast<std::size_t>(what.first)].name;
    text += (i == 0 ? "" : ", ") + ('"' + what.second + '"');
    if (what.second != name) text += " (" + name + ")";
    text += " in " + std::to_string(count);
  }
  if (found.size() > kTold) text += ", and " + std::to_string(found.size() - kTold) + " more";
  console.say("Sentences were matched to classes by their words: " + text + ".");
}

void watch(Console& console, const TunerUpdate& update, double& loss) {
  if (!update.new_points.empty()) loss = update.new_points.back().loss;
  std::array<char, 32> text{};
  if (std::isfinite(loss)) std::snprintf(text.data(), text.size(), ", loss %.4f", loss);
  console.show(update.progress, text.data());
}

std::string in_words(const TextAccuracy& accuracy) {
  return "zero-shot " + percent(accuracy.zero_shot) + ", coarse " + percent(accuracy.coarse) + ", fine " +
         percent(accuracy.fine) + ", fused " + percent(accuracy.fused);
}

void tell_unseen(Console& console, const TunerReport& report) {
  if (!report.unseen || !report.seen) return;
  console.say("Classes held out of tuning, right class among all: " + in_words(*report.unseen) + ".");
  console.say("The other classes, likewise: " + in_words(*report.seen) + ".");
  console.say("Harmonic mean of the two: " + in_words(harmonic_mean(*report.seen, *report.unseen)) + ".");
}

void tell(Console& console, const TunerReport& report, const std::string& out, const std::string& problem) {
  const char* measured_on = report.held_out_captions > 0 ? "Held-out text" : "The text it was tuned on";
  console.say(std::string(measured_on) + ", right class: " + in_words(report.held_out) + ".");
  tell_unseen(console, report);
  for (const std::string& note : report.notes) {
    if (note != problem) console.say(note);  // that one was told when it happened
  }
  if (report.weights != ScoreWeights{}) {
    console.say("Fused score: " + percent(report.weights.coarse) + " coarse, " + percent(report.weights.fine) +
                " fine, " + percent(report.weights.zero_shot) + " zero-shot, chosen on held-out text.");
  }
  if (report.resumed_after > 0) {
    console.say("Went on behind step " + std::to_string(report.resumed_after) + ", where it was cut off before.");
  }
  if (report.cancelled) {
    console.say(report.held_out_captions > 0 ? "Stopped early: the best prompts so far were kept."
                                             : "Stopped early: the last prompts were kept.");
  }
  console.say("Saved " + out + " after " + counted(report.steps.size(), "step", "steps") + ", " +
              duration_text(report.seconds) + " on " + report.device + ".");
}

TuningCheckpoint::Settings checkpoint_settings(const Options& options) {
  if (!(options.checkpoint_every >= 0.0 && options.checkpoint_every <= 86400.0)) {
    throw Error(ErrorKind::Usage, "--checkpoint-every takes a number of seconds from 0 to 86400.");
  }
  for (const std::string& other : {options.out, options.report, options.captions, options.classes.classes_file,
                                   options.classes.prompts, options.init, options.reference_sounds}) {
    if (same_file(options.checkpoint, other)) {
      throw Error(ErrorKind::Usage, "--checkpoint names a file that the tuning needs for something else: " +
                                        hearsay::quoted(other) + ". Name another one.");
    }
  }
  TuningCheckpoint::Settings settings;
  settings.file = options.checkpoint;
  settings.resume = options.resume;
  settings.every = std::chrono::duration<double>(options.checkpoint_every);
  return settings;
}

/// What is written must not take the place of what is read, nor one result that of the other.
void check_places(const Options& options) {
  if (options.out.empty()) throw Error(ErrorKind::Usage, "--out takes the name of a file to write.");
  if (same_file(options.out, options.report)) {
    throw Error(ErrorKind::Usage, "--out and --report both name " + hearsay::quoted(options.out) + ". Name two files.");
  }
  const std::vector<std::filesystem::path> read = {options.captions, options.classes.classes_file,
                                                   options.reference_sounds};
  check_not_read(options.out, read);  // a prompt set may be tuned on in place
  check_not_read(options.report, read);
  check_not_read(options.report, {options.classes.prompts, options.init});
}

/// Says how to go on where the same tuning was cut off before.
void tell_unfinished(Console& console, const TuningIdentity& identity, const std::string& file) {
  std::vector<UnfinishedTuning> there;
  if (file.empty()) {
    there = unfinished_tunings();
  } else if (std::error_code code; std::filesystem::exists(file, code)) {
    there.push_back(read_unfinished(file));
  }
  for (const UnfinishedTuning& tuning : there) {
    if (tuning.identity != identity) continue;
    const std::string where =
        tuning.step == 0 ? "before its first step"
                         : "after step " + std::to_string(tuning.step) + " of at most " + std::to_string(tuning.steps);
    console.say("This tuning was cut off before, " + where + " (" + tuning.saved_at +
                "). It begins again now; to go on from there, press Ctrl-C and add --resume to the same command.");
    return;
  }
}

/// Contexts to start from, where some were named.
std::optional<StartingContexts> start_of(const Options& options) {
  const std::string file = options.init.empty() ? options.classes.prompts : options.init;
  if (file.empty()) return {};
  StartingContexts start = load_contexts(file);
  if (options.context && *options.context != 0 && *options.context != start.coarse.rows) {
    throw Error(ErrorKind::Usage, "The contexts to start from have " + std::to_string(start.coarse.rows) +
                                      " tokens, so --context " + std::to_string(*options.context) +
                                      " cannot be. Leave it out.");
  }
  return start;
}

/// A disk that is full for the one is none for the other.
void save(Session& session, const Options& options, TuningCheckpoint& checkpoint, const TunerResult& result) {
  const auto save_set = [&] {
    save_or_keep(options.out, "tuned", "The tuned prompts were",
                 [&](const std::filesystem::path& place) { save_prompts(result.prompts, place); });
    const std::string problem = checkpoint.problem();
    checkpoint.finish(result.report);
    tell(session.console, result.report, options.out, problem);
  };
  in_any_case(save_set, [&] {
    if (options.report.empty()) return;
    save_or_keep(options.report, "results", "The report was",
                 [&](const std::filesystem::path& place) { write_file_atomically(place, result.report.to_json()); });
  });
}

int run(Session& session, const Options& options) {
  TunerOptions tuner = tuner_options(options);
  TuningCheckpoint checkpoint(checkpoint_settings(options));
  check_places(options);
  for (const std::string& written : {options.out, options.report, options.checkpoint})
    check_not_of_model(session, written);
  check_can_save(options.out);
  if (!options.report.empty()) check_can_save(options.report);
  if (!options.reference_sounds.empty() && (tuner.steps > 0 || !recipe(options.recipe).offsets)) {
    throw Error(ErrorKind::Usage,
                "--reference-sounds are for offsets, of which --steps and --recipe paper make none. Leave them out.");
  }
  if (options.steps && (options.epochs || options.pull)) {
    session.console.say("--epochs and --pull have no effect beside --steps.");
  }
  const ClassList classes = options.classes.read();
  tuner.unseen = unseen_names(options, classes);
  tell_about_classes(session, classes);
  const CaptionSet captions = captions_of(options, classes);
  tell_found(session.console, captions, classes);
  for (const std::string& warning : captions.warnings) session.console.say(warning);
  const std::optional<StartingContexts> start = start_of(options);
  const auto model = load_model(session);
  tell_about_names(session, classes, *model);
  session.console.say("Tuning " + counted(classes.size(), "class", "classes") + " from " +
                      counted(captions.captions.size(), "sentence", "sentences") +
                      (captions.captions.size() > kMostTuningCaptions
                           ? ", of which at most " + std::to_string(kMostTuningCaptions) + " are used."
                           : "."));
  const std::string text_template = options.classes.template_or_default();
  if (!options.resume) {
    const TuningIdentity identity = identify_tuning(*model, classes, captions, tuner, text_template, start);
    tell_unfinished(session.console, identity, options.checkpoint);
  }
  double loss = std::nan("");
  TunerFn watching;
  if (!session.quiet) {
    watching = [&, told = false](const TunerUpdate& update) mutable {
      if (!told && !checkpoint.problem().empty()) {
        session.console.say(checkpoint.problem());
        told = true;
      }
      watch(session.console, update, loss);
    };
  }
  const TunerResult result =
      tune(*model, classes, captions, tuner, text_template, &session.control, watching, start, &checkpoint);
  save(session, options, checkpoint, result);
  return kDone;
}

}  // namespace

void add_tune(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("tune", "Tune prompts from text alone");
  command->footer("Ctrl-C, a kill and a terminal that closes stop it, and save the best prompts so far.");
  const auto options = std::make_shared<Options>();
  add_common_options(*command, session);
  options->classes.add_to(*command);
  command->add_option("--captions", options->captions, "CSV caption,label (labels separated by ;) or sentences");
  command->add_flag("--bank", options->bank, "Sentences from the bundled bank (the default without --captions)");
  command->add_option("--recipe", options->recipe, "fast or paper (default: fast)");
  command->add_flag("--multi-label", options->multi_label,
                    "Several classes may sound at once: ranking loss (scores stay shares of one)");
  command->add_option(
      "--context", options->context,
      "Learned tokens a prompt, 4 to 64, or 0: 13, with a full-size BERT or RoBERTa 5 (default: fast 0, paper 32)");
  command->add_option("--seed", options->seed, "The same seed gives the same prompts (default: 0)")
      ->check(CLI::Validator(
          [](const std::string& text) {
            const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
            return digits && text.size() <= 18 ? std::string()
                                               : "takes a whole number, 0 or more, of at most 18 digits";
          },
          "", "seed"));
  command->add_option("--init", options->init, "Start from the contexts of a prompt set or .safetensors file");
  command->add_option(
      "--steps", options->steps,
      "Exactly so many plain steps: no early stop, no selection, no held-out text, anchors, offsets or pull; fused "
      "is coarse + fine");
  command->add_option("--batch", options->batch, "Captions a step; 0: all");
  command->add_option("--epochs", options->epochs,
                      "Most passes over the captions (default: fast 135, up to 350 for few classes, 200 to 400 for "
                      "many captions; paper 10)");
  command->add_option("--lr", options->learning_rate,
                      "Learning rate (default: fast 0.0105, falling to zero at the end; paper, and --steps: 0.002)");
  command->add_option("--weight-decay", options->weight_decay, "Weight decay");
  command->add_option("--pull", options->pull,
                      "How strongly tuned prompts are held near the template's (default: 0; falls with the rate)");
  command->add_option("--unseen", options->unseen, "Classes held out of tuning and reported apart: \"a, b\"");
  command->add_option("-o,--out", options->out, "The prompt set to write (.safetensors)")->required();
  command->add_flag("--no-anchors", options->no_anchors,
                    "The fused score does not lean on names that the model has met");
  command->add_flag("--no-offsets", options->no_offsets,
                    "The fused score does not take off what a class gives every sound");
  command->add_option("--reference-sounds", options->reference_sounds,
                      "Unlabelled sounds to measure that with: a file by `embed --audio` (default: the model's own)");
  command->add_flag("--further-prompts", options->further_prompts,
                    "Aliases and descriptions are part of a class's tuned prompts too (slower)");
  command->add_flag("--no-cache", options->no_cache, "Encode every caption, and keep none on disk");
  command->add_flag("--resume", options->resume, "Go on with this tuning where it was cut off (crash, kill, power)");
  command->add_option("--checkpoint", options->checkpoint,
                      "The file its state is kept in while it runs (default: one of its own in the data folder)");
  command->add_option("--checkpoint-every", options->checkpoint_every,
                      "Seconds between two writes of that file (default: 10); 0: every step");
  command->add_option("--report", options->report, "Steps, losses and held-out results as JSON");
  command->callback([&session, options] { session.action = [&session, options] { return run(session, *options); }; });
}

}  // namespace hearsay::cli
