// tune: a prompt set from text alone.
#include <cmath>
#include <cstdio>
#include <optional>

#include "base/error.h"
#include "base/files.h"
#include "cli/commands.h"
#include "prompts/captions.h"
#include "prompts/tuner.h"

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
  std::optional<double> learning_rate;
  std::optional<double> weight_decay;
  std::string unseen;
  std::string init;
  std::string out;
  std::string report;
  bool no_cache = false;
};

TunerOptions tuner_options(const Options& options) {
  TunerOptions tuner = recipe(options.recipe);
  tuner.multi_label = options.multi_label;
  tuner.seed = options.seed;
  tuner.caption_cache = !options.no_cache;
  if (options.context) tuner.context_length = *options.context;
  if (options.steps) {
    if (*options.steps < 1) throw Error(ErrorKind::Usage, "--steps takes a number of steps, 1 or more.");
    tuner.steps = *options.steps;
  }
  if (options.batch) tuner.batch = *options.batch;
  if (options.learning_rate) tuner.learning_rate = *options.learning_rate;
  if (options.weight_decay) tuner.weight_decay = *options.weight_decay;
  if (!options.unseen.empty()) {
    for (const SoundClass& sound : parse_classes(options.unseen)) tuner.unseen.push_back(sound.name);
  }
  check_options(tuner);
  return tuner;
}

/// The person's captions, the bank's, or both when both are asked for.
CaptionSet captions_of(const Options& options, const ClassList& classes) {
  CaptionSet set;
  if (!options.captions.empty()) set = captions_from_file(options.captions, classes);
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

std::string percent(double share) {
  return std::to_string(static_cast<int>(std::lround(100.0 * share))) + " %";
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

void tell(Console& console, const TunerReport& report, const std::string& out) {
  const char* measured_on = report.held_out_captions > 0 ? "Held-out text" : "The text it was tuned on";
  console.say(std::string(measured_on) + ", right class: " + in_words(report.held_out) + ".");
  tell_unseen(console, report);
  if (!report.caption_cache.empty()) console.say(report.caption_cache);
  if (report.weights != ScoreWeights{}) {
    console.say("Fused score: " + percent(report.weights.coarse) + " coarse, " + percent(report.weights.fine) +
                " fine, " + percent(report.weights.zero_shot) + " zero-shot, chosen on held-out text.");
  }
  if (!report.helped) {
    console.say("Tuning did not beat the template on held-out text, so the set prefers zero-shot scores.");
  }
  if (report.cancelled) console.say("Stopped early: the best prompts so far were kept.");
  console.say("Saved " + out + " after " + std::to_string(report.steps.size()) + " steps, " +
              duration_text(report.seconds) + " on " + report.device + ".");
}

int run(Session& session, const Options& options) {
  const TunerOptions tuner = tuner_options(options);
  check_can_save(options.out);
  if (!options.report.empty()) check_can_save(options.report);
  const ClassList classes = options.classes.read();
  const CaptionSet captions = captions_of(options, classes);
  for (const std::string& warning : captions.warnings) session.console.say(warning);
  const std::string init = options.init.empty() ? options.classes.prompts : options.init;
  std::optional<StartingContexts> start;
  if (!init.empty()) start = load_contexts(init);
  const auto model = load_model(session);
  session.console.say("Tuning " + std::to_string(classes.size()) + " classes from " +
                      std::to_string(captions.captions.size()) + " sentences.");
  double loss = std::nan("");
  const TunerResult result = tune(
      *model, classes, captions, tuner, options.classes.template_or_default(), &session.control,
      [&](const TunerUpdate& update) { watch(session.console, update, loss); }, start);
  save_prompts(result.prompts, options.out);
  if (!options.report.empty()) write_file_atomically(options.report, result.report.to_json());
  tell(session.console, result.report, options.out);
  return kDone;
}

}  // namespace

void add_tune(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("tune", "Tune prompts from text alone");
  command->footer("Ctrl-C stops and saves the best prompts so far.");
  const auto options = std::make_shared<Options>();
  add_common_options(*command, session);
  options->classes.add_to(*command);
  command->add_option("--captions", options->captions, "CSV caption,label (labels separated by ;) or sentences");
  command->add_flag("--bank", options->bank, "Sentences from the bundled bank (the default without --captions)");
  command->add_option("--recipe", options->recipe, "fast or paper (default: fast)");
  command->add_flag("--multi-label", options->multi_label, "Several classes may sound at once: ranking loss");
  command->add_option("--context", options->context, "Learned tokens a prompt, 4 to 64 (default: 32)");
  command->add_option("--seed", options->seed, "The same seed gives the same prompts (default: 0)");
  command->add_option("--init", options->init, "Start from the contexts of a prompt set or .safetensors file");
  command->add_option("--steps", options->steps, "Exactly so many plain steps: no early stop, no selection");
  command->add_option("--batch", options->batch, "Captions a step; 0: all");
  command->add_option("--lr", options->learning_rate, "Learning rate");
  command->add_option("--weight-decay", options->weight_decay, "Weight decay");
  command->add_option("--unseen", options->unseen, "Classes held out of tuning and reported apart: \"a, b\"");
  command->add_option("-o,--out", options->out, "The prompt set to write (.safetensors)")->required();
  command->add_flag("--no-cache", options->no_cache, "Encode every caption, and keep none on disk");
  command->add_option("--report", options->report, "Steps, losses and held-out results as JSON");
  command->callback([&session, options] { session.action = [&session, options] { return run(session, *options); }; });
}

}  // namespace hearsay::cli
