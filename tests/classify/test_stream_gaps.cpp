// What a stream does when sound is missing: its source fails and comes back, or this program stood still.
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <mutex>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "classify/stream_classifier.h"
#include "fake_model.h"

using namespace hearsay;
using namespace hearsay_test;

namespace {

/// A microphone of loudness 2 that can be pulled out, refuse to open and lose what it hears.
class LooseMicrophone : public SampleSource {
 public:
  struct Switches {
    std::atomic<bool> plugged{true};
    std::atomic<bool> deaf{false};  ///< what comes is lost, and nothing says so
    std::atomic<int> starts{0};
    std::atomic<int> rate{FakeModel::kRate};
  };
  explicit LooseMicrophone(std::shared_ptr<Switches> switches) : switches_(std::move(switches)) {}

  void start() override {
    ++switches_->starts;
    if (!switches_->plugged) throw Error(ErrorKind::Device, "No microphone was found.");
    rate_ = switches_->rate;
    began_ = std::chrono::steady_clock::now();
    read_ = 0;
  }
  void stop() override {}
  std::size_t read(std::span<float> out) override {
    if (!switches_->plugged) return 0;
    const std::chrono::duration<double> since = std::chrono::steady_clock::now() - began_;
    const auto come = static_cast<std::size_t>(since.count() * rate_);
    const std::size_t n = std::min(out.size(), come - read_);
    read_ = switches_->deaf ? come : read_ + n;
    std::fill_n(out.begin(), n, 0.2F);
    return switches_->deaf ? 0 : n;
  }
  double rate() const override { return rate_; }
  std::int64_t dropped_samples() const override { return 0; }
  bool alive() const override { return switches_->plugged; }
  std::string failure() const override { return alive() ? "" : "The microphone was pulled out."; }

 private:
  std::shared_ptr<Switches> switches_;
  double rate_ = FakeModel::kRate;
  std::chrono::steady_clock::time_point began_;
  std::size_t read_ = 0;
};

}  // namespace

