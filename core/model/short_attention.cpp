#include "model/short_attention.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "base/vectors.h"

namespace hearsay {

namespace {

using vectors::Floats;
using vectors::load;
using vectors::store;

constexpr std::int64_t kMostKeys = 128;  // and queries: what Scratch has room for
constexpr std::int64_t kMostHeadWidth = 128;
constexpr std::int64_t kWholeVectors = 16;   // floats: the longest vector
constexpr std::int64_t kPlacesAtLeast = 64;  // for a thread to be worth it

std::int64_t padded(std::int64_t keys) {
  return (keys + kWholeVectors - 1) / kWholeVectors * kWholeVectors;
}

/// Where the rows of one head are: element d of row i is at[i * row + d].
template <class Float>
struct Rows {
  Float* at = nullptr;
  std::int64_t row = 0;
};

/// Element (i, j) is at[i * row + j * element].
struct Factor {
  const float* at = nullptr;
  std::int64_t row = 0;
  std::int64_t element = 1;
};

/// R rows of the product times C vectors of its columns.
template <int N, int R, int C>
HEARSAY_INLINE void multiply_block(const Factor& a, std::int64_t depth, const Rows<const float>& b,
                                   const Rows<float>& out) {
  Floats<N> sums[R][C];
  for (int r = 0; r < R; ++r) {
    for (int c = 0; c < C; ++c) sums[r][c] = Floats<N>{};
  }
  for (std::int64_t j = 0; j < depth; ++j) {
    Floats<N> across[C];
    for (int c = 0; c < C; ++c) across[c] = load<N>(b.at + j * b.row + c * N);
    for (int r = 0; r < R; ++r) {
      const float factor = a.at[r * a.row + j * a.element];
      for (int c = 0; c < C; ++c) sums[r][c] += factor * across[c];
    }
  }
  for (int r = 0; r < R; ++r) {
    for (int c = 0; c < C; ++c) store<N>(out.at + r * out.row + c * N, sums[r][c]);
  }
}

template <int N, int R>
HEARSAY_INLINE void multiply_rows(const Factor& a, std::int64_t depth, const Rows<const float>& b, std::int64_t columns,
                                  const Rows<float>& out) {
  constexpr int kAcross = 3;  // with four rows as many sums as there are registers for, and enough to be busy
  std::int64_t c = 0;
  for (; c + kAcross * N <= columns; c += kAcross * N) {
    multiply_block<N, R, kAcross>(a, depth, {b.at + c, b.row}, {out.at + c, out.row});
  }
  if (c + 2 * N <= columns) {
    multiply_block<N, R, 2>(a, depth, {b.at + c, b.row}, {out.at + c, out.row});
  } else if (c < columns) {
    multiply_block<N, R, 1>(a, depth, {b.at + c, b.row}, {out.at + c, out.row});
  }
}

/// a [rows, depth] times b [depth, columns], whole vectors of columns.
template <int N>
HEARSAY_INLINE void multiply(const Factor& a, std::int64_t rows, std::int64_t depth, const Rows<const float>& b,
                             std::int64_t columns, const Rows<float>& out) {
  std::int64_t i = 0;
  const auto from = [&] { return Factor{a.at + i * a.row, a.row, a.element}; };
  const auto to = [&] { return Rows<float>{out.at + i * out.row, out.row}; };
  for (; i + 4 <= rows; i += 4) multiply_rows<N, 4>(from(), depth, b, columns, to());
  for (; i < rows; ++i) multiply_rows<N, 1>(from(), depth, b, columns, to());
}

/// What all heads have alike.
struct Shape {
  std::int64_t heads = 0;
  std::int64_t head_width = 0;
  std::int64_t queries = 0;
  std::int64_t keys = 0;
  [[nodiscard]] std::int64_t width() const { return heads * head_width; }
  [[nodiscard]] std::int64_t across() const { return padded(keys); }  ///< of the shares of a query
  [[nodiscard]] std::int64_t shares() const { return queries * across(); }
  [[nodiscard]] float scale() const { return 1.0F / std::sqrt(static_cast<float>(head_width)); }
};

/// One head of one text.
struct Head {
  Rows<const float> query;
  Rows<const float> key;
  Rows<const float> value;
  Rows<const float> mask;  ///< a null: none; row 0: the same for every query
};

/// Room for a head's matrices.
struct Scratch {
  alignas(64) std::array<float, kMostHeadWidth * kMostKeys> turned;  ///< [head width, across]
  alignas(64) std::array<float, kMostKeys * kMostKeys> shares;       ///< [queries, across]
};

HEARSAY_INLINE void turn(const Rows<const float>& from, const Shape& shape, float* to) {
  const std::int64_t across = shape.across();
  for (std::int64_t d = 0; d < shape.head_width; ++d) {
    for (std::int64_t j = 0; j < shape.keys; ++j) to[d * across + j] = from.at[j * from.row + d];
    for (std::int64_t j = shape.keys; j < across; ++j) to[d * across + j] = 0.0F;
  }
}

/// Products of a query with all keys to shares, in place.
template <int N>
HEARSAY_INLINE void softmax(float* row, const float* mask, const Shape& shape) {
  const std::int64_t across = shape.across();
  constexpr float kNone = -1e30F;  // in place of minus infinity, of which differences would be no numbers
  const float scale = shape.scale();
  for (std::int64_t j = 0; j < shape.keys; ++j) {
    const float score = row[j] * scale + (mask == nullptr ? 0.0F : mask[j]);
    row[j] = score < kNone ? kNone : score;
  }
  for (std::int64_t j = shape.keys; j < across; ++j) row[j] = kNone;
  Floats<N> top = load<N>(row);
  for (std::int64_t j = N; j < across; j += N) {
    const Floats<N> x = load<N>(row + j);
    top = x > top ? x : top;
  }
  const float largest = vectors::largest_of<N>(top);
  Floats<N> sum{};
  for (std::int64_t j = 0; j < across; j += N) {
    const Floats<N> below = load<N>(row + j) - largest;
    const Floats<N> e = below < -87.0F ? Floats<N>{} : vectors::exp_of<N>(below);
    store<N>(row + j, e);
    sum += e;
  }
  const float inverse = 1.0F / vectors::sum_of<N>(sum);
  for (std::int64_t j = 0; j < across; j += N) store<N>(row + j, load<N>(row + j) * inverse);
}

/// `shares` [queries, across] are written, and what the values are mixed to.
template <int N>
HEARSAY_INLINE void attend_head(const Head& head, const Shape& shape, Scratch& scratch, float* shares,
                                const Rows<float>& out) {
  const std::int64_t across = shape.across();
  turn(head.key, shape, scratch.turned.data());
  multiply<N>({head.query.at, head.query.row}, shape.queries, shape.head_width, {scratch.turned.data(), across}, across,
              {shares, across});
  for (std::int64_t i = 0; i < shape.queries; ++i) {
    const float* mask = head.mask.at == nullptr ? nullptr : head.mask.at + i * head.mask.row;
    softmax<N>(shares + i * across, mask, shape);
  }
  multiply<N>({shares, across}, shape.queries, shape.keys, head.value, shape.head_width, out);
}

/// The gradient at one head's queries, keys and values.
struct HeadGradient {
  Rows<const float> out;  ///< at what the values were mixed to
  Rows<float> query;
  Rows<float> key;
  Rows<float> value;
};

template <int N>
HEARSAY_INLINE void attend_head_backward(const Head& head, const Shape& shape, Scratch& scratch, const float* shares,
                                         const HeadGradient& gradient) {
  const std::int64_t across = shape.across();
  const float scale = shape.scale();
  float* scores = scratch.shares.data();  // the gradient at the shares, and then at the products
  turn(head.value, shape, scratch.turned.data());
  multiply<N>({gradient.out.at, gradient.out.row}, shape.queries, shape.head_width, {scratch.turned.data(), across},
              across, {scores, across});
  for (std::int64_t i = 0; i < shape.queries; ++i) {
    float* row = scores + i * across;
    const float* share = shares + i * across;
    Floats<N> sum{};
    for (std::int64_t j = 0; j < across; j += N) sum += load<N>(row + j) * load<N>(share + j);
    const float mean = vectors::sum_of<N>(sum);
    for (std::int64_t j = 0; j < across; j += N) {
      store<N>(row + j, load<N>(share + j) * (load<N>(row + j) - mean) * scale);
    }
  }
  multiply<N>({scores, across}, shape.queries, shape.keys, head.key, shape.head_width, gradient.query);
  multiply<N>({scores, 1, across}, shape.keys, shape.queries, head.query, shape.head_width, gradient.key);
  multiply<N>({shares, 1, across}, shape.keys, shape.queries, gradient.out, shape.head_width, gradient.value);
}

/// All heads of all texts, as tensors hold them.
struct Job {
  Shape shape;
  std::int64_t texts = 0;
  Rows<const float> query;  ///< of the first head of the first text
  Rows<const float> key;
  Rows<const float> value;
  Rows<const float> mask;
  std::int64_t text_of_mask = 0;  ///< floats between two texts' masks
  float* shares = nullptr;        ///< [texts, heads, queries, across]; null: nobody needs them afterwards
  Rows<float> out;                ///< [texts, queries, width]
  HeadGradient gradient;
};

template <class Float>
HEARSAY_INLINE Rows<Float> part(const Rows<Float>& rows, std::int64_t text, std::int64_t places, std::int64_t first) {
  return {rows.at + text * places * rows.row + first, rows.row};
}

HEARSAY_INLINE Head head_of(const Job& job, std::int64_t text, std::int64_t first) {
  const Shape& shape = job.shape;
  return {part(job.query, text, shape.queries, first),
          part(job.key, text, shape.keys, first),
          part(job.value, text, shape.keys, first),
          {job.mask.at == nullptr ? nullptr : job.mask.at + text * job.text_of_mask, job.mask.row}};
}

HEARSAY_INLINE HeadGradient gradient_of(const Job& job, std::int64_t text, std::int64_t first) {
  const Shape& shape = job.shape;
  return {part(job.gradient.out, text, shape.queries, first), part(job.gradient.query, text, shape.queries, first),
          part(job.gradient.key, text, shape.keys, first), part(job.gradient.value, text, shape.keys, first)};
}

/// Heads [begin, end) of all texts' heads in a row.
template <int N, bool Backward>
HEARSAY_INLINE void attend_some(const Job& job, Scratch& scratch, std::int64_t begin, std::int64_t end) {
  const Shape& shape = job.shape;
  for (std::int64_t i = begin; i < end; ++i) {
    const std::int64_t text = i / shape.heads;
    const std::int64_t first = i % shape.heads * shape.head_width;
    const Head head = head_of(job, text, first);
    float* shares = job.shares == nullptr ? scratch.shares.data() : job.shares + i * shape.shares();
    if constexpr (Backward) {
      attend_head_backward<N>(head, shape, scratch, shares, gradient_of(job, text, first));
    } else {
      attend_head<N>(head, shape, scratch, shares, part(job.out, text, shape.queries, first));
    }
  }
}

using Kernel = void (*)(const Job&, Scratch&, std::int64_t, std::int64_t);

// NOLINTBEGIN(bugprone-macro-parentheses): TARGET is an attribute or nothing, which takes none
#define HEARSAY_KERNELS(TARGET, N)                                                                   \
  TARGET void attend_##N(const Job& job, Scratch& scratch, std::int64_t begin, std::int64_t end) {   \
    attend_some<N, false>(job, scratch, begin, end);                                                 \
  }                                                                                                  \
  TARGET void backward_##N(const Job& job, Scratch& scratch, std::int64_t begin, std::int64_t end) { \
    attend_some<N, true>(job, scratch, begin, end);                                                  \
  }
