#pragma once
// A reader of the pickles that torch.save writes, and of nothing more: a fixed list of opcodes, a fixed list of
// globals, no call beyond rebuilding a tensor or an ordered dictionary, memory bounded by the file's size. No LibTorch
// here. (Python's pickletools.py documents the opcodes, torch/serialization.py and torch/_utils.py what the globals
// mean.)

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/memory_budget.h"
#include "model/safetensors.h"

namespace hearsay {

enum class PickleKind { None, Bool, Int, Float, Text, Tuple, List, Dict, Global, Storage, Tensor };

/// The globals that a pickle may name.
enum class PickleGlobal { OrderedDict, RebuildTensor, RebuildParameter, Size, StorageType };

using PickleId = std::uint32_t;  ///< a value, as an index into the values of its pickle

struct PickleValue {
  PickleKind kind = PickleKind::None;
  std::int64_t integer = 0;     ///< Bool, Int; Tensor: offset in elements; Storage: elements
  double number = 0.0;          ///< Float
  std::string_view text;        ///< Text, and a Storage's key: lies in the file
  std::vector<PickleId> items;  ///< Tuple, List; Dict: key, value, key, value ...; Tensor: its storage
  PickleGlobal global = PickleGlobal::OrderedDict;
  DType dtype = DType::F32;         ///< Storage, and a Global that names a storage type
  std::vector<std::int64_t> shape;  ///< Tensor
  std::vector<std::int64_t> strides;
};

class Pickle {
 public:
  /// Reads one pickle from the start of `bytes`, which must outlive the result. `budget` pays for the values; `file` is
  /// named in errors. Error: BadFormat (names an offending global or opcode).
  Pickle(std::span<const std::byte> bytes, MemoryBudget& budget, std::string file);

  [[nodiscard]] const PickleValue& root() const { return values_[root_]; }
  [[nodiscard]] const PickleValue& value(PickleId id) const { return values_[id]; }
  /// Every value that was made, in order.
  [[nodiscard]] const std::deque<PickleValue>& values() const noexcept { return values_; }
  [[nodiscard]] std::size_t length() const noexcept { return at_; }  ///< bytes read
  /// The value of a text key in a dictionary, or nullptr.
  [[nodiscard]] const PickleValue* find(const PickleValue& dict, std::string_view key) const;

 private:
  [[noreturn]] void refuse(const std::string& what) const;
  void charge(std::uint64_t bytes);
  [[nodiscard]] std::string_view take(std::uint64_t count);
  [[nodiscard]] std::uint64_t take_number(std::size_t bytes);
  [[nodiscard]] std::string_view take_line();
  void push(PickleValue value);
  void push_kind(PickleKind kind, std::int64_t integer = 0);
  [[nodiscard]] PickleId pop();
  [[nodiscard]] PickleValue& top(PickleKind kind);
  [[nodiscard]] std::vector<PickleId> pop_to_mark();
  void append(std::vector<PickleId>& items, PickleId item);
  void remember(std::uint64_t slot);

  /// Each returns whether the opcode was one of its own.
  [[nodiscard]] bool run_constant(std::uint8_t code);
  [[nodiscard]] bool run_container(std::uint8_t code);
  [[nodiscard]] bool run_memo(std::uint8_t code);
  [[nodiscard]] bool run_object(std::uint8_t code);
  void push_long(std::uint64_t size);
  void push_tuple(std::size_t size);
  void push_global(std::string_view module, std::string_view name);
  void reduce();
  void rebuild_tensor(const PickleValue& arguments);
  void rebuild_ordered_dict(const PickleValue& arguments);
  void push_storage();

  std::span<const std::byte> bytes_;
  MemoryBudget& budget_;
  std::string file_;
  std::size_t at_ = 0;
  std::deque<PickleValue> values_;  // freed one by one: no recursion, however deep they nest
  std::vector<PickleId> stack_;
  std::vector<std::size_t> marks_;
  std::map<std::uint64_t, PickleId> memo_;
  PickleId root_ = 0;
};

}  // namespace hearsay
