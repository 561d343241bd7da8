// The fused score's weights: what held-out text decides.

#include <ATen/ATen.h>

#include <QtTest>

#include <cmath>

#include "prompts/held_out.h"
#include "prompts/losses.h"
#include "prompts/score_weights.h"

using namespace hearsay;

namespace {

constexpr std::int64_t kClasses = 4;
constexpr std::int64_t kDim = 16;
constexpr double kScale = 20.0;

at::Tensor unit(const at::Tensor& rows) {
  return rows / rows.norm(2, -1, true);
}

/// `count` captions near their class's direction, with words that are copies of the sentence.
FeatureBatch captions_near(const at::Tensor& classes, std::int64_t count, double noise) {
  FeatureBatch batch;
  batch.labels = at::arange(count, at::kLong).remainder(kClasses);
  batch.sentences = unit(classes.index_select(0, batch.labels) + noise * at::randn({count, kDim}));
  batch.words = batch.sentences.unsqueeze(1).repeat({1, 3, 1});
  batch.mask = at::ones({count, 3}, at::kBool);
  batch.targets = at::zeros({count, kClasses}).scatter_(1, batch.labels.unsqueeze(1), 1.0);
  return batch;
}

double mean_loss(const FeatureBatch& batch, const at::Tensor& tuned, const at::Tensor& zero_shot,
                 const ScoreWeights& weights) {
  return look_at_held_out({batch}, tuned, zero_shot, kScale, false, weights).fused_loss;
}

}  // namespace

class TestScoreWeights : public QObject {
  Q_OBJECT
  at::Tensor right_;  ///< [K, d] where the captions are
  at::Tensor wrong_;  ///< [K, d] elsewhere

 private Q_SLOTS:
  void init() {
    at::manual_seed(7);
    right_ = unit(at::randn({kClasses, kDim}));
    wrong_ = unit(at::randn({kClasses, kDim}));
  }

  void the_grid_is_a_simplex() {
    const std::vector<ScoreWeights> grid = score_weight_grid();
    QCOMPARE(grid.size(), std::size_t{15});
    for (std::size_t i = 0; i < grid.size(); ++i) {
      QVERIFY(std::abs(grid[i].sum() - 1.0) < 1e-12);
      QVERIFY(grid[i].coarse >= 0.0 && grid[i].fine >= 0.0 && grid[i].zero_shot > 0.8 - 1e-12);
      QVERIFY(i == 0 || grid[i].zero_shot <= grid[i - 1].zero_shot);
    }
  }

  void losses_by_caption_have_the_loss_as_their_mean() {
    const FeatureBatch batch = captions_near(right_, 9, 0.4);
    const at::Tensor cosines = coarse_cosines(batch.sentences, wrong_);
    const at::Tensor targets = (at::rand({9, kClasses}) > 0.5).to(at::kFloat);
    const auto close = [](const at::Tensor& each, const at::Tensor& mean) {
      return each.sizes() == at::IntArrayRef({9}) && std::abs(each.mean().item<double>() - mean.item<double>()) < 1e-5;
    };
    QVERIFY(
        close(every_label_losses(cosines, batch.targets, kScale), cross_entropy_loss(cosines, batch.labels, kScale)));
    QVERIFY(close(ranking_losses(cosines, targets), ranking_loss(cosines, targets)));
  }

  void a_template_that_is_right_keeps_nearly_everything() {
    for (const bool multi : {false, true}) {
      const ScoreWeights weights =
          choose_score_weights({captions_near(right_, 80, 0.2)}, at::stack({wrong_, wrong_}), right_, kScale, multi);
      QVERIFY2(weights.zero_shot >= 0.95, std::to_string(weights.zero_shot).c_str());
    }
  }

  void scores_that_are_alike_share_evenly() {
    const ScoreWeights weights =
        choose_score_weights({captions_near(right_, 80, 0.4)}, at::stack({right_, right_}), right_, kScale, false);
    QVERIFY((weights == ScoreWeights{0.1, 0.1, 0.8}));
  }

