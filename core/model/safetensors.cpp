#include "model/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <deque>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "model/mapped_file.h"
#include "model/memory_budget.h"
#include "model/number_types.h"
#include "model/safetensors_header.h"

namespace hearsay {

static_assert(std::endian::native == std::endian::little, "tensors are stored and used little-endian");

namespace {

constexpr std::uint64_t kMaxHeader = 100'000'000;  // as the format's own library
constexpr std::size_t kLengthBytes = 8;

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& what) {
  throw Error(ErrorKind::BadFormat,
              file.string() + " is not a usable .safetensors file: " + what + ". It may be incomplete; get it again.");
}

/// Data must be covered by the tensors from its first to its last byte, without overlaps or holes (as the format says).
void check_coverage(const std::deque<HeaderEntry>& entries, std::uint64_t data_size,
                    const std::filesystem::path& file) {
  std::vector<const HeaderEntry*> order;
  order.reserve(entries.size());
  for (const HeaderEntry& entry : entries) order.push_back(&entry);
  std::ranges::sort(order, [](const HeaderEntry* a, const HeaderEntry* b) {
    return std::pair(a->begin, a->end) < std::pair(b->begin, b->end);
  });
  std::uint64_t covered = 0;
  for (const HeaderEntry* one : order) {
    const HeaderEntry& entry = *one;
    const std::int64_t count = checked_count(entry.shape);
    std::uint64_t size = 0;
    if (count < 0 || __builtin_mul_overflow(static_cast<std::uint64_t>(count), dtype_size(entry.dtype), &size)) {
      refuse(file, "the shape of tensor " + entry.name + " is out of range");
    }
    if (entry.end < entry.begin || entry.end > data_size) {
      refuse(file, "tensor " + entry.name + " lies outside the file");
    }
    if (entry.end - entry.begin != size) refuse(file, "the size of tensor " + entry.name + " does not fit its shape");
    if (entry.begin != covered)
      refuse(file, "tensor " + entry.name + " overlaps another one or leaves a hole before it");
    covered = entry.end;
  }
  if (covered != data_size) refuse(file, "there are bytes after the last tensor");
}

}  // namespace

std::int64_t TensorView::count() const noexcept {
  return std::max<std::int64_t>(0, checked_count(shape));
}

struct SafetensorsFile::State {
  explicit State(const std::filesystem::path& file) : map(file) {}
  MappedFile map;
  std::map<std::string, TensorView> tensors;
  std::map<std::string, std::string> metadata;
};

SafetensorsFile::SafetensorsFile() = default;
SafetensorsFile::SafetensorsFile(SafetensorsFile&&) noexcept = default;
SafetensorsFile& SafetensorsFile::operator=(SafetensorsFile&&) noexcept = default;
SafetensorsFile::~SafetensorsFile() = default;

SafetensorsFile SafetensorsFile::open(const std::filesystem::path& file) {
  SafetensorsFile result;
  result.state_ = std::make_unique<State>(file);
  const auto bytes = result.state_->map.bytes();
  if (bytes.size() < kLengthBytes + 2) refuse(file, "it has only " + std::to_string(bytes.size()) + " bytes");
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  if (length > kMaxHeader || length > bytes.size() - kLengthBytes) {
    refuse(file, "its header would be " + std::to_string(length) + " bytes long");
  }
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + kLengthBytes, length);
  if (!text.starts_with('{')) refuse(file, "its header does not begin with {");
  MemoryBudget budget(bytes.size());
  SafetensorsHeader header = parse_safetensors_header(text, budget, file.string());
  const auto data = bytes.subspan(kLengthBytes + length);
  check_coverage(header.entries, data.size(), file);
  for (; !header.entries.empty(); header.entries.pop_front()) {
    HeaderEntry& entry = header.entries.front();
    const auto part = data.subspan(entry.begin, entry.end - entry.begin);
    TensorView view{entry.dtype, std::move(entry.shape), part};
    const auto [place, is_new] = result.state_->tensors.try_emplace(std::move(entry.name), std::move(view));
    if (!is_new) refuse(file, "it has two tensors called " + place->first.substr(0, 120));
  }
  result.state_->metadata = std::move(header.metadata);
  return result;
}

