#include "prompts/word_attention.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "base/vectors.h"

namespace hearsay {

namespace {

using vectors::Floats;

constexpr double kMasked = -1e30;                  // finite: beside real words its share is exp(-1e30) = 0 exactly
constexpr std::int64_t kCosinesAtLeast = 1 << 14;  // for a thread to be worth it

/// All texts, contiguous. `at_out` and `gradient` are for the way back alone.
struct Job {
  const float* cosines = nullptr;  ///< [B, L, K]
  const bool* mask = nullptr;      ///< [B, L]
  std::int64_t words = 0;          ///< L
  std::int64_t classes = 0;        ///< K
  float sharpness = 0.0F;          ///< 1 / temperature
  float* out = nullptr;            ///< [B, K]
  const float* at_out = nullptr;   ///< [B, K]
  float* gradient = nullptr;       ///< [B, L, K]
};

/// Up to N of a row's classes.
template <int N>
HEARSAY_INLINE Floats<N> load_some(const float* from, std::int64_t count) {
  if (count >= N) return vectors::load<N>(from);
  Floats<N> x{};
  for (std::int64_t i = 0; i < count; ++i) x[i] = from[i];
  return x;
}

template <int N>
HEARSAY_INLINE void store_some(float* to, const Floats<N>& x, std::int64_t count) {
  if (count >= N) return vectors::store<N>(to, x);
  for (std::int64_t i = 0; i < count; ++i) to[i] = x[i];
}

/// N classes of one text: exp(sharpness * (c - top)) summed over its real words, and times c.
template <int N>
struct Sums {
  Floats<N> top{};
  Floats<N> shares{};
  Floats<N> cosines{};
};

template <int N>
HEARSAY_INLINE Sums<N> sums_of(const Job& job, const float* cosines, const bool* real, std::int64_t count) {
  Sums<N> sums;
  sums.top -= 3.0F;  // below every cosine
  for (std::int64_t t = 0; t < job.words; ++t) {
    if (!real[t]) continue;
    const Floats<N> c = load_some<N>(cosines + t * job.classes, count);
    sums.top = c < sums.top ? sums.top : c;
  }
  for (std::int64_t t = 0; t < job.words; ++t) {
    if (!real[t]) continue;
    const Floats<N> c = load_some<N>(cosines + t * job.classes, count);
    const Floats<N> share = vectors::exp_of<N>((c - sums.top) * job.sharpness);
    sums.shares += share;
    sums.cosines += share * c;
  }
  const Floats<N> none = sums.shares == 0.0F ? sums.shares + 1.0F : sums.shares * 0.0F;
  sums.shares += none;  // no real word at all
  return sums;
}

template <int N>
HEARSAY_INLINE void attend_some(const Job& job, std::int64_t begin, std::int64_t end) {
  for (std::int64_t i = begin; i < end; ++i) {
    const float* cosines = job.cosines + i * job.words * job.classes;
    for (std::int64_t k = 0; k < job.classes; k += N) {
      const std::int64_t count = job.classes - k;
      const Sums<N> sums = sums_of<N>(job, cosines + k, job.mask + i * job.words, count);
      store_some<N>(job.out + i * job.classes + k, sums.cosines / sums.shares, count);
    }
  }
}

/// d out / d c_t = a_t (1 + (c_t - out) / temperature).
template <int N>
HEARSAY_INLINE void attend_some_backward(const Job& job, std::int64_t begin, std::int64_t end) {
  for (std::int64_t i = begin; i < end; ++i) {
    const float* cosines = job.cosines + i * job.words * job.classes;
    float* gradient = job.gradient + i * job.words * job.classes;
    const bool* real = job.mask + i * job.words;
    for (std::int64_t k = 0; k < job.classes; k += N) {
      const std::int64_t count = job.classes - k;
      const Sums<N> sums = sums_of<N>(job, cosines + k, real, count);
      const Floats<N> out = sums.cosines / sums.shares;
      const Floats<N> above = load_some<N>(job.at_out + i * job.classes + k, count) / sums.shares;
      for (std::int64_t t = 0; t < job.words; ++t) {
        Floats<N> slope{};
        if (real[t]) {
          const Floats<N> c = load_some<N>(cosines + t * job.classes + k, count);
          const Floats<N> share = vectors::exp_of<N>((c - sums.top) * job.sharpness);
          slope = above * share * (1.0F + (c - out) * job.sharpness);
        }
        store_some<N>(gradient + t * job.classes + k, slope, count);
      }
    }
  }
}

using Kernel = void (*)(const Job&, std::int64_t, std::int64_t);

// NOLINTBEGIN(bugprone-macro-parentheses): TARGET is an attribute or nothing, which takes none
#define HEARSAY_KERNELS(TARGET, N)                                                 \
  TARGET void attend_##N(const Job& job, std::int64_t begin, std::int64_t end) {   \
    attend_some<N>(job, begin, end);                                               \
  }                                                                                \
  TARGET void backward_##N(const Job& job, std::int64_t begin, std::int64_t end) { \
    attend_some_backward<N>(job, begin, end);                                      \
  }
