// hearsay-cli: everything the window does, without a display (DESIGN section 7).
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/interrupts.h"

namespace hearsay::cli {
namespace {

void set_up(CLI::App& app, Session& session) {
  app.set_version_flag("--version", std::string("hearsay ") + HEARSAY_VERSION);
  app.require_subcommand(1);
  app.footer("Exit code: 0 done, 1 the work failed, 2 wrong usage. Each command has its own --help.");
  add_common_options(app, session);
  add_models(app, session);
  add_tokens(app, session);
  add_embed(app, session);
  add_classify(app, session);
  add_tune(app, session);
  add_eval(app, session);
  add_listen(app, session);
  add_prompts(app, session);
  add_cache(app, session);
}

int complain(Session& session, const std::string& sentence, int code) {
  session.console.warn("hearsay-cli: " + sentence);
  return code;
}

int run(Session& session) {
  session.console.set_quiet(session.quiet);
  set_log_level(session.quiet ? LogLevel::Error : LogLevel::Warn);
  try {
    const Interrupts interrupts([&session] {
      session.console.say("Stopping. Press Ctrl-C again to end at once.");
      session.control.cancel();
    });
    return session.action();
  } catch (const Error& error) {
    return complain(session, error.what(), error.kind() == ErrorKind::Usage ? kWrongUsage : kFailed);
  } catch (const std::bad_alloc&) {
    return complain(session, "There is not enough memory for this. Close other programs or use a smaller batch.",
                    kFailed);
  } catch (const std::exception& error) {
    const std::string text = error.what();
    return complain(session, "An unexpected error: " + text.substr(0, text.find('\n')), kFailed);
  }
}

}  // namespace
}  // namespace hearsay::cli

int main(int argc, char** argv) {
  CLI::App app{"Teach a sound classifier with words alone, and name sounds with it.", "hearsay-cli"};
  hearsay::cli::Session session;
  hearsay::cli::set_up(app, session);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (argc < 2) {  // nothing was asked for: show what there is
      std::fputs(app.help().c_str(), stderr);
      return hearsay::cli::kWrongUsage;
    }
    const std::vector<std::string> unknown = app.remaining(true);
    const bool lacks_command = std::string_view(error.what()).find("subcommand") != std::string_view::npos;
    if (lacks_command && !unknown.empty() && !unknown.front().starts_with('-')) {
      std::fprintf(stderr, "There is no command \"%s\". --help lists those there are.\n", unknown.front().c_str());
      return hearsay::cli::kWrongUsage;
    }
    return app.exit(error) == 0 ? hearsay::cli::kDone : hearsay::cli::kWrongUsage;
  }
  return hearsay::cli::run(session);
}
