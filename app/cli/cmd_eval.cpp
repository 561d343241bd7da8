// eval: how right a prompt set is on labelled sounds.
#include <filesystem>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/error.h"
#include "classify/evaluate.h"
#include "cli/commands.h"
#include "cli/kept.h"

namespace hearsay::cli {
namespace {

struct Options {
  ClassOptions classes;
  NoiseOption noise;
  std::string manifest;
  std::string audio_root;
  std::string report;
  std::string pool = "mean";
  bool json = false;
};

std::string table_of(const Evaluation& evaluation) {
  std::ostringstream text;
  text << "score      accuracy      mAP      ECE\n" << std::fixed;
  for (const auto& [kind, metrics] : evaluation.scores) {
    text << std::left << std::setw(10) << score_name(kind) << std::right << std::setprecision(2) << std::setw(7)
         << 100.0 * metrics.accuracy << " %" << std::setprecision(4) << std::setw(9) << metrics.map << std::setw(9)
         << metrics.ece << "\n";
  }
  if (evaluation.unseen.empty()) return text.str();
  text << "score      classes tuned   held out   harmonic mean\n";
  for (const auto& [kind, metrics] : evaluation.scores) {
    text << std::left << std::setw(10) << score_name(kind) << std::right << std::setprecision(2) << std::setw(12)
         << 100.0 * metrics.seen_accuracy << " %" << std::setw(9) << 100.0 * metrics.unseen_accuracy << " %"
         << std::setw(14) << 100.0 * harmonic_mean(metrics.seen_accuracy, metrics.unseen_accuracy) << " %\n";
  }
  return text.str();
}

int run(Session& session, const Options& options) {
  if (!options.report.empty()) check_can_save(options.report);
  check_not_read(options.report, {options.manifest, options.classes.classes_file, options.classes.prompts});
  check_not_of_model(session, options.report);
  (void)options.noise.weight();  // told before long work
  EvaluateOptions settings;
  settings.pooling = parse_pooling(options.pool);
  const std::filesystem::path manifest_file = options.manifest;
  std::filesystem::path root = options.audio_root;
  if (root.empty()) root = manifest_file.parent_path();
  const ClassList classes = options.classes.read();
  tell_about_classes(session, classes);
  const Manifest manifest = read_manifest(manifest_file, root, classes);
  for (const std::string& problem : manifest.problems) session.console.warn(problem);
  std::vector<std::filesystem::path> sounds;
  for (const ManifestRow& row : manifest.rows) sounds.push_back(row.file);
  check_not_read(options.report, sounds);
  const auto model = load_model(session);
  PromptSet prompts = options.classes.prompt_set(*model);
  tell_about_names(session, prompts.classes, *model);
  settings.noise_correction = options.noise.prepare(prompts, *model);
  const Evaluation evaluation =
      evaluate(*model, prompts, manifest, &session.control, session.console.progress(), settings);
  for (const auto& [file, why] : evaluation.failed) session.console.warn(why);
  for (const std::string& doubt : evaluation.doubts) session.console.say(doubt);
  auto report = nlohmann::ordered_json::parse(evaluation.to_json(prompts.classes));
  report["skipped_rows"] = manifest.problems;
  report["noise_correction"] = settings.noise_correction;
  report["pool"] = options.pool;
  report["model"] = model->info().name;
  report["device"] = model->device().name;
  const std::string text = report.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  in_any_case([&] { write_results({}, options.json ? text : table_of(evaluation)); },
              [&] {
                if (options.report.empty()) return;
                save_or_keep(options.report, "results", "The report was",
                             [&](const std::filesystem::path& place) { write_results(place.string(), text); });
              });
  session.console.say(std::to_string(evaluation.files) + " files in " + duration_text(evaluation.seconds) +
                      (evaluation.failed.empty()
                           ? "."
                           : "; " + std::to_string(evaluation.failed.size()) + " could not be read and are left out."));
  return kDone;
}

}  // namespace

void add_eval(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("eval", "Accuracy, mAP, confusion and calibration on labelled sounds");
  command->footer("A file that fails is told on stderr and in the report, and left out of the figures.");
  const auto options = std::make_shared<Options>();
  add_common_options(*command, session);
  options->classes.add_to(*command);
  options->noise.add_to(*command);
  command->add_option("--manifest", options->manifest, "CSV file,label (several labels by ;)")->required();
  command->add_option("--audio-root", options->audio_root, "Folder of the files (default: the manifest's)");
  command->add_option("--pool", options->pool,
                      "How a file's windows become its scores: mean (of their embeddings; default) or max (every class "
                      "by its best window)");
  command->add_option("--report", options->report, "Everything as JSON");
  command->add_flag("--json", options->json, "The report on standard output in place of the table");
  command->callback([&session, options] { session.action = [&session, options] { return run(session, *options); }; });
}

}  // namespace hearsay::cli
