#include "support/pretended_device.h"

#include <ATen/EmptyTensor.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <sys/mman.h>
#include <torch/library.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <vector>

namespace hearsay::testing {
namespace {

using at::IntArrayRef;
using at::Tensor;

constexpr auto kType = c10::DeviceType::PrivateUse1;
std::atomic<std::int64_t> operations = 0;

/// A block of the device: its numbers, and the address that tensors show, which nobody may read or write.
struct Block {
  explicit Block(std::size_t size) : bytes(std::max<std::size_t>(size, 1)), numbers(new char[bytes]()) {
    shown = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    TORCH_CHECK(shown != MAP_FAILED, "the pretended device has no addresses left");
  }
  ~Block() { munmap(shown, bytes); }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  /// Whether a tensor of the CPU is one of these numbers.
  [[nodiscard]] bool holds(const Tensor& tensor) const {
    const auto* first = static_cast<const char*>(tensor.data_ptr());
    return first >= numbers.get() && first < numbers.get() + bytes;
  }

  std::size_t bytes;
  std::unique_ptr<char[]> numbers;
  void* shown = nullptr;
};

c10::intrusive_ptr<c10::StorageImpl> new_storage(std::size_t bytes) {
  auto block = std::make_unique<Block>(bytes);
  void* shown = block->shown;
  c10::DataPtr data(
      shown, block.release(), [](void* it) { delete static_cast<Block*>(it); }, c10::Device(kType, 0));
  return c10::make_intrusive<c10::StorageImpl>(c10::StorageImpl::use_byte_size_t(), bytes, std::move(data), nullptr,
                                               false);
}

Tensor new_tensor(IntArrayRef size, IntArrayRef stride, at::ScalarType type) {
  const std::size_t bytes = at::detail::computeStorageNbytes(size, stride, at::elementSize(type));
  Tensor tensor = at::detail::make_tensor<c10::TensorImpl>(
      new_storage(bytes), c10::DispatchKeySet(c10::DispatchKey::PrivateUse1), c10::scalarTypeToTypeMeta(type));
  tensor.unsafeGetTensorImpl()->set_sizes_and_strides(size, stride);
  return tensor;
}

bool ours(const Tensor& tensor) {
  return tensor.defined() && tensor.device().type() == kType;
}

const Block& block_of(const Tensor& tensor) {
  return *static_cast<const Block*>(tensor.storage().data_ptr().get_context());
}

/// The same numbers as a tensor of the CPU.
Tensor on_cpu(const Tensor& tensor) {
  if (!ours(tensor)) return tensor;
  char* first =
      block_of(tensor).numbers.get() + tensor.storage_offset() * static_cast<std::int64_t>(tensor.element_size());
  // One without elements may be an output that is yet to get its size.
  if (tensor.numel() == 0) return at::empty(tensor.sizes(), tensor.options().device(at::kCPU).requires_grad(false));
  return at::from_blob(first, tensor.sizes(), tensor.strides(), tensor.options().device(at::kCPU).requires_grad(false));
}

/// Another look at `of`'s block.
Tensor look_at(const Tensor& of, IntArrayRef size, IntArrayRef stride, std::int64_t offset, at::ScalarType type) {
  Tensor view = at::detail::make_tensor<c10::TensorImpl>(c10::TensorImpl::VIEW, c10::Storage(of.storage()),
                                                         of.key_set(), c10::scalarTypeToTypeMeta(type));
  view.unsafeGetTensorImpl()->set_storage_offset(offset);
  view.unsafeGetTensorImpl()->set_sizes_and_strides(size, stride);
  return view;
}

Tensor from_cpu(const Tensor& tensor) {
  Tensor copy = new_tensor(tensor.sizes(), tensor.strides(), tensor.scalar_type());
  if (tensor.numel() > 0) on_cpu(copy).copy_(tensor);
  return copy;
}

void set_size(const Tensor& tensor, IntArrayRef size) {
  if (tensor.sizes() == size) return;
  const Tensor fresh = new_tensor(size, at::empty(size, at::kMeta).strides(), tensor.scalar_type());
  c10::TensorImpl* impl = tensor.unsafeGetTensorImpl();
  impl->set_storage_keep_dtype(fresh.storage());
  impl->set_sizes_and_strides(fresh.sizes(), fresh.strides());
}

/// Any operation: the CPU's, on the same numbers.
class Operation {
 public:
  Operation(const c10::OperatorHandle& op, torch::jit::Stack* stack) : op_(op), stack_(stack) {}

  void run() {
    ++operations;
    const std::size_t arguments = op_.schema().arguments().size();
    const std::size_t first = stack_->size() - arguments;
    for (std::size_t i = first; i < stack_->size(); ++i) (*stack_)[i] = argument((*stack_)[i]);
    const bool takes_indices = op_.schema().name() == "aten::index" || op_.schema().name() == "aten::_index_put_impl_";
    TORCH_CHECK(!(any_ours_ && any_of_cpu_) || takes_indices, "Expected all tensors to be on the same device, but ",
                op_.schema().name(), " got some of the CPU");
    op_.callBoxed(stack_);
    for (const auto& [cpu, own] : pairs_) {  // outputs that got their size
      if (cpu.sizes() == own.sizes()) continue;
      set_size(own, cpu.sizes());
      on_cpu(own).copy_(cpu);
    }
    for (std::size_t i = stack_->size() - op_.schema().returns().size(); i < stack_->size(); ++i) {
      (*stack_)[i] = result((*stack_)[i]);
    }
  }

 private:
  template <class Make>
  static c10::IValue of_each(const c10::IValue& list, const Make& make) {
    c10::List<Tensor> all;
    for (const Tensor& tensor : list.toTensorVector()) all.push_back(make(tensor));
    return all;
  }

