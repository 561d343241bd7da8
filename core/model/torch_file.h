#pragma once
// Files that torch.save wrote (.pth, .pt, .bin): zip archives and the format before PyTorch 1.6.
// Includes LibTorch through weights.h: inside core/model only.

#include <filesystem>
#include <memory>

#include "model/mapped_file.h"
#include "model/weights.h"

namespace hearsay {

/// The tensors of a state_dict, which may lie under "model" or "state_dict"; a leading "module." is taken off names.
class TorchCheckpoint final : public Checkpoint {
 public:
  /// Errors: NotFound, Unreadable, BadFormat (names what is not read: a global, an opcode, a tensor outside its
  /// storage).
  explicit TorchCheckpoint(const std::filesystem::path& file);
  /// Whether the first bytes are those of such a file.
  static bool looks_like_one(std::span<const std::byte> start) noexcept;
  [[nodiscard]] std::uint64_t bytes() const noexcept override { return map_.bytes().size(); }
  void forget(std::span<const std::byte> part) const noexcept override { map_.forget(part); }

 private:
  MappedFile map_;
};

}  // namespace hearsay