// NOLINTEND(bugprone-macro-parentheses)

HEARSAY_KERNELS(, 4)
HEARSAY_KERNELS(HEARSAY_VECTORS_OF_8, 8)
HEARSAY_KERNELS(HEARSAY_VECTORS_OF_16, 16)
#undef HEARSAY_KERNELS

void run(const Job& job, bool backward) {
  const Kernel kernel = backward ? vectors::of_widest<Kernel>(backward_4, backward_8, backward_16)
                                 : vectors::of_widest<Kernel>(attend_4, attend_8, attend_16);
  const std::int64_t grain = std::max<std::int64_t>(1, kPlacesAtLeast / job.shape.queries);
  at::parallel_for(0, job.texts * job.shape.heads, grain, [&](std::int64_t begin, std::int64_t end) {
    const auto scratch = std::make_unique_for_overwrite<Scratch>();
    kernel(job, *scratch, begin, end);
  });
}

/// `q` and `kv` contiguous, as short_attention() has them; `mask` [1 or B, 1, 1 or Q, L].
Job job_of(const at::Tensor& q, const at::Tensor& kv, const at::Tensor& mask, std::int64_t heads) {
  const bool packed = !kv.defined();
  const std::int64_t row = q.size(2);
  const std::int64_t width = packed ? row / 3 : row;
  Job job;
  job.shape = {heads, width / heads, q.size(1), packed ? q.size(1) : kv.size(1)};
  job.texts = q.size(0);
  const float* first = q.data_ptr<float>();
  job.query = {first, row};
  job.key = packed ? Rows<const float>{first + width, row} : Rows<const float>{kv.data_ptr<float>(), 2 * width};
  job.value = {job.key.at + width, job.key.row};
  if (mask.defined()) {
    job.mask = {mask.data_ptr<float>(), mask.size(2) == 1 ? 0 : mask.stride(2)};
    job.text_of_mask = mask.size(0) == 1 ? 0 : mask.stride(0);
  }
  return job;
}

