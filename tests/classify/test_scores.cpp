#include <QTest>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/unit_length.h"
#include "classify/scores.h"
#include "model/safetensors.h"
#include "support/reference.h"

using namespace hearsay;

namespace {

Matrix matrix(std::int64_t rows, std::int64_t cols, std::vector<float> data) {
  Matrix m(rows, cols);
  m.data = std::move(data);
  return m;
}

PromptSet two_classes(bool tuned) {
  PromptSet set;
  set.classes = {{"dog", {}, {}, {}}, {"rain", {}, {}, {}}};
  set.tuned = tuned;
  set.zero_shot = matrix(2, 2, {1, 0, 0, 1});
  if (tuned) {
    set.coarse = matrix(2, 2, {0.6F, 0.8F, 0.8F, -0.6F});
    set.fine = matrix(2, 2, {0, 1, 1, 0});
  }
  return set;
}

float largest_difference(std::span<const float> a, std::span<const float> b) {
  if (a.size() != b.size()) return INFINITY;
  float worst = 0.0F;
  for (std::size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]));
  return worst;
}

/// One sound's frames of a [n, T, d] tensor, normalised.
Matrix frames_of(const SafetensorsFile& file, const std::string& name, std::int64_t i) {
  const auto& shape = file.get(name).shape;
  const std::vector<float> all = file.floats(name);
  Matrix frames(shape[1], shape[2]);
  std::copy_n(all.begin() + i * shape[1] * shape[2], shape[1] * shape[2], frames.data.begin());
  for (std::int64_t t = 0; t < frames.rows; ++t) make_unit_length(frames.row(t));
  return frames;
}

}  // namespace

