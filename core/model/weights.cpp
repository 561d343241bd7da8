#include "model/weights.h"

#include <algorithm>
#include <cstring>
#include <sstream>
#include <utility>

#include "base/error.h"
#include "model/torch_file.h"

namespace hearsay {

namespace {

constexpr std::size_t kPiece = std::size_t{8} << 20U;  // bytes converted at once: so much of the file is in memory

std::string words_of_shape(at::IntArrayRef shape) {
  std::ostringstream text;
  text << '[';
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text << ", ";
    if (shape[i] < 0) {
      text << "any";
    } else {
      text << shape[i];
    }
  }
  text << ']';
  return text.str();
}

class SafetensorsCheckpoint final : public Checkpoint {
 public:
  explicit SafetensorsCheckpoint(const std::filesystem::path& file)
      : Checkpoint(file), content_(SafetensorsFile::open(file)), size_(std::filesystem::file_size(file)) {
    for (const auto& [name, view] : content_.tensors()) {
      std::vector<std::int64_t> strides(view.shape.size(), 1);
      for (std::size_t i = view.shape.size(); i > 1; --i) strides[i - 2] = strides[i - 1] * view.shape[i - 1];
      tensors_.emplace(name, StoredTensor{view.dtype, view.shape, std::move(strides), view.bytes});
    }
  }
  [[nodiscard]] std::uint64_t bytes() const noexcept override { return size_; }
  void forget(std::span<const std::byte> part) const noexcept override { content_.forget(part); }

 private:
  SafetensorsFile content_;
  std::uint64_t size_;
};

/// Numbers of a file as a tensor that does not own them. `copy`: takes them when the file has them at an odd address,
/// as legacy pickles do.
at::Tensor borrowed(std::span<const std::byte> bytes, at::IntArrayRef shape, at::IntArrayRef strides, DType dtype,
                    std::vector<std::uint64_t>& copy) {
  const void* data = bytes.data();
  if (reinterpret_cast<std::uintptr_t>(data) % dtype_size(dtype) != 0) {
    copy.resize((bytes.size() + 7) / 8);
    std::memcpy(copy.data(), data, bytes.size());
    data = copy.data();
  }
  return at::from_blob(const_cast<void*>(data), shape, strides, scalar_type(dtype));
}

/// The bytes from a tensor's first element to its last one.
std::span<const std::byte> extent_of(const StoredTensor& stored) {
  std::int64_t last = 0;
  for (std::size_t i = 0; i < stored.shape.size(); ++i) last += (stored.shape[i] - 1) * stored.strides[i];
  return stored.bytes.first((static_cast<std::size_t>(last) + 1) * dtype_size(stored.dtype));
}

/// Copies a stored tensor into a fresh, contiguous one of the wanted type; one that lies in the file in order goes
/// piece by piece, so that of a large one never more than a piece is in memory twice.
at::Tensor copy_of(const Checkpoint& checkpoint, const StoredTensor& stored, const WeightOptions& options) {
  at::Tensor result = at::empty(stored.shape, at::TensorOptions().dtype(options.type));
  if (result.numel() == 0) return result.to(options.device);
  const std::span<const std::byte> all = extent_of(stored);
  std::vector<std::uint64_t> aligned;
  const std::size_t width = dtype_size(stored.dtype);
  if (stored.strides == result.strides().vec()) {
    const at::Tensor flat = result.view(-1);
    for (std::size_t at = 0; at < all.size(); at += kPiece) {
      const auto part = all.subspan(at, std::min(kPiece, all.size() - at));
      const auto count = static_cast<std::int64_t>(part.size() / width);
      const auto first = static_cast<std::int64_t>(at / width);
      flat.narrow(0, first, count).copy_(borrowed(part, {count}, {1}, stored.dtype, aligned));
      checkpoint.forget(part);
    }
  } else {
    result.copy_(borrowed(all, stored.shape, stored.strides, stored.dtype, aligned));
    checkpoint.forget(all);
  }
  return options.device.is_cpu() ? result : result.to(options.device);
}

}  // namespace

struct Weights::Shared {
  explicit Shared(WeightOptions wanted) : options(std::move(wanted)), meter(options.progress) {}
  WeightOptions options;
  ProgressMeter meter;
  std::uint64_t total = 1;
  std::uint64_t done = 0;
};

