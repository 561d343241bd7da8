#include <QTest>

#include "base/error.h"
#include "classify/stream_classifier.h"
#include "stream_record.h"

using namespace hearsay;
using namespace hearsay_test;

namespace {

/// A source that fails after its samples, that cannot start, or that loses samples.
class OddSource : public SampleSource {
 public:
  std::vector<float> samples;
  std::string why;
  bool starts = true;
  std::atomic<std::int64_t> lost{0};

  void start() override {
    if (!starts) throw Error(ErrorKind::Device, "No microphone was found.");
  }
  void stop() override {}
  std::size_t read(std::span<float> out) override {
    const std::size_t n = std::min(out.size(), samples.size() - position_);
    std::copy_n(samples.begin() + static_cast<std::ptrdiff_t>(position_), n, out.begin());
    position_ += n;
    return n;
  }
  double rate() const override { return FakeModel::kRate; }
  std::int64_t dropped_samples() const override { return lost; }
  bool alive() const override { return position_ < samples.size(); }
  std::string failure() const override { return why; }

 private:
  std::size_t position_ = 0;
};

}  // namespace

class TestStreamClassifier : public QObject {
  Q_OBJECT
  std::vector<StreamEvent> followed_;

 private Q_SLOTS:
  void hears_one_level_after_the_other() {
    std::vector<float> sound = sound_of(1, 4.0);
    append(sound, sound_of(3, 4.0));
    Record record;
    StreamClassifier stream(std::make_shared<FakeModel>(), fake_prompts(), plain());
    stream.start(replay(sound), record.sink());
    QVERIFY(record.wait_for_end());
    QVERIFY(!stream.running());
    const auto& p = record.predictions;
    QCOMPARE(p.size(), 15U);  // at 1.0, 1.5, ... 8.0
    QVERIFY(std::abs(p[0].time - 1.0) < 1e-6);
    QCOMPARE(p[0].window_start, 0.0);
    QVERIFY(std::abs(p[6].window_end - 4.0) < 1e-6);
    QVERIFY(std::abs(p[6].window_start - 2.0) < 1e-6);
    QCOMPARE(ranking(p[0].probability).front(), 1);
    QCOMPARE(ranking(p[6].probability).front(), 1);
    QCOMPARE(ranking(p[14].probability).front(), 3);
    QVERIFY(p[14].similarity[3] > 0.9F);
    QVERIFY(std::abs(p[14].level_db - 20.0 * std::log10(0.3)) < 0.5);
    QCOMPARE(record.samples.size(), sound.size());
    const StreamSummary& summary = record.summaries.front();
    QVERIFY(std::abs(summary.seconds - 8.0) < 1e-6);
    QCOMPARE(summary.windows, 15);
    QCOMPARE(summary.dropped_samples, 0);
    QVERIFY(!summary.ended.empty());
    QCOMPARE(summary.hop, 0.5);
  }

  void frames_of_the_newest_hop_only() {
    std::vector<float> sound = sound_of(1, 3.5);
    append(sound, sound_of(3, 0.5));
    Record record;
    StreamClassifier stream(std::make_shared<FakeModel>(), fake_prompts(), plain());
    stream.start(replay(sound), record.sink());
    QVERIFY(record.wait_for_end());
    QCOMPARE(record.predictions.front().frame_similarity.rows, 4);  // a second of frames of a quarter
    for (std::size_t i = 1; i < record.predictions.size(); ++i) {
      QCOMPARE(record.predictions[i].frame_similarity.rows, 2);
    }
    const Matrix& last = record.predictions.back().frame_similarity;
    QVERIFY(last.at(0, 3) > 0.9F && last.at(1, 3) > 0.9F);
    QVERIFY(record.predictions[5].frame_similarity.at(0, 1) > 0.9F);
  }

  void another_rate_is_resampled() {
    Record record;
    StreamClassifier stream(std::make_shared<FakeModel>(), fake_prompts(), plain());
    stream.start(replay(sound_of(2, 3.0, 44100), false, 44100), record.sink());
    QVERIFY(record.wait_for_end());
    QVERIFY(std::abs(static_cast<double>(record.samples.size()) - 3.0 * FakeModel::kRate) < 100);
    QVERIFY(record.predictions.size() >= 4U);
    QCOMPARE(ranking(record.predictions.back().probability).front(), 2);
  }

