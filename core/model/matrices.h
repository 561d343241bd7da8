#pragma once
// Between the tensors of a device and the plain matrices that the rest of the program sees. Includes LibTorch: for
// core/model and core/prompts only.

#include <ATen/ATen.h>

#include <algorithm>

#include "base/matrix.h"

namespace hearsay {

/// [n, d] of any type, on any device.
inline Matrix to_matrix(const at::Tensor& rows) {
  const at::Tensor plain = rows.to(at::kCPU, at::kFloat).contiguous();
  Matrix matrix(plain.size(0), plain.size(1));
  std::copy_n(plain.data_ptr<float>(), plain.numel(), matrix.data.begin());
  return matrix;
}

inline at::Tensor to_tensor(const Matrix& matrix, at::Device device = at::kCPU) {
  at::Tensor tensor = at::empty({matrix.rows, matrix.cols}, at::kFloat);
  std::copy(matrix.data.begin(), matrix.data.end(), tensor.data_ptr<float>());
  return tensor.to(device);
}

}  // namespace hearsay
