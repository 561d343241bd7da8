#include "model/torch_file.h"

#include <cstring>
#include <functional>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/words.h"
#include "model/pickle.h"
#include "model/safetensors_header.h"
#include "model/zip_directory.h"

namespace hearsay {

namespace {

using Bytes = std::span<const std::byte>;
using Storages = std::map<std::string_view, Bytes>;  // the names lie in the file or in its zip directory

constexpr std::uint64_t kPerStorage = 96;  // a storage in a map
constexpr std::uint64_t kPerTensor = 320;  // a tensor in the map of tensors
constexpr std::string_view kMagic("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10);

std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

[[noreturn]] void refuse(const std::string& file, const std::string& what) {
  throw Error(ErrorKind::BadFormat, file + " cannot be read as PyTorch weights: " + what + ".");
}

void pay(MemoryBudget& budget, std::uint64_t bytes, const std::string& file) {
  if (!budget.pay(bytes)) refuse(file, "it holds more values than a file of its size should");
}

/// A tensor as a view of its storage, every element checked to lie inside.
StoredTensor view_of(const Pickle& pickle, const PickleValue& tensor, const Storages& storages, const std::string& name,
                     const std::string& file) {
  const PickleValue& storage = pickle.value(tensor.items.front());
  const auto found = storages.find(storage.text);
  if (found == storages.end()) refuse(file, "the numbers of tensor " + name + " are missing");
  const std::uint64_t width = dtype_size(storage.dtype);
  const std::uint64_t available = found->second.size() / width;
  if (static_cast<std::uint64_t>(storage.integer) > available)
    refuse(file, "the numbers of tensor " + name + " are cut off");
  const std::int64_t count = checked_count(tensor.shape);
  std::int64_t last = tensor.integer;
  bool inside = count >= 0;
  for (std::size_t i = 0; inside && count > 0 && i < tensor.shape.size(); ++i) {
    std::int64_t reach = 0;
    inside = !__builtin_mul_overflow(tensor.shape[i] - 1, tensor.strides[i], &reach) &&
             !__builtin_add_overflow(last, reach, &last);
  }
  inside = inside && static_cast<std::uint64_t>(tensor.integer) <= available &&
           (count == 0 || static_cast<std::uint64_t>(last) < available);
  if (!inside) refuse(file, "tensor " + name + " reaches outside its storage");
  return {storage.dtype, tensor.shape, tensor.strides,
          found->second.subspan(static_cast<std::uint64_t>(tensor.integer) * width)};
}

/// The dictionary that holds the tensors.
const PickleValue& state_dict(const Pickle& pickle, const std::string& file) {
  for (const char* key : {"model", "state_dict"}) {
    const PickleValue* inner = pickle.find(pickle.root(), key);
    if (inner != nullptr && inner->kind == PickleKind::Dict) return *inner;
  }
  if (pickle.root().kind != PickleKind::Dict) refuse(file, "it does not hold a dictionary of tensors");
  return pickle.root();
}

/// Tensors may share their numbers, but not so often that together, as floats, they are many times the file.
void check_sharing(const std::map<std::string, StoredTensor>& tensors, std::uint64_t file_size,
                   const std::string& file) {
  MemoryBudget floats(file_size);
  for (const auto& [name, tensor] : tensors) {
    const auto count = static_cast<std::uint64_t>(checked_count(tensor.shape));
    const bool countable = count < (1ULL << 60U);
    if (!countable || !floats.pay(count * sizeof(float))) {
      refuse(file, "its tensors repeat or share their numbers too often, as " + name + " does");
    }
  }
}

std::map<std::string, StoredTensor> tensors_of(const Pickle& pickle, const Storages& storages, MemoryBudget& budget,
                                               const std::string& file) {
  std::map<std::string, StoredTensor> result;
  const PickleValue& dict = state_dict(pickle, file);
  for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    const PickleValue& key = pickle.value(dict.items[i]);
    const PickleValue& value = pickle.value(dict.items[i + 1]);
    if (key.kind != PickleKind::Text || value.kind != PickleKind::Tensor) continue;
    pay(budget, kPerTensor + 2 * key.text.size() + value.shape.size() * 2 * sizeof(std::int64_t), file);
    std::string name = valid_utf8(key.text);
    if (name.starts_with("module.")) name.erase(0, 7);
    StoredTensor tensor = view_of(pickle, value, storages, name, file);
    result.insert_or_assign(std::move(name), std::move(tensor));
  }
  if (result.empty()) refuse(file, "it holds no tensors");
  return result;
}

std::map<std::string, StoredTensor> read_zip(Bytes bytes, const std::string& file) {
  MemoryBudget budget(bytes.size());
  const auto parts = read_zip_directory(bytes, budget, file);
  std::string root;
  const Bytes* content = nullptr;
  for (const auto& [name, part] : parts) {
    const std::size_t slash = name.find('/');
    if (slash != std::string::npos && std::string_view(name).substr(slash) == "/data.pkl") {
      root = name.substr(0, slash + 1);
      content = &part;
    }
  }
  if (content == nullptr) refuse(file, "it is a zip archive without a data.pkl");
  const auto order = parts.find(root + "byteorder");
  if (order != parts.end() && text_of(order->second) != "little") refuse(file, "its numbers are not little-endian");
  Storages storages;
  const std::string folder = root + "data/";
  for (const auto& [name, part] : parts) {
    if (!name.starts_with(folder)) continue;
    pay(budget, kPerStorage, file);
    storages.emplace(std::string_view(name).substr(folder.size()), part);
  }
  const Pickle pickle(*content, budget, file);
  auto tensors = tensors_of(pickle, storages, budget, file);
  check_sharing(tensors, bytes.size(), file);
  return tensors;
}

/// The storages that a pickle speaks of, by key: number type and elements.
std::map<std::string_view, std::pair<DType, std::uint64_t>> storages_named(const Pickle& pickle, MemoryBudget& budget,
                                                                           const std::string& file) {
  std::map<std::string_view, std::pair<DType, std::uint64_t>> result;
  for (const PickleValue& value : pickle.values()) {
    if (value.kind != PickleKind::Storage) continue;
    pay(budget, kPerStorage, file);
    result[value.text] = {value.dtype, static_cast<std::uint64_t>(value.integer)};
  }
  return result;
}

/// Five pickles (magic number, protocol, system, content, keys), then for each key a count and the raw numbers.
std::map<std::string, StoredTensor> read_legacy(Bytes bytes, const std::string& file) {
  MemoryBudget budget(bytes.size());
  std::size_t at = 0;
  const auto next = [&] {
    Pickle pickle(bytes.subspan(at), budget, file);
    at += pickle.length();
    return pickle;
  };
  if (next().root().text != kMagic) refuse(file, "it does not begin as such files do");
  if (next().root().integer != 1001) refuse(file, "it is of a version that is not read here");
  {
    const Pickle system = next();
    const PickleValue* little = system.find(system.root(), "little_endian");
    if (little == nullptr || little->integer != 1) refuse(file, "its numbers are not little-endian");
  }
  const Pickle content = next();
  const auto named = storages_named(content, budget, file);
  const Pickle keys = next();
  Storages storages;
  for (const PickleId id : keys.root().items) {
    const std::string_view key = keys.value(id).text;
    std::uint64_t count = 0;
    if (bytes.size() - at < sizeof(count)) refuse(file, "it ends before its numbers do");
    std::memcpy(&count, bytes.data() + at, sizeof(count));
    at += sizeof(count);
    const auto known = named.find(key);
    if (known == named.end()) refuse(file, "it holds numbers that belong to no tensor");
    const std::uint64_t width = dtype_size(known->second.first);
    if (count != known->second.second || count > (bytes.size() - at) / width)
      refuse(file, "it ends before its numbers do");
    pay(budget, kPerStorage, file);
    storages.emplace(key, bytes.subspan(at, count * width));
    at += count * width;
  }
  auto tensors = tensors_of(content, storages, budget, file);
  check_sharing(tensors, bytes.size(), file);
  return tensors;
}

}  // namespace

bool TorchCheckpoint::looks_like_one(std::span<const std::byte> start) noexcept {
  const std::string_view text = text_of(start);
  return text.starts_with("PK\x03\x04") || text.starts_with("\x80\x02\x8a\x0a");
}

TorchCheckpoint::TorchCheckpoint(const std::filesystem::path& file) : Checkpoint(file), map_(file) {
  const Bytes bytes = map_.bytes();
  if (!looks_like_one(bytes)) refuse(file.string(), "it is neither a zip archive nor a file of an older PyTorch");
  tensors_ = text_of(bytes).starts_with("PK") ? read_zip(bytes, file.string()) : read_legacy(bytes, file.string());
}

}  // namespace hearsay
