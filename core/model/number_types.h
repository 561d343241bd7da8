#pragma once
// Stored numbers as float32.

#include <cstddef>
#include <cstdint>
#include <span>

#include "model/safetensors.h"

namespace hearsay {

float float_from_half(std::uint16_t bits) noexcept;    ///< IEEE binary16, subnormals and infinities included
float float_from_bfloat(std::uint16_t bits) noexcept;  ///< the upper half of a float32

/// `bytes` holds at least out.size() numbers of `dtype`, at any alignment.
void convert_to_floats(DType dtype, std::span<const std::byte> bytes, std::span<float> out) noexcept;

}  // namespace hearsay
