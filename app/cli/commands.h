#pragma once
// One function a command: it adds its options and, when it is chosen, sets Session::action.

#include "cli/session.h"

namespace hearsay::cli {

void add_models(CLI::App& app, Session& session);
void add_tokens(CLI::App& app, Session& session);
void add_embed(CLI::App& app, Session& session);
void add_classify(CLI::App& app, Session& session);
void add_tune(CLI::App& app, Session& session);
void add_eval(CLI::App& app, Session& session);
void add_listen(CLI::App& app, Session& session);
void add_prompts(CLI::App& app, Session& session);
void add_cache(CLI::App& app, Session& session);

}  // namespace hearsay::cli
