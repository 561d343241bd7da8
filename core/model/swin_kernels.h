#pragma once
// The steps of a Swin block that are not matrix products, for float32 on a CPU: each reads and writes its rows once,
// where LibTorch's operations would copy them several times over (cutting windows, splitting heads, rolling, adding
// biases and masks). Written for the widest vectors that the processor has. Inside core/model only.

#include <cstdint>

namespace hearsay::swin {

/// Attention inside windows of 8 x 8 places on pictures of side x side places, in the pictures' own order of places.
struct WindowAttention {
  static constexpr std::int64_t kWindow = 8;
  static constexpr std::int64_t kMostHeadWidth = 32;

  const float* qkv = nullptr;       ///< [pictures, side * side, 3 * heads * head_width] without its bias
  const float* qkv_bias = nullptr;  ///< [3 * heads * head_width]
  const float* bias = nullptr;      ///< [1 or windows, heads, 64, 64], added to the scores
  bool bias_per_window = false;
  float* out = nullptr;  ///< [pictures, side * side, heads * head_width]
  std::int64_t pictures = 0;
  std::int64_t side = 0;
  std::int64_t heads = 0;
  std::int64_t head_width = 0;  ///< at most kMostHeadWidth
  std::int64_t shift = 0;       ///< places that windows are shifted down and right, around the edges
};
void attend(const WindowAttention& job);

/// x += added (may be null, [width]), then out = layer norm of x. Rows of `width`, both [rows, width].
struct NormRows {
  float* x = nullptr;
  const float* added = nullptr;
  const float* weight = nullptr;
  const float* bias = nullptr;
  double eps = 1e-5;
  float* out = nullptr;
  std::int64_t rows = 0;
  std::int64_t width = 0;
};
void norm_rows(const NormRows& job);

/// x = gelu(x + bias), the erf kind, within 3e-7 of max(1, |x|); x [rows, width].
void add_and_gelu(float* x, const float* bias, std::int64_t rows, std::int64_t width);

}  // namespace hearsay::swin
