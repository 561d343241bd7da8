// Part of every test: its folders for cache and data are temporary ones, so that no test reads or writes a person's.

#include <cstdlib>
#include <filesystem>
#include <string>

namespace {

struct OwnCache {
  OwnCache() {
    std::string folder = (std::filesystem::temp_directory_path() / "hearsay-test-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) std::abort();
    path = folder;
    setenv("XDG_CACHE_HOME", (folder + "/cache").c_str(), 1);
    setenv("XDG_DATA_HOME", (folder + "/data").c_str(), 1);
    unsetenv("HEARSAY_CACHE_MB");
  }
  OwnCache(const OwnCache&) = delete;
  OwnCache& operator=(const OwnCache&) = delete;
  ~OwnCache() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::filesystem::path path;
};

const OwnCache own_cache;

}  // namespace
