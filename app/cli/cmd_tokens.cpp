// tokens: what the text tower is fed.
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/kept.h"
#include "text/tokenizer.h"

namespace hearsay::cli {
namespace {

using Encode = std::function<std::vector<std::int64_t>(std::string_view)>;

struct Options {
  std::vector<std::string> text;
  std::string texts;
  std::string out;
};

/// A model's own way from text to ids; a folder with tokenizer files alone will do.
Encode encoder(Session& session) {
  check_common_options(session);
  const std::filesystem::path path = find_model(session.model);
  std::string why;
  try {
    return token_reader(path);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::NotFound && error.kind() != ErrorKind::BadFormat) throw;
    why = error.what();
  }
  std::error_code ignored;
  const auto folder = std::filesystem::is_directory(path, ignored) ? path : path.parent_path();
  try {
    const std::shared_ptr<const Tokenizer> tokenizer = Tokenizer::load(folder);
    session.console.say("No model that can be used here; the tokenizer files alone are taken.");
    return [tokenizer](std::string_view text) { return tokenizer->encode(text); };
  } catch (const Error& error) {
    throw Error(error.kind(), error.what() + std::string(" As a model: ") + why);
  }
}

int run(Session& session, const Options& options) {
  if (options.text.empty() && options.texts.empty()) {
    throw Error(ErrorKind::Usage, "Give texts with --text \"a dog barks\" or --texts FILE.");
  }
  check_not_read(options.out, {options.texts});
  check_not_of_model(session, options.out);
  const std::vector<std::string> texts = read_texts(options.text, options.texts);
  const Encode encode = encoder(session);
  ResultFile out(options.out, session.console);
  for (const std::string& text : texts) {
    session.control.checkpoint();
    const nlohmann::ordered_json line = {{"text", text}, {"ids", encode(text)}};
    out.write(line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
  }
  out.finish();
  return kDone;
}

}  // namespace

void add_tokens(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("tokens", "Token ids of texts, as the text tower is fed them (JSON lines)");
  const auto options = std::make_shared<Options>();
  add_common_options(*command, session);
  add_list(*command, "--text", options->text, "Texts");
  command->add_option("--texts", options->texts, "A file: one text a line, or .jsonl with a field `text`");
  command->add_option("-o,--out", options->out, "Write to this file");
  command->callback([&session, options] { session.action = [&session, options] { return run(session, *options); }; });
}

}  // namespace hearsay::cli