at::ScalarType scalar_type(DType dtype) {
  switch (dtype) {
    case DType::F64:
      return at::kDouble;
    case DType::F32:
      return at::kFloat;
    case DType::F16:
      return at::kHalf;
    case DType::BF16:
      return at::kBFloat16;
    case DType::I64:
      return at::kLong;
    case DType::I32:
      return at::kInt;
    case DType::I16:
      return at::kShort;
    case DType::I8:
      return at::kChar;
    case DType::U8:
      return at::kByte;
    case DType::Bool:
      return at::kBool;
  }
  return at::kFloat;
}

std::shared_ptr<const Checkpoint> Checkpoint::open(const std::filesystem::path& file) {
  const MappedFile start(file);
  const std::span<const std::byte> bytes = start.bytes();
  const std::string ending = file.extension().string();
  const bool called_torch = ending == ".pth" || ending == ".pt" || ending == ".bin";
  const bool has_json = bytes.size() > 8 && bytes[8] == std::byte{'{'};  // as .safetensors begin
  // A damaged one is told of as what its name says it is.
  if (TorchCheckpoint::looks_like_one(bytes) || (called_torch && !has_json)) {
    return std::make_shared<TorchCheckpoint>(file);
  }
  return std::make_shared<SafetensorsCheckpoint>(file);
}

Weights::Weights(std::shared_ptr<const Checkpoint> checkpoint, WeightOptions options)
    : checkpoint_(std::move(checkpoint)), shared_(std::make_shared<Shared>(std::move(options))) {
  for (const auto& [name, stored] : checkpoint_->tensors()) shared_->total += stored.bytes.size();
}

Weights Weights::under(const std::string& prefix) const {
  Weights result = *this;
  result.prefix_ += prefix + ".";
  return result;
}

bool Weights::has(const std::string& name) const {
  return checkpoint_->tensors().contains(full_name(name));
}

bool Weights::has_group(const std::string& name) const {
  const std::string start = full_name(name) + ".";
  const auto next = checkpoint_->tensors().lower_bound(start);
  return next != checkpoint_->tensors().end() && next->first.starts_with(start);
}

int Weights::count(const std::string& name) const {
  int number = 0;
  while (has_group(name + "." + std::to_string(number))) ++number;
  return number;
}

at::Device Weights::device() const noexcept {
  return shared_->options.device;
}

const StoredTensor& Weights::stored(const std::string& name) const {
  const auto found = checkpoint_->tensors().find(full_name(name));
  if (found == checkpoint_->tensors().end()) {
    throw Error(ErrorKind::BadFormat, file().string() + " holds no tensor named " + full_name(name) +
                                          ", which a model of this kind needs. Is this the right file?");
  }
  return found->second;
}

const std::vector<std::int64_t>& Weights::shape(const std::string& name) const {
  return stored(name).shape;
}

std::int64_t Weights::size(const std::string& name, int dimension) const {
  const auto& sizes = shape(name);
  const int rank = static_cast<int>(sizes.size());
  const int at = dimension < 0 ? rank + dimension : dimension;
  if (at < 0 || at >= rank || sizes[static_cast<std::size_t>(at)] < 1) {
    throw Error(ErrorKind::BadFormat, "Tensor " + full_name(name) + " in " + file().string() + " has the shape " +
                                          words_of_shape(sizes) + ", which makes no sense.");
  }
  return sizes[static_cast<std::size_t>(at)];
}

at::Tensor Weights::get(const std::string& name, at::IntArrayRef expected) const {
  const StoredTensor& tensor = stored(name);
  bool fits = tensor.shape.size() == expected.size();
  for (std::size_t i = 0; fits && i < expected.size(); ++i) {
    fits = tensor.shape[i] > 0 && (expected[i] < 0 || tensor.shape[i] == expected[i]);
  }
  if (!fits) {
    throw Error(ErrorKind::BadFormat, "Tensor " + full_name(name) + " in " + file().string() + " has the shape " +
                                          words_of_shape(tensor.shape) + " where " + words_of_shape(expected) +
                                          " belongs.");
  }
  if (shared_->options.control != nullptr) shared_->options.control->checkpoint();
  at::Tensor copy = copy_of(*checkpoint_, tensor, shared_->options);
  shared_->done += tensor.bytes.size();
  const double fraction = static_cast<double>(shared_->done) / static_cast<double>(shared_->total);
  shared_->meter.report("loading the model", std::min(fraction, 0.99));
  return copy;
}

}  // namespace hearsay
