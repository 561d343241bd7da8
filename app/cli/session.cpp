#include "cli/session.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>

#include "audio/decode.h"
#include "base/error.h"
#include "base/files.h"
#include "model/model_files.h"
#include "prompts/noise_drift.h"
#include "prompts/unread_names.h"

namespace hearsay::cli {
namespace {

constexpr int kManyValues = 1 << 20;
constexpr int kMostThreads = 512;  // each takes a stack, and far more than there are cores take minutes to end

std::filesystem::path place_of(const std::filesystem::path& file) {
  std::error_code code;
  return std::filesystem::weakly_canonical(std::filesystem::absolute(file), code);
}

bool pipes_end_us() {
  struct sigaction now = {};
  return ::sigaction(SIGPIPE, nullptr, &now) == 0 && now.sa_handler == SIG_DFL;
}

/// As the program was started; sound libraries block the signal or have it ignored later.
const bool kPipesEndUs = pipes_end_us();

void write_stdout(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written && errno == EPIPE && kPipesEndUs) {  // nobody reads on (| head): the end, and no failure
    std::signal(SIGPIPE, SIG_DFL);
    sigset_t pipe = {};
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    ::pthread_sigmask(SIG_UNBLOCK, &pipe, nullptr);
    std::raise(SIGPIPE);
  }
  if (!written) throw Error(ErrorKind::NoSpace, "The results could not be written to standard output.");
}

std::vector<std::string> read_json_lines(const std::string& file) {
  std::vector<std::string> texts;
  std::size_t number = 0;
  for (const std::string& line : split_lines(read_file(file))) {
    ++number;
    if (line.find_first_not_of(" \t") == std::string::npos) continue;
    const auto object = nlohmann::json::parse(line, nullptr, false);
    const auto text = object.is_object() ? object.find("text") : object.end();
    if (!object.is_object() || text == object.end() || !text->is_string()) {
      throw Error(ErrorKind::BadFormat, hearsay::quoted(file) + ", line " + std::to_string(number) +
                                            ": this is not a JSON object with a text in the field \"text\".");
    }
    texts.push_back(text->get<std::string>());
  }
  return texts;
}

}  // namespace

void add_quiet_option(CLI::App& app, Session& session) {
  app.add_flag("-q,--quiet", session.quiet, "No words and no progress, only results and errors");
}

void add_common_options(CLI::App& app, Session& session) {
  app.add_option("-m,--model", session.model,
                 "A model folder, a .pth file, or the name of an installed model (default: starter)");
  app.add_option("--device", session.device, "auto, cpu, cuda or cuda:N (default: auto)");
  app.add_option("--threads", session.threads, "Threads for the model (default: all cores)");
  add_quiet_option(app, session);
}

void check_common_options(const Session& session) {
  if (session.threads < 0 || session.threads > kMostThreads) {
    throw Error(ErrorKind::Usage,
                "--threads takes a number from 1 to " + std::to_string(kMostThreads) + ", or 0 for all cores.");
  }
  (void)choose_device(session.device);
}

std::shared_ptr<const ClapModel> load_model(Session& session) {
  check_common_options(session);
  const auto path = find_model(session.model);
  set_compute_threads(session.threads);
  LoadOptions options;
  options.device = session.device;
  options.control = &session.control;
  options.progress = session.console.progress();
  std::shared_ptr<const ClapModel> model = ClapModel::load(path, options);
  session.console.say("Model " + model->info().name + " on " + model->device().name + ".");
  return model;
}

CLI::Option* add_list(CLI::App& app, const std::string& name, std::vector<std::string>& values,
                      const std::string& description) {
  CLI::callback_t take = [&values](const CLI::results_t& results) {
    values = results;
    return true;
  };
  const bool positional = !name.starts_with('-');  // CLI11 takes several positionals only with its splitting
  return app.add_option(name, take, description)
      ->expected(1, kManyValues)
      ->allow_extra_args(positional)
      ->type_name("...");
}

