// Attention between few places and its gradient, against LibTorch's operations in float64, for every width of vector.

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <QtTest>
#include <cmath>
#include <limits>

#include "base/vectors.h"
#include "model/layers.h"
#include "model/short_attention.h"
#include "tensors.h"

using namespace hearsay;

namespace {

constexpr std::int64_t kTexts = 3;
constexpr std::int64_t kHeads = 2;
constexpr double kNothing = -std::numeric_limits<double>::infinity();

/// [B, L, parts * h] -> parts times [B, heads, L, head width].
std::vector<at::Tensor> by_head(const at::Tensor& x, std::int64_t parts) {
  return x.view({x.size(0), x.size(1), parts, kHeads, -1}).permute({2, 0, 3, 1, 4}).unbind(0);
}

at::Tensor expected_attention(const at::Tensor& q, const at::Tensor& kv, const at::Tensor& mask) {
  const at::Tensor queries = by_head(q, 1)[0];
  const std::vector<at::Tensor> rest = by_head(kv, 2);
  at::Tensor scores = at::matmul(queries, rest[0].transpose(2, 3)) / std::sqrt(static_cast<double>(queries.size(3)));
  if (mask.defined()) scores = scores + mask;
  return at::matmul(at::softmax(scores, -1), rest[1]).transpose(1, 2).reshape({q.size(0), q.size(1), -1});
}

/// Text i of kTexts has i places less, of them all: [B, 1, 1, L].
at::Tensor ragged(std::int64_t keys) {
  at::Tensor mask = at::zeros({kTexts, 1, 1, keys});
  for (std::int64_t i = 1; i < std::min(kTexts, keys); ++i) mask[i].narrow(2, keys - i, i).fill_(kNothing);
  return mask;
}

/// Every query sees what is before it, and itself; the last one everything: [1, 1, Q, L].
at::Tensor causal(std::int64_t queries, std::int64_t keys) {
  return at::full({queries, keys}, kNothing).triu(keys - queries + 1).view({1, 1, queries, keys});
}

}  // namespace

class TestShortAttention : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() { at::manual_seed(3); }
  void cleanup() { vectors::limit(16); }
  void values_and_gradients_data();
  void values_and_gradients();
  void queries_keys_and_values_in_one();
  void what_is_masked_has_no_part();
  void no_number_stays_no_number();
  void threads_change_nothing();
  void what_does_not_fit_data();
  void what_does_not_fit();
};

void TestShortAttention::values_and_gradients_data() {
  QTest::addColumn<int>("floats");
  QTest::addColumn<int>("queries");
  QTest::addColumn<int>("keys");
  QTest::addColumn<int>("head_width");
  QTest::addColumn<QString>("mask");
  for (const int floats : {4, 8, 16}) {
    for (const auto& [queries, keys] : {std::pair{1, 1}, {3, 3}, {1, 9}, {4, 17}, {18, 18}, {5, 33}, {128, 128}}) {
      for (const int head_width : {16, 48, 64}) {
        for (const char* mask : {"none", "ragged", "causal"}) {
          QTest::addRow("%d floats, %d queries, %d keys, heads of %d, mask: %s", floats, queries, keys, head_width,
                        mask)
              << floats << queries << keys << head_width << mask;
        }
      }
    }
  }
}

void TestShortAttention::values_and_gradients() {
  QFETCH(int, floats);
  QFETCH(int, queries);
  QFETCH(int, keys);
  QFETCH(int, head_width);
  QFETCH(QString, mask);
  vectors::limit(floats);
  const std::int64_t width = kHeads * head_width;
  const at::Tensor q = (at::randn({kTexts, queries, width}) * 2.0).requires_grad_(true);
  const at::Tensor kv = at::randn({kTexts, keys, 2 * width}).requires_grad_(true);
  at::Tensor hidden;
  if (mask == "ragged") hidden = ragged(keys);
  if (mask == "causal") hidden = causal(queries, keys);
  const at::Tensor above = at::randn({kTexts, queries, width});
  QVERIFY(fits_short_attention(q, keys, head_width, hidden));

  const at::Tensor found = short_attention(q, kv, hidden, kHeads);
  found.backward(above);
  const at::Tensor exact_q = q.detach().to(at::kDouble).requires_grad_(true);
  const at::Tensor exact_kv = kv.detach().to(at::kDouble).requires_grad_(true);
  const at::Tensor wanted = expected_attention(exact_q, exact_kv, hidden);
  wanted.backward(above.to(at::kDouble));
  CLOSE(found.detach(), wanted.detach(), 4e-6);
  CLOSE(q.grad(), exact_q.grad(), 2e-5);
  CLOSE(kv.grad(), exact_kv.grad(), 2e-5);

  const at::NoGradGuard no_graph;
  QVERIFY(short_attention(q, kv, hidden, kHeads).equal(found));
}

