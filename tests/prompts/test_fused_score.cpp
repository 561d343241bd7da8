// The fused score of a tuned set, put together differently afterwards.
#include <QtTest>
#include <cmath>
#include <limits>
#include <numeric>

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
    change.weights = ScoreWeights{0.0, 0.0, 1.0};
    change_fused(prompts, change, bank());
    QCOMPARE(prompts.weights, (ScoreWeights{0.0, 0.0, 1.0}));
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
         {ScoreWeights{0, 0, 0}, ScoreWeights{-0.1, 1, 1}, ScoreWeights{1, nan, 1}, ScoreWeights{1, 1, infinite}}) {
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
