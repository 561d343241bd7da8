#pragma once
// Reading and writing .safetensors: 8-byte little-endian header length, JSON header, raw tensors
// (github.com/huggingface/safetensors, "Format"). A file from elsewhere is never trusted: header length, shapes,
// offsets and overlaps are checked against the file's size before anything is used.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/matrix.h"

namespace hearsay {

enum class DType { F64, F32, F16, BF16, I64, I32, I16, I8, U8, Bool };
std::size_t dtype_size(DType dtype) noexcept;
std::string_view dtype_name(DType dtype) noexcept;  ///< as in the file: "F32", "BOOL"

struct TensorView {
  DType dtype = DType::F32;
  std::vector<std::int64_t> shape;   ///< empty: a scalar
  std::span<const std::byte> bytes;  ///< row-major; valid while the file object lives
  [[nodiscard]] std::int64_t count() const noexcept;
};

/// A memory-mapped file.
class SafetensorsFile {
 public:
  /// Errors: NotFound, Unreadable, BadFormat (each sentence names the file and what is wrong).
  static SafetensorsFile open(const std::filesystem::path& file);
  SafetensorsFile(SafetensorsFile&&) noexcept;
  SafetensorsFile& operator=(SafetensorsFile&&) noexcept;
  ~SafetensorsFile();

  [[nodiscard]] const std::map<std::string, TensorView>& tensors() const noexcept;
  [[nodiscard]] const std::map<std::string, std::string>& metadata() const noexcept;
  [[nodiscard]] bool has(const std::string& name) const;
  /// Error: BadFormat, naming file and tensor, when absent.
  [[nodiscard]] const TensorView& get(const std::string& name) const;
  /// Any float or integer tensor as float32. `matrix`: 2-d tensors only (1-d gives one row).
  [[nodiscard]] std::vector<float> floats(const std::string& name) const;
  [[nodiscard]] Matrix matrix(const std::string& name) const;
  /// Gives the pages of a tensor's bytes back to the system (they come again when touched).
  void forget(std::span<const std::byte> part) const noexcept;

 private:
  SafetensorsFile();
  struct State;
  std::unique_ptr<State> state_;
};

class SafetensorsWriter {
 public:
  /// The bytes are copied. Error: Usage for a name used twice or bytes that do not fit the shape.
  void add(const std::string& name, DType dtype, std::vector<std::int64_t> shape, std::span<const std::byte> bytes);
  void add(const std::string& name, std::vector<std::int64_t> shape, std::span<const float> values);
  void add(const std::string& name, const Matrix& matrix);
  void set_metadata(const std::string& key, const std::string& value);
  /// Atomic. Error: NoSpace.
  void write(const std::filesystem::path& file) const;

 private:
  struct Entry {
    std::string name;
    DType dtype;
    std::vector<std::int64_t> shape;
    std::vector<std::byte> bytes;
  };
  std::vector<Entry> entries_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace hearsay