  void silence_is_no_class_and_no_event() {
    std::vector<float> sound(static_cast<std::size_t>(4 * FakeModel::kRate), 0.0F);
    append(sound, sound_of(2, 3.0));
    append(sound, std::vector<float>(static_cast<std::size_t>(5 * FakeModel::kRate), 0.0F));
    Record record;
    StreamClassifier stream(std::make_shared<FakeModel>(), fake_prompts(), plain());
    stream.start(replay(sound), record.sink());
    QVERIFY(record.wait_for_end());
    QVERIFY(record.predictions.front().silent);
    QCOMPARE(record.predictions.front().level_db, -100.0);
    QCOMPARE(record.predictions.front().probability, std::vector<float>(4, 0.0F));
    QVERIFY(record.predictions.back().silent);
    const auto named =
        std::ranges::count_if(record.events, [](const StreamEvent& e) { return e.label == 2 && e.open; });
    QCOMPARE(named, 1);
    QVERIFY(std::ranges::none_of(record.events, [](const StreamEvent& e) { return e.start < 3.0; }));
    QVERIFY(!record.events.back().open);
  }

  /// The window holds the sound for three seconds more; nothing is heard in them.
  void what_a_window_still_holds_in_silence_is_no_event() {
    std::vector<float> sound = sound_of(2, 3.0);
    append(sound, std::vector<float>(static_cast<std::size_t>(5 * FakeModel::kRate), 0.0F));
    StreamOptions options = plain();
    options.hold = 0.5;
    options.thresholds = {0.0, 0.0, 0.0, 0.0};  // whatever it is taken for would be one
    Record record;
    StreamClassifier stream(std::make_shared<FakeModel>(), fake_prompts(), options);
    stream.start(replay(sound), record.sink());
    QVERIFY(record.wait_for_end());
    const auto after = std::ranges::count_if(record.predictions, [](const StreamPrediction& p) {
      return p.time > 3.4 && !p.silent && p.probability[2] > 0;
    });
    QVERIFY(after > 1);
    QCOMPARE(record.events.size(), 8U);  // every class once
    for (const StreamEvent& event : record.events) {
      QVERIFY(event.start < 3.0);
      if (!event.open) QVERIFY2(event.end <= 3.5 + 1e-6, qPrintable(QString::number(event.end)));
    }
  }

  void smoothing_is_a_running_mean() {
    std::vector<float> sound = sound_of(0, 2.0);
    for (float& x : sound) x += 0.01F;  // level 0, but not silence
    append(sound, sound_of(3, 2.0));
    StreamOptions options = plain();
    options.smoothing = 0.5;
    Record record;
    StreamClassifier stream(std::make_shared<FakeModel>(), fake_prompts(), options);
    stream.start(replay(sound), record.sink());
    QVERIFY(record.wait_for_end());
    const auto& p = record.predictions;
    QCOMPARE(p[0].smoothed, p[0].probability);
    for (std::size_t i = 1; i < p.size(); ++i) {
      for (std::size_t k = 0; k < 4; ++k) {
        QVERIFY(std::abs(p[i].smoothed[k] - 0.5F * (p[i - 1].smoothed[k] + p[i].probability[k])) < 1e-6F);
      }
    }
  }

  void events_follow_thresholds() {
    StreamOptions options = plain();
    options.thresholds = {0.5, 1.0, 0.5, 0.5};
    Record record;
    PromptSet prompts = fake_prompts();
    prompts.logit_scale = 5.0;  // nothing is certain, so class 1 never reaches 1.0
    StreamClassifier stream(std::make_shared<FakeModel>(), prompts, options);
    std::vector<float> sound = sound_of(1, 3.0);
    append(sound, sound_of(3, 4.0));
    stream.start(replay(sound), record.sink());
    QVERIFY(record.wait_for_end());
    QCOMPARE(record.events.size(), 2U);
    QCOMPARE(record.events[0].label, 3);
    QVERIFY(record.events[0].start >= 3.0);
    QCOMPARE(record.events[1].id, record.events[0].id);
    QVERIFY(std::abs(record.events[1].end - 7.0) < 1e-6);
  }

