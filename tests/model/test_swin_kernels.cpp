// The hand-written steps of a Swin block against the same in LibTorch and float64, for every width of vector.

#include <QtTest>
#include <cmath>

#include "base/vectors.h"
#include "model/swin_kernels.h"
#include "tensors.h"

using namespace hearsay;

class TestSwinKernels : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { at::manual_seed(1); }
  void cleanup() { vectors::limit(16); }
  void attention_data();
  void attention();
  void layer_norm_data() { vector_widths(); }
  void layer_norm();
  void gelu_data() { vector_widths(); }
  void gelu();

 private:
  static void vector_widths() {
    QTest::addColumn<int>("floats");
    for (const int floats : {4, 8, 16}) QTest::addRow("%d floats", floats) << floats;
  }
};

namespace {

/// [n, side, side, C] -> [n * windows, 64, C].
at::Tensor cut(const at::Tensor& x) {
  const std::int64_t across = x.size(1) / 8;
  return x.reshape({x.size(0), across, 8, across, 8, x.size(3)}).transpose(2, 3).reshape({-1, 64, x.size(3)});
}

at::Tensor joined(const at::Tensor& windows, std::int64_t side) {
  const std::int64_t across = side / 8;
  return windows.view({-1, across, across, 8, 8, windows.size(2)})
      .transpose(2, 3)
      .reshape({-1, side * side, windows.size(2)});
}

/// By rolling and cutting, in float64.
at::Tensor expected_attention(const at::Tensor& qkv, const at::Tensor& bias, std::int64_t side, std::int64_t heads,
                              std::int64_t shift) {
  const std::int64_t width = qkv.size(2) / 3;
  const at::Tensor square = at::roll(qkv.view({-1, side, side, 3 * width}), {-shift, -shift}, {1, 2});
  const at::Tensor split = cut(square).view({-1, 64, 3, heads, width / heads}).permute({2, 0, 3, 1, 4});
  at::Tensor scores = at::matmul(split[0], split[1].transpose(2, 3)) /
                      std::sqrt(static_cast<double>(width) / static_cast<double>(heads));
  scores = (scores.view({-1, bias.size(0), heads, 64, 64}) + bias).view({-1, heads, 64, 64});
  const at::Tensor mixed = at::matmul(at::softmax(scores, -1), split[2]).transpose(1, 2).reshape({-1, 64, width});
  const at::Tensor rolled = joined(mixed, side).view({-1, side, side, width});
  return at::roll(rolled, {shift, shift}, {1, 2}).view({-1, side * side, width});
}

}  // namespace

void TestSwinKernels::attention_data() {
  QTest::addColumn<int>("floats");
  QTest::addColumn<int>("head_width");
  QTest::addColumn<int>("shift");
  for (const int floats : {4, 8, 16}) {
    for (const int head_width : {1, 6, 16, 24, 32}) {
      for (const int shift : {0, 4}) {
        QTest::addRow("%d floats, heads of %d, shift %d", floats, head_width, shift) << floats << head_width << shift;
      }
    }
  }
}

void TestSwinKernels::attention() {
  QFETCH(int, floats);
  QFETCH(int, head_width);
  QFETCH(int, shift);
  constexpr std::int64_t kSide = 16;
  constexpr std::int64_t kHeads = 3;
  const std::int64_t width = kHeads * head_width;
  const at::Tensor qkv = at::randn({2, kSide * kSide, 3 * width}) * 2.0;
  const at::Tensor qkv_bias = at::randn({3 * width});
  // Some scores are as good as minus infinity, as between places that are no neighbours.
  at::Tensor bias = at::randn({shift > 0 ? 4 : 1, kHeads, 64, 64});
  bias.masked_fill_(at::rand(bias.sizes()) < 0.3, -100.0);
  at::Tensor out = at::full({2, kSide * kSide, width}, NAN);
  swin::WindowAttention job;
  job.qkv = qkv.data_ptr<float>();
  job.qkv_bias = qkv_bias.data_ptr<float>();
  job.bias = bias.data_ptr<float>();
  job.bias_per_window = shift > 0;
  job.out = out.data_ptr<float>();
  job.pictures = 2;
  job.side = kSide;
  job.heads = kHeads;
  job.head_width = head_width;
  job.shift = shift;
  vectors::limit(floats);
  swin::attend(job);
  const at::Tensor whole = qkv.to(at::kDouble) + qkv_bias.to(at::kDouble);
  CLOSE(out, expected_attention(whole, bias.to(at::kDouble), kSide, kHeads, shift), 3e-6);
}

void TestSwinKernels::layer_norm() {
  QFETCH(int, floats);
  vectors::limit(floats);
  for (const std::int64_t width : {1, 7, 12, 96, 133, 768}) {
    const at::Tensor given = at::randn({50, width}) * 3.0 + 5.0;
    const at::Tensor added = at::randn({width});
    const at::Tensor weight = at::randn({width});
    const at::Tensor bias = at::randn({width});
    at::Tensor x = given.clone();
    at::Tensor out = at::empty_like(x);
    swin::norm_rows({x.data_ptr<float>(), added.data_ptr<float>(), weight.data_ptr<float>(), bias.data_ptr<float>(),
                     1e-5, out.data_ptr<float>(), x.size(0), width});
    const at::Tensor sum = given.to(at::kDouble) + added.to(at::kDouble);
    CLOSE(x, sum, 1e-6);
    CLOSE(out, at::layer_norm(sum, {width}, weight.to(at::kDouble), bias.to(at::kDouble), 1e-5), 3e-6);
  }
}

void TestSwinKernels::gelu() {
  QFETCH(int, floats);
  vectors::limit(floats);
  for (const std::int64_t width : {1, 13, 400}) {
    const at::Tensor given = at::cat({at::linspace(-12.0, 12.0, 100 * width), at::zeros({width})}).view({-1, width});
    const at::Tensor bias = at::randn({width}) * 0.1;
    at::Tensor x = given.clone();
    swin::add_and_gelu(x.data_ptr<float>(), bias.data_ptr<float>(), x.size(0), width);
    const at::Tensor sum = given.to(at::kDouble) + bias.to(at::kDouble);
    const at::Tensor wrong = (x.to(at::kDouble) - at::gelu(sum)).abs() / sum.abs().clamp_min(1.0);
    QVERIFY2(wrong.max().item<double>() < 3e-7, qPrintable(QString::number(wrong.max().item<double>())));
  }
}

QTEST_GUILESS_MAIN(TestSwinKernels)
#include "test_swin_kernels.moc"
