#pragma once
// A file mapped for reading: what the readers of weights look at. Nothing is copied until it is asked for.

#include <cstddef>
#include <filesystem>
#include <span>

namespace hearsay {

class MappedFile {
 public:
  /// Errors: NotFound, Unreadable (a folder, no permission, the system's reason).
  explicit MappedFile(const std::filesystem::path& file);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {data_, size_}; }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  /// Gives the pages of a part of bytes() back to the system; they come again when touched. Keeps loading within its
  /// memory.
  void forget(std::span<const std::byte> part) const noexcept;

 private:
  std::filesystem::path path_;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace hearsay