at::Tensor attended(Job& job, const at::Tensor& like) {
  at::Tensor out = at::empty({job.texts, job.shape.queries, job.shape.width()}, like.options());
  job.out = {out.data_ptr<float>(), job.shape.width()};
  run(job, false);
  return out;
}

/// In place of a tensor that is not there, which Function::apply() cannot take.
at::Tensor or_empty(const at::Tensor& x) {
  return x.defined() ? x : at::empty({0}, at::kFloat);
}

at::Tensor or_undefined(const at::Tensor& x) {
  return x.dim() == 1 ? at::Tensor() : x;
}

class ShortAttention : public torch::autograd::Function<ShortAttention> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& q, const at::Tensor& kv,
                            const at::Tensor& mask, std::int64_t heads) {
    Job job = job_of(q, or_undefined(kv), or_undefined(mask), heads);
    const at::Tensor shares = at::empty({job.texts, heads, job.shape.shares()}, q.options());
    job.shares = shares.data_ptr<float>();
    context->save_for_backward({q, kv, shares});
    context->saved_data["heads"] = heads;
    return attended(job, q);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& at_out) {
    const torch::autograd::variable_list saved = context->get_saved_variables();
    const at::Tensor& q = saved[0];
    const at::Tensor kv = or_undefined(saved[1]);
    const at::Tensor gradient = at_out[0].contiguous();
    Job job = job_of(q, kv, {}, context->saved_data["heads"].toInt());
    const std::int64_t width = job.shape.width();
    const at::Tensor at_q = at::empty_like(q);
    const at::Tensor at_kv = kv.defined() ? at::empty_like(kv) : at::Tensor();
    job.shares = saved[2].data_ptr<float>();
    job.gradient.out = {gradient.data_ptr<float>(), width};
    job.gradient.query = {at_q.data_ptr<float>(), q.size(2)};
    job.gradient.key = kv.defined() ? Rows<float>{at_kv.data_ptr<float>(), 2 * width}
                                    : Rows<float>{at_q.data_ptr<float>() + width, q.size(2)};
    job.gradient.value = {job.gradient.key.at + width, job.gradient.key.row};
    run(job, true);
    return {at_q, at_kv, {}, {}};
  }
};

}  // namespace

bool fits_short_attention(const at::Tensor& projected, std::int64_t keys, std::int64_t head_width,
                          const at::Tensor& mask) {
  return projected.is_cpu() && projected.scalar_type() == at::kFloat && projected.numel() > 0 && keys <= kMostKeys &&
         projected.size(1) <= kMostKeys && head_width % kWholeVectors == 0 && head_width <= kMostHeadWidth &&
         (!mask.defined() || (mask.size(1) == 1 && (mask.size(0) == 1 || mask.size(0) == projected.size(0))));
}

at::Tensor short_attention(const at::Tensor& q, const at::Tensor& kv, const at::Tensor& mask, std::int64_t heads) {
  const at::Tensor queries = q.contiguous();
  const at::Tensor rest = kv.defined() ? kv.contiguous() : kv;
  const at::Tensor rows = mask.defined() && mask.stride(3) != 1 ? mask.contiguous() : mask;
  const bool with_graph = at::GradMode::is_enabled() && (q.requires_grad() || (kv.defined() && kv.requires_grad()));
  if (with_graph) return ShortAttention::apply(queries, or_empty(rest), or_empty(rows), heads);
  Job job = job_of(queries, rest, rows, heads);
  return attended(job, queries);
}

}  // namespace hearsay
