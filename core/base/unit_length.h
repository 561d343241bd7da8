#pragma once
// Rows of embeddings at unit length, so that inner products are cosines.

#include <cmath>
#include <span>

namespace hearsay {

/// Divides by the length; what has none (all but zeros) stays as it is.
inline void make_unit_length(std::span<float> row) {
  double square = 0.0;
  for (const float value : row) square += static_cast<double>(value) * static_cast<double>(value);
  const double length = std::sqrt(square);
  if (length < 1e-12) return;
  for (float& value : row) value = static_cast<float>(static_cast<double>(value) / length);
}

}  // namespace hearsay
