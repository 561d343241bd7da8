// The tuner as a job, on the tiny starter (random weights): what it refuses, what it bears, how it is steered.

#include <QtTest>

#include <atomic>
#include <chrono>
#include <cmath>
#include <functional>
#include <thread>

#include "prompts/tuning_fixture.h"
#include "support/errors.h"

using namespace hearsay;
using namespace hearsay::testing;

class TestTunerLimits : public QObject, TuningFixture {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { load(); }

  void wrong_settings_are_named_data() {
    QTest::addColumn<int>("which");
    QTest::addColumn<QString>("named");
    const std::vector<const char*> names = {
        "learning rate", "learning rate",  "learning rate", "context", "context", "batch",  "epochs",
        "steps",         "weight decay",   "beta1",         "beta2",   "epsilon", "recipe", "held out",
        "patience",      "classes a pass", "falling",       "falling", "pull",    "looks"};
    for (std::size_t i = 0; i < names.size(); ++i)
      QTest::addRow("%zu %s", i, names[i]) << static_cast<int>(i) << names[i];
  }
  void wrong_settings_are_named() {
    QFETCH(int, which);
    QFETCH(QString, named);
    TunerOptions o;
    const std::vector<std::function<void()>> wrong = {[&] { o.learning_rate = std::nan(""); },
                                                      [&] { o.learning_rate = -1; },
                                                      [&] { o.learning_rate = INFINITY; },
                                                      [&] { o.context_length = 3; },
                                                      [&] { o.context_length = 65; },
                                                      [&] { o.batch = -1; },
                                                      [&] { o.epochs = -1; },
                                                      [&] { o.steps = -1; },
                                                      [&] { o.weight_decay = std::nan(""); },
                                                      [&] { o.beta1 = 1.0; },
                                                      [&] { o.beta2 = std::nan(""); },
                                                      [&] { o.epsilon = 0.0; },
                                                      [&] { o.recipe = "slow"; },
                                                      [&] { o.hold_out_one_in = 1; },
                                                      [&] { o.patience = -1; },
                                                      [&] { o.class_chunk = 0; },
                                                      [&] { o.falling_rate = std::nan(""); },
                                                      [&] { o.falling_rate = -0.1; },
                                                      [&] { o.template_pull = std::nan(""); },
                                                      [&] { o.evaluate_every = -1; }};
    wrong.at(static_cast<std::size_t>(which))();
    const Refusal refusal = refusal_of([&] { tune(*model_, classes_, captions_, o); });
    QCOMPARE(refusal.kind, ErrorKind::Usage);
    QVERIFY2(refusal.said.find(named.toStdString()) != std::string::npos, refusal.said.c_str());
  }

  void recipes_pass_their_own_check() {
    for (const char* name : {"fast", "paper"}) check_options(recipe(name));
    const TunerOptions paper = recipe("paper");
    QCOMPARE(paper.batch, 24);
    QCOMPARE(paper.epochs, 10);
    QCOMPARE(paper.context_length, 32);
    QCOMPARE(paper.learning_rate, 2e-3);
    QCOMPARE(paper.beta1, 0.9);
    QCOMPARE(paper.beta2, 0.98);
    QCOMPARE(paper.epsilon, 1e-6);
    QCOMPARE(paper.weight_decay, 0.01);
    QVERIFY(paper.falling_rate == 0.0 && paper.template_pull == 0.0 && !paper.start_from_template);
    QCOMPARE(refusal_of([] { recipe("slow"); }).kind, ErrorKind::Usage);
  }

  void wrong_captions_and_classes_are_refused() {
    QCOMPARE(refusal_of([&] { tune(*model_, classes_, {}, quick()); }).kind, ErrorKind::Usage);
    CaptionSet stray{{{"a dog", {4}, false}}, {}};
    QVERIFY(refusal_of([&] { tune(*model_, classes_, stray, quick()); }).said.find("a dog") != std::string::npos);
    stray.captions[0].labels = {};
    QCOMPARE(refusal_of([&] { tune(*model_, classes_, stray, quick()); }).kind, ErrorKind::Usage);
    QCOMPARE(refusal_of([&] { tune(*model_, parse_classes("a, A"), captions_, quick()); }).kind, ErrorKind::Usage);
    QCOMPARE(refusal_of([&] { tune(*model_, classes_, captions_, quick(), "no place"); }).kind, ErrorKind::Usage);
  }

  void endless_captions_and_a_class_without_any() {
    std::string words;
    for (int i = 0; i < 10000; ++i) words += "dog ";
    const CaptionSet captions{{{words, {0}, true}, {"rain falls", {1}, true}, {"rain again", {1}, true}}, {}};
    const TunerResult result = tune(*model_, classes_, captions, quick(3));
    QVERIFY(std::isfinite(result.report.steps.back().loss));
  }

