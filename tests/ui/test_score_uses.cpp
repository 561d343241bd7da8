// What the window makes of a tuned set besides scoring sounds: whether the suggestions of a labelling session still
// hold.

#include <QTest>

#include "model/clap_model.h"
#include "ui/label/suggester.h"

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
