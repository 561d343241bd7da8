// classify: sound files -> which class, where, how surely.
#include <filesystem>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "classify/file_classifier.h"
#include "cli/commands.h"
#include "cli/kept.h"

namespace hearsay::cli {
namespace {

struct Options {
  ClassOptions classes;
  NoiseOption noise;
  std::vector<std::string> files;
  std::string scores;
  std::string format = "csv";
  std::string out;
  int top = 0;
  double window = 0.0;
  double hop = 0.0;
  int batch = 8;
  std::string threshold;
  bool join = false;
  bool per_file = false;
  std::string pool = "mean";
};

constexpr const char* kPoolHelp =
    "With --per-file, how windows become a file's result: mean (of their embeddings; default) or max (every class by "
    "its best window)";

struct Job {
  Session& session;
  const ClapModel& model;
  const PromptSet& prompts;
  ClassifyOptions options;
  bool per_window;
  std::vector<double> thresholds;  ///< as ResultWriter takes them
  bool join;
  int done = 0;
  int failed = 0;

  /// Runs all files; `take` gets every result, failed ones too.
  void run(const std::vector<std::filesystem::path>& files, const std::function<void(const FileResult&)>& take) {
    classify_files(model, prompts, files, options, &session.control, session.console.progress(),
                   [&](FileResult&& result) {
                     if (result.error.empty()) {
                       ++done;
                     } else {
                       ++failed;
                       session.console.warn(result.error);
                     }
                     for (const auto& doubt : sentences_of(result.doubts, result.file)) session.console.warn(doubt);
                     take(result);
                   });
  }
};

/// Of each class, or one for all; empty: none.
std::vector<double> thresholds_of(const Options& options) {
  const std::string& text = options.threshold;
  if (text.empty()) return {};
  if (text == "own") {
    std::vector<double> own;
    if (!options.classes.prompts.empty()) own = load_prompts(options.classes.prompts).thresholds;
    if (!own.empty()) return own;
    throw Error(
        ErrorKind::Usage,
        "--threshold own takes each class's threshold of a prompt set (--prompts), and there are none. Listen in "
        "the window, or `prompts thresholds`, sets them.");
  }
  return {share_from(text, "--threshold takes a number from 0 to 1, or \"own\"")};
}

/// "rain.wav.txt", and "rain.wav-2.txt" for another folder's rain.wav.
std::vector<std::filesystem::path> track_files(const std::filesystem::path& folder,
                                               const std::vector<std::filesystem::path>& sounds) {
  std::vector<std::filesystem::path> tracks;
  std::set<std::filesystem::path> taken;
  for (const std::filesystem::path& sound : sounds) {
    const std::string name = sound.filename().string();
    std::filesystem::path track = folder / (name + ".txt");
    for (int i = 2; !taken.insert(track).second; ++i) track = folder / (name + "-" + std::to_string(i) + ".txt");
    tracks.push_back(std::move(track));
  }
  return tracks;
}

/// That nothing which is read would be written over.
void check_places(const Session& session, const Options& options, bool folder,
                  const std::vector<std::filesystem::path>& sounds) {
  std::vector<std::filesystem::path> read = sounds;
  read.insert(read.end(), {options.classes.classes_file, options.classes.prompts});
  std::vector<std::filesystem::path> written{options.out};
  if (folder) written = track_files(options.out, sounds);
  for (const std::filesystem::path& file : written) {
    check_not_read(file.string(), read);
    check_not_of_model(session, file.string());
  }
}

/// A label track belongs to one sound, so several sounds give a folder of tracks.
void write_tracks(Job& job, const Options& options, ScoreKind kind, int top,
                  const std::vector<std::filesystem::path>& files) {
  const std::vector<std::filesystem::path> tracks = track_files(options.out, files);
  std::error_code code;
  std::filesystem::create_directories(options.out, code);
  if (code)
    throw Error(ErrorKind::NoSpace,
                "The folder " + hearsay::quoted(options.out) + " cannot be made: " + code.message());
  int elsewhere = 0;
  std::size_t file = 0;
  job.run(files, [&](const FileResult& result) {
    const std::filesystem::path& track = tracks[file++];
    if (!result.error.empty()) return;
    ResultWriter writer(options.format, job.prompts, kind, top, job.thresholds, job.join);
    try {
      save_or_keep(track, "results", "The track was", [&](const std::filesystem::path& place) {
        write_file_atomically(place, writer.rows(result, job.per_window));
      });
    } catch (const Error& error) {
      job.session.console.warn(error.what());
      ++elsewhere;
    }
  });
  if (elsewhere == 0) return;
  throw Error(ErrorKind::NoSpace, std::to_string(elsewhere) + " of " + std::to_string(job.done) +
                                      " label tracks could not be saved in " + hearsay::quoted(options.out) +
                                      "; see above.");
}

void write_table(Job& job, const Options& options, ScoreKind kind, int top,
                 const std::vector<std::filesystem::path>& files) {
  ResultWriter writer(options.format, job.prompts, kind, top, job.thresholds, job.join);
  ResultFile out(options.out, job.session.console);
  bool headed = false;  // not before the settings have been accepted
  job.run(files, [&](const FileResult& result) {
    if (!headed) out.write(writer.header());
    headed = true;
    out.write(writer.rows(result, job.per_window));
  });
  if (headed || !job.session.control.cancelled()) out.finish();  // nothing takes the place of an earlier result
}

/// What is wrong whatever the model is, so that nobody waits for one to be told.
void check_options(const Options& options) {
  (void)options.noise.weight();
  (void)ResultWriter(options.format, {}, ScoreKind::ZeroShot, options.top);
  if (!options.scores.empty()) (void)parse_score(options.scores);
  if (!options.classes.text_template.empty()) (void)fill_template(options.classes.text_template, "sound");
  if (options.window > 0.0 && options.hop > options.window) {
    throw Error(ErrorKind::Usage, "--hop is longer than --window: sound in between would not be heard.");
  }
}

int run(Session& session, const Options& options) {
  int failed = 0;
  const bool tracks = options.format == "audacity";
  if (!options.out.empty() && !tracks) check_can_save(options.out);
  check_options(options);
  const WindowPooling pooling = parse_pooling(options.pool);
  std::vector<double> thresholds = thresholds_of(options);
  tell_about_classes(session, options.classes.read());  // wrong classes are told before the model is loaded
  const auto files = find_sounds(session, options.files, failed);
  if (files.empty()) {
    if (failed == 0) session.console.warn("There is no sound file in what was named.");
    return kFailed;
  }
  const bool folder = tracks && (files.size() > 1 || std::filesystem::is_directory(options.out));
  if (folder && options.out.empty()) {
    throw Error(ErrorKind::Usage,
                "Audacity's label tracks belong to one sound each: name a folder for them with --out FOLDER.");
  }
  check_places(session, options, folder, files);
  const auto model = load_model(session);
  PromptSet prompts = options.classes.prompt_set(*model);
  tell_about_names(session, prompts.classes, *model);
  const ScoreKind kind = chosen_score(options.scores, prompts);
  const int top = options.top == 0 && (tracks || options.format == "raven") ? 1 : options.top;
  ClassifyOptions settings;
  settings.kind = kind;
  settings.pooling = pooling;
  settings.noise_correction = options.noise.prepare(prompts, *model);
  settings.window = options.window;
  settings.hop = options.hop;
  settings.batch = options.batch;
  settings.per_window = !options.per_file;
  Job job{session, *model, prompts, settings, settings.per_window, std::move(thresholds), options.join};
  if (folder) {
    write_tracks(job, options, kind, top, files);
  } else {
    write_table(job, options, kind, top, files);
  }
  const std::size_t named = files.size() + static_cast<std::size_t>(failed);
  failed += job.failed;
  const std::string count = std::to_string(job.done) + " of " + std::to_string(named) + " files";
  if (session.control.cancelled()) {
    const bool none = job.done + job.failed == 0;
    session.console.warn(none ? "Stopped before the first file was done: nothing is written."
                              : "Stopped: " + count + " are done, and their results are there.");
    return kFailed;
  }
  if (failed > 0 && job.done > 0) session.console.warn("Classified " + count + "; see above for the others.");
  return job.done > 0 ? kDone : kFailed;
}

}  // namespace

void add_classify(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("classify", "Name the sounds in files and folders");
  command->footer(
      "CSV: file,start,end,rank,class,score,similarity; score is a probability, similarity a cosine.\n"
      "A file that fails is told on stderr and the others go on; the exit code is 1 when no file worked.");
  const auto options = std::make_shared<Options>();
  add_common_options(*command, session);
  options->classes.add_to(*command);
  add_list(*command, "files", options->files, "Sound files and folders")->required();
  command->add_option("--scores", options->scores, "coarse, fine, fused or zero-shot (default: the set's best)");
  options->noise.add_to(*command);
  command->add_option("--top", options->top, "Classes a window, best first (default: all; audacity, raven: 1)")
      ->check(CLI::Range(1, 1000000));
  command->add_option("--window", options->window, "Seconds a window, at most the model's (default: the model's)")
      ->check(positive_seconds());
  command->add_option("--hop", options->hop, "Seconds between windows, at most the window (default: the window)")
      ->check(positive_seconds());
  command->add_option(
      "--threshold", options->threshold,
      "Leave out rows with a lower score: 0 to 1, or \"own\": each class's threshold of the prompt set");
  command->add_option("--format", options->format, "csv, jsonl, audacity or raven (default: csv)");
  command->add_option("--batch", options->batch, "Windows a pass (default: 8)")->check(CLI::Range(1, 100000));
  CLI::Option* per_file =
      command->add_flag("--per-file", options->per_file, "One result a file in place of one a window");
  command
      ->add_flag("--join", options->join,
                 "One row for a class where neighbouring windows have it (with --threshold: a list of events)")
      ->excludes(per_file);
  command->add_option("--pool", options->pool, kPoolHelp)->needs(per_file);
  command->add_option("-o,--out", options->out, "Write to this file (audacity with several sounds: this folder)");
  command->callback([&session, options] { session.action = [&session, options] { return run(session, *options); }; });
}

}  // namespace hearsay::cli
