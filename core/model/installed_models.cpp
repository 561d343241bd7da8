#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "model/clap_model.h"
#include "model/families.h"
#include "model/torch_errors.h"

namespace hearsay {

namespace fs = std::filesystem;

namespace {

constexpr const char* kStarter = "starter";

fs::path list_file() {
  return data_folder() / "models.json";
}

std::vector<InstalledModel> added_models() {
  std::error_code ignored;
  std::vector<InstalledModel> result;
  if (!fs::exists(list_file(), ignored)) return result;
  const nlohmann::json list = nlohmann::json::parse(read_file(list_file()), nullptr, false);
  const auto models = list.is_object() ? list.find("models") : list.end();
  if (!list.is_object() || models == list.end() || !models->is_array()) {
    const fs::path kept = list_file().string() + ".damaged";
    fs::rename(list_file(), kept, ignored);
    log_warn("The list of models added earlier is damaged; it is kept as " + quoted(kept) + ". Add them again.");
    return result;
  }
  for (const auto& entry : *models) {
    if (!entry.is_object() || !entry.contains("name") || !entry["name"].is_string()) continue;
    if (!entry.contains("path") || !entry["path"].is_string()) continue;
    result.push_back({entry["name"].get<std::string>(), entry["path"].get<std::string>(), false});
  }
  return result;
}

void save(const std::vector<InstalledModel>& models) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& model : models) list.push_back({{"name", model.name}, {"path", model.path.string()}});
  const nlohmann::json whole{{"models", list}};
  write_file_atomically(list_file(), whole.dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace

std::vector<InstalledModel> installed_models() {
  std::vector<InstalledModel> result;
  try {
    const fs::path starter = resources_folder() / kStarter;
    if (fs::exists(starter / "config.json")) result.push_back({kStarter, starter, true});
  } catch (const Error& error) {
    log_debug(error.what());  // no resources: only what was added
  }
  try {
    for (auto& model : added_models()) result.push_back(std::move(model));
  } catch (const Error& error) {
    log_warn(std::string("Models added earlier are not listed. ") + error.what());
  }
  return result;
}

InstalledModel install_model(const fs::path& path) {
  // Not canonical: the hub's cache holds links, whose targets have neither names nor files beside them.
  const fs::path whole = fs::absolute(find_model_files(path).path).lexically_normal();
  bool named_inside = false;  // by its config.json
  const ModelInfo info = guarded("looking at the model", [&] {
    const ModelSource source = open_model(whole);
    ModelInfo facts = family_of(source).describe(source);
    named_inside = source.config.text("name", "") == facts.name;
    (void)load_text_feed(source, facts);  // what is missing is better told now than when the model is used
    return facts;
  });
  const auto known = installed_models();
  for (const auto& model : known) {
    std::error_code ignored;
    if (fs::equivalent(model.path, whole, ignored)) return model;
  }
  const auto same = std::ranges::find(known, info.name, &InstalledModel::name);
  if (same != known.end()) {
    throw Error(ErrorKind::Usage,
                "A model called " + info.name + " is in the list already: " + quoted(same->path) +
                    (same->bundled ? ". " : ". Remove that one from the list first, or ") +
                    (same->bundled ? "Rename " : "rename ") + "the one to be added: " +
                    (named_inside ? "\"name\" in its config.json." : "its folder, or its .pth file."));
  }
  auto added = added_models();
  added.push_back({info.name, whole, false});
  save(added);
  return added.back();
}

void uninstall_model(const std::string& name) {
  if (name == kStarter) throw Error(ErrorKind::Usage, "The starter model belongs to the program and stays.");
  auto added = added_models();
  if (std::erase_if(added, [&](const auto& model) { return model.name == name; }) == 0) {
    throw Error(ErrorKind::NotFound, "No model called " + name + " was added.");
  }
  save(added);
}

fs::path find_model(const std::string& name_or_path) {
  const auto known = installed_models();
  for (const auto& model : known) {
    if (model.name == name_or_path) return model.path;
  }
  std::error_code ignored;
  if (!name_or_path.empty() && fs::exists(name_or_path, ignored)) return name_or_path;
  std::string names;
  for (const auto& model : known) names += (names.empty() ? "" : ", ") + model.name;
  throw Error(ErrorKind::NotFound,
              "There is no model called \"" + name_or_path +
                  "\", nor a file or folder of that name. Installed: " + (names.empty() ? "none" : names) + ".");
}

}  // namespace hearsay