void ClassOptions::add_to(CLI::App& app) {
  app.add_option("-c,--classes", classes, "Sounds to tell apart: \"dog, rain, car horn\"");
  app.add_option("--classes-file", classes_file, "The same in a file, one a line: name | alias | alias");
  app.add_option("--template", text_template, "The text around a class name (default: \"this is a sound of {}\")");
  app.add_option("-p,--prompts", prompts, "A prompt set (.safetensors) in place of classes");
}

ClassList ClassOptions::read() const {
  const int named = (classes.empty() ? 0 : 1) + (classes_file.empty() ? 0 : 1) + (prompts.empty() ? 0 : 1);
  if (named != 1) {
    throw Error(ErrorKind::Usage, std::string(named == 0 ? "Name the sounds with" : "Use only one of") +
                                      " --classes \"dog, rain\", --classes-file FILE or --prompts FILE.");
  }
  if (!prompts.empty()) return load_prompts(prompts).classes;
  ClassList list = classes.empty() ? read_classes(classes_file) : parse_classes(classes);
  check_classes(list);
  if (!classes.empty() && list.size() == 1 && classes.find(',') != std::string::npos) {
    throw Error(ErrorKind::Usage,
                "--classes takes names with commas between them, or one class a line where there are aliases (|) or "
                "descriptions (:). " +
                    hearsay::quoted(classes) + " would be one class. Use lines, or --classes-file.");
  }
  return list;
}

void tell_about_classes(Session& session, const ClassList& classes) {
  constexpr std::size_t kTold = 3;
  if (classes.size() == 1) {
    session.console.say(
        "With \"" + classes.front().name +
        "\" alone there is nothing to tell apart: it is the best class of every sound. Name more classes.");
  }
  const auto pairs = near_duplicates(classes);
  for (std::size_t i = 0; i < std::min(pairs.size(), kTold); ++i) {
    session.console.say("\"" + classes[pairs[i].first].name + "\" and \"" + classes[pairs[i].second].name +
                        "\" look like the same sound: they will share their points.");
  }
  if (pairs.size() > kTold) session.console.say(std::to_string(pairs.size()) + " pairs look alike in all.");
}

void tell_about_names(Session& session, const ClassList& classes, const ClapModel& model) {
  for (const std::string& said : unread_names_in_words(classes, unread_names(classes, model))) {
    session.console.say(said);
  }
}

double share_from(const std::string& text, const std::string& otherwise) {
  double value = -1.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || !(value >= 0.0 && value <= 1.0)) throw Error(ErrorKind::Usage, otherwise + ".");
  return value;
}

CLI::Validator positive_seconds() {
  return CLI::Validator(
      [](const std::string& text) {
        const double value = std::strtod(text.c_str(), nullptr);
        return value > 0.0 && std::isfinite(value) ? std::string() : "takes a number of seconds above 0";
      },
      "", "seconds");
}

std::string ClassOptions::template_or_default() const {
  if (!text_template.empty()) return text_template;
  return prompts.empty() ? std::string(kDefaultTemplate) : load_prompts(prompts).text_template;
}

PromptSet ClassOptions::prompt_set(const ClapModel& model) const {
  const ClassList list = read();
  if (prompts.empty()) return zero_shot_prompts(model, list, template_or_default());
  if (!text_template.empty()) {
    throw Error(ErrorKind::Usage, "--template goes with --classes; the prompt set has a template of its own.");
  }
  PromptSet set = load_prompts(prompts);
  check_prompts_fit(set, model, prompts);
  return set;
}

void NoiseOption::add_to(CLI::App& app) {
  app.add_option("--noise-correction", text,
                 "For noisy rooms: off, or the weight of the correction, 0.2 for example (default: off)");
}

double NoiseOption::weight() const {
  if (text == "off") return 0.0;
  double value = -1.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool number = error == std::errc() && end == text.data() + text.size();
  if (!number || !(value >= 0.0 && value <= kLargestNoiseCorrection)) {
    throw Error(ErrorKind::Usage, "--noise-correction takes off or a number from 0 to 2, not \"" + text + "\".");
  }
  return value;
}

