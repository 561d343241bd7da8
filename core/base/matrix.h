#pragma once
// A plain row-major float matrix: what crosses the border between the core and everything that must not see a tensor.

#include <cstdint>
#include <span>
#include <vector>

namespace hearsay {

struct Matrix {
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::vector<float> data;  ///< rows * cols, row by row

  Matrix() = default;
  Matrix(std::int64_t r, std::int64_t c, float fill = 0.0F)
      : rows(r), cols(c), data(static_cast<std::size_t>(r * c), fill) {}

  [[nodiscard]] bool empty() const noexcept { return data.empty(); }
  [[nodiscard]] std::span<const float> row(std::int64_t i) const {
    return {data.data() + i * cols, static_cast<std::size_t>(cols)};
  }
  [[nodiscard]] std::span<float> row(std::int64_t i) {
    return {data.data() + i * cols, static_cast<std::size_t>(cols)};
  }
  [[nodiscard]] float at(std::int64_t r, std::int64_t c) const { return data[static_cast<std::size_t>(r * cols + c)]; }
  float& at(std::int64_t r, std::int64_t c) { return data[static_cast<std::size_t>(r * cols + c)]; }
};

}  // namespace hearsay
