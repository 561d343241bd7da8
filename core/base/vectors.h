#pragma once
// Vectors of floats, for loops that are written once and compiled for several kinds of processor: with a vector's
// length N as a template parameter, once more under each of the targets below, and chosen by widest() at run time.

#include <cstdint>
#include <cstring>

// Vectors go through functions that are always inlined, so there is no calling convention to warn about.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wpsabi"
#endif
#define HEARSAY_INLINE [[gnu::always_inline]] inline
#if defined(__x86_64__)
#define HEARSAY_VECTORS_OF_8 [[gnu::target("avx2,fma")]]
#define HEARSAY_VECTORS_OF_16 [[gnu::target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")]]
#else
#define HEARSAY_VECTORS_OF_8
#define HEARSAY_VECTORS_OF_16
#endif

namespace hearsay::vectors {

/// How many floats the longest vectors hold that this processor has instructions for: 4, 8 or 16.
int widest();

/// Of a kernel's three forms the one for this processor.
template <class Kernel>
const Kernel& of_widest(const Kernel& of_4, const Kernel& of_8, const Kernel& of_16) {
  const int floats = widest();
  return floats == 16 ? of_16 : floats == 8 ? of_8 : of_4;
}

/// For tests: at most so many from now on; 16 is the usual.
void limit(int floats);

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

/// e^x for x <= 0, within 2e-7 of itself (Cephes' expf: x = n ln 2 + rest, a polynomial for the rest); e^-87 for any
/// lower x, and no number for minus infinity.
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

}  // namespace hearsay::vectors
