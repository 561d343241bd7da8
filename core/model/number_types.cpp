#include "model/number_types.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace hearsay {

float float_from_half(std::uint16_t bits) noexcept {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000U) << 16U;
  const std::uint32_t exponent = (bits >> 10U) & 0x1FU;
  const std::uint32_t fraction = bits & 0x3FFU;
  if (exponent == 0) {
    const float value = std::ldexp(static_cast<float>(fraction), -24);
    return sign != 0 ? -value : value;
  }
  const std::uint32_t wide = exponent == 31 ? 255U : exponent + 112U;
  return std::bit_cast<float>(sign | (wide << 23U) | (fraction << 13U));
}

float float_from_bfloat(std::uint16_t bits) noexcept {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16U);
}

namespace {

template <typename Stored, typename Convert>
void convert(std::span<const std::byte> bytes, std::span<float> out, Convert to_float) noexcept {
  const std::byte* from = bytes.data();
  for (float& value : out) {
    Stored stored;
    std::memcpy(&stored, from, sizeof(Stored));
    from += sizeof(Stored);
    value = to_float(stored);
  }
}

template <typename Stored>
void convert(std::span<const std::byte> bytes, std::span<float> out) noexcept {
  convert<Stored>(bytes, out, [](Stored stored) { return static_cast<float>(stored); });
}

}  // namespace

void convert_to_floats(DType dtype, std::span<const std::byte> bytes, std::span<float> out) noexcept {
  switch (dtype) {
    case DType::F64:
      return convert<double>(bytes, out);
    case DType::F32:
      return convert<float>(bytes, out);
    case DType::F16:
      return convert<std::uint16_t>(bytes, out, float_from_half);
    case DType::BF16:
      return convert<std::uint16_t>(bytes, out, float_from_bfloat);
    case DType::I64:
      return convert<std::int64_t>(bytes, out);
    case DType::I32:
      return convert<std::int32_t>(bytes, out);
    case DType::I16:
      return convert<std::int16_t>(bytes, out);
    case DType::I8:
      return convert<std::int8_t>(bytes, out);
    case DType::U8:
      return convert<std::uint8_t>(bytes, out);
    case DType::Bool:
      return convert<std::uint8_t>(bytes, out, [](std::uint8_t v) { return v != 0 ? 1.0F : 0.0F; });
  }
}

}  // namespace hearsay