class TestStreamGaps : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::mutex mutex_;
  std::vector<StreamPrediction> predictions_;
  std::vector<std::chrono::steady_clock::time_point> came_;  ///< by the test's own clock
  std::vector<StreamEvent> events_;
  std::vector<StreamGap> gaps_;
  std::vector<std::string> notices_;
  std::vector<StreamSummary> ended_;
  std::size_t samples_ = 0;
  std::shared_ptr<LooseMicrophone::Switches> microphone_;

  template <class T>
  auto keep(std::vector<T>& list) {
    return [this, &list](const T& item) {
      const std::lock_guard lock(mutex_);
      list.push_back(item);
    };
  }
  template <class T>
  std::vector<T> now(const std::vector<T>& list) {
    const std::lock_guard lock(mutex_);
    return list;
  }
  void listen(StreamClassifier& stream) {
    StreamSink sink;
    sink.prediction = [this](const StreamPrediction& prediction) {
      const std::lock_guard lock(mutex_);
      predictions_.push_back(prediction);
      came_.push_back(std::chrono::steady_clock::now());
    };
    sink.event = keep(events_);
    sink.gap = keep(gaps_);
    sink.notice = keep(notices_);
    sink.ended = keep(ended_);
    sink.samples = [this](std::span<const float> samples) {
      const std::lock_guard lock(mutex_);
      samples_ += samples.size();
    };
    stream.start(std::make_unique<LooseMicrophone>(microphone_), std::move(sink));
  }
  static StreamOptions options(bool wait) {
    StreamOptions options;
    options.smoothing = 0.0;
    options.wait_for_source = wait;
    return options;
  }
  [[nodiscard]] std::filesystem::path log_file() const { return folder_.filePath("hearsay.log").toStdString(); }
  /// From the first prediction to the last.
  double by_own_clock() { return std::chrono::duration<double>(came_.back() - came_.front()).count(); }
  static double seconds(WallTime from, WallTime to) { return std::chrono::duration<double>(to - from).count(); }

 private Q_SLOTS:
  void initTestCase() { log_to_file(log_file()); }
  void init() {
    predictions_.clear();
    came_.clear();
    events_.clear();
    gaps_.clear();
    notices_.clear();
    ended_.clear();
    samples_ = 0;
    microphone_ = std::make_shared<LooseMicrophone::Switches>();
  }

  void a_source_that_has_failed_is_waited_for() {
    StreamClassifier stream(std::make_shared<FakeModel>(), fake_prompts(), options(true));
    listen(stream);
    QTRY_VERIFY_WITH_TIMEOUT(now(predictions_).size() > 3, 20000);
    microphone_->plugged = false;
    QTRY_COMPARE_WITH_TIMEOUT(now(gaps_).size(), 1U, 20000);
    const auto heard = now(events_);  // what was open has ended, before the gap
    QCOMPARE(heard.size(), 2U);
    QVERIFY(!heard[1].open && std::abs(heard[1].end - now(gaps_)[0].start) < 1e-6);
    QVERIFY(now(gaps_)[0].open);
    QCOMPARE(now(gaps_)[0].why, std::string("The microphone was pulled out."));
    QTRY_VERIFY_WITH_TIMEOUT(microphone_->starts >= 3, 20000);  // tried again, and again
    QCOMPARE(now(gaps_).size(), 1U);
    const std::size_t before = now(predictions_).size();
    microphone_->rate = 22050;  // and it need not be the same when it is back
    microphone_->plugged = true;
    QTRY_COMPARE_WITH_TIMEOUT(now(gaps_).size(), 2U, 20000);
    QTRY_VERIFY_WITH_TIMEOUT(now(predictions_).size() > before + 2, 20000);
    stream.stop();
    const StreamGap gap = now(gaps_)[1];
    QVERIFY(!gap.open && gap.end - gap.start > 1.5);
    const auto after = now(predictions_);
    QVERIFY(after[before].window_start >= gap.end - 0.01 && after[before].time > gap.end + 0.9);
    QCOMPARE(ranking(after[before].probability).front(), 2);
    QVERIFY(std::abs(seconds(after[0].clock, after.back().clock) - (after.back().time - after[0].time)) < 0.4);
    QVERIFY(std::abs(by_own_clock() - (after.back().time - after[0].time)) < 0.6);
    const auto events = now(events_);
    QVERIFY(events.size() >= 3 && events[2].start >= gap.end - 0.01);
    QVERIFY(std::abs(seconds(events[0].began, events[2].began) - (events[2].start - events[0].start)) < 0.4);
    QCOMPARE(now(ended_).size(), 1U);
    QVERIFY(ended_[0].ended.empty() && ended_[0].lost.empty());
    QCOMPARE(ended_[0].gaps, 1);
    QVERIFY(std::abs(ended_[0].gap_seconds - (gap.end - gap.start)) < 1e-6);
    QVERIFY(std::abs(static_cast<double>(samples_) / FakeModel::kRate - ended_[0].seconds) < 1e-6);
    static const QRegularExpression log(
        "^20\\d\\d-\\d\\d-\\d\\d [\\d:.]+ [+-]\\d\\d:?\\d\\d info  Listening began\\.\n"
        ".*  Listening waits: The microphone was pulled out\\.\n"
        ".*  Listening goes on after [\\d.]+ s without sound\\.\n"
        ".*  Listening ended after [\\d.]+ s\\.\n");
    const QString said = QString::fromStdString(read_file(log_file()));
    QVERIFY2(log.match(said).hasMatch(), qPrintable(said));
  }

  void stopping_ends_the_wait() {
    StreamClassifier stream(std::make_shared<FakeModel>(), fake_prompts(), options(true));
    listen(stream);
    QTRY_VERIFY_WITH_TIMEOUT(!now(predictions_).empty(), 20000);
    microphone_->plugged = false;
    QTRY_COMPARE_WITH_TIMEOUT(now(gaps_).size(), 1U, 20000);
    stream.set_prompts(fake_prompts());  // this is heard of, too
    stream.stop();
    QCOMPARE(now(ended_).size(), 1U);
    QVERIFY(ended_[0].ended.empty());
    QCOMPARE(ended_[0].lost, std::string("The microphone was pulled out."));
  }

  void nobody_waits_unasked() {
    StreamClassifier stream(std::make_shared<FakeModel>(), fake_prompts(), options(false));
    listen(stream);
    QTRY_VERIFY_WITH_TIMEOUT(!now(predictions_).empty(), 20000);
    microphone_->plugged = false;
    QTRY_COMPARE_WITH_TIMEOUT(now(ended_).size(), 1U, 20000);
    QCOMPARE(ended_[0].ended, std::string("The microphone was pulled out."));
    QVERIFY(now(gaps_).empty());
  }

  void times_keep_to_the_clock_when_sound_is_missing() {
    StreamClassifier stream(std::make_shared<FakeModel>(), fake_prompts(), options(true));
    listen(stream);
    QTRY_VERIFY_WITH_TIMEOUT(now(predictions_).size() > 3, 20000);
    microphone_->deaf = true;
    QTest::qWait(3000);
    microphone_->deaf = false;
    QTRY_COMPARE_WITH_TIMEOUT(now(notices_).size(), 1U, 20000);
    QVERIFY2(notices_[0].find("s of sound are missing") != std::string::npos, notices_[0].c_str());
    const std::size_t before = now(predictions_).size();
    QTRY_VERIFY_WITH_TIMEOUT(now(predictions_).size() > before + 2, 20000);
    stream.stop();
    const auto all = now(predictions_);
    QVERIFY(std::abs(seconds(all[0].clock, all.back().clock) - (all.back().time - all[0].time)) < 0.4);
    QVERIFY(std::abs(by_own_clock() - (all.back().time - all[0].time)) < 0.6);
    const auto events = now(events_);  // what goes on afterwards is another event
    QVERIFY(events.size() >= 3 && !events[1].open && events[2].start > events[1].end + 2.0);
    QVERIFY(all.back().latency_ms < 1000.0);
    QVERIFY(now(gaps_).empty());
  }
};

QTEST_GUILESS_MAIN(TestStreamGaps)
#include "test_stream_gaps.moc"
