// hearsay-cli eval, and what becomes of unseen classes and of a correction for noise.

#include <QJsonArray>

#include "cli/cli_runner.h"

using namespace hearsay_test;

class TestCliEval : public QObject {
  Q_OBJECT

  Cli cli_;

  CliResult run(const QStringList& arguments) { return cli_.run(arguments); }

 private Q_SLOTS:
  void eval_reports_every_score() {
    cli_.tone("ev1.wav", 1.0);
    cli_.tone("ev2.wav", 6.0, 2000.0);
    const QString manifest = cli_.text_file("manifest.csv",
                                            "file,label,fold\nev1.wav,dog,1\nev2.wav,Rain;siren,2\n"
                                            "gone.wav,dog,1\nev1.wav,thunder,1\n");
    const QString report = cli_.path("eval.json");
    const CliResult r = run(QStringList{"eval", "--manifest", manifest, "--audio-root", cli_.path(""), "--prompts",
                                        cli_.tuned("pe.safetensors"), "--report", report} +
                            kTiny);
    QVERIFY2(r.code == 0, qPrintable(r.err));
    QVERIFY(r.err.contains("gone.wav"));
    QVERIFY(r.err.contains("thunder"));
    QCOMPARE(r.lines().size(), 5);
    const QJsonObject e = json_of(content_of(report));
    for (const char* kind : {"zero_shot", "coarse", "fine", "fused"}) {
      for (const char* field : {"accuracy", "mAP", "per_class", "confusion", "ece"}) {
        QVERIFY2(e[kind].toObject().contains(field), field);
      }
    }
    QCOMPARE(e["files"].toInt(), 2);
    QCOMPARE(e["failed"].toArray().size(), 1);
    QVERIFY(e["failed"].toArray()[0].toObject().contains("why"));
    QVERIFY(e.contains("seconds"));
    const CliResult untuned =
        run(QStringList{"eval", "--manifest", manifest, "-c", "dog, rain, siren", "--json"} + kTiny);
    QCOMPARE(untuned.code, 0);
    QVERIFY(json_of(untuned.out).contains("zero_shot"));
    QVERIFY(!json_of(untuned.out).contains("fused"));
  }

  void noise_correction_and_unseen_classes_are_told() {
    cli_.tone("no1.wav", 1.0);
    const QString manifest = cli_.text_file("noise.csv", "file,label\nno1.wav,dog\n");
    const QString set = cli_.path("unseen.safetensors");
    const QString report = cli_.path("unseen.json");
    const CliResult tuning = run(QStringList{"tune", "-c", "dog, rain, siren", "--unseen", "rain", "--context", "4",
                                             "--out", set, "--report", report} +
                                 kTiny);
    QVERIFY2(tuning.code == 0, qPrintable(tuning.err));
    QVERIFY2(tuning.err.contains("Harmonic mean"), qPrintable(tuning.err));
    for (const char* field : {"seen_text", "unseen_text", "harmonic_means", "score_weights"}) {
      QVERIFY2(json_of(content_of(report)).contains(field), field);
    }
    const QStringList eval = QStringList{"eval", "--manifest", manifest, "--prompts", set} + kTiny;
    const CliResult plain = run(eval);
    QVERIFY2(plain.out.contains("held out"), qPrintable(plain.out));
    const CliResult off = run(eval + QStringList{"--noise-correction", "off", "--json"});
    QCOMPARE(json_of(off.out)["noise_correction"].toDouble(), 0.0);
    QCOMPARE(json_of(off.out)["unseen_classes"].toArray().size(), 1);
    const CliResult on = run(eval + QStringList{"--noise-correction", "0.5", "--json"});
    QCOMPARE(json_of(on.out)["noise_correction"].toDouble(), 0.5);
    const QStringList classify = QStringList{"classify", cli_.path("no1.wav"), "--prompts", set} + kTiny;
    QVERIFY(run(classify + QStringList{"--noise-correction", "0.5"}).out != run(classify).out);
    for (const char* wrong : {"on", "-1", "3", "0.2x", ""}) {
      const CliResult r = run(classify + QStringList{"--noise-correction=" + QString(wrong)});
      QCOMPARE(r.code, 2);
      QVERIFY2(r.err.contains("--noise-correction"), qPrintable(r.err));
    }
  }

  void the_real_starter_names_the_bundled_sounds() {
    const QString sounds = QString(HEARSAY_SOURCE_ROOT) + "/resources/sounds";
    if (!Cli::has_starter()) QSKIP("resources/starter has no weights yet.");
    const CliResult r = run({"eval", "--manifest", sounds + "/manifest.csv", "--classes-file",
                             QString(HEARSAY_SOURCE_ROOT) + "/resources/presets/bundled-sounds.txt", "--json"});
    QVERIFY2(r.code == 0, qPrintable(r.err));
    const QJsonObject e = json_of(r.out);
    QCOMPARE(e["files"].toInt(), 10);
    QVERIFY2(e["zero_shot"].toObject()["accuracy"].toDouble() >= 0.6, qPrintable(r.out.left(80)));
  }
};

QTEST_GUILESS_MAIN(TestCliEval)
#include "test_cli_eval.moc"
