// How much of what was heard a stream keeps: for playing, and for a model of long windows.
#include <QTest>

#include "stream_record.h"

using namespace hearsay;
using namespace hearsay_test;

class TestStreamHistory : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void heard_keeps_a_minute_and_a_window() {
    std::vector<float> sound;
    for (int i = 0; i < 70; ++i) append(sound, sound_of(i % 4, 1.0));
    StreamOptions options = plain();
    options.hop = 5.0;
    Record record;
    StreamClassifier stream(std::make_shared<FakeModel>(), fake_prompts(), options);
    stream.start(replay(sound), record.sink());
    QVERIFY(record.wait_for_end());
    QCOMPARE(stream.heard(0.0, 70.0).size(), static_cast<std::size_t>(62 * FakeModel::kRate));
    const auto second = stream.heard(63.0, 64.0);
    QCOMPARE(second.size(), static_cast<std::size_t>(FakeModel::kRate));
    QVERIFY(std::equal(second.begin(), second.end(), sound.begin() + 63 * FakeModel::kRate));
    QVERIFY(stream.heard(5.0, 4.0).empty());
    QVERIFY(stream.heard(1.0, 2.0).empty());
    QVERIFY(stream.heard(NAN, 2.0).empty());
  }

  void a_window_longer_than_what_is_kept_for_playing_is_heard_whole() {
    class LongWindow : public FakeModel {
     public:
      LongWindow() : long_(FakeModel::info()) {
        long_.window_seconds = 100.0;
        long_.window_samples = 100LL * kRate;
      }
      const ModelInfo& info() const override { return long_; }
      AudioEmbeddings embed_audio(const AudioFeatures& features) const override {
        const auto& samples = *reinterpret_cast<const std::vector<float>*>(features.state.get());
        loud = static_cast<double>(std::ranges::count_if(samples, [](float x) { return std::abs(x) > 0.15F; })) /
               static_cast<double>(samples.size());
        AudioEmbeddings out;
        out.clips = Matrix(1, kClasses);
        out.clips.at(0, 0) = 1.0F;
        out.frames.emplace_back(kFrames, kClasses);
        return out;
      }
      mutable std::atomic<double> loud{0.0};

     private:
      ModelInfo long_;
    };
    const auto model = std::make_shared<LongWindow>();
    std::vector<float> sound = sound_of(2, 30.0);
    append(sound, sound_of(1, 71.0));
    StreamOptions options = plain();
    options.hop = 50.0;
    Record record;
    StreamClassifier stream(model, fake_prompts(), options);
    stream.start(replay(sound), record.sink());
    QVERIFY(record.wait_for_end());
    QVERIFY(record.predictions.back().window_end >= 100.0);
    QVERIFY2(std::abs(model->loud - 0.3) < 0.02, qPrintable(QString::number(model->loud)));
  }
};

QTEST_GUILESS_MAIN(TestStreamHistory)
#include "test_stream_history.moc"
