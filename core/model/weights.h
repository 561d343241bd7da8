#pragma once
// The tensors of a checkpoint, whatever file they lie in, turned into LibTorch tensors one by one as a tower asks for
// them. Every shape is checked on the way, so that a file that is not what it says is refused with the tensor's name.
// Includes LibTorch: inside core/model only.

#include <ATen/ATen.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/job.h"
#include "model/safetensors.h"

namespace hearsay {

/// A tensor as it lies in a file: possibly a strided view of a storage shared with others.
struct StoredTensor {
  DType dtype = DType::F32;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t>
      strides;  ///< in elements, not negative; every element lies within `bytes` (checked by the reader)
  std::span<const std::byte> bytes;  ///< from the first element on
};

class Checkpoint {
 public:
  virtual ~Checkpoint() = default;
  /// By its content: .safetensors, or a pickle (zip or legacy). Errors: NotFound, Unreadable, BadFormat.
  static std::shared_ptr<const Checkpoint> open(const std::filesystem::path& file);

  [[nodiscard]] const std::map<std::string, StoredTensor>& tensors() const noexcept { return tensors_; }
  [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }
  [[nodiscard]] virtual std::uint64_t bytes() const noexcept = 0;  ///< size of the file
  /// Gives the mapped pages of a tensor's bytes back: they have been copied.
  virtual void forget(std::span<const std::byte> part) const noexcept = 0;

 protected:
  explicit Checkpoint(std::filesystem::path file) : file_(std::move(file)) {}
  std::filesystem::path file_;
  std::map<std::string, StoredTensor> tensors_;
};

/// Where and as what weights are wanted, and who is told while they are converted.
struct WeightOptions {
  at::ScalarType type = at::kFloat;  ///< tests use double
  at::Device device = at::kCPU;
  ProgressFn progress;
  JobControl* control = nullptr;
};

class Weights {
 public:
  explicit Weights(std::shared_ptr<const Checkpoint> checkpoint, WeightOptions options = {});

  /// The tensors below a prefix: weights.under("text_model").get("embeddings.LayerNorm.weight").
  [[nodiscard]] Weights under(const std::string& prefix) const;
  [[nodiscard]] bool has(const std::string& name) const;
  /// Whether any tensor's name begins with `name` + ".".
  [[nodiscard]] bool has_group(const std::string& name) const;
  /// How many of name.0, name.1, ... there are.
  [[nodiscard]] int count(const std::string& name) const;
  /// Error: BadFormat when absent.
  [[nodiscard]] const std::vector<std::int64_t>& shape(const std::string& name) const;
  /// One size of a shape, negative dimensions from the end. Error: BadFormat when the tensor has no such dimension.
  [[nodiscard]] std::int64_t size(const std::string& name, int dimension) const;
  /// A contiguous copy. `expected`: one entry a dimension, -1 for any size. Error: BadFormat naming tensor and shapes.
  [[nodiscard]] at::Tensor get(const std::string& name, at::IntArrayRef expected) const;
  [[nodiscard]] at::Tensor get(const std::string& name, std::initializer_list<std::int64_t> expected) const {
    return get(name, at::IntArrayRef(expected.begin(), expected.size()));
  }
  [[nodiscard]] std::string full_name(const std::string& name) const { return prefix_ + name; }
  [[nodiscard]] const std::filesystem::path& file() const noexcept { return checkpoint_->file(); }
  [[nodiscard]] const Checkpoint& checkpoint() const noexcept { return *checkpoint_; }
  [[nodiscard]] at::Device device() const noexcept;

 private:
  struct Shared;
  [[nodiscard]] const StoredTensor& stored(const std::string& name) const;
  std::shared_ptr<const Checkpoint> checkpoint_;
  std::shared_ptr<Shared> shared_;
  std::string prefix_;
};

at::ScalarType scalar_type(DType dtype);

}  // namespace hearsay
