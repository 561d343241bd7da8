// The globals that a pickle of weights may name, and what is rebuilt from them.

#include <array>
#include <utility>

#include "base/error.h"
#include "base/words.h"
#include "model/pickle.h"

namespace hearsay {

namespace {

constexpr std::size_t kMaxRank = 16;

struct KnownGlobal {
  std::string_view module;
  std::string_view name;
  PickleGlobal meaning;
  DType dtype = DType::F32;
};
constexpr std::array<KnownGlobal, 14> kGlobals{{
    {"collections", "OrderedDict", PickleGlobal::OrderedDict},
    {"torch._utils", "_rebuild_tensor_v2", PickleGlobal::RebuildTensor},
    {"torch._utils", "_rebuild_parameter", PickleGlobal::RebuildParameter},
    {"torch", "Size", PickleGlobal::Size},
    {"torch", "DoubleStorage", PickleGlobal::StorageType, DType::F64},
    {"torch", "FloatStorage", PickleGlobal::StorageType, DType::F32},
    {"torch", "HalfStorage", PickleGlobal::StorageType, DType::F16},
    {"torch", "BFloat16Storage", PickleGlobal::StorageType, DType::BF16},
    {"torch", "LongStorage", PickleGlobal::StorageType, DType::I64},
    {"torch", "IntStorage", PickleGlobal::StorageType, DType::I32},
    {"torch", "ShortStorage", PickleGlobal::StorageType, DType::I16},
    {"torch", "CharStorage", PickleGlobal::StorageType, DType::I8},
    {"torch", "ByteStorage", PickleGlobal::StorageType, DType::U8},
    {"torch", "BoolStorage", PickleGlobal::StorageType, DType::Bool},
}};

}  // namespace

void Pickle::push_global(std::string_view module, std::string_view name) {
  for (const KnownGlobal& known : kGlobals) {
    if (known.module != module || known.name != name) continue;
    PickleValue value;
    value.kind = PickleKind::Global;
    value.global = known.meaning;
    value.dtype = known.dtype;
    push(std::move(value));
    return;
  }
  refuse("it asks for " + valid_utf8(module.substr(0, 100)) + "." + valid_utf8(name.substr(0, 100)) +
         ", which is not part of plain weights and is not run here. Save the model's state_dict alone");
}

void Pickle::reduce() {
  const PickleId arguments_id = pop();
  const PickleId global_id = pop();
  const PickleValue& arguments = values_[arguments_id];
  if (values_[global_id].kind != PickleKind::Global || arguments.kind != PickleKind::Tuple) {
    refuse("its instructions do not fit together");
  }
  switch (values_[global_id].global) {
    case PickleGlobal::OrderedDict:
      return rebuild_ordered_dict(arguments);
    case PickleGlobal::RebuildTensor:
      return rebuild_tensor(arguments);
    case PickleGlobal::RebuildParameter:
    case PickleGlobal::Size: {
      if (arguments.items.empty()) refuse("a parameter without content");
      charge(3 * sizeof(PickleId));
      stack_.push_back(arguments.items.front());
      return;
    }
    case PickleGlobal::StorageType:
      refuse("it makes a storage outside its tensors");
  }
}

void Pickle::rebuild_ordered_dict(const PickleValue& arguments) {
  PickleValue dict;
  dict.kind = PickleKind::Dict;
  if (!arguments.items.empty()) {  // a list of pairs
    const PickleValue& pairs = values_[arguments.items.front()];
    for (const PickleId id : pairs.items) {
      const PickleValue& pair = values_[id];
      const bool is_pair = (pair.kind == PickleKind::Tuple || pair.kind == PickleKind::List) && pair.items.size() == 2;
      if (!is_pair) refuse("an ordered dictionary of something else than pairs");
      append(dict.items, pair.items[0]);
      append(dict.items, pair.items[1]);
    }
  }
  push(std::move(dict));
}

void Pickle::rebuild_tensor(const PickleValue& arguments) {
  if (arguments.items.size() < 4) refuse("a tensor without size or strides");
  const PickleValue& storage = values_[arguments.items[0]];
  const PickleValue& offset = values_[arguments.items[1]];
  const PickleValue& sizes = values_[arguments.items[2]];
  const PickleValue& strides = values_[arguments.items[3]];
  PickleValue tensor;
  tensor.kind = PickleKind::Tensor;
  tensor.items = {arguments.items[0]};
  tensor.integer = offset.integer;
  bool sound = storage.kind == PickleKind::Storage && offset.kind == PickleKind::Int && offset.integer >= 0 &&
               sizes.items.size() == strides.items.size() && sizes.items.size() <= kMaxRank;
  for (std::size_t i = 0; sound && i < sizes.items.size(); ++i) {
    const PickleValue& size = values_[sizes.items[i]];
    const PickleValue& stride = values_[strides.items[i]];
    sound = size.kind == PickleKind::Int && stride.kind == PickleKind::Int && size.integer >= 0 && stride.integer >= 0;
    tensor.shape.push_back(size.integer);
    tensor.strides.push_back(stride.integer);
  }
  if (!sound) refuse("a tensor's size, strides or storage make no sense");
  charge(tensor.shape.size() * 4 * sizeof(std::int64_t) + 2 * 16);
  push(std::move(tensor));
}

/// ('storage', type, key, location, elements[, view of another storage]).
void Pickle::push_storage() {
  const PickleValue id = values_[pop()];
  const auto item = [&](std::size_t i) -> const PickleValue& { return values_[id.items[i]]; };
  const bool sound = id.kind == PickleKind::Tuple && id.items.size() >= 5 && item(0).kind == PickleKind::Text &&
                     item(0).text == "storage" && item(1).kind == PickleKind::Global &&
                     item(1).global == PickleGlobal::StorageType && item(2).kind == PickleKind::Text &&
                     item(4).kind == PickleKind::Int && item(4).integer >= 0;
  if (!sound) refuse("a storage is described in a way that makes no sense");
  if (id.items.size() > 5 && item(5).kind != PickleKind::None) refuse("it holds storages that are views of others");
  PickleValue storage;
  storage.kind = PickleKind::Storage;
  storage.dtype = item(1).dtype;
  storage.text = item(2).text;
  storage.integer = item(4).integer;
  push(std::move(storage));
}

}  // namespace hearsay
