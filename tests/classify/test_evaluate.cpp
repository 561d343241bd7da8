#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <nlohmann/json.hpp>

#include "audio/decode.h"
#include "base/error.h"
#include "classify/evaluate.h"
#include "fake_model.h"

using namespace hearsay;
using namespace hearsay_test;

class TestEvaluate : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;

  std::filesystem::path root() const { return folder_.path().toStdString(); }
  std::filesystem::path manifest(const std::string& text) const {
    std::ofstream(root() / "manifest.csv") << text;
    return root() / "manifest.csv";
  }
  static ErrorKind refused(const std::function<void()>& act) {
    try {
      act();
    } catch (const Error& error) {
      return error.kind();
    }
    return ErrorKind::Internal;
  }

 private Q_SLOTS:
  void initTestCase() {
    for (int level = 1; level < 4; ++level) {
      write_wav(root() / ("l" + std::to_string(level) + ".wav"), sound_of(level, 3.0), FakeModel::kRate);
    }
  }

  void manifests_are_read_leniently() {
    ClassList classes = fake_prompts().classes;
    classes[3].aliases = {"very_loud"};
    const Manifest m = read_manifest(manifest("note,File,LABEL\n"
                                              "x,l1.wav,Level 1\n"
                                              ",sub/l2.wav,level_2; veryLoud ;level 2\n"
                                              ",l3.wav,thunder\n"
                                              ",,level 1\n"
                                              ",l4.wav,\n"),
                                     root(), classes);
    QCOMPARE(m.rows.size(), 2U);
    QCOMPARE(m.rows[0].file, root() / "l1.wav");
    QCOMPARE(m.rows[0].labels, std::vector<int>{1});
    QCOMPARE(m.rows[1].file, root() / "sub/l2.wav");
    QCOMPARE(m.rows[1].labels, (std::vector<int>{2, 3}));
    QCOMPARE(m.others.size(), 2U);  // one of them without any label
    QCOMPARE(m.others[0].file, root() / "l3.wav");
    QCOMPARE(m.others[0].unknown, std::vector<std::string>{"thunder"});
    QCOMPARE(m.problems.size(), 3U);
    QCOMPARE(m.problems[0],
             std::string("Line 4: \"l3.wav\" is labelled \"thunder\", which is none of the classes; it is left out."));
  }

  void bad_manifests() {
    const ClassList classes = fake_prompts().classes;
    QVERIFY(refused([&] { read_manifest(root() / "absent.csv", root(), classes); }) == ErrorKind::NotFound);
    QVERIFY(refused([&] { read_manifest(manifest("path,label\na,b\n"), root(), classes); }) == ErrorKind::BadFormat);
    QVERIFY(refused([&] { read_manifest(manifest(""), root(), classes); }) == ErrorKind::BadFormat);
    QVERIFY(refused([&] { read_manifest(manifest("file,label\na.wav,dog\n"), root(), classes); }) == ErrorKind::Usage);
    QCOMPARE(read_manifest_rows(manifest("file,label\na.wav,dog\n"), root(), classes).others.size(), 1U);
    QVERIFY(refused([&] { read_manifest(manifest("file,label\n"), root(), classes); }) == ErrorKind::Usage);
  }

  void figures_of_all_kinds() {
    const FakeModel model;
    PromptSet prompts = fake_prompts(true);
    std::swap_ranges(prompts.fine.data.begin() + 4, prompts.fine.data.begin() + 8, prompts.fine.data.begin() + 8);
    const Manifest m =
        read_manifest(manifest("file,label\nl1.wav,level 1\nl2.wav,level 2\nl3.wav,level 3\ngone.wav,level 1\n"),
                      root(), prompts.classes);
    const Evaluation e = evaluate(model, prompts, m);
    QCOMPARE(e.files, 3);
    QCOMPARE(e.failed.size(), 1U);
    QVERIFY(e.failed[0].first.ends_with("gone.wav"));
    QCOMPARE(e.scores.size(), 4U);
    QVERIFY(e.scores[0].first == ScoreKind::ZeroShot);
    QCOMPARE(e.scores[0].second.accuracy, 1.0);
    QCOMPARE(e.scores[1].second.accuracy, 1.0);
    QVERIFY(std::abs(e.scores[2].second.accuracy - 1.0 / 3.0) < 1e-9);  // classes 1 and 2 are exchanged in `fine`
    QVERIFY(e.seconds > 0.0);

    const auto report = nlohmann::json::parse(e.to_json(prompts.classes));
    for (const char* kind : {"zero_shot", "coarse", "fine", "fused"}) {
      for (const char* field : {"accuracy", "mAP", "per_class", "confusion", "ece"}) {
        QVERIFY2(report[kind].contains(field), field);
      }
    }
    QCOMPARE(report["files"].get<int>(), 3);
    QVERIFY(report["failed"][0]["why"].get<std::string>().find("gone.wav") != std::string::npos);
    QVERIFY(report["failed"][0]["file"].get<std::string>().ends_with("gone.wav"));
    QCOMPARE(report["zero_shot"]["confusion"][2][2].get<int>(), 1);
    QVERIFY(report["zero_shot"]["per_class"]["level 0"]["accuracy"].is_null());
    QCOMPARE(report["zero_shot"]["per_class"]["level 2"]["accuracy"].get<double>(), 1.0);
    QVERIFY(report.contains("seconds"));
  }

  void classes_held_out_of_tuning_are_told_apart() {
    const FakeModel model;
    PromptSet prompts = fake_prompts(true);
    prompts.unseen = {"level 1", "level 0"};
    std::swap_ranges(prompts.fine.data.begin() + 4, prompts.fine.data.begin() + 8, prompts.fine.data.begin() + 8);
    const Manifest m = read_manifest(manifest("file,label\nl1.wav,level 1\nl2.wav,level 2\nl3.wav,level 3\n"), root(),
                                     prompts.classes);
    const Evaluation e = evaluate(model, prompts, m);
    QCOMPARE(e.scores[0].second.unseen_accuracy, 1.0);
    QCOMPARE(e.scores[2].second.unseen_accuracy, 0.0);  // fine: 1 and 2 are exchanged
    QCOMPARE(e.scores[2].second.seen_accuracy, 0.5);
    const auto report = nlohmann::json::parse(e.to_json(prompts.classes));
    QCOMPARE(report["unseen_classes"].size(), std::size_t{2});
    QCOMPARE(report["coarse"]["harmonic_mean"].get<double>(), 1.0);
    QCOMPARE(report["fine"]["harmonic_mean"].get<double>(), 0.0);
    prompts.unseen = {"level 0"};  // no file of it
    const auto none = nlohmann::json::parse(evaluate(model, prompts, m).to_json(prompts.classes));
    QVERIFY(none["fused"]["unseen_accuracy"].is_null());
    prompts.unseen.clear();
    QVERIFY(!nlohmann::json::parse(evaluate(model, prompts, m).to_json(prompts.classes)).contains("unseen_classes"));
  }

  void noise_corrections_reach_the_files() {
    const FakeModel model;
    PromptSet prompts = fake_prompts();
    const Manifest m = read_manifest(manifest("file,label\nl1.wav,level 1\nl2.wav,level 2\n"), root(), prompts.classes);
    QVERIFY(refused([&] { evaluate(model, prompts, m, nullptr, {}, {0.5}); }) == ErrorKind::Usage);  // no drift yet
    prompts.noise_drift = Matrix(FakeModel::kClasses, FakeModel::kClasses);
    prompts.noise_drift.at(3, 1) = 1.0F;  // what sounds like level 1 gets a bonus for level 3
    QCOMPARE(evaluate(model, prompts, m).scores[0].second.accuracy, 1.0);
    QCOMPARE(evaluate(model, prompts, m, nullptr, {}, {2.0}).scores[0].second.accuracy, 0.5);
    QVERIFY(refused([&] { evaluate(model, prompts, m, nullptr, {}, {-1.0}); }) == ErrorKind::Usage);
  }

  void windows_are_pooled_as_asked() {
    const FakeModel model;
    const PromptSet prompts = fake_prompts();
    std::vector<float> sound = sound_of(1, 20.0);
    append(sound, sound_of(2, 4.0));
    write_wav(root() / "pool.wav", sound, FakeModel::kRate);
    const Manifest m = read_manifest(manifest("file,label\npool.wav,level 2\n"), root(), prompts.classes);
    EvaluateOptions best;
    best.pooling = WindowPooling::Max;
    const auto mean = evaluate(model, prompts, m).scores[0].second;
    const auto max = evaluate(model, prompts, m, nullptr, {}, best).scores[0].second;
    QCOMPARE(mean.accuracy, 0.0);
    // Levels 1 and 2 have a window each that is theirs alone: as likely, and one of them is first.
    QVERIFY(std::abs(max.reliability[7].confidence - 0.5) < 0.02);
    QCOMPARE(mean.reliability[14].count, 1);
  }

  void untuned_sets_are_measured_by_their_template() {
    const FakeModel model;
    const PromptSet prompts = fake_prompts();
    const Manifest m = read_manifest(manifest("file,label\nl1.wav,level 1\n"), root(), prompts.classes);
    const Evaluation e = evaluate(model, prompts, m);
    QCOMPARE(e.scores.size(), 1U);
    QVERIFY(!nlohmann::json::parse(e.to_json(prompts.classes)).contains("fused"));
  }

  void nothing_readable_and_cancelled() {
    const FakeModel model;
    const PromptSet prompts = fake_prompts();
    const Manifest gone = read_manifest(manifest("file,label\ngone.wav,level 1\n"), root(), prompts.classes);
    QVERIFY(refused([&] { evaluate(model, prompts, gone); }) == ErrorKind::BadAudio);
    const Manifest m = read_manifest(manifest("file,label\nl1.wav,level 1\n"), root(), prompts.classes);
    JobControl control;
    control.cancel();
    QVERIFY(refused([&] { evaluate(model, prompts, m, &control); }) == ErrorKind::Cancelled);
  }
};

QTEST_GUILESS_MAIN(TestEvaluate)
#include "test_evaluate.moc"