  void a_slow_model_widens_the_hop_and_stays_live() {
    auto model = std::make_shared<FakeModel>();
    model->delay_ms = 300;
    StreamOptions options = plain();
    options.hop = 0.2;
    Record record;
    StreamClassifier stream(model, fake_prompts(), options);
    stream.start(replay(sound_of(1, 30.0), true), record.sink());
    QVERIFY(record.wait_for([&] { return !record.notices.empty() && record.predictions.size() > 6; }));
    stream.stop();
    QVERIFY2(record.notices[0].find("0.20 s") != std::string::npos, record.notices[0].c_str());
    QVERIFY(record.predictions.back().hop >= 0.4);
    QVERIFY(record.predictions.back().latency_ms > 250.0);
    QVERIFY2(record.predictions.back().latency_ms < 1500.0, "results must stay near the clock");
    QVERIFY(record.summaries.front().ended.empty());
    QVERIFY(record.summaries.front().worst_latency_ms >= record.summaries.front().mean_latency_ms);
  }

  void a_source_that_fails_says_why() {
    auto source = std::make_unique<OddSource>();
    source->samples = sound_of(2, 2.0);
    source->why = "The microphone was unplugged.";
    Record record;
    StreamClassifier stream(std::make_shared<FakeModel>(), fake_prompts(), plain());
    stream.start(std::move(source), record.sink());
    QVERIFY(record.wait_for_end());
    QCOMPARE(record.summaries.front().ended, std::string("The microphone was unplugged."));
    QCOMPARE(record.predictions.size(), 3U);
    QCOMPARE(stream.heard(0.0, 100.0).size(), static_cast<std::size_t>(2 * FakeModel::kRate));  // nothing is lost
    stream.start(replay(sound_of(1, 2.0)), record.sink());  // and it can start again
    QVERIFY(record.wait_for([&] { return record.summaries.size() == 2; }));
  }

  void a_source_that_cannot_start() {
    auto source = std::make_unique<OddSource>();
    source->starts = false;
    StreamClassifier stream(std::make_shared<FakeModel>(), fake_prompts(), plain());
    try {
      stream.start(std::move(source), {});
      QFAIL("started without a microphone");
    } catch (const Error& error) {
      QVERIFY(error.kind() == ErrorKind::Device);
    }
    QVERIFY(!stream.running());
  }

  void lost_samples_are_told() {
    auto source = std::make_unique<OddSource>();
    source->samples = sound_of(2, 2.0);
    source->lost = 8000;
    Record record;
    StreamClassifier stream(std::make_shared<FakeModel>(), fake_prompts(), plain());
    stream.start(std::move(source), record.sink());
    QVERIFY(record.wait_for_end());
    QCOMPARE(record.notices.size(), 1U);
    QVERIFY2(record.notices[0].find("0.50 s") != std::string::npos, record.notices[0].c_str());
    QCOMPARE(record.summaries.front().dropped_samples, 8000);
  }

  void a_model_that_breaks_ends_with_a_reason() {
    auto model = std::make_shared<FakeModel>();
    model->broken = true;
    Record record;
    StreamClassifier stream(model, fake_prompts(), plain());
    stream.start(replay(sound_of(1, 3.0)), record.sink());
    QVERIFY(record.wait_for_end());
    QCOMPARE(record.summaries.front().ended, std::string("The fake model was told to break."));
  }

  void settings_change_while_it_runs() {
    Record record;
    StreamClassifier stream(std::make_shared<FakeModel>(), fake_prompts(), plain());
    stream.start(replay(sound_of(2, 60.0), true), record.sink());
    QVERIFY(record.wait_for([&] { return !record.predictions.empty(); }));
    StreamOptions quick = plain();
    quick.hop = 0.1;
    stream.set_options(quick);
    PromptSet two = fake_prompts();
    two.classes.resize(2);
    two.zero_shot.rows = 2;
    two.zero_shot.data.resize(8);
    stream.set_prompts(two);
    QVERIFY(record.wait_for([&] { return record.predictions.back().probability.size() == 2; }));
    {
      const std::lock_guard lock(record.mutex);
      QCOMPARE(record.predictions.front().prompts->classes.size(), 4U);
      QCOMPARE(record.predictions.back().prompts->classes.size(), 2U);
    }
    QVERIFY(record.wait_for([&] { return record.predictions.size() > 6; }, 3000));
    QVERIFY(stream.heard(0.0, 60.0).size() > 1000U);
    stream.stop();
    QVERIFY(!stream.running());
    QCOMPARE(record.summaries.size(), 1U);
    QVERIFY(record.summaries.front().ended.empty());
    QVERIFY(std::ranges::all_of(record.events, [&](const StreamEvent& e) { return e.open || e.end >= e.start; }));
    const auto open = std::ranges::count_if(record.events, [](const StreamEvent& e) { return e.open; });
    QCOMPARE(open * 2, static_cast<std::ptrdiff_t>(record.events.size()));
  }

