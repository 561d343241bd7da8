#pragma once
// A file system of half a megabyte, for tests of disks that fill up. Only root can mount one: ask mounted() first.

#include <sys/mount.h>
#include <sys/statvfs.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>

namespace hearsay::testing {

/// Lies at `folder`, which is made; goes with the object.
class SmallDisk {
 public:
  explicit SmallDisk(std::filesystem::path folder) : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
    mounted_ = ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=512k") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  [[nodiscard]] bool mounted() const { return mounted_; }
  /// Leaves room for `room` bytes, in whole blocks of 4096.
  void fill(std::size_t room = 0) const {
    struct statvfs info = {};
    if (::statvfs(folder_.c_str(), &info) != 0) return;
    const std::size_t free = info.f_bavail * info.f_frsize;
    std::ofstream(filler(), std::ios::binary) << std::string(free > room ? free - room : 0, 'x');
  }
  void make_room() const { std::filesystem::remove(filler()); }

 private:
  [[nodiscard]] std::filesystem::path filler() const { return folder_ / "filler"; }

  std::filesystem::path folder_;
  bool mounted_ = false;
};

}  // namespace hearsay::testing
