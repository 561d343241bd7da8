// How long a run of the tuner goes on, and how fast (tuning_run.h), on the tiny starter (random weights).

#include <QtTest>

#include <limits>
#include <nlohmann/json.hpp>

#include "model/matrices.h"
#include "prompts/held_out.h"
#include "prompts/tuning_fixture.h"
#include "prompts/tuning_run.h"

using namespace hearsay;
using namespace hearsay::testing;

class TestTuningPace : public QObject, TuningFixture {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { load(); }

  /// 135 passes, and up to 350 for fewer than 12 classes; with more training captions than 40 a class and 1,200 in all
  /// another pace, and passes by the template's loss.
  void few_classes_and_many_captions_take_more_passes_data() {
    QTest::addColumn<int>("classes");
    QTest::addColumn<int>("captions");
    QTest::addColumn<int>("passes");
    QTest::newRow("4") << 4 << 3 << 350;
    QTest::newRow("10") << 10 << 300 << 200;
    QTest::newRow("60") << 60 << 48 << 135;
    QTest::newRow("500") << 500 << 20000 << 135;
    QTest::newRow("31 with 1,240") << 31 << 1240 << 135;
    QTest::newRow("31 with 1,241") << 31 << 1241 << 0;
    QTest::newRow("4 with 1,200") << 4 << 1200 << 350;
    QTest::newRow("4 with 1,201") << 4 << 1201 << 0;
  }
  void few_classes_and_many_captions_take_more_passes() {
    QFETCH(int, classes);
    QFETCH(int, captions);
    QFETCH(int, passes);
    const auto pace_of = [&](const TunerOptions& options) {
      return pace_for(options, static_cast<std::size_t>(classes), static_cast<std::size_t>(captions), StepSpeed::Quick);
    };
    const Pace pace = pace_of(recipe("fast"));
    const bool many = passes == 0;
    QCOMPARE(pace.by_template, many);
    if (!many) QCOMPARE(pace.passes, passes);
    QCOMPARE(pace.rate, 0.0105);
    QCOMPARE(pace.held, many ? 0.05 : 0.7);
    QCOMPARE(pace.beta1, 0.95);
    QCOMPARE(pace.beta2, many ? 0.99 : 0.95);
    TunerOptions asked = recipe("fast");
    asked.epochs = 3;
    asked.falling_rate = 0.004;
    QCOMPARE(pace_of(asked).passes, 3);
    QVERIFY(!pace_of(asked).by_template);
    QCOMPARE(pace_of(asked).rate, 0.004);
    QCOMPARE(pace_of(asked).held, pace.held);
    asked.epochs = 0;
    asked.falling_rate = 0.0;  // one rate to the end, and the published betas
    QCOMPARE(pace_of(asked).rate, asked.learning_rate);
    QCOMPARE(pace_of(asked).held, 1.0);
    QCOMPARE(pace_of(asked).beta1, 0.9);
    QCOMPARE(pace_of(asked).beta2, 0.98);
    QVERIFY(!pace_of(asked).by_template);
  }
  /// Where the template decides elsewhere; as elsewhere in all other respects.
  void slow_steps_take_200_passes_over_many_captions() {
    TunerOptions options = recipe("fast");
    const Pace slow = pace_for(options, 50, 4970, StepSpeed::Slow);
    const Pace other = pace_for(options, 50, 4970, StepSpeed::Quick);
    QVERIFY(!slow.by_template && other.by_template);
    QCOMPARE(slow.passes, 200);
    QCOMPARE(slow.rate, other.rate);
    QCOMPARE(slow.held, other.held);
    QCOMPARE(slow.beta2, other.beta2);
    QCOMPARE(pace_for(options, 50, 1600, StepSpeed::Slow).passes, 135);
    options.epochs = 250;
    QCOMPARE(pace_for(options, 50, 4970, StepSpeed::Slow).passes, 250);
  }
  void the_templates_loss_gives_the_passes() {
    QCOMPARE(passes_by(0.0), 200);
    QCOMPARE(passes_by(1.0), 285);
    QCOMPARE(passes_by(2.0), 370);
    QCOMPARE(passes_by(9.0), 400);
    QCOMPARE(passes_by(std::numeric_limits<double>::infinity()), 400);
    QCOMPARE(passes_by(std::numeric_limits<double>::quiet_NaN()), 400);
  }
  /// 3,200 captions of two classes, four fifths of them to train on.
  void many_captions_get_passes_by_the_template() {
    const ClassList two = parse_classes("dog\nrain");
    CaptionSet many;
    for (int i = 0; i < 3200; ++i) {
      many.captions.push_back({(i % 2 == 0 ? "a dog barks " : "rain falls ") + std::to_string(i / 20), {i % 2}, true});
    }
    TunerOptions options = recipe("fast");
    options.context_length = 4;
    options.patience = 0;
    options.evaluate_every = 1000;
    const TunerResult result = tune(*model_, two, many, options);
    const auto steps = static_cast<int>(result.report.steps.size());
    const TuningClasses classes(two, {});
    const CaptionFeatures held_out =
        CaptionFeatures::encode(*model_, divide_captions(many, classes, options).held_out, nullptr, {});
    const at::Tensor zero_shot = to_tensor(zero_shot_prompts(*model_, two).zero_shot);
    const HeldOutResult look =
        look_at_held_out(held_out.batches(held_out.pairs(true), 2, at::kCPU), at::stack({zero_shot, zero_shot}),
                         zero_shot, model_->info().logit_scale, false);
    QCOMPARE(steps, passes_by(look.loss));
    QVERIFY(steps > 200 && steps < 400);
    const auto whole = nlohmann::json::parse(result.prompts.recipe);
    QCOMPARE(whole.at("epochs").get<int>(), steps);
    QCOMPARE(whole.at("held").get<double>(), 0.05);
  }
  /// Four classes of 24 training captions each.
  void a_run_keeps_to_its_pace() {
    TunerOptions options = recipe("fast");
    options.context_length = 4;
    options.patience = 0;
    options.evaluate_every = 1000;
    const auto recipe_of = [&](const TunerResult& result) { return nlohmann::json::parse(result.prompts.recipe); };
    const TunerResult result = tune(*model_, classes_, captions_, options);
    QCOMPARE(static_cast<int>(result.report.steps.size()), 350);
    const auto whole = recipe_of(result);
    QCOMPARE(whole.at("epochs").get<int>(), 350);
    QCOMPARE(whole.at("falling_rate").get<double>(), 0.0105);
    QCOMPARE(whole.at("held").get<double>(), 0.7);
    QCOMPARE(whole.at("beta1").get<double>(), 0.95);
    QCOMPARE(whole.at("beta2").get<double>(), 0.95);
    options.epochs = 3;
    options.falling_rate = 0.004;
    const auto asked = recipe_of(tune(*model_, classes_, captions_, options));
    QCOMPARE(asked.at("steps").get<int>(), 3);
    QCOMPARE(asked.at("falling_rate").get<double>(), 0.004);
    QCOMPARE(asked.at("held"), whole.at("held"));
    options.steps = 2;
    const auto plain = recipe_of(tune(*model_, classes_, captions_, options));
    QCOMPARE(plain.at("falling_rate").get<double>(), 0.0);
    QCOMPARE(plain.at("held").get<double>(), 1.0);
    QCOMPARE(plain.at("beta1").get<double>(), 0.9);
    QCOMPARE(plain.at("beta2").get<double>(), 0.98);
  }
};

QTEST_GUILESS_MAIN(TestTuningPace)
#include "test_tuning_pace.moc"