  Tensor argument(const Tensor& tensor) {
    if (!tensor.defined()) return tensor;
    if (!ours(tensor)) {
      any_of_cpu_ = any_of_cpu_ || tensor.dim() > 0;  // numbers go along with tensors of any device
      return tensor;
    }
    any_ours_ = true;
    pairs_.emplace_back(on_cpu(tensor), tensor);
    return pairs_.back().first;
  }
  c10::IValue argument(const c10::IValue& value) {
    if (value.isTensor()) return argument(value.toTensor());
    if (value.isTensorList()) return of_each(value, [this](const Tensor& tensor) { return argument(tensor); });
    if (value.isOptionalTensorList()) {
      c10::List<c10::optional<Tensor>> all;
      for (const c10::optional<Tensor>& tensor : value.toOptionalTensorVector()) {
        all.push_back(tensor ? c10::optional<Tensor>(argument(*tensor)) : c10::nullopt);
      }
      return all;
    }
    if (value.isDevice() && value.toDevice().type() == kType) return c10::Device(at::kCPU);
    return value;
  }

  Tensor result(const Tensor& tensor) {
    if (!tensor.defined() || ours(tensor)) return tensor;
    for (const auto& [cpu, own] : pairs_) {
      if (cpu.is_same(tensor)) return own;
      if (tensor.numel() > 0 && own.numel() > 0 && block_of(own).holds(tensor)) {
        const std::int64_t bytes = static_cast<const char*>(tensor.data_ptr()) - block_of(own).numbers.get();
        const auto offset = bytes / static_cast<std::int64_t>(tensor.element_size());
        return look_at(own, tensor.sizes(), tensor.strides(), offset, tensor.scalar_type());
      }
    }
    return from_cpu(tensor);
  }
  c10::IValue result(const c10::IValue& value) {
    if (value.isTensor()) return result(value.toTensor());
    if (value.isTensorList()) return of_each(value, [this](const Tensor& tensor) { return result(tensor); });
    return value;
  }

  const c10::OperatorHandle& op_;
  torch::jit::Stack* stack_;
  std::vector<std::pair<Tensor, Tensor>> pairs_;  ///< of the CPU, and its own
  bool any_ours_ = false;
  bool any_of_cpu_ = false;
};

void any_operation(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  Operation(op, stack).run();
}

// What makes tensors, and what looks at the same numbers in another way.

Tensor empty(IntArrayRef size, c10::optional<at::ScalarType> type, c10::optional<at::Layout>, c10::optional<at::Device>,
             c10::optional<bool>, c10::optional<at::MemoryFormat>) {
  return new_tensor(size, at::empty(size, at::kMeta).strides(), type.value_or(at::kFloat));
}

Tensor empty_strided(IntArrayRef size, IntArrayRef stride, c10::optional<at::ScalarType> type,
                     c10::optional<at::Layout>, c10::optional<at::Device>, c10::optional<bool>) {
  return new_tensor(size, stride, type.value_or(at::kFloat));
}

Tensor as_strided(const Tensor& self, IntArrayRef size, IntArrayRef stride, c10::optional<std::int64_t> offset) {
  return look_at(self, size, stride, offset.value_or(self.storage_offset()), self.scalar_type());
}

Tensor view(const Tensor& self, IntArrayRef size) {
  const Tensor shape = at::empty_strided(self.sizes(), self.strides(), at::kMeta).view(size);
  return look_at(self, shape.sizes(), shape.strides(), self.storage_offset(), self.scalar_type());
}

Tensor reshape_alias(const Tensor& self, IntArrayRef size, IntArrayRef stride) {
  return look_at(self, size, stride, self.storage_offset(), self.scalar_type());
}

const Tensor& resize_in_place(const Tensor& self, IntArrayRef size, c10::optional<at::MemoryFormat>) {
  set_size(self, size);
  return self;
}

Tensor& copy(Tensor& self, const Tensor& from, bool) {
  ++operations;
  Tensor to = on_cpu(self);
  to.copy_(on_cpu(from));
  return self;
}

/// Of this one LibTorch wants a device's own.
Tensor convolution(const Tensor& input, const Tensor& weight, const c10::optional<Tensor>& bias, IntArrayRef stride,
                   IntArrayRef padding, IntArrayRef dilation, bool transposed, IntArrayRef output_padding,
                   std::int64_t groups) {
  ++operations;
  TORCH_CHECK(ours(input) && ours(weight) && (!bias || !bias->defined() || ours(*bias)),
              "Expected all tensors of a convolution to be on the same device");
  const c10::optional<Tensor> bias_here = bias ? c10::optional<Tensor>(on_cpu(*bias)) : c10::nullopt;
  return from_cpu(at::convolution(on_cpu(input), on_cpu(weight), bias_here, stride, padding, dilation, transposed,
                                  output_padding, groups));
}

TORCH_LIBRARY_IMPL(_, PrivateUse1, library) {
  library.fallback(torch::CppFunction::makeFromBoxedFunction<&any_operation>());
}
TORCH_LIBRARY_IMPL(aten, PrivateUse1, library) {
  library.impl("empty.memory_format", empty);
  library.impl("empty_strided", empty_strided);
  library.impl("as_strided", as_strided);
  library.impl("view", view);
  library.impl("_reshape_alias", reshape_alias);
  library.impl("resize_", resize_in_place);
  library.impl("copy_", copy);
  library.impl("convolution_overrideable", convolution);
}

C10_REGISTER_GUARD_IMPL(PrivateUse1, c10::impl::NoOpDeviceGuardImpl<kType>);

}  // namespace

at::Device pretended_device() {
  return {kType, 0};
}

std::int64_t pretended_operations() {
  return operations;
}

}  // namespace hearsay::testing
