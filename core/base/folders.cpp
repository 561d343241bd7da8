// Where Hearsay keeps its own files, and finds those that come with it.
#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

#include "base/error.h"
#include "base/files.h"

namespace hearsay {
namespace {

namespace fs = std::filesystem;

fs::path absolute_from_environment(const char* name) {
  const char* value = std::getenv(name);
  fs::path path = value != nullptr ? value : "";
  return path.is_absolute() ? path : fs::path();
}

fs::path home_folder() {
  if (fs::path home = absolute_from_environment("HOME"); !home.empty()) return home;
  const passwd* user = ::getpwuid(::getuid());
  if (user != nullptr && user->pw_dir != nullptr && user->pw_dir[0] == '/') return user->pw_dir;
  throw Error(ErrorKind::NotFound, "There is no home folder. Set HOME, or XDG_DATA_HOME and XDG_CACHE_HOME.");
}

fs::path made_folder(const char* variable, const char* below_home) {
  fs::path base = absolute_from_environment(variable);
  if (base.empty()) base = home_folder() / below_home;
  fs::path folder = base / "hearsay";
  std::error_code code;
  fs::create_directories(folder, code);
  if (code) {
    throw Error(ErrorKind::NoSpace, "The folder " + quoted(folder) + " cannot be made: " + code.message() + ". Set " +
                                        variable + " to a place you may write to.");
  }
  return folder;
}

bool is_folder(const fs::path& path) {
  std::error_code code;
  return fs::is_directory(path, code);
}

}  // namespace

fs::path data_folder() {
  return made_folder("XDG_DATA_HOME", ".local/share");
}

fs::path cache_folder() {
  return made_folder("XDG_CACHE_HOME", ".cache");
}

fs::path resources_folder() {
  if (const char* set = std::getenv("HEARSAY_RESOURCES"); set != nullptr && *set != '\0') {
    if (is_folder(set)) return set;
    throw Error(ErrorKind::NotFound,
                "HEARSAY_RESOURCES names " + quoted(set) + ", which is not a folder. Correct or unset it.");
  }
  std::error_code code;
  const fs::path executable = fs::read_symlink("/proc/self/exe", code);
  if (!code) {
    fs::path share = executable.parent_path().parent_path() / "share" / "hearsay";
    if (is_folder(share / "resources")) return share / "resources";
    if (is_folder(share)) return share;
  }
  if (is_folder(HEARSAY_SOURCE_RESOURCES)) return HEARSAY_SOURCE_RESOURCES;
  throw Error(ErrorKind::NotFound,
              "The starter model and captions that come with Hearsay were not found. Install Hearsay again, or set "
              "HEARSAY_RESOURCES to its resources folder.");
}

}  // namespace hearsay