class TestScores : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void equal_to_the_reference_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("contexts");
    for (const char* name : {"fixed", "authors"}) {
      for (const char* contexts : {"n4", "n16"}) {
        QTest::addRow("%s %s", name, contexts) << name << contexts;
      }
    }
  }
  void equal_to_the_reference() {
    QFETCH(QString, name);
    QFETCH(QString, contexts);
    const auto file = SafetensorsFile::open(hearsay::testing::reference("afpt/" + name.toStdString() + ".safetensors"));
    const std::string n = contexts.toStdString() + ".";
    PromptSet set;
    set.tuned = true;
    set.coarse = file.matrix(n + "f32.class.coarse_norm");
    set.fine = file.matrix(n + "f32.class.fine_norm");
    set.zero_shot = set.coarse;
    set.classes.resize(static_cast<std::size_t>(set.coarse.rows));
    const double scale = std::exp(static_cast<double>(file.floats("logit_scale").front()));

    Matrix clips = file.matrix("audio.clip");
    const Matrix coarse = file.matrix(n + "test.coarse");
    const Matrix fine = file.matrix(n + "test.fine");
    const Matrix fused = file.matrix(n + "test.fused");
    const Matrix softmaxed = file.matrix(n + "test.fused_softmax");
    for (std::int64_t i = 0; i < clips.rows; ++i) {
      make_unit_length(clips.row(i));
      const Matrix frames = frames_of(file, "audio.frame", i);
      const WindowScores scores = score_window(clips.row(i), frames, set, ScoreKind::Fused, false);
      QVERIFY(largest_difference(scores.coarse, coarse.row(i)) < 2e-6F);
      QVERIFY(largest_difference(scores.fine, fine.row(i)) < 2e-6F);
      QVERIFY(largest_difference(scores.fused, fused.row(i)) < 4e-6F);
      QVERIFY(largest_difference(softmax(scores.fused, std::min(scale, 100.0)), softmaxed.row(i)) < 1e-4F);
    }
  }

  void frame_attention_is_the_reference_s() {
    const auto file = SafetensorsFile::open(hearsay::testing::reference("afpt/fixed.safetensors"));
    for (const std::string n : {"n4.", "n16."}) {
      const Matrix fine = file.matrix(n + "f32.class.fine_norm");
      const std::vector<float> expected = file.floats(n + "test.frame_attention");
      std::vector<float> got;
      for (std::int64_t i = 0; i < 3; ++i) {
        const Matrix attention = frame_attention(frames_of(file, "audio.frame", i), fine);
        got.insert(got.end(), attention.data.begin(), attention.data.end());
      }
      QVERIFY(largest_difference(got, expected) < 2e-6F);
    }
  }

  void by_hand() {
    const std::vector<float> clip = {0.6F, 0.8F};
    const Matrix frames = matrix(2, 2, {1, 0, 0, 1});
    const WindowScores s = score_window(clip, frames, two_classes(true), ScoreKind::Fused, true);
    QVERIFY(largest_difference(s.zero_shot, std::vector<float>{0.6F, 0.8F}) < 1e-6F);
    QVERIFY(largest_difference(s.coarse, std::vector<float>{1.0F, 0.0F}) < 1e-6F);
    const double a = 1.0 / (1.0 + std::exp(-10.0));  // the frame that fits, against one with cosine 0
    QVERIFY(largest_difference(s.fine, std::vector<float>(2, static_cast<float>(a))) < 1e-6F);
    QVERIFY(std::abs(s.fused[0] - 1.0F - static_cast<float>(a)) < 1e-6F);
    QVERIFY(largest_difference(s.frame_similarity.data, std::vector<float>{0.3F, 0.9F, 0.9F, -0.3F}) < 1e-6F);
    QVERIFY(std::abs(similarity_of(s, ScoreKind::Fused, 0) - s.fused[0] / 2) < 1e-7F);
    QCOMPARE(similarity_of(s, ScoreKind::Coarse, 0), s.coarse[0]);
  }

  void fused_is_the_weighted_sum() {
    PromptSet set = two_classes(true);
    set.weights = {0.5, 0.2, 0.3};
    const Matrix frames = matrix(2, 2, {1, 0, 0, 1});
    const WindowScores s = score_window(std::vector<float>{0.6F, 0.8F}, frames, set, ScoreKind::Fused, true);
    for (std::size_t k = 0; k < 2; ++k) {
      const float wanted = 0.5F * s.coarse[k] + 0.2F * s.fine[k] + 0.3F * s.zero_shot[k];
      QVERIFY(std::abs(s.fused[k] - wanted) < 1e-6F);
      QVERIFY(std::abs(similarity_of(s, ScoreKind::Fused, k) - wanted) < 1e-6F);
    }
    QVERIFY(largest_difference(s.frame_similarity.data, std::vector<float>{0.6F, 0.6F, 0.6F, 0.0F}) < 1e-6F);
    set.weights = {0.0, 0.0, 1.0};
    QCOMPARE(score_window(std::vector<float>{0.6F, 0.8F}, frames, set, ScoreKind::Fused, false).fused, s.zero_shot);
  }

  void anchored_prompts_have_zero_shots_place_in_the_fused_score_alone() {
    PromptSet set = two_classes(true);
    set.weights = {0.5, 0.2, 0.3};
    set.anchored = matrix(2, 2, {0.6F, 0.8F, -0.8F, 0.6F});
    const std::vector<float> clip = {0.6F, 0.8F};
    const Matrix frames = matrix(2, 2, {1, 0, 0, 1});
    const WindowScores s = score_window(clip, frames, set, ScoreKind::Fused, true);
    QVERIFY(largest_difference(s.zero_shot, std::vector<float>{0.6F, 0.8F}) < 1e-6F);
    const std::vector<float> anchored = {1.0F, 0.0F};
    for (std::size_t k = 0; k < 2; ++k) {
      QVERIFY(std::abs(s.fused[k] - (0.5F * s.coarse[k] + 0.2F * s.fine[k] + 0.3F * anchored[k])) < 1e-6F);
    }
    // The first frame: 0.5 * 0.6 + 0.2 * 0 + 0.3 * 0.6, 0.5 * 0.8 + 0.2 * 1 - 0.3 * 0.8.
    QVERIFY(std::abs(s.frame_similarity.at(0, 0) - 0.48F) < 1e-6F);
    QVERIFY(std::abs(s.frame_similarity.at(0, 1) - 0.36F) < 1e-6F);
    set.noise_drift = matrix(2, 2, {1, 0, 0, -1});  // the bonus of 0.5 * 0.6 and -0.5 * 0.8 is in every part
    const WindowScores noisy = score_window(clip, frames, set, ScoreKind::Fused, false, 0.5);
    QVERIFY(std::abs(noisy.fused[0] - s.fused[0] - 0.3F) < 1e-6F);
    QVERIFY(std::abs(noisy.fused[1] - s.fused[1] + 0.4F) < 1e-6F);
  }

  void offsets_are_taken_off_the_fused_score_alone() {
    PromptSet set = two_classes(true);
    set.weights = {0.5, 1.0, 0.5};
    const std::vector<float> clip = {0.6F, 0.8F};
    const Matrix frames = matrix(2, 2, {1, 0, 0, 1});
    const WindowScores plain = score_window(clip, frames, set, ScoreKind::Fused, true);
    set.offsets = {0.125, -0.125};
    const WindowScores moved = score_window(clip, frames, set, ScoreKind::Fused, true);
    QCOMPARE(moved.zero_shot, plain.zero_shot);
    QCOMPARE(moved.coarse, plain.coarse);
    QCOMPARE(moved.fine, plain.fine);
    for (std::size_t k = 0; k < 2; ++k) {  // in cosine, so by the sum of the weights
      const float less = k == 0 ? 0.125F : -0.125F;
      QVERIFY(std::abs(moved.fused[k] - (plain.fused[k] - 2.0F * less)) < 1e-6F);
      QVERIFY(std::abs(similarity_of(moved, ScoreKind::Fused, k) - (similarity_of(plain, ScoreKind::Fused, k) - less)) <
              1e-6F);
      QVERIFY(std::abs(moved.frame_similarity.at(1, static_cast<std::int64_t>(k)) -
                       (plain.frame_similarity.at(1, static_cast<std::int64_t>(k)) - less)) < 1e-6F);
    }
    set.tuned = false;
    QCOMPARE(score_window(clip, frames, set, ScoreKind::Fused, false).zero_shot, plain.zero_shot);
  }

  void the_noise_bonus_is_added_to_every_cosine() {
    PromptSet set = two_classes(true);
    const std::vector<float> clip = {0.6F, 0.8F};
    const Matrix frames = matrix(2, 2, {1, 0, 0, 1});
    const WindowScores plain = score_window(clip, frames, set, ScoreKind::Fused, true);
    QCOMPARE(score_window(clip, frames, set, ScoreKind::Fused, true, 0.5).fused, plain.fused);  // no drift, no bonus
    set.noise_drift = matrix(2, 2, {1, 0, 0, -1});
    const WindowScores s = score_window(clip, frames, set, ScoreKind::Fused, true, 0.5);
    const std::vector<float> bonus = {0.3F, -0.4F};
    for (std::size_t k = 0; k < 2; ++k) {
      QVERIFY(std::abs(s.zero_shot[k] - plain.zero_shot[k] - bonus[k]) < 1e-6F);
      QVERIFY(std::abs(s.coarse[k] - plain.coarse[k] - bonus[k]) < 1e-6F);
      QVERIFY(std::abs(s.fine[k] - plain.fine[k] - bonus[k]) < 1e-6F);
      QVERIFY(std::abs(s.fused[k] - plain.fused[k] - 2 * bonus[k]) < 1e-6F);
    }
    QCOMPARE(s.frame_similarity.data, plain.frame_similarity.data);
    QCOMPARE(score_window(clip, frames, set, ScoreKind::Fused, true).fused, plain.fused);  // off
  }

  void untuned_sets_have_zero_shot_alone() {
    const WindowScores s =
        score_window(std::vector<float>{1, 0}, matrix(1, 2, {0, 1}), two_classes(false), ScoreKind::Fused, true);
    QVERIFY(s.coarse.empty() && s.fine.empty() && s.fused.empty());
    QCOMPARE(scores_of(s, ScoreKind::Fused)[0], 1.0F);
    QCOMPARE(similarity_of(s, ScoreKind::Fused, 0), 1.0F);
    QCOMPARE(s.frame_similarity.at(0, 1), 1.0F);
  }

  void a_tower_without_frames_scores_by_its_clip() {
    const WindowScores s =
        score_window(std::vector<float>{1, 0}, Matrix(0, 2), two_classes(true), ScoreKind::Fine, true);
    QVERIFY(largest_difference(s.fine, std::vector<float>{0.0F, 1.0F}) < 1e-6F);
    QCOMPARE(s.frame_similarity.rows, 0);
  }

  void fine_scores_add_up_over_pieces() {
    Matrix frames(7, 3);
    for (std::size_t i = 0; i < frames.data.size(); ++i) frames.data[i] = std::sin(static_cast<float>(i) * 1.7F);
    for (std::int64_t t = 0; t < frames.rows; ++t) make_unit_length(frames.row(t));
    const Matrix classes = matrix(2, 3, {1, 0, 0, 0, 0.6F, 0.8F});
    FineScore whole(2);
    QVERIFY(whole.empty());
    QCOMPARE(whole.value()[0], 0.0F);
    whole.add(frames, classes);
    FineScore pieces(2);
    for (std::int64_t t = 0; t < frames.rows; ++t) {
      const auto row = frames.row(t);
      pieces.add(matrix(1, 3, {row.begin(), row.end()}), classes);
    }
    QVERIFY(!pieces.empty());
    QVERIFY(largest_difference(whole.value(), pieces.value()) < 1e-6F);
    const Matrix attention = frame_attention(frames, classes);
    const Matrix similar = cosines(frames, classes);
    for (std::int64_t k = 0; k < 2; ++k) {
      float sum = 0.0F;
      float weighted = 0.0F;
      for (std::int64_t t = 0; t < 7; ++t) {
        sum += attention.at(t, k);
        weighted += attention.at(t, k) * similar.at(t, k);
      }
      QVERIFY(std::abs(sum - 1.0F) < 1e-5F);
      QVERIFY(std::abs(weighted - whole.value()[static_cast<std::size_t>(k)]) < 1e-5F);
    }
  }

  void frame_similarity_follows_the_kind() {
    const Matrix frames = matrix(1, 2, {1, 0});
    const PromptSet set = two_classes(true);
    QVERIFY(largest_difference(frame_similarity(frames, set, ScoreKind::ZeroShot).data, std::vector<float>{1, 0}) <
            1e-6F);
    QVERIFY(largest_difference(frame_similarity(frames, set, ScoreKind::Coarse).data, std::vector<float>{0.6F, 0.8F}) <
            1e-6F);
    QVERIFY(largest_difference(frame_similarity(frames, set, ScoreKind::Fine).data, std::vector<float>{0, 1}) < 1e-6F);
  }

  void softmax_is_safe() {
    QVERIFY(softmax({}, 10.0).empty());
    const auto p = softmax(std::vector<float>{1.0F, 0.5F, -1.0F}, 100.0);
    QVERIFY(std::abs(std::accumulate(p.begin(), p.end(), 0.0F) - 1.0F) < 1e-6F);
    QVERIFY(p[0] > 0.99F && p[2] >= 0.0F);
    QCOMPARE(softmax(std::vector<float>{0.3F}, 100.0)[0], 1.0F);
    const auto far = softmax(std::vector<float>{1e30F, -1e30F}, 100.0);
    QCOMPARE(far[0], 1.0F);
    QCOMPARE(far[1], 0.0F);
  }

  void ranking_is_stable() {
    QCOMPARE(ranking(std::vector<float>{0.1F, 0.9F, 0.1F, 0.9F}), (std::vector<int>{1, 3, 0, 2}));
    QCOMPARE(ranking(std::vector<float>{NAN, -1.0F, 2.0F}), (std::vector<int>{2, 1, 0}));
    QVERIFY(ranking({}).empty());
  }

  void unit_length_leaves_zeros() {
    std::vector<float> v = {3, 4};
    make_unit_length(v);
    QVERIFY(largest_difference(v, std::vector<float>{0.6F, 0.8F}) < 1e-6F);
    std::vector<float> zeros(2, 0.0F);
    make_unit_length(zeros);
    QCOMPARE(zeros[0], 0.0F);
  }

  void widths_are_checked() {
    check_width(two_classes(true), 2);
    try {
      check_width(two_classes(true), 3);
      QFAIL("a set of another width was taken");
    } catch (const Error& error) {
      QVERIFY(error.kind() == ErrorKind::WrongModel);
    }
    try {
      check_width(PromptSet(), 3);
      QFAIL("a set without classes was taken");
    } catch (const Error& error) {
      QVERIFY(error.kind() == ErrorKind::Usage);
    }
  }
};

QTEST_APPLESS_MAIN(TestScores)
#include "test_scores.moc"
