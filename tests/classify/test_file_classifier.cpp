#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <numeric>

#include "audio/decode.h"
#include "base/error.h"
#include "classify/file_classifier.h"
#include "classify/stretch.h"
#include "classify/window_stream.h"
#include "classify/windows.h"
#include "fake_model.h"

using namespace hearsay;
using namespace hearsay_test;

class TestFileClassifier : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;

  std::filesystem::path path(const std::string& name) const {
    return std::filesystem::path(folder_.path().toStdString()) / name;
  }
  std::filesystem::path wav(const std::string& name, const std::vector<float>& samples,
                            int rate = FakeModel::kRate) const {
    write_wav(path(name), samples, rate);
    return path(name);
  }
  std::filesystem::path text(const std::string& name, const std::string& content) const {
    std::ofstream(path(name)) << content;
    return path(name);
  }
  static std::vector<FileResult> classify(const FakeModel& model, const std::vector<std::filesystem::path>& files,
                                          const ClassifyOptions& options = {}, bool tuned = false) {
    std::vector<FileResult> results;
    classify_files(model, fake_prompts(tuned), files, options, nullptr, {},
                   [&](FileResult&& result) { results.push_back(std::move(result)); });
    return results;
  }

 private Q_SLOTS:
  void short_file_one_window() {
    const FakeModel model;
    const auto results = classify(model, {wav("short.wav", sound_of(2, 0.7))});
    QCOMPARE(results.size(), 1U);
    const FileResult& r = results[0];
    QVERIFY2(r.error.empty(), r.error.c_str());
    QVERIFY(std::abs(r.seconds - 0.7) < 1e-6);
    QCOMPARE(r.windows.size(), 1U);
    QCOMPARE(r.windows[0].start, 0.0);
    QVERIFY(std::abs(r.windows[0].end - 0.7) < 1e-6);
    QCOMPARE(r.order.front(), 2);
    QVERIFY(std::abs(std::accumulate(r.probability.begin(), r.probability.end(), 0.0F) - 1.0F) < 1e-5F);
    QVERIFY(r.probability[2] > 0.9F);
    QVERIFY(r.windows[0].scores.frame_similarity.empty());
  }

  void windows_of_a_long_file() {
    const FakeModel model;
    std::vector<float> sound = sound_of(1, 4.0);
    append(sound, sound_of(3, 3.0));
    const auto file = wav("long.wav", sound);
    ClassifyOptions options;
    options.hop = 1.0;
    options.batch = 3;
    options.frame_similarity = true;
    const auto r = classify(model, {file}, options, true).front();
    QVERIFY2(r.error.empty(), r.error.c_str());
    const auto planned = plan_windows(static_cast<std::int64_t>(sound.size()), 2 * FakeModel::kRate, FakeModel::kRate);
    QCOMPARE(r.windows.size(), planned.size());
    for (std::size_t i = 0; i < planned.size(); ++i) {
      QCOMPARE(r.windows[i].start, static_cast<double>(planned[i].start) / FakeModel::kRate);
      QCOMPARE(r.windows[i].scores.frame_similarity.rows, FakeModel::kFrames);
    }
    QCOMPARE(ranking(r.windows.front().probability).front(), 1);
    QCOMPARE(ranking(r.windows.back().probability).front(), 3);
    QCOMPARE(model.largest_batch.load(), 3);
    QCOMPARE(r.scores.frame_similarity.rows, static_cast<std::int64_t>(planned.size()) * FakeModel::kFrames);
    for (std::size_t k = 0; k < r.scores.fused.size(); ++k) {
      QVERIFY(std::abs(r.scores.fused[k] - r.scores.coarse[k] - r.scores.fine[k]) < 1e-6F);
    }
  }

  void the_file_s_scores_are_those_of_its_embedding() {
    const FakeModel model;
    std::vector<float> sound = sound_of(1, 3.1);
    append(sound, sound_of(2, 2.2));
    const auto file = wav("both.wav", sound);
    const auto r = classify(model, {file}, {}, true).front();
    const FileEmbedding whole = embed_file(model, file);
    QVERIFY(std::abs(whole.seconds - 5.3) < 1e-6);
    QCOMPARE(whole.frames.rows, 3 * FakeModel::kFrames);
    QCOMPARE(whole.windows.rows, 3);
    QCOMPARE(whole.places.size(), 3U);
    QCOMPARE(whole.places[2].start + whole.places[2].length, static_cast<std::int64_t>(sound.size()));
    for (std::int64_t i = 0; i < 3; ++i) {
      const AudioEmbeddings alone = model.embed_windows(std::span(sound).subspan(
          static_cast<std::size_t>(whole.places[static_cast<std::size_t>(i)].start), 2 * FakeModel::kRate));
      QVERIFY(std::abs(alone.clips.at(0, 1) - whole.windows.at(i, 1)) < 1e-3F);  // the file has 16 bits
    }
    const WindowScores expected = score_window(whole.clip, whole.frames, fake_prompts(true), ScoreKind::Fused, false);
    for (std::size_t k = 0; k < expected.fused.size(); ++k) {
      QVERIFY(std::abs(expected.coarse[k] - r.scores.coarse[k]) < 1e-6F);
      QVERIFY(std::abs(expected.fine[k] - r.scores.fine[k]) < 1e-6F);
    }
  }

  /// Two seconds of sound in twenty of nothing: the nothing is no class, and takes nothing from the sound.
  void silence_is_no_class_and_not_in_the_mean() {
    const FakeModel model;
    std::vector<float> sound = sound_of(2, 2.0);
    const auto alone = classify(model, {wav("alone.wav", sound)}, {}, true).front();
    append(sound, std::vector<float>(static_cast<std::size_t>(18 * FakeModel::kRate), 0.0F));
    const auto file = wav("padded.wav", sound);
    const auto padded = classify(model, {file}, {}, true).front();
    QCOMPARE(padded.windows.size(), 10U);
    QCOMPARE(padded.sample_rate, FakeModel::kRate);
    QCOMPARE(padded.probability, alone.probability);
    for (std::size_t i = 1; i < padded.windows.size(); ++i) {
      QVERIFY(padded.windows[i].probability.empty() && padded.windows[i].scores.zero_shot.empty());
    }
    ResultWriter writer("csv", fake_prompts(true), ScoreKind::Fused, 1);
    const std::string rows = writer.rows(padded, true);
    QCOMPARE(std::ranges::count(rows, '\n'), 1);
    ClassifyOptions best;
    best.pooling = WindowPooling::Max;
    QCOMPARE(classify(model, {file}, best, true).front().probability, alone.probability);
    QCOMPARE(embed_file(model, file).clip, embed_file(model, path("alone.wav")).clip);

    const auto nothing = wav("nothing.wav", std::vector<float>(static_cast<std::size_t>(5 * FakeModel::kRate), 0.0F));
    const auto silent = classify(model, {nothing}, {}, true).front();
    QVERIFY(silent.error.empty() && silent.doubts.silent);
    QCOMPARE(silent.probability.size(),
             std::size_t{FakeModel::kClasses});  // for an evaluation, which counts every file
    QVERIFY(!embed_file(model, nothing).clip.empty());
    QVERIFY(!is_silent(std::vector<float>{0.0F, 1.0F / 32768.0F}));  // quiet, and a sound
  }

  void a_short_sound_in_a_long_file_counts_in_full_when_asked() {
    const FakeModel model;
    std::vector<float> sound = sound_of(1, 10.0);
    append(sound, sound_of(3, 2.0));
    const auto file = wav("mostly.wav", sound);
    ClassifyOptions options;
    options.kind = ScoreKind::Coarse;
    const auto mean = classify(model, {file}, options, true).front();
    options.pooling = WindowPooling::Max;
    const auto best = classify(model, {file}, options, true).front();
    QCOMPARE(best.windows.size(), 6U);
    for (std::size_t k = 0; k < FakeModel::kClasses; ++k) {
      for (const auto member :
           {&WindowScores::zero_shot, &WindowScores::coarse, &WindowScores::fine, &WindowScores::fused}) {
        float largest = -1.0F;
        for (const WindowResult& window : best.windows) largest = std::max(largest, (window.scores.*member)[k]);
        QCOMPARE((best.scores.*member)[k], largest);
      }
    }
    QVERIFY(best.scores.coarse[3] > 0.9F);
    QVERIFY(mean.scores.coarse[3] < 0.5F);
    QCOMPARE(best.probability, softmax(best.scores.coarse, fake_prompts(true).logit_scale));
    options.per_window = false;  // the file's alone are the same
    const auto alone = classify(model, {file}, options, true).front();
    QVERIFY(alone.windows.empty());
    QCOMPARE(alone.scores.fused, best.scores.fused);
    QCOMPARE(alone.scores.fused_weight, 2.0);
    const auto one_window = wav("one_window.wav", sound_of(2, 1.0));  // nothing to pool: the same either way
    QCOMPARE(classify(model, {one_window}, options).front().scores.zero_shot,
             classify(model, {one_window}).front().scores.zero_shot);
    QVERIFY(parse_pooling("mean") == WindowPooling::Mean && parse_pooling("max") == WindowPooling::Max);
    QVERIFY_THROWS_EXCEPTION(Error, (void)parse_pooling("median"));
  }

  void a_shorter_window_and_only_the_file() {
    const FakeModel model;
    ClassifyOptions options;
    options.window = 0.5;
    options.per_window = false;
    const auto file = wav("half.wav", sound_of(3, 1.2));
    QVERIFY(classify(model, {file}, options).front().windows.empty());
    options.per_window = true;
    const auto r = classify(model, {file}, options).front();
    QCOMPARE(r.windows.size(), 3U);
    QVERIFY(std::abs(r.windows[2].start - 0.7) < 1e-6);
    QCOMPARE(ranking(r.windows[2].probability).front(), 3);
  }

  void bad_files_do_not_stop_the_rest() {
    const FakeModel model;
    std::filesystem::create_directory(path("folder.wav"));
    const std::vector<std::filesystem::path> files = {path("absent.wav"),
                                                      wav("one.wav", sound_of(1, 1.0)),
                                                      text("words.wav", "these are words"),
                                                      text("empty.wav", ""),
                                                      path("folder.wav"),
                                                      wav("none.wav", {}),
                                                      wav("two.wav", sound_of(2, 9.0)),
                                                      wav("single.wav", {0.5F})};
    const auto results = classify(model, files);
    QCOMPARE(results.size(), files.size());
    for (std::size_t i = 0; i < files.size(); ++i) {
      QCOMPARE(results[i].file, files[i]);
      const bool good = i == 1 || i == 6 || i == 7;
      QCOMPARE(results[i].error.empty(), good);
      if (!good) {
        QVERIFY2(results[i].error.find(files[i].filename().string()) != std::string::npos, results[i].error.c_str());
        QVERIFY(results[i].windows.empty());
      }
    }
    QCOMPARE(results[1].order.front(), 1);
    QCOMPARE(results[6].order.front(), 2);
  }

  void many_files_share_batches() {
    const FakeModel model;
    std::vector<std::filesystem::path> files;
    for (int i = 0; i < 40; ++i) files.push_back(wav("many" + std::to_string(i) + ".wav", sound_of(i % 4, 0.3)));
    const auto results = classify(model, files);
    QCOMPARE(results.size(), files.size());
    for (std::size_t i = 0; i < files.size(); ++i) QCOMPARE(results[i].order.front(), static_cast<int>(i % 4));
    QCOMPARE(model.passes.load(), 5);
    QCOMPARE(model.windows.load(), 40);
  }

  void other_rates_and_bad_samples() {
    const FakeModel model;
    const auto r = classify(model, {wav("rate.wav", sound_of(2, 3.0, 48000), 48000)}).front();
    QVERIFY2(r.error.empty(), r.error.c_str());
    QVERIFY(std::abs(r.seconds - 3.0) < 0.01);
    QVERIFY(!r.doubts.any());
  }

  void what_is_odd_about_a_sound_comes_with_its_result() {
    const FakeModel model;
    const auto silent = wav("silent.wav", std::vector<float>(48000, 0.0F));
    const auto cut = wav("cut.wav", sound_of(2, 4.0));
    std::filesystem::resize_file(cut, std::filesystem::file_size(cut) / 2);
    const auto results = classify(model, {silent, cut});
    for (const FileResult& result : results) QVERIFY2(result.error.empty(), result.error.c_str());
    QVERIFY(results[0].doubts.silent && results[0].doubts.missing == 0.0);
    QVERIFY(!results[1].doubts.silent && std::abs(results[1].doubts.missing - 2.0) < 0.01);
    QVERIFY(embed_file(model, silent).doubts.silent);
    QVERIFY(embed_file(model, cut).doubts.missing > 1.9);
  }

  void a_model_that_breaks_is_told_for_each_file() {
    FakeModel model;
    model.broken = true;
    const auto results = classify(model, {wav("b1.wav", sound_of(1, 1.0)), wav("b2.wav", sound_of(1, 5.0))});
    QCOMPARE(results.size(), 2U);
    QVERIFY(!results[0].error.empty());
    QVERIFY(!results[1].error.empty());
    QVERIFY_THROWS_EXCEPTION(Error, embed_file(model, path("b1.wav")));
  }

  void cancelling_keeps_what_is_done() {
    FakeModel model;
    model.delay_ms = 20;
    std::vector<std::filesystem::path> files;
    for (int i = 0; i < 100; ++i) files.push_back(wav("c" + std::to_string(i) + ".wav", sound_of(1, 2.0)));
    JobControl control;
    std::size_t finished = 0;
    ClassifyOptions options;
    options.batch = 2;
    classify_files(model, fake_prompts(), files, options, &control, {}, [&](FileResult&& result) {
      QVERIFY(result.error.empty());
      if (++finished == 4) control.cancel();
    });
    QVERIFY(finished >= 4);
    QVERIFY(finished < 20);
    QVERIFY_THROWS_EXCEPTION(Error, embed_file(model, files[0], &control));
  }

  void paused_means_waiting() {
    FakeModel model;
    std::vector<std::filesystem::path> files;
    for (int i = 0; i < 60; ++i) files.push_back(wav("p" + std::to_string(i) + ".wav", sound_of(1, 2.0)));
    JobControl control;
    control.pause();
    std::atomic<int> finished{0};
    std::thread worker([&] {
      ClassifyOptions options;
      options.batch = 1;
      classify_files(model, fake_prompts(), files, options, &control, {}, [&](FileResult&&) { ++finished; });
    });
    QTest::qWait(100);
    QCOMPARE(finished.load(), 0);
    control.resume();
    worker.join();
    QCOMPARE(finished.load(), 60);
  }

  void a_stretch_has_the_windows_of_the_whole() {
    FakeModel model;
    std::vector<float> sound = sound_of(1, 4.0);
    append(sound, sound_of(3, 5.0));
    const auto file = wav("stretch.wav", sound);
    ClassifyOptions options;
    options.frame_similarity = true;
    std::vector<WindowResult> whole;
    classify_files(model, fake_prompts(), {file}, options, nullptr, {},
                   [&](FileResult&& result) { whole = std::move(result.windows); });
    QCOMPARE(whole.size(), 5U);
    const auto part = classify_stretch(model, fake_prompts(), file, 2.0, 4.0, ScoreKind::Fused);
    QCOMPARE(part.size(), 2U);
    for (std::size_t i = 0; i < part.size(); ++i) {
      QCOMPARE(part[i].start, whole[i + 1].start);
      QCOMPARE(part[i].end, whole[i + 1].end);
      QCOMPARE(part[i].probability, whole[i + 1].probability);
      QCOMPARE(part[i].scores.frame_similarity.data, whole[i + 1].scores.frame_similarity.data);
    }
    const auto rest = classify_stretch(model, fake_prompts(), file, 8.0, 100.0, ScoreKind::Fused);
    QCOMPARE(rest.size(), 1U);
    QCOMPARE(rest[0].start, 8.0);
    QCOMPARE(rest[0].end, 9.0);
    QVERIFY(classify_stretch(model, fake_prompts(), file, 50.0, 4.0, ScoreKind::Fused).empty());
    JobControl control;
    control.cancel();
    QVERIFY_THROWS_EXCEPTION(Error,
                             classify_stretch(model, fake_prompts(), file, 0.0, 4.0, ScoreKind::Fused, &control));
    QVERIFY_THROWS_EXCEPTION(Error, classify_stretch(model, fake_prompts(), "absent.wav", 0.0, 4.0, ScoreKind::Fused));
    QVERIFY_THROWS_EXCEPTION(Error, classify_stretch(model, PromptSet(), file, 0.0, 4.0, ScoreKind::Fused));
  }

  void who_leaves_in_a_pause_does_not_wait_for_its_end() {
    FakeModel model;
    std::vector<std::filesystem::path> files;
    for (int i = 0; i < 60; ++i) files.push_back(wav("l" + std::to_string(i) + ".wav", sound_of(1, 2.0)));
    JobControl control;
    ClassifyOptions options;
    options.batch = 1;
    const auto leave = [&](FileResult&&) {
      control.pause();
      throw std::runtime_error("full");
    };
    QVERIFY_THROWS_EXCEPTION(std::runtime_error,
                             classify_files(model, fake_prompts(), files, options, &control, {}, leave));
    QVERIFY(control.paused());  // nobody has resumed it
  }

  void an_exception_of_the_caller_comes_back() {
    FakeModel model;
    std::vector<std::filesystem::path> files(50, wav("x.wav", sound_of(1, 2.0)));
    QVERIFY_THROWS_EXCEPTION(std::runtime_error,
                             classify_files(model, fake_prompts(), files, {}, nullptr, {},
                                            [](FileResult&&) { throw std::runtime_error("enough"); }));
  }

  void progress_rises_to_the_end() {
    FakeModel model;
    std::vector<std::filesystem::path> files = {wav("l1.wav", sound_of(1, 30.0)), wav("l2.wav", sound_of(2, 30.0))};
    std::vector<double> fractions;
    classify_files(
        model, fake_prompts(), files, {}, nullptr, [&](const Progress& p) { fractions.push_back(p.fraction); },
        [](FileResult&&) {});
    QVERIFY(std::ranges::is_sorted(fractions));
    QCOMPARE(fractions.back(), 1.0);
  }

  void nothing_to_do() {
    const FakeModel model;
    QVERIFY(classify(model, {}).empty());
  }

  void settings_are_checked() {
    const FakeModel model;
    const auto refused = [&](auto&& change) {
      ClassifyOptions options;
      change(options);
      try {
        classify(model, {}, options);
      } catch (const Error& error) {
        return error.kind() == ErrorKind::Usage;
      }
      return false;
    };
    QVERIFY(refused([](ClassifyOptions& o) { o.window = 2.1; }));
    QVERIFY(refused([](ClassifyOptions& o) { o.window = -1.0; }));
    QVERIFY(refused([](ClassifyOptions& o) { o.window = NAN; }));
    QVERIFY(refused([](ClassifyOptions& o) { o.hop = INFINITY; }));
    QVERIFY(refused([](ClassifyOptions& o) { o.hop = 3.0; }));
    QVERIFY(refused([](ClassifyOptions& o) { o.batch = 0; }));
    PromptSet narrow = fake_prompts();
    narrow.zero_shot = Matrix(FakeModel::kClasses, 3);
    QVERIFY_THROWS_EXCEPTION(Error, classify_files(model, narrow, {}, {}, nullptr, {}, [](FileResult&&) {}));
  }

  void a_stream_may_be_left_early() {
    const FakeModel model;
    const std::vector<std::filesystem::path> files(20, wav("early.wav", sound_of(1, 20.0)));
    WindowStream stream(model, files, {2 * FakeModel::kRate, 2 * FakeModel::kRate, 4}, nullptr);
    const auto batch = stream.next();
    QVERIFY(batch);
    QCOMPARE(batch->windows.size(), 4U);
    QVERIFY(batch->ends.empty());
  }
};

QTEST_GUILESS_MAIN(TestFileClassifier)
#include "test_file_classifier.moc"
