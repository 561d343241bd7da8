#include "model/swin_kernels.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/vectors.h"

namespace hearsay::swin {

namespace {

constexpr int kPlaces = 64;  // of a window

using vectors::exp_of;
using vectors::Floats;
using vectors::largest_of;
using vectors::load;
using vectors::store;
using vectors::sum_of;

/// A rational approximation on [-4, 4] (Eigen's and XLA's for float32).
template <int N>
HEARSAY_INLINE Floats<N> erf_of(const Floats<N>& given) {
  Floats<N> x = given;
  x = x > 4.0F ? x * 0.0F + 4.0F : x;
  x = x < -4.0F ? x * 0.0F - 4.0F : x;
  const Floats<N> s = x * x;
  Floats<N> p = s * -2.72614225801306e-10F + 2.77068142495902e-08F;
  p = p * s - 2.10102402082508e-06F;
  p = p * s - 5.69250639462346e-05F;
  p = p * s - 7.34990630326855e-04F;
  p = p * s - 2.95459980854025e-03F;
  p = p * s - 1.60960333262415e-02F;
  Floats<N> q = s * -1.45660718464996e-05F - 2.13374055278905e-04F;
  q = q * s - 1.68282697438203e-03F;
  q = q * s - 7.37332916720468e-03F;
  q = q * s - 1.42647390514189e-02F;
  return x * p / q;
}

template <int N>
HEARSAY_INLINE Floats<N> gelu_of(const Floats<N>& x) {
  return x * 0.5F * (1.0F + erf_of<N>(x * 0.70710678F));
}

/// One head of one window, copied together: W is the head's width rounded up, filled with zeros.
template <int W>
struct Head {
  alignas(64) std::array<float, std::size_t{kPlaces} * W> queries;  ///< [64, W], scaled
  alignas(64) std::array<float, std::size_t{W} * kPlaces> keys;     ///< [W, 64]
  alignas(64) std::array<float, std::size_t{kPlaces} * W> values;   ///< [64, W]
  alignas(64) std::array<float, std::size_t{kPlaces} * W> mixed;    ///< [64, W]
};

template <int W>
HEARSAY_INLINE void gather(const WindowAttention& job, const float* picture, const std::array<std::int64_t, 64>& place,
                           std::int64_t head, Head<W>& into) {
  const std::int64_t width = job.heads * job.head_width;
  const float scale = 1.0F / std::sqrt(static_cast<float>(job.head_width));
  const float* bias = job.qkv_bias + head * job.head_width;
  for (int j = 0; j < kPlaces; ++j) {
    const float* row = picture + place[static_cast<std::size_t>(j)] * 3 * width + head * job.head_width;
    float* query = into.queries.data() + j * W;
    float* value = into.values.data() + j * W;
    for (std::int64_t d = 0; d < job.head_width; ++d) query[d] = (row[d] + bias[d]) * scale;
    for (std::int64_t d = 0; d < job.head_width; ++d) value[d] = row[2 * width + d] + bias[2 * width + d];
    for (std::int64_t d = 0; d < job.head_width; ++d) {
      into.keys[static_cast<std::size_t>(d * kPlaces + j)] = row[width + d] + bias[width + d];
    }
  }
}

/// R places' scores with all 64, softmax, and the values mixed by it.
template <int N, int W, int R>
HEARSAY_INLINE void attend_rows(Head<W>& head, std::int64_t head_width, const float* bias, int first) {
  constexpr int kAcross = kPlaces / N;
  constexpr int kDeep = W / N;
  Floats<N> scores[R][kAcross];
  for (int r = 0; r < R; ++r) {
    for (int c = 0; c < kAcross; ++c) scores[r][c] = load<N>(bias + (first + r) * kPlaces + c * N);
  }
  for (std::int64_t d = 0; d < head_width; ++d) {
    Floats<N> key[kAcross];
    for (int c = 0; c < kAcross; ++c) key[c] = load<N>(head.keys.data() + d * kPlaces + c * N);
    for (int r = 0; r < R; ++r) {
      const float query = head.queries[static_cast<std::size_t>((first + r) * W + d)];
      for (int c = 0; c < kAcross; ++c) scores[r][c] += query * key[c];
    }
  }
  alignas(64) float share[R][kPlaces];
  float inverse[R];
  for (int r = 0; r < R; ++r) {
    Floats<N> top = scores[r][0];
    for (int c = 1; c < kAcross; ++c) top = scores[r][c] > top ? scores[r][c] : top;
    const float largest = largest_of<N>(top);
    Floats<N> sum = top * 0.0F;
    for (int c = 0; c < kAcross; ++c) {
      const Floats<N> e = exp_of<N>(scores[r][c] - largest);
      store<N>(share[r] + c * N, e);
      sum += e;
    }
    inverse[r] = 1.0F / sum_of<N>(sum);
  }
  Floats<N> mixed[R][kDeep];
  for (int r = 0; r < R; ++r) {
    for (int c = 0; c < kDeep; ++c) mixed[r][c] = Floats<N>{};
  }
  for (int j = 0; j < kPlaces; ++j) {
    for (int c = 0; c < kDeep; ++c) {
      const Floats<N> value = load<N>(head.values.data() + j * W + c * N);
      for (int r = 0; r < R; ++r) mixed[r][c] += share[r][j] * value;
    }
  }
  for (int r = 0; r < R; ++r) {
    for (int c = 0; c < kDeep; ++c) store<N>(head.mixed.data() + (first + r) * W + c * N, mixed[r][c] * inverse[r]);
  }
}

template <int N, int W>
HEARSAY_INLINE void attend_windows(const WindowAttention& job, std::int64_t begin, std::int64_t end) {
  constexpr int kRows = N == 16 ? 4 : 1;  // as many as there are registers for
  const std::int64_t across = job.side / WindowAttention::kWindow;
  const std::int64_t width = job.heads * job.head_width;
  Head<W> head{};
  std::array<std::int64_t, 64> place{};
  for (std::int64_t i = begin; i < end; ++i) {
    const std::int64_t window = i % (across * across);
    const std::int64_t top = window / across * 8 + job.shift;
    const std::int64_t left = window % across * 8 + job.shift;
    for (std::int64_t j = 0; j < kPlaces; ++j) {
      place[static_cast<std::size_t>(j)] = (top + j / 8) % job.side * job.side + (left + j % 8) % job.side;
    }
    const std::int64_t first = i / (across * across) * job.side * job.side;
    for (std::int64_t h = 0; h < job.heads; ++h) {
      gather<W>(job, job.qkv + first * 3 * width, place, h, head);
      const float* bias = job.bias + ((job.bias_per_window ? window : 0) * job.heads + h) * kPlaces * kPlaces;
      for (int row = 0; row < kPlaces; row += kRows) attend_rows<N, W, kRows>(head, job.head_width, bias, row);
      for (int j = 0; j < kPlaces; ++j) {
        float* to = job.out + (first + place[static_cast<std::size_t>(j)]) * width + h * job.head_width;
        for (std::int64_t d = 0; d < job.head_width; ++d) to[d] = head.mixed[static_cast<std::size_t>(j * W + d)];
      }
    }
  }
}

template <int N>
HEARSAY_INLINE void attend_some(const WindowAttention& job, std::int64_t begin, std::int64_t end) {
  if (job.head_width <= 16) {
    attend_windows<N, 16>(job, begin, end);
  } else {
    attend_windows<N, 32>(job, begin, end);
  }
}

template <int N>
HEARSAY_INLINE void norm_some(const NormRows& job, std::int64_t begin, std::int64_t end) {
  const std::int64_t whole = job.width / N * N;
  for (std::int64_t row = begin; row < end; ++row) {
    float* x = job.x + row * job.width;
    float* out = job.out + row * job.width;
    if (job.added != nullptr) {
      for (std::int64_t i = 0; i < job.width; ++i) x[i] += job.added[i];
    }
    Floats<N> sums{};
    float sum = 0.0F;
    for (std::int64_t i = 0; i < whole; i += N) sums += load<N>(x + i);
    for (std::int64_t i = whole; i < job.width; ++i) sum += x[i];
    const float mean = (sum + sum_of<N>(sums)) / static_cast<float>(job.width);
    Floats<N> squares{};
    float square = 0.0F;
    for (std::int64_t i = 0; i < whole; i += N) {
      const Floats<N> off = load<N>(x + i) - mean;
      squares += off * off;
    }
    for (std::int64_t i = whole; i < job.width; ++i) square += (x[i] - mean) * (x[i] - mean);
    const double variance = static_cast<double>(square + sum_of<N>(squares)) / static_cast<double>(job.width);
    const auto scale = static_cast<float>(1.0 / std::sqrt(variance + job.eps));
    for (std::int64_t i = 0; i < job.width; ++i) out[i] = (x[i] - mean) * scale * job.weight[i] + job.bias[i];
  }
}

template <int N>
HEARSAY_INLINE void gelu_some(float* x, const float* bias, std::int64_t width, std::int64_t begin, std::int64_t end) {
  const std::int64_t whole = width / N * N;
  for (std::int64_t row = begin; row < end; ++row) {
    float* to = x + row * width;
    for (std::int64_t i = 0; i < whole; i += N) store<N>(to + i, gelu_of<N>(load<N>(to + i) + load<N>(bias + i)));
    if (whole == width) continue;
    Floats<N> rest{};
    for (std::int64_t i = whole; i < width; ++i) rest[i - whole] = to[i] + bias[i];
    rest = gelu_of<N>(rest);
    for (std::int64_t i = whole; i < width; ++i) to[i] = rest[i - whole];
  }
}

/// The three, compiled for one kind of processor.
struct Kernels {
  void (*attend)(const WindowAttention&, std::int64_t, std::int64_t);
  void (*norm)(const NormRows&, std::int64_t, std::int64_t);
  void (*gelu)(float*, const float*, std::int64_t, std::int64_t, std::int64_t);
};

// NOLINTBEGIN(bugprone-macro-parentheses): TARGET is an attribute or nothing, which takes none
#define HEARSAY_KERNELS(TARGET, N)                                                                              \
  TARGET void attend_##N(const WindowAttention& job, std::int64_t begin, std::int64_t end) {                    \
    attend_some<N>(job, begin, end);                                                                            \
  }                                                                                                             \
  TARGET void norm_##N(const NormRows& job, std::int64_t begin, std::int64_t end) {                             \
    norm_some<N>(job, begin, end);                                                                              \
  }                                                                                                             \
  TARGET void gelu_##N(float* x, const float* bias, std::int64_t width, std::int64_t begin, std::int64_t end) { \
    gelu_some<N>(x, bias, width, begin, end);                                                                   \
  }                                                                                                             \
  constexpr Kernels k_##N{attend_##N, norm_##N, gelu_##N};
