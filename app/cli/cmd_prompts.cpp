// prompts show | export | verify
#include "base/files.h"
#include "cli/commands.h"

namespace hearsay::cli {
namespace {

struct Options {
  std::string file;
  std::string format;
  std::string out;
};

int show(const Options& options) {
  std::string text = describe_prompts(load_prompts(options.file));
  if (!text.ends_with('\n')) text += '\n';
  write_results({}, text);
  return kDone;
}

int export_set(Session& session, const Options& options) {
  check_can_save(options.out);
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
}

}  // namespace hearsay::cli
