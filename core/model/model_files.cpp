#include "model/model_files.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/words.h"

namespace hearsay {

namespace fs = std::filesystem;

namespace {

/// Names that say nothing about which model it is.
constexpr const char* kPlainNames[] = {"model.safetensors", "pytorch_model.bin"};

fs::path weights_in(const fs::path& folder) {
  for (const char* name : kPlainNames) {
    if (fs::is_regular_file(folder / name)) return folder / name;
  }
  std::vector<fs::path> found;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(folder, problem)) {
    if (entry.path().extension() == ".pth" && entry.is_regular_file()) found.push_back(entry.path());
  }
  if (problem)
    throw Error(ErrorKind::Unreadable, "The folder " + folder.string() + " cannot be read: " + problem.message() + ".");
  if (found.size() == 1) return found.front();
  if (found.size() > 1) {
    std::ranges::sort(found);
    std::string names;
    for (const fs::path& file : found) names += (names.empty() ? "" : ", ") + file.filename().string();
    throw Error(ErrorKind::BadFormat, "The folder " + folder.string() + " holds several .pth files; name the one you " +
                                          "mean: " + names + ".");
  }
  throw Error(ErrorKind::NotFound,
              "The folder " + folder.string() +
                  " holds no weights: looked for model.safetensors, pytorch_model.bin and a .pth file.");
}

/// models--owner--name/snapshots/REVISION for the revision that refs/main names; any other folder as it is.
fs::path snapshot_of(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::is_regular_file(folder / "refs" / "main", ignored)) return folder;
  const fs::path snapshot = folder / "snapshots" / trim(read_text_file(folder / "refs" / "main"));
  return fs::is_directory(snapshot, ignored) ? snapshot : folder;
}

/// The folder's name; of a snapshot in the hub's cache, whose own is a revision, the model's: "clap-htsat-unfused".
std::string name_of_folder(const fs::path& folder) {
  const fs::path whole = fs::absolute(folder).lexically_normal();
  const fs::path named = whole.has_filename() ? whole : whole.parent_path();
  const std::string repository = named.parent_path().parent_path().filename().string();
  const std::size_t last = repository.rfind("--");
  const bool snapshot = named.parent_path().filename() == "snapshots" && repository.starts_with("models--");
  return snapshot ? repository.substr(last + 2) : named.filename().string();
}

}  // namespace

ModelFiles find_model_files(const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) throw Error(ErrorKind::NotFound, "There is no model at " + path.string() + ".");
  ModelFiles files;
  if (fs::is_directory(path, ignored)) {
    files.path = files.folder = snapshot_of(path);
    files.weights = weights_in(files.folder);
    files.name = name_of_folder(files.folder);
    return files;
  }
  files.path = files.weights = path;
  files.folder = fs::absolute(path).parent_path();
  const bool plain =
      std::ranges::any_of(kPlainNames, [&](const char* name) { return path.filename() == fs::path(name); });
  files.name = plain ? name_of_folder(files.folder) : path.stem().string();
  // Weights that the folder would have given stand for the folder.
  if (plain && weights_in(files.folder).filename() == path.filename()) files.path = files.folder;
  return files;
}

std::vector<fs::path> possible_files(const ModelFiles& files) {
  std::vector<fs::path> all{files.weights};
  for (const char* name : {"config.json", "preprocessor_config.json", "processor_config.json", "tokenizer.json",
                           "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.txt",
                           "vocab.json", "merges.txt", "reference_sounds.safetensors"}) {
    all.push_back(files.folder / name);
  }
  return all;
}

}  // namespace hearsay
