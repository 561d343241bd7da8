#pragma once
// A device that is none, for machines without a GPU: what the core does on it goes by a GPU's rules. Its tensors'
// memory cannot be touched by the processor (reading a tensor's data on it ends the program), and an operation that is
// given a CPU tensor beside one of its own throws. Underneath, every operation is the CPU's on the same numbers.
// LibTorch's slot for devices of others (PrivateUse1) holds it, so autograd runs it on a thread of its own as it does a
// GPU.

#include <ATen/ATen.h>

#include <cstdint>

namespace hearsay::testing {

/// LibTorch knows it from the start of a program that has it linked in.
at::Device pretended_device();

/// Operations it has run so far.
std::int64_t pretended_operations();

}  // namespace hearsay::testing
