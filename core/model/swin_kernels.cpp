#include "model/swin_kernels.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstring>

// Vectors go through functions that are always inlined, so there is no calling convention to warn about.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wpsabi"
#endif
#define HEARSAY_INLINE [[gnu::always_inline]] inline

namespace hearsay::swin {

namespace {

constexpr int kPlaces = 64;  // of a window

/// N floats at once.
template <int N>
struct Lanes {
  typedef float Floats __attribute__((vector_size(N * 4)));         // NOLINT(modernize-use-using)
  typedef std::int32_t Wholes __attribute__((vector_size(N * 4)));  // NOLINT(modernize-use-using)
};
template <int N>
using Floats = typename Lanes<N>::Floats;

template <int N>
HEARSAY_INLINE Floats<N> load(const float* from) {
  Floats<N> x;
  std::memcpy(&x, from, sizeof(x));
  return x;
}

template <int N>
HEARSAY_INLINE void store(float* to, const Floats<N>& x) {
  std::memcpy(to, &x, sizeof(x));
}

template <int N>
HEARSAY_INLINE float sum_of(const Floats<N>& x) {
  float sum = 0.0F;
  for (int i = 0; i < N; ++i) sum += x[i];
  return sum;
}

template <int N>
HEARSAY_INLINE float largest_of(const Floats<N>& x) {
  float largest = x[0];
  for (int i = 1; i < N; ++i) largest = x[i] > largest ? x[i] : largest;
  return largest;
}

/// e^x for x <= 0, within 2e-7 of itself (Cephes' expf: x = n ln 2 + rest, a polynomial for the rest).
template <int N>
HEARSAY_INLINE Floats<N> exp_of(const Floats<N>& given) {
  using Wholes = typename Lanes<N>::Wholes;
  const Floats<N> x = given > -87.0F ? given : given * 0.0F - 87.0F;
  constexpr float kRound = 12582912.0F;  // 1.5 * 2^23: what is added to it is rounded to a whole number
  const Floats<N> n = (x * 1.44269504F + kRound) - kRound;
  const Floats<N> r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  Floats<N> y = r * 1.9875691500e-4F + 1.3981999507e-3F;
  y = y * r + 8.3334519073e-3F;
  y = y * r + 4.1665795894e-2F;
  y = y * r + 1.6666665459e-1F;
  y = y * r + 5.0000001201e-1F;
  y = y * (r * r) + r + 1.0F;
  const Wholes power = (__builtin_convertvector(n, Wholes) + 127) << 23;
  Floats<N> scale;
  std::memcpy(&scale, &power, sizeof(scale));
  return y * scale;
}

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
#define HEARSAY_KERNELS(NAME, TARGET, N)                                                                           \
  TARGET void attend_##NAME(const WindowAttention& job, std::int64_t begin, std::int64_t end) {                    \
    attend_some<N>(job, begin, end);                                                                               \
  }                                                                                                                \
  TARGET void norm_##NAME(const NormRows& job, std::int64_t begin, std::int64_t end) {                             \
    norm_some<N>(job, begin, end);                                                                                 \
  }                                                                                                                \
  TARGET void gelu_##NAME(float* x, const float* bias, std::int64_t width, std::int64_t begin, std::int64_t end) { \
    gelu_some<N>(x, bias, width, begin, end);                                                                      \
  }                                                                                                                \
  constexpr Kernels k_##NAME{attend_##NAME, norm_##NAME, gelu_##NAME};
// NOLINTEND(bugprone-macro-parentheses)

HEARSAY_KERNELS(any, , 4)
#if defined(__x86_64__)
HEARSAY_KERNELS(avx2, [[gnu::target("avx2,fma")]], 8)
HEARSAY_KERNELS(avx512, [[gnu::target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")]], 16)
#endif
#undef HEARSAY_KERNELS

std::atomic<int> most_floats{16};

const Kernels& kernels() {
#if defined(__x86_64__)
  static const bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
  static const bool middle = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (wide && most_floats >= 16) return k_avx512;
  if (middle && most_floats >= 8) return k_avx2;
#endif
  return k_any;
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

void limit_vectors(int floats) {
  most_floats = floats;
}

}  // namespace hearsay::swin
