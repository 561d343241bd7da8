// How alike classes are to each score of a tuned set.
#include <QTest>
#include <array>
#include <cmath>

#include "prompts/class_similarity.h"

using namespace hearsay;

namespace {

Matrix rows(std::initializer_list<std::array<float, 2>> values) {
  Matrix matrix(static_cast<std::int64_t>(values.size()), 2);
  std::size_t at = 0;
  for (const auto& row : values) {
    matrix.data[at++] = row[0];
    matrix.data[at++] = row[1];
  }
  return matrix;
}

/// Coarse and fine take the first two classes for one, zero-shot the last two, the anchors the first and the last.
PromptSet opinions() {
  PromptSet prompts;
  prompts.classes = parse_classes("a, b, c");
  prompts.tuned = true;
  prompts.coarse = prompts.fine = rows({{1, 0}, {1, 0}, {0, 1}});
  prompts.zero_shot = rows({{1, 0}, {0, 1}, {0, 1}});
  prompts.anchored = rows({{0, 1}, {1, 0}, {0, 1}});
  prompts.weights = {0.1, 0.1, 0.8};
  return prompts;
}

std::pair<std::int64_t, std::int64_t> most_alike(const Matrix& cosines) {
  std::pair<std::int64_t, std::int64_t> best{0, 1};
  for (std::int64_t i = 0; i < cosines.rows; ++i) {
    for (std::int64_t j = i + 1; j < cosines.cols; ++j) {
      if (cosines.at(i, j) > cosines.at(best.first, best.second)) best = {i, j};
    }
  }
  return best;
}

}  // namespace

class TestClassSimilarity : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void each_score_has_its_own() {
    const PromptSet prompts = opinions();
    QCOMPARE(most_alike(class_similarity(prompts, ScoreKind::Coarse)), (std::pair<std::int64_t, std::int64_t>{0, 1}));
    QCOMPARE(most_alike(class_similarity(prompts, ScoreKind::Fine)), (std::pair<std::int64_t, std::int64_t>{0, 1}));
    QCOMPARE(most_alike(class_similarity(prompts, ScoreKind::ZeroShot)), (std::pair<std::int64_t, std::int64_t>{1, 2}));
  }

  void fused_goes_by_weights_and_anchors() {
    PromptSet prompts = opinions();
    QCOMPARE(most_alike(class_similarity(prompts, ScoreKind::Fused)), (std::pair<std::int64_t, std::int64_t>{0, 2}));
    prompts.anchored = {};  // then zero-shot itself has their place
    QCOMPARE(most_alike(class_similarity(prompts, ScoreKind::Fused)), (std::pair<std::int64_t, std::int64_t>{1, 2}));
    prompts.weights = {};  // coarse + fine, as in the paper
    QCOMPARE(most_alike(class_similarity(prompts, ScoreKind::Fused)), (std::pair<std::int64_t, std::int64_t>{0, 1}));
  }

  /// What two classes' fused scores of any clip of one frame come from.
  void fused_embeddings_give_the_fused_score() {
    const PromptSet prompts = opinions();
    const Matrix fused = score_embeddings(prompts, ScoreKind::Fused);
    const double length = std::hypot(0.2, 0.8);  // of class 0's sum: 0.1 + 0.1 along one axis, 0.8 along the other
    QVERIFY(std::abs(fused.at(0, 0) - 0.2 / length) < 1e-6);
    QVERIFY(std::abs(fused.at(0, 1) - 0.8 / length) < 1e-6);
    const Matrix cosines = class_similarity(prompts, ScoreKind::Fused);
    for (std::int64_t k = 0; k < 3; ++k) QVERIFY(std::abs(cosines.at(k, k) - 1.0F) < 1e-6F);
    QCOMPARE(cosines.at(0, 1), cosines.at(1, 0));
  }

  void what_is_not_tuned_has_zero_shot_alone() {
    PromptSet prompts = opinions();
    prompts.tuned = false;
    prompts.coarse = prompts.fine = prompts.anchored = {};
    QCOMPARE(class_similarity(prompts, ScoreKind::Fused).data, class_similarity(prompts, ScoreKind::ZeroShot).data);
  }
};

QTEST_MAIN(TestClassSimilarity)
#include "test_class_similarity.moc"
