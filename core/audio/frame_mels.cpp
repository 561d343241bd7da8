#include "audio/frame_mels.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstring>
#include <numbers>

// Vectors go through functions that are always inlined, so there is no calling convention to warn about.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wpsabi"
#endif
#define HEARSAY_INLINE [[gnu::always_inline]] inline

namespace hearsay {

namespace {

using Plan = FrameMels::Plan;

/// N frames at once.
template <int N>
struct Lanes {
  typedef double Doubles __attribute__((vector_size(N * 8)));  // NOLINT(modernize-use-using)
  typedef float Floats __attribute__((vector_size(N * 4)));    // NOLINT(modernize-use-using)
};
template <int N>
using Doubles = typename Lanes<N>::Doubles;
template <int N>
using Floats = typename Lanes<N>::Floats;

template <int N>
struct Complex {
  Doubles<N> re;
  Doubles<N> im;
};

template <int N>
HEARSAY_INLINE Complex<N> plus(const Complex<N>& a, const Complex<N>& b) {
  return {a.re + b.re, a.im + b.im};
}
template <int N>
HEARSAY_INLINE Complex<N> minus(const Complex<N>& a, const Complex<N>& b) {
  return {a.re - b.re, a.im - b.im};
}
/// x e^(-i phi)
template <int N>
HEARSAY_INLINE Complex<N> turned(const Complex<N>& x, double cosine, double sine) {
  return {x.re * cosine + x.im * sine, x.im * cosine - x.re * sine};
}

/// A step of the transform of `length` numbers: four quarters, decimation in frequency. `next(j)` gives a number.
template <int N, typename Next>
HEARSAY_INLINE void quarters(const Plan& plan, Complex<N>* x, std::int64_t length, const Next& next) {
  const std::int64_t quarter = length / 4;
  const std::int64_t stride = plan.n_fft / length;
  for (std::int64_t j = 0; j < quarter; ++j) {
    const Complex<N> a = next(j);
    const Complex<N> b = next(j + quarter);
    const Complex<N> c = next(j + 2 * quarter);
    const Complex<N> d = next(j + 3 * quarter);
    const Complex<N> even = plus<N>(a, c);
    const Complex<N> odd = plus<N>(b, d);
    const Complex<N> first = minus<N>(a, c);
    const Complex<N> second = minus<N>(b, d);
    const auto at = static_cast<std::size_t>(j * stride);
    x[j] = plus<N>(even, odd);
    x[j + quarter] = turned<N>({first.re + second.im, first.im - second.re}, plan.cosine[at], plan.sine[at]);
    x[j + 2 * quarter] = turned<N>(minus<N>(even, odd), plan.cosine[2 * at], plan.sine[2 * at]);
    x[j + 3 * quarter] =
        turned<N>({first.re - second.im, first.im + second.re}, plan.cosine[3 * at], plan.sine[3 * at]);
  }
}

/// The rest of the transform of `length` numbers, in place.
template <int N>
HEARSAY_INLINE void transform(const Plan& plan, Complex<N>* all, std::int64_t length) {
  for (std::int64_t part = length; part >= 4; part /= 4) {
    for (Complex<N>* x = all; x != all + length; x += part) {
      quarters<N>(plan, x, part, [x](std::int64_t j) { return x[j]; });
    }
    if (part == 8) {
      for (Complex<N>* x = all; x != all + length; x += 2) {
        const Complex<N> a = x[0];
        x[0] = plus<N>(a, x[1]);
        x[1] = minus<N>(a, x[1]);
      }
    }
  }
}

/// Rounded to float32 first, as the field's extractors keep their spectra.
template <int N>
HEARSAY_INLINE Floats<N> power_of(const Complex<N>& x) {
  const Floats<N> re = __builtin_convertvector(x.re, Floats<N>);
  const Floats<N> im = __builtin_convertvector(x.im, Floats<N>);
  return re * re + im * im;
}

/// A real transform from one of half its length, whose numbers were pairs of neighbours: [n_fft/2 + 1] powers.
template <int N>
HEARSAY_INLINE void powers_of(const Plan& plan, const Complex<N>* x, Floats<N>* power) {
  const std::int64_t half = plan.n_fft / 2;
  const Complex<N> zero = x[0];
  power[0] = power_of<N>({zero.re + zero.im, zero.re * 0.0});
  power[half] = power_of<N>({zero.re - zero.im, zero.re * 0.0});
  for (std::int64_t k = 1; k <= half / 2; ++k) {
    const Complex<N> a = x[plan.place_of[static_cast<std::size_t>(k)]];
    const Complex<N> b = x[plan.place_of[static_cast<std::size_t>(half - k)]];
    const Complex<N> even{0.5 * (a.re + b.re), 0.5 * (a.im - b.im)};
    const Complex<N> odd{0.5 * (a.im + b.im), 0.5 * (b.re - a.re)};
    const Complex<N> moved =
        turned<N>(odd, plan.cosine[static_cast<std::size_t>(k)], plan.sine[static_cast<std::size_t>(k)]);
    power[k] = power_of<N>(plus<N>(even, moved));
    power[half - k] = power_of<N>(minus<N>(even, moved));
  }
}

/// N frames that begin at `rows`.
template <int N>
HEARSAY_INLINE void mels_of(const Plan& plan, const std::array<const float*, N>& rows, Complex<N>* x, Floats<N>* power,
                            const std::array<float*, N>& out) {
  const std::int64_t half = plan.n_fft / 2;
  const auto windowed = [&](std::int64_t i) {
    Floats<N> samples;
    for (int f = 0; f < N; ++f) samples[f] = rows[static_cast<std::size_t>(f)][i];
    return __builtin_convertvector(samples, Doubles<N>) * plan.window[static_cast<std::size_t>(i)];
  };
  quarters<N>(plan, x, half, [&](std::int64_t j) { return Complex<N>{windowed(2 * j), windowed(2 * j + 1)}; });
  for (std::int64_t part = 0; part < 4; ++part) transform<N>(plan, x + part * (half / 4), half / 4);
  powers_of<N>(plan, x, power);
  for (std::size_t m = 0; m < plan.filters.size(); ++m) {
    const FrameMels::Filter& filter = plan.filters[m];
    const Floats<N>* from = power + filter.first;
    Floats<N> sum{};
    for (std::size_t i = 0; i < filter.weights.size(); ++i) sum += from[i] * filter.weights[i];
    for (int f = 0; f < N; ++f) out[static_cast<std::size_t>(f)][m] = sum[f];
  }
}

struct Job {
  const Plan& plan;
  const float* samples;
  std::int64_t hop;
  std::int64_t frames;
  float* out;
};

/// Frames `begin` to `end`, N at once; the last ones again where they do not fill the lanes.
template <int N>
HEARSAY_INLINE void mels_some(const Job& job, std::int64_t begin, std::int64_t end) {
  const auto mels = static_cast<std::int64_t>(job.plan.filters.size());
  // LibTorch's memory begins at a multiple of 64 bytes, as vectors must.
  const at::Tensor numbers = at::empty({job.plan.n_fft * N}, at::kDouble);
  const at::Tensor powers = at::empty({(job.plan.n_fft / 2 + 1) * N}, at::kFloat);
  auto* x = reinterpret_cast<Complex<N>*>(numbers.data_ptr<double>());
  auto* power = reinterpret_cast<Floats<N>*>(powers.data_ptr<float>());
  for (std::int64_t first = begin; first < end; first += N) {
    std::array<const float*, N> rows;
    std::array<float*, N> out;
    for (int f = 0; f < N; ++f) {
      const std::int64_t frame = std::min(first + f, end - 1);
      rows[static_cast<std::size_t>(f)] = job.samples + frame * job.hop;
      out[static_cast<std::size_t>(f)] = job.out + frame * mels;
    }
    mels_of<N>(job.plan, rows, x, power, out);
  }
}

using Kernel = void (*)(const Job&, std::int64_t, std::int64_t);

void mels_any(const Job& job, std::int64_t begin, std::int64_t end) {
  mels_some<2>(job, begin, end);
}
#if defined(__x86_64__)
[[gnu::target("avx2,fma")]] void mels_avx2(const Job& job, std::int64_t begin, std::int64_t end) {
  mels_some<4>(job, begin, end);
}
[[gnu::target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")]] void mels_avx512(const Job& job, std::int64_t begin,
                                                                                std::int64_t end) {
  mels_some<8>(job, begin, end);
}
#endif

std::atomic<int> most_frames{8};

Kernel kernel() {
#if defined(__x86_64__)
  static const bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
  static const bool middle = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (wide && most_frames >= 8) return mels_avx512;
  if (middle && most_frames >= 4) return mels_avx2;
#endif
  return mels_any;
}

}  // namespace

bool FrameMels::handles(std::int64_t n_fft) {
  return n_fft >= 32 && n_fft <= 65536 && std::has_single_bit(static_cast<std::uint64_t>(n_fft));
}

FrameMels::FrameMels(std::span<const double> window, std::span<const float> filters, std::int64_t n_mels) {
  const auto n_fft = static_cast<std::int64_t>(window.size());
  plan_.n_fft = n_fft;
  plan_.window.assign(window.begin(), window.end());
  for (std::int64_t i = 0; i < n_fft; ++i) {
    const double angle = 2.0 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(n_fft);
    plan_.cosine.push_back(std::cos(angle));
    plan_.sine.push_back(std::sin(angle));
  }
  for (std::int64_t k = 0; k < n_fft / 2; ++k) {
    std::int64_t place = 0;
    std::int64_t rest = k;
    std::int64_t length = n_fft / 2;
    for (; length >= 4; length /= 4, rest /= 4) place += rest % 4 * (length / 4);
    plan_.place_of.push_back(length == 2 ? place + rest : place);
  }
  const std::int64_t bins = n_fft / 2 + 1;
  for (std::int64_t m = 0; m < n_mels; ++m) {
    const auto weight = [&](std::int64_t k) { return filters[static_cast<std::size_t>(k * n_mels + m)]; };
    Filter filter;
    std::int64_t last = bins;
    while (filter.first < bins && weight(filter.first) == 0.0F) ++filter.first;
    while (last > filter.first && weight(last - 1) == 0.0F) --last;
    for (std::int64_t k = filter.first; k < last; ++k) filter.weights.push_back(weight(k));
    plan_.filters.push_back(std::move(filter));
  }
}

void FrameMels::limit_frames(int at_once) {
  most_frames = at_once;
}

void FrameMels::operator()(const float* samples, std::int64_t hop, std::int64_t frames, float* out) const {
  constexpr std::int64_t kFramesAtLeast = 64;  // for a thread to be worth it
  const Job job{plan_, samples, hop, frames, out};
  at::parallel_for(0, frames, kFramesAtLeast, [&](std::int64_t begin, std::int64_t end) { kernel()(job, begin, end); });
}

}  // namespace hearsay
