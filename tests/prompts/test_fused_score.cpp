// The fused score of a tuned set, put together differently afterwards.
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <limits>

#include "prompts/example_prompts.h"
#include "prompts/fused_score.h"
#include "support/errors.h"

using namespace hearsay;
using namespace hearsay::testing;

namespace {

ReferenceSounds bank() {
  return {numbered(4, 6, -0.2F), std::vector<double>(4, 0.25)};
}

}  // namespace

class TestFusedScore : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void weights_alone_move_the_offsets_with_them() {
    PromptSet prompts = example();
    FusedChange change;
    change.weights = ScoreWeights{0.0, 0.0, 20.0};
    change_fused(prompts, change, bank());
    QCOMPARE(prompts.weights, (ScoreWeights{0.0, 0.0, 1.0}));  // probabilities stay as sharp as before
    QCOMPARE(prompts.anchored.data, example().anchored.data);
    PromptSet by_hand = example();
    by_hand.weights = {0.0, 0.0, 1.0};
    QCOMPARE(prompts.offsets, hub_offsets(by_hand, bank()));
    QVERIFY(prompts.offsets != hub_offsets(example(), bank()));
    QCOMPARE(prompts.coarse.data, example().coarse.data);
    QCOMPARE(prompts.zero_shot.data, example().zero_shot.data);
  }

  void anchors_can_be_left_out() {
    PromptSet prompts = example();
    FusedChange change;
    change.anchors = false;
    change_fused(prompts, change, bank());
    QVERIFY(prompts.anchored.empty());
    QCOMPARE(prompts.weights, example().weights);
    PromptSet by_hand = example();
    by_hand.anchored = {};
    QCOMPARE(prompts.offsets, hub_offsets(by_hand, bank()));
  }

  void offsets_go_by_their_share() {
    PromptSet half = example();
    PromptSet all = example();
    FusedChange change;
    change.offsets = 0.5;
    change_fused(half, change, bank());
    QCOMPARE(half.offsets, hub_offsets(example(), bank()));
    change.offsets = 1.0;
    change_fused(all, change, bank());
    for (std::size_t k = 0; k < 3; ++k) QVERIFY(std::abs(all.offsets[k] - 2.0 * half.offsets[k]) < 1e-12);
    change.offsets = 0.0;
    change_fused(all, change, {});  // needs no sounds
    QVERIFY(all.offsets.empty());
  }

  void a_set_without_offsets_gets_none_unasked() {
    PromptSet prompts = example();
    prompts.offsets.clear();
    FusedChange change;
    change.weights = ScoreWeights{1.0, 1.0, 0.0};
    change_fused(prompts, change, bank());
    QVERIFY(prompts.offsets.empty());
    change.offsets = kOffsetsShare;
    change_fused(prompts, change, bank());
    QCOMPARE(prompts.offsets.size(), std::size_t{3});
  }

  void what_was_changed_is_noted_and_a_second_change_keeps_it() {
    PromptSet prompts = example();
    FusedChange change;
    change.offsets = 0.7;
    QCOMPARE(share_after(prompts, change), 0.7);
    change_fused(prompts, change, bank());
    QVERIFY2(prompts.recipe.find(R"("name":"fast")") != std::string::npos, prompts.recipe.c_str());
    QVERIFY2(prompts.recipe.find(R"("reweighed":{)") != std::string::npos, prompts.recipe.c_str());
    FusedChange second;
    second.weights = ScoreWeights{1.0, 1.0, 1.0};
    QCOMPARE(share_after(prompts, second), 0.7);
    change_fused(prompts, second, bank());
    PromptSet by_hand = example();
    by_hand.weights = prompts.weights;
    QCOMPARE(prompts.offsets, hub_offsets(by_hand, bank(), 0.7));
    QCOMPARE(prompts.held_out.fused, example().held_out.fused);
    prompts.recipe = "not JSON";
    QCOMPARE(share_after(prompts, second), kOffsetsShare);
    change_fused(prompts, second, bank());
    QVERIFY(prompts.recipe.starts_with(R"({"reweighed")"));
  }

  void whatever_is_accepted_can_be_read_again() {
    QTemporaryDir dir;
    const auto file = std::filesystem::path(dir.path().toStdString()) / "set.safetensors";
    for (const ScoreWeights& weights :
         {ScoreWeights{100, 100, 100}, ScoreWeights{1e-300, 0, 0}, ScoreWeights{0, 1, 0}}) {
      PromptSet prompts = example();
      prompts.weights = {100, 100, 100};
      FusedChange change;
      change.weights = weights;
      change.offsets = 0.0;  // those of the example, whose rows are long, would be too large
      change_fused(prompts, change, {});
      save_prompts(prompts, file);
      QCOMPARE(load_prompts(file).weights, prompts.weights);
    }
  }

  void what_makes_no_score_is_refused_and_nothing_changed() {
    const auto refused = [](const FusedChange& change, const ReferenceSounds& sounds, const char* named) {
      PromptSet prompts = example();
      const Refusal refusal = refusal_of([&] { change_fused(prompts, change, sounds); });
      QCOMPARE(refusal.kind, ErrorKind::Usage);
      QVERIFY2(refusal.said.find(named) != std::string::npos, refusal.said.c_str());
      QCOMPARE(prompts.weights, example().weights);
      QCOMPARE(prompts.offsets, example().offsets);
      QCOMPARE(prompts.anchored.data, example().anchored.data);
    };
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double infinite = std::numeric_limits<double>::infinity();
    for (const ScoreWeights& weights :
         {ScoreWeights{0, 0, 0}, ScoreWeights{-0.1, 1, 1}, ScoreWeights{1, nan, 1}, ScoreWeights{1, 1, infinite},
          ScoreWeights{500, 500, 1}, ScoreWeights{1e308, 1e308, 1}}) {
      refused({weights, false, {}}, bank(), "three numbers");
    }
    for (const double share : {-0.1, 1.1, nan}) refused({{}, false, share}, bank(), "0 to 1");
    refused({{}, false, {}}, {}, "reference sounds");
    PromptSet plain = example();
    plain.tuned = false;
    QVERIFY(refusal_of([&] { change_fused(plain, {}, bank()); }).said.find("not tuned") != std::string::npos);
  }
};

QTEST_GUILESS_MAIN(TestFusedScore)
#include "test_fused_score.moc"