void TestShortAttention::queries_keys_and_values_in_one() {
  const at::Tensor qkv = at::randn({kTexts, 11, 3 * kHeads * 32}).requires_grad_(true);
  const at::Tensor above = at::randn({kTexts, 11, kHeads * 32});
  const at::Tensor together = short_attention(qkv, {}, ragged(11), kHeads);
  together.backward(above);
  const at::Tensor alone = qkv.detach().requires_grad_(true);
  const at::Tensor apart = short_attention(alone.narrow(2, 0, kHeads * 32),
                                           alone.narrow(2, kHeads * 32, 2 * kHeads * 32), ragged(11), kHeads);
  apart.backward(above);
  QVERIFY(together.equal(apart));
  QVERIFY(qkv.grad().equal(alone.grad()));
}

void TestShortAttention::what_is_masked_has_no_part() {
  const at::Tensor q = at::randn({kTexts, 6, kHeads * 16});
  const at::Tensor kv = at::randn({kTexts, 6, 2 * kHeads * 16});
  const at::Tensor before = short_attention(q, kv, ragged(6), kHeads);
  at::Tensor changed = kv.clone();
  changed[1].narrow(0, 5, 1).mul_(1e6);
  changed[2].narrow(0, 4, 2).mul_(-1e6);
  QVERIFY(short_attention(q, changed, ragged(6), kHeads).equal(before));
  const at::Tensor leaf = kv.clone().requires_grad_(true);
  short_attention(q, leaf, ragged(6), kHeads).sum().backward();
  QVERIFY((leaf.grad()[2].narrow(0, 4, 2) == 0).all().item<bool>());
  QVERIFY((leaf.grad()[2].narrow(0, 0, 4) != 0).any().item<bool>());
}

void TestShortAttention::no_number_stays_no_number() {
  for (const int floats : {4, 8, 16}) {
    vectors::limit(floats);
    at::Tensor qkv = at::randn({1, 5, 3 * kHeads * 16});
    qkv[0][2].fill_(NAN);
    QVERIFY(at::isnan(short_attention(qkv, {}, {}, kHeads)).all().item<bool>());
  }
}

void TestShortAttention::threads_change_nothing() {
  const int threads = at::get_num_threads();
  const auto run = [](int count) {
    at::set_num_threads(count);
    at::manual_seed(4);
    const at::Tensor qkv = at::randn({40, 19, 3 * kHeads * 16}).requires_grad_(true);
    const at::Tensor out = short_attention(qkv, {}, {}, kHeads);
    out.sum().backward();
    return std::pair(out.detach(), qkv.grad());
  };
  const auto one = run(1);
  const auto four = run(4);
  at::set_num_threads(threads);
  QVERIFY(one.first.equal(four.first));
  QVERIFY(one.second.equal(four.second));
}

void TestShortAttention::what_does_not_fit_data() {
  QTest::addColumn<int>("keys");
  QTest::addColumn<int>("head_width");
  QTest::addColumn<bool>("exact");
  QTest::addColumn<int>("masks");
  QTest::newRow("float64") << 7 << 32 << true << 1;
  QTest::newRow("more places than a head's room") << 129 << 32 << false << 1;
  QTest::newRow("heads of no whole number of vectors") << 7 << 24 << false << 1;
  QTest::newRow("a mask for each head") << 7 << 32 << false << 2;
}

/// Then LibTorch's operations do it.
void TestShortAttention::what_does_not_fit() {
  QFETCH(int, keys);
  QFETCH(int, head_width);
  QFETCH(bool, exact);
  QFETCH(int, masks);
  const std::int64_t width = kHeads * head_width;
  const at::ScalarType type = exact ? at::kDouble : at::kFloat;
  SelfAttention attention;
  attention.heads = kHeads;
  attention.qkv = {at::randn({3 * width, width}, type) / std::sqrt(static_cast<double>(width)), {}};
  attention.out = {at::eye(width, type), {}};
  const at::Tensor x = at::randn({kTexts, keys, width}, type);
  const at::Tensor mask = at::randn({1, masks, 1, keys}, type);
  QVERIFY(!fits_short_attention(attention.qkv(x), keys, head_width, mask));
  const at::Tensor exact_x = x.to(at::kDouble);
  const at::Tensor weight = attention.qkv.weight.to(at::kDouble);
  CLOSE(attention(x, mask),
        expected_attention(at::linear(exact_x, weight.narrow(0, 0, width)),
                           at::linear(exact_x, weight.narrow(0, width, 2 * width)), mask.to(at::kDouble)),
        4e-6);
}

QTEST_APPLESS_MAIN(TestShortAttention)
#include "test_short_attention.moc"
