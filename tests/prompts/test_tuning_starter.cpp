// The whole line of tuning with the starter that comes with Hearsay: class names -> captions -> prompts -> file ->
// scores.

#include <QTemporaryDir>
#include <QtTest>

#include "base/files.h"
#include "classify/scores.h"
#include "model/clap_model.h"
#include "prompts/tuner.h"

using namespace hearsay;

class TestTuningStarter : public QObject {
  Q_OBJECT
  std::shared_ptr<ClapModel> model_;
  ClassList classes_;

 private Q_SLOTS:
  void initTestCase() {
    const auto folder = resources_folder() / "starter";
    if (!std::filesystem::exists(folder / "model.safetensors")) QSKIP("resources/starter holds no weights");
    model_ = ClapModel::load(folder, {"cpu", {}, nullptr});
    classes_ = bundled_presets().front().classes;
  }

  void ten_classes_from_their_names_alone() {
    const CaptionSet captions = captions_from_bank(classes_);
    const TunerResult result = tune(*model_, classes_, captions, recipe("fast"));
    const TunerReport& report = result.report;
    qInfo(
        "%zu captions, %zu steps, %.1f s (%.1f s of it for captions); held-out text: zero-shot %.3f, coarse %.3f, fine "
        "%.3f, fused %.3f",
        captions.captions.size(), report.steps.size(), report.seconds, report.seconds_encoding,
        report.held_out.zero_shot, report.held_out.coarse, report.held_out.fine, report.held_out.fused);
    QVERIFY(report.steps.back().loss < report.steps.front().loss);
    QVERIFY(report.held_out.fused >= report.held_out.zero_shot);
    QVERIFY(report.held_out.fused >= report.held_out_curve.front().accuracy.fused);
    QVERIFY(report.helped);
    QCOMPARE(result.prompts.preferred, ScoreKind::Fused);

    QTemporaryDir dir;
    const auto file = std::filesystem::path(dir.path().toStdString()) / "ten.safetensors";
    save_prompts(result.prompts, file);
    const PromptSet loaded = load_prompts(file);
    check_prompts_fit(loaded, *model_);
    const std::vector<std::string> text = {"a dog barks in the rain"};
    const TextEmbeddings heard = model_->embed_texts_with_words(text);
    const WindowScores before =
        score_window(heard.sentences.row(0), heard.words[0], result.prompts, ScoreKind::Fused, false);
    const WindowScores after = score_window(heard.sentences.row(0), heard.words[0], loaded, ScoreKind::Fused, false);
    QCOMPARE(after.zero_shot, before.zero_shot);
    QCOMPARE(after.coarse, before.coarse);
    QCOMPARE(after.fine, before.fine);
    QCOMPARE(after.fused, before.fused);
    QCOMPARE(ranking(after.fused).front(), 1);  // rain
  }

  void a_persons_captions_work_too() {
    const ClassList two = parse_classes("dog\nrain");
    CaptionSet captions;
    for (const char* text : {"a dog barks", "dogs bark at night", "a hound howling", "a puppy yaps"}) {
      captions.captions.push_back({text, {0}, true});
    }
    for (const char* text : {"rain on a roof", "it is raining hard", "a heavy shower", "drops falling from the sky"}) {
      captions.captions.push_back({text, {1}, true});
    }
    TunerOptions options = recipe("paper");
    options.epochs = 3;
    options.context_length = 8;
    const TunerResult result = tune(*model_, two, captions, options);
    QVERIFY(result.report.steps.back().loss < result.report.steps.front().loss);
    QCOMPARE(result.report.training_captions + result.report.held_out_captions, 8);
  }
};

QTEST_GUILESS_MAIN(TestTuningStarter)
#include "test_tuning_starter.moc"