  void tuned_prompts_that_are_right_get_their_share() {
    const FeatureBatch batch = captions_near(right_, 200, 0.3);
    const ScoreWeights coarse = choose_score_weights({batch}, at::stack({right_, wrong_}), wrong_, kScale, false);
    QVERIFY((coarse == ScoreWeights{0.2, 0.0, 0.8}));
    const ScoreWeights fine = choose_score_weights({batch}, at::stack({wrong_, right_}), wrong_, kScale, false);
    QVERIFY((fine == ScoreWeights{0.0, 0.2, 0.8}));
  }

  /// Against a search by hand: within one standard error of the lowest mean, most even first, then lowest loss.
  void the_rule_is_one_standard_error() {
    const FeatureBatch batch = captions_near(right_, 60, 0.5);
    const at::Tensor tuned =
        at::stack({unit(right_ + 0.15 * at::randn({kClasses, kDim})), unit(right_ + 0.3 * wrong_)});
    const at::Tensor zero_shot = unit(right_ + 0.6 * wrong_);
    double lowest = INFINITY;
    ScoreWeights best;
    for (const ScoreWeights& weights : score_weight_grid()) {
      const double loss = mean_loss(batch, tuned, zero_shot, weights);
      if (loss < lowest) {
        lowest = loss;
        best = weights;
      }
    }
    const at::Tensor fused = best.coarse * coarse_cosines(batch.sentences, tuned[0]) +
                             best.fine * fine_cosines(batch.words, batch.mask, tuned[1]) +
                             best.zero_shot * coarse_cosines(batch.sentences, zero_shot);
    const double error = every_label_losses(fused, batch.targets, kScale).std().item<double>() / std::sqrt(60.0);
    const ScoreWeights chosen = choose_score_weights({batch}, tuned, zero_shot, kScale, false);
    const double chosen_loss = mean_loss(batch, tuned, zero_shot, chosen);
    const auto squares = [](const ScoreWeights& w) {
      return w.coarse * w.coarse + w.fine * w.fine + w.zero_shot * w.zero_shot;
    };
    QVERIFY(!(chosen == best));
    QVERIFY(chosen_loss <= lowest + error + 1e-6);
    for (const ScoreWeights& weights : score_weight_grid()) {
      const double loss = mean_loss(batch, tuned, zero_shot, weights);
      QVERIFY(squares(weights) > squares(chosen) - 1e-9 || loss > lowest + error - 1e-6);
      QVERIFY(std::abs(squares(weights) - squares(chosen)) > 1e-9 || loss > chosen_loss - 1e-6);
    }
    QVERIFY(choose_score_weights({batch}, tuned, zero_shot, kScale, false) == chosen);
  }

  void batches_are_one_text() {
    const FeatureBatch one = captions_near(right_, 40, 0.4);
    FeatureBatch front;
    FeatureBatch back;
    for (const auto part : {&FeatureBatch::sentences, &FeatureBatch::words, &FeatureBatch::mask, &FeatureBatch::labels,
                            &FeatureBatch::targets}) {
      front.*part = (one.*part).narrow(0, 0, 13);
      back.*part = (one.*part).narrow(0, 13, 27);
    }
    const at::Tensor tuned = at::stack({right_, unit(right_ + wrong_)});
    QVERIFY(choose_score_weights({front, back}, tuned, wrong_, kScale, false) ==
            choose_score_weights({one}, tuned, wrong_, kScale, false));
  }

  void without_captions_the_papers_stay() {
    QVERIFY((choose_score_weights({}, at::stack({right_, right_}), right_, kScale, false) == ScoreWeights{1, 1, 0}));
    FeatureBatch lost = captions_near(right_, 5, 0.1);
    lost.sentences.fill_(NAN);
    QVERIFY(
        (choose_score_weights({lost}, at::stack({right_, right_}), right_, kScale, false) == ScoreWeights{1, 1, 0}));
    const FeatureBatch single = captions_near(right_, 1, 0.1);
    QVERIFY(std::abs(choose_score_weights({single}, at::stack({right_, right_}), right_, kScale, false).sum() - 1.0) <
            1e-12);
  }
};

QTEST_APPLESS_MAIN(TestScoreWeights)
#include "test_score_weights.moc"