double NoiseOption::prepare(PromptSet& prompts, const ClapModel& model) const {
  const double wanted = weight();
  if (wanted > 0.0) add_noise_drift(prompts, model);
  return wanted;
}

ScoreKind chosen_score(const std::string& name, const PromptSet& prompts) {
  if (name.empty()) return prompts.tuned ? prompts.preferred : ScoreKind::ZeroShot;
  const ScoreKind kind = parse_score(name);
  if (!prompts.tuned && kind != ScoreKind::ZeroShot) {
    throw Error(ErrorKind::Usage, "There are no " + std::string(score_name(kind)) +
                                      " scores: these prompts are not tuned. Use --scores zero-shot, or tune first.");
  }
  return kind;
}

std::vector<std::string> read_texts(const std::vector<std::string>& texts, const std::string& file) {
  std::vector<std::string> all = texts;
  if (file.empty()) return all;
  const bool json = std::filesystem::path(file).extension() == ".jsonl";
  for (std::string& text : json ? read_json_lines(file) : split_lines(read_text_file(file))) {
    all.push_back(std::move(text));
  }
  return all;
}

std::vector<std::filesystem::path> find_sounds(Session& session, const std::vector<std::string>& paths, int& failed) {
  std::vector<std::filesystem::path> files;
  for (const std::string& path : paths) {
    try {
      std::vector<std::string> problems;
      std::vector<std::string> links;
      for (auto& file : collect_audio({path}, &problems, &links)) files.push_back(std::move(file));
      for (const std::string& link : links) session.console.warn(link);
      for (const std::string& problem : problems) session.console.warn(problem);
      failed += static_cast<int>(problems.size());
    } catch (const Error& error) {
      session.console.warn(error.what());
      ++failed;
    }
  }
  return files;
}

void write_results(const std::string& out, std::string_view text) {
  if (out.empty() || out == "-") {
    write_stdout(text);
  } else {
    write_file_atomically(out, text);
  }
}

bool same_file(const std::string& a, const std::string& b) {
  return !a.empty() && !b.empty() && place_of(a) == place_of(b);
}

void check_not_read(const std::string& written, const std::vector<std::filesystem::path>& read) {
  if (written.empty()) return;
  const std::filesystem::path place = place_of(written);
  for (const std::filesystem::path& file : read) {
    if (file.empty() || place_of(file) != place) continue;
    throw Error(ErrorKind::Usage, hearsay::quoted(file) +
                                      " is read by this command and would be overwritten by its result. Name another "
                                      "file to write.");
  }
}

void check_not_of_model(const Session& session, const std::string& written) {
  std::error_code code;
  if (written.empty() || !std::filesystem::exists(written, code)) return;
  std::filesystem::path model;
  try {
    model = find_model(session.model);
    check_not_read(written, possible_files(find_model_files(model)));
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::Usage) throw;
    // What is wrong with the model is told when it is loaded; tokenizer files alone are a folder all the same.
    if (!model.empty()) check_not_read(written, possible_files({model, model, {}, {}}));
  }
}

void check_can_save(const std::string& file) {
  const std::filesystem::path path(file);
  const auto folder = path.parent_path().empty() ? std::filesystem::path(".") : path.parent_path();
  std::error_code code;
  if (!std::filesystem::is_directory(folder, code)) {
    throw Error(ErrorKind::NoSpace, "Could not save " + quoted(path) + ": there is no folder " + quoted(folder) +
                                        ". Make it first, or choose another one.");
  }
  if (std::filesystem::is_directory(path, code)) {
    throw Error(ErrorKind::NoSpace, "Could not save " + quoted(path) + ": this is a folder. Name a file in it.");
  }
  if (::access(folder.c_str(), W_OK) != 0 && ::access(path.c_str(), W_OK) != 0) {
    throw Error(ErrorKind::NoSpace, "Could not save " + quoted(path) +
                                        ": the folder cannot be written to. Choose a "
                                        "folder you may write to.");
  }
}

}  // namespace hearsay::cli
