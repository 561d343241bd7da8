#pragma once
// How much memory the reading of one file may take: the file's size times four, and a little for small files. Readers
// pay before they allocate, so that a hostile file is refused and not the machine. Inside core/model only.

#include <cstdint>

namespace hearsay {

class MemoryBudget {
 public:
  static constexpr std::uint64_t kSpare = 8U << 20U;  ///< bytes that even a tiny file may take
  explicit MemoryBudget(std::uint64_t file_size) : left_(4 * file_size + kSpare) {}
  /// False when there is not so much left; nothing is paid then.
  [[nodiscard]] bool pay(std::uint64_t bytes) noexcept {
    if (bytes > left_) return false;
    left_ -= bytes;
    return true;
  }

 private:
  std::uint64_t left_;
};

}  // namespace hearsay