// NOLINTEND(bugprone-macro-parentheses)

HEARSAY_KERNELS(, 4)
HEARSAY_KERNELS(HEARSAY_VECTORS_OF_8, 8)
HEARSAY_KERNELS(HEARSAY_VECTORS_OF_16, 16)
#undef HEARSAY_KERNELS

const Kernels& kernels() {
  return vectors::of_widest(k_4, k_8, k_16);
}

constexpr std::int64_t kFloatsAtLeast = 1 << 15;  // for a thread to be worth it

}  // namespace

void attend(const WindowAttention& job) {
  const std::int64_t across = job.side / WindowAttention::kWindow;
  at::parallel_for(0, job.pictures * across * across, 1,
                   [&](std::int64_t begin, std::int64_t end) { kernels().attend(job, begin, end); });
}

void norm_rows(const NormRows& job) {
  at::parallel_for(0, job.rows, std::max<std::int64_t>(1, kFloatsAtLeast / job.width),
                   [&](std::int64_t begin, std::int64_t end) { kernels().norm(job, begin, end); });
}

void add_and_gelu(float* x, const float* bias, std::int64_t rows, std::int64_t width) {
  at::parallel_for(0, rows, std::max<std::int64_t>(1, kFloatsAtLeast / width),
                   [&](std::int64_t begin, std::int64_t end) { kernels().gelu(x, bias, width, begin, end); });
}

}  // namespace hearsay::swin
