// How much time a tuning says is left: while captions are encoded, before two steps are done, and after.
#include <QtTest>
#include <chrono>
#include <thread>

#include "prompts/step_time.h"
#include "prompts/tuning_fixture.h"
#include "prompts/tuning_run.h"
#include "support/errors.h"
#include "support/forwarding_model.h"

using namespace hearsay;
using namespace hearsay::testing;

namespace {

/// Takes a while over its captions, and says how far it is.
class SlowReader final : public ForwardingModel {
 public:
  using ForwardingModel::ForwardingModel;
  [[nodiscard]] TextEmbeddings embed_texts_with_words(std::span<const std::string> texts, JobControl* control,
                                                      const ProgressFn& progress) const override {
    for (const double done : {0.2, 0.4, 0.6}) {
      std::this_thread::sleep_for(std::chrono::milliseconds(120));
      if (control != nullptr) control->checkpoint();
      if (progress) progress({"", done, -1.0});
    }
    return inner().embed_texts_with_words(texts, control, progress);
  }
};

}  // namespace

class TestTimeLeft : public QObject, private CheckpointFixture {
  Q_OBJECT

  /// What a tuning with a slow reader says first, if it does while captions are encoded; it is stopped there.
  double first_told(TunerOptions options, TuningCheckpoint* checkpoint = nullptr) {
    options.caption_cache = false;
    const SlowReader slow(model_);
    JobControl control;
    double left = -1.0;
    const TunerFn watch = [&](const TunerUpdate& update) {
      if (update.progress.seconds_left < 0.0 || update.progress.stage != "encoding captions") return;
      left = update.progress.seconds_left;
      control.cancel();
    };
    const Refusal refusal = refusal_of([&] {
      (void)tune(slow, classes_, captions_, options, std::string(kDefaultTemplate), &control, watch, {}, checkpoint);
    });
    return refusal.kind == ErrorKind::Cancelled ? left : -1.0;
  }

 private Q_SLOTS:
  void initTestCase() { load(); }
  void init() { forget_unfinished(); }

  /// A pause says nothing of how long the rest takes.
  void pauses_are_no_part_of_it() {
    JobControl control;
    TunerReport report;
    double left = -1.0;
    const TunerFn tell = [&](const TunerUpdate& update) { left = update.progress.seconds_left; };
    TuningWatch watch(tell, report, &control);
    const auto start = std::chrono::steady_clock::now();
    for (int step = 1; step <= 2; ++step) watch.step({step, 1.0, 0.5, 0.5}, 1000);
    control.pause();
    std::thread other([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(250));
      control.resume();
    });
    control.checkpoint();
    other.join();
    watch.step({3, 1.0, 0.5, 0.5}, 1000);
    const std::chrono::duration<double> worked = std::chrono::steady_clock::now() - start - control.time_paused();
    QVERIFY2(left >= 0.0 && left <= worked.count() * 997 / 2, qPrintable(QString::number(left)));
    QCOMPARE(report.steps.size(), std::size_t{3});
  }

  void a_run_that_was_stopped_ends_where_it_was() {
    TunerReport report;
    Progress last;
    const TunerFn tell = [&](const TunerUpdate& update) { last = update.progress; };
    TuningWatch watch(tell, report, nullptr);
    watch.step({1, 1.0, 0.5, 0.5}, 4);
    const double there = last.fraction;
    QVERIFY(there > 0.0 && there < 1.0);
    watch.finish(true);
    QCOMPARE(last.stage, std::string("stopped"));
    QCOMPARE(last.fraction, there);
    watch.finish(false);
    QCOMPARE(last.stage, std::string("done"));
    QCOMPARE(last.fraction, 1.0);
  }

  /// From what the steps are expected to take, until two of them say better.
  void it_is_told_before_the_first_step() {
    std::vector<double> left;
    const TunerFn tell = [&](const TunerUpdate& update) { left.push_back(update.progress.seconds_left); };
    const auto at = [&](double fraction, bool expected) {
      TunerReport report;
      TuningWatch watch(tell, report, nullptr);
      if (expected) watch.expect(100, 2.0);
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      watch.encoding(fraction);
    };
    at(0.5, false);
    at(0.0, true);  // nobody knows yet how long the captions take
    at(0.5, true);
    QCOMPARE(left[0], -1.0);
    QCOMPARE(left[1], -1.0);
    QVERIFY2(left[2] >= 200.02 && left[2] < 210.0, qPrintable(QString::number(left[2])));
    TunerReport report;
    TuningWatch watch(tell, report, nullptr);
    watch.expect(100, 2.0);
    watch.step({1, 1.0, 0.5, 0.5}, 100);
    QCOMPARE(left[3], 198.0);
  }

  void a_likely_step_grows_with_its_captions_and_moves_nothing() {
    TunerOptions options = options_in_use(recipe("fast"), StepSpeed::Quick);
    const InitialContexts initial = initial_contexts(*model_, options, std::string(kDefaultTemplate), std::nullopt);
    const at::Tensor before = initial.contexts.clone();
    const auto of = [&](std::size_t captions, JobControl* control = nullptr) {
      return likely_step_seconds(*model_, classes_, options, initial.contexts, captions, control);
    };
    const double few = of(10);
    QVERIFY(few > 0.0);
    QVERIFY(of(10'000'000) > few);
    options.class_chunk = 1;
    QVERIFY(of(10) > 0.0);
    QVERIFY(at::equal(initial.contexts, before));
    JobControl stopped;
    stopped.cancel();
    QCOMPARE(refusal_of([&] { (void)of(10, &stopped); }).kind, ErrorKind::Cancelled);
  }

  /// The steps to come are part of what a tuning says while it encodes captions.
  void the_steps_are_counted_while_captions_are_encoded() {
    TunerOptions options = quick();
    const double few = first_told(options);
    QVERIFY(few > 0.0);
    options.epochs = 100000;
    QVERIFY(first_told(options) > 20.0 * few);
    options = quick();
    options.steps = 100000;
    QVERIFY(first_told(options) > 20.0 * few);
  }

  void steps_are_counted_by_pairs_of_caption_and_label() {
    const std::vector<Caption> captions = {{"", {0}, true}, {"", {0, 1, 2}, true}, {"", {1}, true}};
    QCOMPARE(pairs_of(captions, false), std::size_t{5});
    QCOMPARE(pairs_of(captions, true), std::size_t{3});
    TunerOptions options = recipe("paper");
    Pace pace;
    pace.passes = 10;
    QCOMPARE(likely_steps(options, pace, 48), 20);  // 24 a step
    QCOMPARE(likely_steps(options, pace, 49), 30);
    QCOMPARE(likely_steps(options, pace, 5), 10);
    options.batch = 0;
    QCOMPARE(likely_steps(options, pace, 4970), 10);
    pace.by_template = true;
    QCOMPARE(likely_steps(options, pace, 4970), passes_by(1.0));
    options.steps = 7;
    QCOMPARE(likely_steps(options, pace, 4970), 7);
  }

  void a_tuning_that_goes_on_counts_the_steps_it_has_left() {
    TunerOptions options = quick();
    options.steps = 100000;
    const auto file = path("cut.safetensors");
    QVERIFY(cut_off(options, file, 3).report.cancelled);
    TuningCheckpoint checkpoint({.file = file, .resume = true});
    QVERIFY(first_told(options, &checkpoint) > 20.0 * first_told(quick()));
  }
};

QTEST_GUILESS_MAIN(TestTimeLeft)
#include "test_time_left.moc"