const std::map<std::string, TensorView>& SafetensorsFile::tensors() const noexcept {
  return state_->tensors;
}
const std::map<std::string, std::string>& SafetensorsFile::metadata() const noexcept {
  return state_->metadata;
}
bool SafetensorsFile::has(const std::string& name) const {
  return state_->tensors.contains(name);
}
void SafetensorsFile::forget(std::span<const std::byte> part) const noexcept {
  state_->map.forget(part);
}

const TensorView& SafetensorsFile::get(const std::string& name) const {
  const auto found = state_->tensors.find(name);
  if (found == state_->tensors.end()) {
    throw Error(ErrorKind::BadFormat, state_->map.path().string() + " holds no tensor named " + name + ".");
  }
  return found->second;
}

std::vector<float> SafetensorsFile::floats(const std::string& name) const {
  const TensorView& view = get(name);
  std::vector<float> values(static_cast<std::size_t>(view.count()));
  convert_to_floats(view.dtype, view.bytes, values);
  return values;
}

Matrix SafetensorsFile::matrix(const std::string& name) const {
  const TensorView& view = get(name);
  if (view.shape.empty() || view.shape.size() > 2) {
    throw Error(ErrorKind::BadFormat, "Tensor " + name + " in " + state_->map.path().string() + " is not a matrix.");
  }
  Matrix result;
  result.rows = view.shape.size() == 2 ? view.shape[0] : 1;
  result.cols = view.shape.back();
  result.data = floats(name);
  return result;
}

void SafetensorsWriter::add(const std::string& name, DType dtype, std::vector<std::int64_t> shape,
                            std::span<const std::byte> bytes) {
  const bool used = std::ranges::any_of(entries_, [&](const Entry& entry) { return entry.name == name; });
  if (used || name == "__metadata__") throw Error(ErrorKind::Usage, "The tensor name " + name + " is already taken.");
  const std::int64_t count = checked_count(shape);
  if (count < 0 || static_cast<std::uint64_t>(count) * dtype_size(dtype) != bytes.size()) {
    throw Error(ErrorKind::Usage, "The values of tensor " + name + " do not fit its shape.");
  }
  entries_.push_back({name, dtype, std::move(shape), {bytes.begin(), bytes.end()}});
}

void SafetensorsWriter::add(const std::string& name, std::vector<std::int64_t> shape, std::span<const float> values) {
  add(name, DType::F32, std::move(shape), std::as_bytes(values));
}

void SafetensorsWriter::add(const std::string& name, const Matrix& matrix) {
  add(name, {matrix.rows, matrix.cols}, std::span<const float>(matrix.data));
}

void SafetensorsWriter::set_metadata(const std::string& key, const std::string& value) {
  metadata_[key] = value;
}

void SafetensorsWriter::write(const std::filesystem::path& file) const {
  // Widest number types first, then by name: every tensor is aligned and the same content gives the same bytes.
  std::vector<const Entry*> order;
  order.reserve(entries_.size());
  for (const auto& entry : entries_) order.push_back(&entry);
  std::ranges::sort(order, [](const Entry* a, const Entry* b) {
    const auto wide_a = dtype_size(a->dtype);
    const auto wide_b = dtype_size(b->dtype);
    return wide_a != wide_b ? wide_a > wide_b : a->name < b->name;
  });
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata_.empty()) header["__metadata__"] = metadata_;
  std::uint64_t offset = 0;
  for (const Entry* entry : order) {
    header[entry->name] = {{"dtype", dtype_name(entry->dtype)},
                           {"shape", entry->shape},
                           {"data_offsets", {offset, offset + entry->bytes.size()}}};
    offset += entry->bytes.size();
  }
  std::string text = header.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  text.append((kLengthBytes - text.size() % kLengthBytes) % kLengthBytes, ' ');
  const std::uint64_t length = text.size();
  write_file_atomically(file, [&](const ByteSink& sink) {
    sink(std::as_bytes(std::span(&length, 1)));
    sink(std::as_bytes(std::span(text)));
    for (const Entry* entry : order) sink(entry->bytes);
  });
}

}  // namespace hearsay
