#include <QTemporaryDir>
#include <QTest>
#include <condition_variable>
#include <mutex>

#include "audio/decode.h"
#include "base/unit_length.h"
#include "classify/file_classifier.h"
#include "classify/stream_classifier.h"
#include "model/safetensors.h"

using namespace hearsay;

namespace {

float largest_difference(std::span<const float> a, std::span<const float> b) {
  if (a.size() != b.size()) return INFINITY;
  float worst = 0.0F;
  for (std::size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]));
  return worst;
}

}  // namespace

/// The whole way from a file or a source to scores, with the tiny random starter and the numbers PyTorch gives for it.
class TestClassifyModel : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::shared_ptr<const ClapModel> model_;
  std::unique_ptr<SafetensorsFile> expected_;
  PromptSet prompts_;

  std::vector<float> waveform(int i) const {
    auto samples = expected_->floats("audio." + std::to_string(i) + ".waveform");
    for (float& sample : samples) sample /= 32768.0F;
    return samples;
  }
  std::vector<float> clip(int i) const {
    auto values = expected_->floats("audio." + std::to_string(i) + ".clip");
    make_unit_length(values);
    return values;
  }
  Matrix frames(int i) const {
    Matrix m = expected_->matrix("audio." + std::to_string(i) + ".frames");
    for (std::int64_t t = 0; t < m.rows; ++t) make_unit_length(m.row(t));
    return m;
  }
  /// 16 bits hold these samples exactly, but for the last step of the writer's scale.
  std::filesystem::path wav(int i) const {
    const auto file = std::filesystem::path(folder_.path().toStdString()) / (std::to_string(i) + ".wav");
    write_wav(file, waveform(i), model_->info().sample_rate);
    return file;
  }

 private Q_SLOTS:
  void initTestCase() {
    LoadOptions options;
    options.device = "cpu";
    const std::filesystem::path tiny = std::filesystem::path(HEARSAY_TEST_DATA) / "starter-tiny";
    model_ = ClapModel::load(tiny, options);
    expected_ = std::make_unique<SafetensorsFile>(SafetensorsFile::open(tiny / "expected.safetensors"));
    prompts_ = zero_shot_prompts(*model_, parse_classes("dog, rain, siren, wind"));
    prompts_.tuned = true;  // any embeddings will do for scores
    prompts_.coarse = prompts_.zero_shot;
    prompts_.fine = zero_shot_prompts(*model_, prompts_.classes, "{} far away").zero_shot;
  }

  void files_give_the_reference_s_embeddings() {
    for (int i = 0; i < 3; ++i) {
      const FileEmbedding e = embed_file(*model_, wav(i));
      QVERIFY(largest_difference(e.clip, clip(i)) < 1e-3F);
      QVERIFY(largest_difference(e.frames.data, frames(i).data) < 1e-2F);
    }
  }

  void files_give_the_scores_of_those_embeddings() {
    std::vector<FileResult> results;
    ClassifyOptions options;
    options.frame_similarity = true;
    classify_files(*model_, prompts_, {wav(0), wav(1), wav(2)}, options, nullptr, {},
                   [&](FileResult&& result) { results.push_back(std::move(result)); });
    QCOMPARE(results.size(), 3U);
    for (int i = 0; i < 3; ++i) {
      const FileResult& r = results[static_cast<std::size_t>(i)];
      QVERIFY2(r.error.empty(), r.error.c_str());
      const WindowScores expected = score_window(clip(i), frames(i), prompts_, ScoreKind::Fused, true);
      QVERIFY(largest_difference(r.scores.zero_shot, expected.zero_shot) < 2e-3F);
      QVERIFY(largest_difference(r.scores.fused, expected.fused) < 1e-2F);
      QVERIFY(largest_difference(r.windows.front().scores.fused, expected.fused) < 1e-2F);
      QCOMPARE(r.windows.front().scores.frame_similarity.rows, expected.frame_similarity.rows);
    }
  }

  void a_batch_gives_what_single_windows_give() {
    std::vector<float> sound = waveform(0);
    const auto more = waveform(2);
    sound.insert(sound.end(), more.begin(), more.end());
    const auto file = std::filesystem::path(folder_.path().toStdString()) / "long.wav";
    write_wav(file, sound, model_->info().sample_rate);
    const auto windows = [&](int batch) {
      std::vector<WindowResult> all;
      ClassifyOptions options;
      options.batch = batch;
      options.hop = 0.5;
      classify_files(*model_, prompts_, {file}, options, nullptr, {},
                     [&](FileResult&& result) { all = std::move(result.windows); });
      return all;
    };
    const auto together = windows(8);
    const auto alone = windows(1);
    QVERIFY(together.size() > 3U);
    QCOMPARE(together.size(), alone.size());
    for (std::size_t i = 0; i < alone.size(); ++i) {
      QVERIFY(largest_difference(together[i].scores.fused, alone[i].scores.fused) < 1e-4F);
    }
  }

  void a_source_gives_what_its_file_gives() {
    StreamOptions options;
    options.hop = 1.0;
    options.smoothing = 0.0;
    StreamClassifier stream(model_, prompts_, options);
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<StreamPrediction> predictions;
    bool over = false;
    StreamSink sink;
    sink.prediction = [&](const StreamPrediction& prediction) {
      const std::lock_guard lock(mutex);
      predictions.push_back(prediction);
    };
    sink.ended = [&](const StreamSummary&) {
      const std::lock_guard lock(mutex);
      over = true;
      changed.notify_all();
    };
    stream.start(replay_samples(waveform(0), model_->info().sample_rate, false), sink);
    {
      std::unique_lock lock(mutex);
      QVERIFY(changed.wait_for(lock, std::chrono::seconds(60), [&] { return over; }));
    }
    QVERIFY(!predictions.empty());
    const StreamPrediction& last = predictions.back();
    QCOMPARE(last.window_end, 5.0);
    const WindowScores expected = score_window(clip(0), frames(0), prompts_, ScoreKind::Fused, false);
    QVERIFY(largest_difference(last.probability, softmax(expected.fused, prompts_.logit_scale)) < 1e-3F);
    QVERIFY(last.frame_similarity.rows > 0);
    QVERIFY(last.latency_ms >= 0.0);
  }
};

QTEST_GUILESS_MAIN(TestClassifyModel)
#include "test_classify_model.moc"
