#include <QTest>
#include <cmath>

#include "base/error.h"
#include "classify/evaluate.h"

using namespace hearsay;

namespace {

Matrix matrix(std::int64_t rows, std::int64_t cols, std::vector<float> data) {
  Matrix m(rows, cols);
  m.data = std::move(data);
  return m;
}

bool near(double a, double b) {
  return std::abs(a - b) < 1e-6;
}

}  // namespace

class TestMetrics : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void four_files_by_hand() {
    // labels: 0, 0, 1, 1; the second is taken for class 1.
    const Matrix scores = matrix(4, 3, {0.9F, 0.1F, 0.0F, 0.4F, 0.5F, 0.1F, 0.2F, 0.7F, 0.1F, 0.1F, 0.8F, 0.1F});
    const ScoreMetrics m = measure(scores, scores, {{0}, {0}, {1}, {1}});
    QVERIFY(near(m.accuracy, 0.75));
    QVERIFY(near(m.per_class_accuracy[0], 0.5));
    QVERIFY(near(m.per_class_accuracy[1], 1.0));
    QVERIFY(std::isnan(m.per_class_accuracy[2]));
    QVERIFY(near(m.average_precision[0], 1.0));  // 0.9, 0.4 come before 0.2, 0.1
    QVERIFY(near(m.average_precision[1], 1.0));
    QVERIFY(std::isnan(m.average_precision[2]));
    QVERIFY(near(m.map, 1.0));
    QCOMPARE(m.confusion[0], (std::vector<int>{1, 1, 0}));
    QCOMPARE(m.confusion[1], (std::vector<int>{0, 2, 0}));
    QCOMPARE(m.reliability.size(), 15U);
    // 0.9 right, 0.5 wrong, 0.7 and 0.8 right, each alone in its bin (0.7: 11th, 0.8: 12th, 0.9: 14th)
    QVERIFY(near(m.ece, (0.1 + 0.5 + 0.3 + 0.2) / 4));
    QCOMPARE(m.reliability[10].count, 1);
    QVERIFY(near(m.reliability[10].accuracy, 1.0));
    QVERIFY(std::abs(m.reliability[10].confidence - 0.7) < 1e-6);
  }

  void average_precision_as_scikit_learn() {
    // sklearn.metrics.average_precision_score([0,0,1,1], [0.1,0.4,0.35,0.8]) = 0.8333
    const Matrix scores = matrix(4, 2, {0.9F, 0.1F, 0.6F, 0.4F, 0.65F, 0.35F, 0.2F, 0.8F});
    const ScoreMetrics m = measure(scores, scores, {{0}, {0}, {1}, {1}});
    QVERIFY(near(m.average_precision[1], 0.8333333333));
    // ties count as one step: all equal gives the share of positives
    const Matrix equal = matrix(4, 2, std::vector<float>(8, 0.5F));
    QVERIFY(near(measure(equal, equal, {{0}, {1}, {1}, {1}}).average_precision[0], 0.25));
  }

  void several_labels() {
    const Matrix scores = matrix(2, 3, {0.1F, 0.2F, 0.7F, 0.5F, 0.3F, 0.2F});
    const ScoreMetrics m = measure(scores, scores, {{0, 2}, {1}});
    QVERIFY(near(m.accuracy, 0.5));
    QCOMPARE(m.confusion[0], (std::vector<int>{0, 0, 0}));
    QCOMPARE(m.confusion[1], (std::vector<int>{1, 0, 0}));
    QCOMPARE(m.confusion[2], (std::vector<int>{0, 0, 1}));  // right with its second label: on the diagonal
    QVERIFY(near(m.per_class_accuracy[0], 0.0));
    QCOMPARE(m.per_class_files, (std::vector<int>{1, 1, 1}));
    QVERIFY(near(m.per_class_accuracy[2], 1.0));
  }

  void certain_and_right_is_calibrated() {
    const Matrix scores = matrix(2, 2, {1, 0, 0, 1});
    const ScoreMetrics m = measure(scores, scores, {{0}, {1}});
    QVERIFY(near(m.ece, 0.0));
    QCOMPARE(m.reliability.back().count, 2);
  }

  void what_is_no_number_comes_last() {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const Matrix scores = matrix(3, 2, {0.9F, 0.1F, nan, nan, 0.2F, 0.8F});
    const ScoreMetrics m = measure(scores, scores, {{0}, {0}, {1}});
    QVERIFY(near(m.average_precision[0], 0.5 + 0.5 * 2.0 / 3.0));
    QVERIFY(near(m.average_precision[1], 1.0));
  }

  void no_rows() {
    const ScoreMetrics m = measure(Matrix(0, 2), Matrix(0, 2), {});
    QCOMPARE(m.accuracy, 0.0);
    QCOMPARE(m.map, 0.0);
    QCOMPARE(m.ece, 0.0);
  }

  void what_does_not_belong_together_is_refused() {
    const Matrix scores = matrix(1, 2, {1, 0});
    QVERIFY_THROWS_EXCEPTION(Error, measure(scores, scores, {}));
    QVERIFY_THROWS_EXCEPTION(Error, measure(scores, Matrix(1, 3), {{0}}));
    QVERIFY_THROWS_EXCEPTION(Error, measure(scores, scores, {{2}}));
    QVERIFY_THROWS_EXCEPTION(Error, measure(scores, scores, {{}}));
  }
};

QTEST_APPLESS_MAIN(TestMetrics)
#include "test_metrics.moc"
