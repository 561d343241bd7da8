#pragma once
// Bicubic stretching along time, as PyTorch 2 does it. Inside core/model only.

#include <ATen/ATen.h>

#include <cstdint>

namespace hearsay {

/// x [n, V, T, F] -> [n, V, frames, F]: cubic convolution with a = -0.75, the first and last frames stay where they are
/// (align_corners), frames beyond the ends repeat. Positions are float32 products rounded before the whole part is
/// taken off, as in PyTorch's published builds; Debian's LibTorch fuses the two, which moves the picture by up to 1e-4.
at::Tensor stretch_time(const at::Tensor& x, std::int64_t frames);

}  // namespace hearsay
