#pragma once
// What every command shares: the common options, the way results are written, and one job control for Ctrl-C.

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/job.h"
#include "cli/console.h"
#include "model/clap_model.h"
#include "prompts/prompt_set.h"

namespace hearsay::cli {

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kWrongUsage = 2;

struct Session {
  std::string model = "starter";
  std::string device = "auto";
  int threads = 0;
  bool quiet = false;
  JobControl control;
  Console console;
  std::function<int()> action;  ///< set by the command that was chosen; returns the exit code
};

/// --model, --device, --threads, --quiet.
void add_common_options(CLI::App& app, Session& session);
void add_quiet_option(CLI::App& app, Session& session);

/// Wrong devices and thread counts are told, also by commands that need neither. Errors: Usage, Device.
void check_common_options(const Session& session);
/// Loads --model on --device with --threads, and says on stderr what it took.
std::shared_ptr<const ClapModel> load_model(Session& session);

/// An option or positional that takes any number of values, for options each exactly as it was typed (CLI11 would split
/// "[a,b]").
CLI::Option* add_list(CLI::App& app, const std::string& name, std::vector<std::string>& values,
                      const std::string& description);

/// --classes, --classes-file, --template, --prompts.
struct ClassOptions {
  std::string classes;
  std::string classes_file;
  std::string text_template;
  std::string prompts;

  void add_to(CLI::App& app);
  /// The classes named, without a model. Errors: Usage unless they are named in exactly one way.
  [[nodiscard]] ClassList read() const;
  /// The template named, else the prompt set's, else the usual one.
  [[nodiscard]] std::string template_or_default() const;
  /// The prompt set, or the template's embeddings of the classes. Errors: Usage, WrongModel.
  [[nodiscard]] PromptSet prompt_set(const ClapModel& model) const;
};

/// Says that a single class is always the best one, and which classes look like the same sound.
void tell_about_classes(Session& session, const ClassList& classes);
/// Says of which classes the model knows no word, and which it reads as the same words.
void tell_about_names(Session& session, const ClassList& classes, const ClapModel& model);
/// A number from 0 to 1. Error: Usage, `otherwise` and a full stop.
double share_from(const std::string& text, const std::string& otherwise);
/// For options that take a length of time above 0.
CLI::Validator positive_seconds();

/// --noise-correction off|X for commands that name sounds.
struct NoiseOption {
  std::string text = "off";

  void add_to(CLI::App& app);
  /// 0: off. Error: Usage.
  [[nodiscard]] double weight() const;
  /// The weight, with the set made ready for it: its drift is read from text where it is missing.
  double prepare(PromptSet& prompts, const ClapModel& model) const;
};

/// What --scores asks for; without it the set's own preference. Error: Usage for tuned scores of a set that is not
/// tuned.
ScoreKind chosen_score(const std::string& name, const PromptSet& prompts);

/// Texts of --text, then of --texts: one a line, or JSON lines with a field `text` when the name ends in .jsonl.
std::vector<std::string> read_texts(const std::vector<std::string>& texts, const std::string& file);

/// Files and folders -> sound files, in the order given. What is absent or unreadable is told, and counted in `failed`.
std::vector<std::filesystem::path> find_sounds(Session& session, const std::vector<std::string>& paths, int& failed);

/// To standard output where `out` is empty or "-", else to that file (atomic). Error: NoSpace.
void write_results(const std::string& out, std::string_view text);

/// Whether both are named and are one file, there or not yet.
bool same_file(const std::string& a, const std::string& b);
/// Error: Usage when what is to be written is one of the files that are read.
void check_not_read(const std::string& written, const std::vector<std::filesystem::path>& read);
/// Likewise for the files of --model that are there.
void check_not_of_model(const Session& session, const std::string& written);

/// Refuses early, before long work, what could not be saved at its end. Error: NoSpace.
void check_can_save(const std::string& file);

}  // namespace hearsay::cli