// NOLINTEND(bugprone-macro-parentheses)

HEARSAY_KERNELS(, 4)
HEARSAY_KERNELS(HEARSAY_VECTORS_OF_8, 8)
HEARSAY_KERNELS(HEARSAY_VECTORS_OF_16, 16)
#undef HEARSAY_KERNELS

void run(const Job& job, std::int64_t texts) {
  const Kernel kernel = job.gradient == nullptr ? vectors::of_widest<Kernel>(attend_4, attend_8, attend_16)
                                                : vectors::of_widest<Kernel>(backward_4, backward_8, backward_16);
  const std::int64_t a_text = std::max<std::int64_t>(1, job.words * job.classes);
  at::parallel_for(0, texts, std::max<std::int64_t>(1, kCosinesAtLeast / a_text),
                   [&](std::int64_t begin, std::int64_t end) { kernel(job, begin, end); });
}

/// Both contiguous.
Job job_of(const at::Tensor& cosines, const at::Tensor& mask, double temperature) {
  Job job;
  job.cosines = cosines.data_ptr<float>();
  job.mask = mask.data_ptr<bool>();
  job.words = cosines.size(1);
  job.classes = cosines.size(2);
  job.sharpness = static_cast<float>(1.0 / temperature);
  return job;
}

class WordAttention : public torch::autograd::Function<WordAttention> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& cosines,
                            const at::Tensor& mask, double temperature) {
    context->save_for_backward({cosines, mask});
    context->saved_data["temperature"] = temperature;
    Job job = job_of(cosines, mask, temperature);
    at::Tensor out = at::empty({cosines.size(0), job.classes}, cosines.options());
    job.out = out.data_ptr<float>();
    run(job, cosines.size(0));
    return out;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& at_out) {
    const torch::autograd::variable_list saved = context->get_saved_variables();
    const at::Tensor above = at_out[0].contiguous();
    const at::Tensor gradient = at::empty_like(saved[0]);
    Job job = job_of(saved[0], saved[1], context->saved_data["temperature"].toDouble());
    job.at_out = above.data_ptr<float>();
    job.gradient = gradient.data_ptr<float>();
    run(job, gradient.size(0));
    return {gradient, {}, {}};
  }
};

/// For other devices and kinds of number.
at::Tensor by_operations(const at::Tensor& cosines, const at::Tensor& mask, double temperature) {
  const at::Tensor padding = mask.logical_not().unsqueeze(-1);
  const at::Tensor attention = at::softmax((cosines / temperature).masked_fill(padding, kMasked), 1);
  return (attention * cosines).sum(1);
}

}  // namespace

at::Tensor attended_cosines(const at::Tensor& cosines, const at::Tensor& mask, double temperature) {
  if (!cosines.is_cpu() || cosines.scalar_type() != at::kFloat) return by_operations(cosines, mask, temperature);
  return WordAttention::apply(cosines.contiguous(), mask.contiguous(), temperature);
}

}  // namespace hearsay
