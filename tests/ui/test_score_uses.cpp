// What the window makes of a tuned set besides scoring sounds: gains class by class on sentences, and whether the
// suggestions of a labelling session still hold.

#include <QTest>

#include "model/clap_model.h"
#include "ui/label/suggester.h"
#include "ui/teach/tuning_run.h"

using namespace hearsay;
using namespace hearsay::ui;

class TestScoreUses : public QObject {
  Q_OBJECT
  std::shared_ptr<ClapModel> model_;
  PromptSet tuned_;

 private Q_SLOTS:
  void initTestCase() {
    model_ = ClapModel::load(HEARSAY_TEST_DATA "/starter-tiny", {"cpu", {}, nullptr});
    tuned_ = zero_shot_prompts(*model_, parse_classes("dog\nrain\nsiren"));
    tuned_.tuned = true;
    tuned_.coarse = tuned_.fine = tuned_.zero_shot;
    tuned_.weights = {0.1, 0.1, 0.8};
  }

  /// Anchors and offsets are about sounds, so they change nothing for sentences.
  void classGainsGoByTheTextAlone() {
    const std::vector<Caption> captions = captions_from_bank(tuned_.classes, {.per_class = 10, .seed = 1}).captions;
    const std::vector<ClassGain> plain = compareClasses(*model_, tuned_, captions, nullptr);
    PromptSet moved = tuned_;
    moved.offsets = {2.0, -1.0, -1.0};  // no dog would ever be heard
    moved.anchored = Matrix(moved.zero_shot.rows, moved.zero_shot.cols, 1.0F);
    const std::vector<ClassGain> same = compareClasses(*model_, moved, captions, nullptr);
    QCOMPARE(same.size(), std::size_t{3});
    double right = 0.0;
    for (std::size_t k = 0; k < same.size(); ++k) {
      QVERIFY(same[k].sentences > 0);
      QCOMPARE(same[k].sentences, plain[k].sentences);
      QCOMPARE(same[k].before, plain[k].before);
      QCOMPARE(same[k].after, plain[k].after);
      right += same[k].after;
    }
    QVERIFY(right > 0.0);
  }

  void whateverMovesScoresMakesOtherSuggestions() {
    const std::string before = suggestionFingerprint(tuned_, {});
    QCOMPARE(suggestionFingerprint(tuned_, {}), before);
    PromptSet other = tuned_;
    other.offsets = {0.01, -0.005, -0.005};
    QVERIFY(suggestionFingerprint(other, {}) != before);
    other = tuned_;
    other.anchored = other.coarse;
    QVERIFY(suggestionFingerprint(other, {}) != before);
    other = tuned_;
    other.weights = {0.2, 0.0, 0.8};
    QVERIFY(suggestionFingerprint(other, {}) != before);
  }
};

QTEST_MAIN(TestScoreUses)
#include "test_score_uses.moc"