  void far_too_many_captions_are_thinned_evenly() {
    CaptionSet many;
    for (int i = 0; i < 25000; ++i) {
      many.captions.push_back({"dog " + std::to_string(i), {i % 100 == 0 ? 1 : 0}, true});
    }
    TunerOptions options = quick();
    options.epochs = 1;
    const TunerReport report = tune(*model_, classes_, many, options).report;
    QCOMPARE(report.training_captions + report.held_out_captions, 20000);
    QCOMPARE(report.held_out_captions, 4000);
    QVERIFY(report.notes.at(0).find("2 classes have no caption: car horn, church bells") != std::string::npos);
    QVERIFY(report.notes.at(1).find("20000 of 25000 captions") != std::string::npos);
  }

  void too_large_a_learning_rate_loses_nothing() {
    TunerOptions options = quick();
    options.falling_rate = 1.0;
    const TunerResult result = tune(*model_, classes_, captions_, options);
    for (const float value : result.prompts.coarse.data) QVERIFY(std::isfinite(value));
    QVERIFY(result.report.held_out_loss <= 20.0);
  }

  void cancelling_before_the_first_step_throws() {
    JobControl control;
    control.cancel();
    QCOMPARE(
        refusal_of([&] { tune(*model_, classes_, captions_, quick(), std::string(kDefaultTemplate), &control); }).kind,
        ErrorKind::Cancelled);
    const std::string text(kDefaultTemplate);
    QCOMPARE(refusal_of([&] { zero_shot_prompts(*model_, classes_, text, &control); }).kind, ErrorKind::Cancelled);
  }

  void cancelling_later_keeps_the_best_so_far() {
    for (const int milliseconds : {0, 1, 3, 10, 30, 100, 300}) {
      JobControl control;
      TunerOptions options = quick();
      options.epochs = 100000;
      options.patience = 0;
      std::thread person([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
        control.cancel();
      });
      try {
        const TunerResult result = tune(*model_, classes_, captions_, options, std::string(kDefaultTemplate), &control);
        QVERIFY(result.report.cancelled);
        QVERIFY(!result.report.steps.empty());
        QCOMPARE(result.prompts.fine.rows, std::int64_t{4});
      } catch (const Error& error) {
        QCOMPARE(error.kind(), ErrorKind::Cancelled);
      }
      person.join();
    }
  }

  void cancelling_at_the_first_step_seen_returns_a_set() {
    JobControl control;
    TunerOptions options = quick();
    options.epochs = 100000;
    options.patience = 0;
    const TunerResult result = tune(*model_, classes_, captions_, options, std::string(kDefaultTemplate), &control,
                                    [&](const TunerUpdate& update) {
                                      if (!update.new_points.empty()) control.cancel();
                                    });
    QVERIFY(result.report.cancelled);
    QVERIFY(result.prompts.tuned);
  }

  void pausing_stops_the_steps() {
    JobControl control;
    std::atomic<int> seen{0};
    TunerOptions options = quick();
    options.epochs = 100000;
    options.patience = 0;
    double told = 0.0;
    std::chrono::duration<double> taken{};
    std::thread worker([&] {
      const auto start = std::chrono::steady_clock::now();
      told = tune(*model_, classes_, captions_, options, std::string(kDefaultTemplate), &control,
                  [&](const TunerUpdate& update) { seen += static_cast<int>(update.new_points.size()); })
                 .report.seconds;
      taken = std::chrono::steady_clock::now() - start;
    });
    QTRY_VERIFY_WITH_TIMEOUT(seen > 0, 60000);
    control.pause();
    QTest::qWait(300);
    const int at_rest = seen;
    QTest::qWait(500);
    QCOMPARE(seen.load(), at_rest);
    control.resume();
    QTRY_VERIFY_WITH_TIMEOUT(seen > at_rest, 60000);
    control.cancel();
    worker.join();
    QVERIFY(control.time_paused().count() > 0.0);
    QVERIFY(told > 0.0 && told <= (taken - control.time_paused()).count());
  }

  void a_watcher_sees_every_step_once_at_a_bounded_rate() {
    TunerOptions options = quick();
    options.epochs = 300;
    options.patience = 0;
    std::vector<int> steps;
    std::vector<std::chrono::steady_clock::time_point> times;
    double last = 0.0;
    const TunerResult result = tune(*model_, classes_, captions_, options, std::string(kDefaultTemplate), nullptr,
                                    [&](const TunerUpdate& update) {
                                      for (const CurvePoint& point : update.new_points) steps.push_back(point.step);
                                      times.push_back(std::chrono::steady_clock::now());
                                      QVERIFY(update.progress.fraction >= last && update.progress.fraction <= 1.0);
                                      last = update.progress.fraction;
                                    });
    QCOMPARE(steps.size(), result.report.steps.size());
    for (std::size_t i = 0; i < steps.size(); ++i) QCOMPARE(steps[i], static_cast<int>(i) + 1);
    QCOMPARE(last, 1.0);
    for (std::size_t i = 1; i + 1 < times.size(); ++i) {
      QVERIFY(times[i] - times[i - 1] >= std::chrono::milliseconds(99));
    }
  }
};

QTEST_GUILESS_MAIN(TestTunerLimits)
#include "test_tuner_limits.moc"