  void other_classes_end_an_event_under_its_name_and_the_same_keep_it() {
    StreamClassifier stream(std::make_shared<FakeModel>(), fake_prompts(), plain());
    Record record;
    StreamSink sink = record.sink();
    sink.event_goes_on = [&](const StreamEvent& e) { record.keep(followed_, e); };
    stream.start(replay(sound_of(2, 60.0), true), sink);
    QVERIFY(record.wait_for([&] { return !record.events.empty(); }));
    stream.set_prompts(fake_prompts(true));  // tuned by now, of the same classes
    std::size_t seen = 0;
    QVERIFY(record.wait_for([&] { return (seen = record.predictions.size()) > 0; }));
    QVERIFY(record.wait_for([&] { return record.predictions.size() > seen + 3; }));
    {
      const std::lock_guard lock(record.mutex);
      QCOMPARE(record.events.size(), 1U);
      QVERIFY(!followed_.empty() && followed_.back().end > record.events[0].end);
      QCOMPARE(followed_.back().name, std::string("level 2"));
    }
    PromptSet others = fake_prompts();
    for (SoundClass& c : others.classes) c.name = "other " + c.name;
    stream.set_prompts(others);
    QVERIFY(record.wait_for([&] { return record.events.size() > 2; }));
    stream.stop();
    QVERIFY(!record.events[1].open);
    QCOMPARE(record.events[1].id, record.events[0].id);
    QCOMPARE(record.events[1].name, std::string("level 2"));
    QCOMPARE(record.events[2].name, std::string("other level 2"));
    QVERIFY(record.events[2].id != record.events[0].id);
  }

  void stop_from_a_sink_and_twice() {
    StreamClassifier stream(std::make_shared<FakeModel>(), fake_prompts(), plain());
    Record record;
    StreamSink sink = record.sink();
    sink.prediction = [&](const StreamPrediction&) { stream.stop(); };
    stream.start(replay(sound_of(2, 60.0), true), sink);
    QVERIFY(record.wait_for_end());
    stream.stop();
    stream.stop();
    QCOMPARE(record.summaries.front().windows, 1);
  }

  void started_twice_is_refused() {
    StreamClassifier stream(std::make_shared<FakeModel>(), fake_prompts(), plain());
    stream.start(replay(sound_of(2, 60.0), true), {});
    QVERIFY(stream.running());
    QVERIFY_THROWS_EXCEPTION(Error, stream.start(replay(sound_of(2, 1.0)), {}));
    QVERIFY(stream.running());
  }  // and the destructor stops it

  void settings_are_checked() {
    const auto refused = [](auto&& change) {
      StreamOptions options;
      change(options);
      try {
        const StreamClassifier stream(std::make_shared<FakeModel>(), fake_prompts(), options);
      } catch (const Error& error) {
        return error.kind() == ErrorKind::Usage;
      }
      return false;
    };
    QVERIFY(refused([](StreamOptions& o) { o.hop = 0.0; }));
    QVERIFY(refused([](StreamOptions& o) { o.hop = NAN; }));
    QVERIFY(refused([](StreamOptions& o) { o.smoothing = 1.0; }));
    QVERIFY(refused([](StreamOptions& o) { o.hold = -1.0; }));
    QVERIFY(refused([](StreamOptions& o) { o.thresholds = {1.5}; }));
    QVERIFY(refused([](StreamOptions& o) { o.silence_db = NAN; }));
    QVERIFY_THROWS_EXCEPTION(Error, StreamClassifier(std::make_shared<FakeModel>(), PromptSet(), {}));
  }
};

QTEST_GUILESS_MAIN(TestStreamClassifier)
#include "test_stream_classifier.moc"
