// models list | info | add | remove
#include <algorithm>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/error.h"
#include "base/words.h"
#include "cli/commands.h"
#include "model/fingerprint.h"
#include "model/model_files.h"
#include "model/model_speed.h"

namespace hearsay::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string kind_of(const ModelInfo& info) {
  return info.audio_tower + " + " + info.text_tower;
}

Json json_of(const ModelInfo& info) {
  return {{"name", info.name},
          {"family", info.family},
          {"kind", kind_of(info)},
          {"rate", info.sample_rate},
          {"window_seconds", info.window_seconds},
          {"embedding_dim", info.embedding_dim},
          {"text_width", info.text_width},
          {"frames_per_window", info.frames_per_window},
          {"frame_seconds", info.frame_seconds},
          {"parameters", info.parameters},
          {"bytes", info.bytes},
          {"logit_scale", info.logit_scale},
          {"max_text_tokens", info.max_text_tokens},
          {"path", valid_utf8(info.path.string())}};
}

std::string table_of(const Json& facts) {
  std::ostringstream text;
  for (const auto& [key, value] : facts.items()) {
    std::string name = key;
    std::ranges::replace(name, '_', ' ');
    text << std::left << std::setw(18) << name << " ";
    if (value.is_number_float()) {
      text << std::setprecision(4) << value.get<double>() << "\n";
    } else {
      text << (value.is_string() ? value.get<std::string>() : value.dump()) << "\n";
    }
  }
  return text.str();
}

int list(Session& session, bool json) {
  std::ostringstream text;
  Json all = Json::array();
  const std::vector<InstalledModel> models = installed_models();
  for (const InstalledModel& model : models) {
    try {
      const ModelInfo info = inspect_model(model.path);
      Json facts = json_of(info);
      facts["name"] = model.name;
      all.push_back(std::move(facts));
      text << std::left << std::setw(20) << model.name << " " << std::setw(17) << info.family << " " << std::fixed
           << std::right << std::setprecision(1) << std::setw(7) << static_cast<double>(info.parameters) / 1e6
           << " M parameters  " << info.sample_rate << " Hz  " << info.window_seconds << " s  "
           << valid_utf8(model.path.string()) << "\n";
    } catch (const Error& error) {
      session.console.warn(model.name + " cannot be used: " + error.what());
    }
  }
  if (models.empty()) {
    session.console.warn(
        "There is no model, not even the starter, which comes with the program: is HEARSAY_RESOURCES set to another "
        "folder than its resources? `models add PATH` adds others.");
  }
  write_results({}, json ? all.dump(1) + "\n" : text.str());
  return kDone;
}

/// Without --speed from the files alone: weights are neither loaded nor converted.
int info(Session& session, bool json, bool speed) {
  check_common_options(session);
  const auto path = find_model(session.model);
  Json facts = json_of(inspect_model(path));
  facts["fingerprint"] = remembered_fingerprint(find_model_files(path).weights);
  if (speed) {
    const auto model = load_model(session);
    const double ms = measure_window(*model, &session.control);
    facts["window_ms"] = ms;
    facts["times_real_time"] = 1000.0 * model->info().window_seconds / ms;
    facts["device"] = model->device().name;
  }
  write_results({}, json ? facts.dump(1) + "\n" : table_of(facts));
  return kDone;
}

int add(Session& session, const std::string& path) {
  const InstalledModel added = install_model(path);
  session.console.say("Added the model " + added.name + ": --model " + added.name + " names it.");
  return kDone;
}

int remove(Session& session, const std::string& name) {
  uninstall_model(name);
  session.console.say(name + " is no longer in the list. Its files stay where they are.");
  return kDone;
}

}  // namespace

void add_models(CLI::App& app, Session& session) {
  CLI::App* models = app.add_subcommand("models", "Installed models, and what a model is");
  models->require_subcommand(1);

  CLI::App* listing = models->add_subcommand("list", "The models that can be named");
  add_quiet_option(*listing, session);
  const auto json = std::make_shared<bool>(false);
  listing->add_flag("--json", *json, "As a JSON array, an object a model");
  listing->callback([&session, json] { session.action = [&session, json] { return list(session, *json); }; });

  CLI::App* facts = models->add_subcommand("info", "Kind, rate, window, sizes, fingerprint");
  const auto speed = std::make_shared<bool>(false);
  add_common_options(*facts, session);
  facts->add_option("name", session.model, "A model folder, a .pth file, or an installed model (default: starter)");
  facts->add_flag("--json", *json, "As one JSON object");
  facts->add_flag("--speed", *speed, "Also how long a window takes on this machine");
  facts->callback(
      [&session, json, speed] { session.action = [&session, json, speed] { return info(session, *json, *speed); }; });

  const auto named = std::make_shared<std::string>();
  const auto change = [&](const char* name, const char* what, const char* argument,
                          int (*act)(Session&, const std::string&)) {
    CLI::App* command = models->add_subcommand(name, what);
    add_quiet_option(*command, session);
    command->add_option(argument, *named)->required();
    command->callback(
        [&session, named, act] { session.action = [&session, named, act] { return act(session, *named); }; });
  };
  change("add", "Puts a model folder or a .pth file on the list; it stays where it is", "path", add);
  change("remove", "Takes a model off the list; its files stay", "name", remove);
}

}  // namespace hearsay::cli
