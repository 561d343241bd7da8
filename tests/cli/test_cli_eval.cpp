// hearsay-cli eval, and what becomes of unseen classes and of a correction for noise.

#include <QJsonArray>

#include "cli/cli_runner.h"
#include "model/safetensors.h"

using hearsay::SafetensorsFile;
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

  /// `prompts reweigh` changes the fused score and nothing else; eval measures what that does.
  void a_fused_score_can_be_put_together_differently() {
    cli_.tone("rw1.wav", 1.0);
    const QString manifest = cli_.text_file("reweigh.csv", "file,label\nrw1.wav,dog\n");
    const QString bank = cli_.path("rw-bank.safetensors");
    QCOMPARE(
        run(QStringList{"embed", "--audio", cli_.path("rw1.wav"), cli_.tone("rw2.wav", 1.0, 900.0), "--out", bank} +
            kTiny)
            .code,
        0);
    const QString set = cli_.path("rw.safetensors");
    QCOMPARE(run(QStringList{"tune", "-c", "dog, rain, siren", "--bank", "--context", "4", "--epochs", "2", "--out",
                             set, "--reference-sounds", bank} +
                 kTiny)
                 .code,
             0);
    const QString out = cli_.path("reweighed.safetensors");
    const auto reweigh = [&](const QStringList& more) {
      return run(QStringList{"prompts", "reweigh"} + more + QStringList{set, "--out", out} + kTiny);
    };
    const auto offsets = [](const QJsonObject& shown) { return shown["score_offsets"].toArray(); };
    const CliResult r = reweigh({"--weights", "0,0,1", "--no-anchors", "--offsets", "0"});
    QVERIFY2(r.code == 0, qPrintable(r.err));
    QVERIFY2(r.err.contains("0 % coarse, 0 % fine, 100 % zero-shot, without offsets"), qPrintable(r.err));
    const QJsonObject e = json_of(run(QStringList{"eval", "--json", "--manifest", manifest, "-p", out} + kTiny).out);
    QCOMPARE(e["fused"], e["zero_shot"]);
    QVERIFY(e["fused"] != e["coarse"]);
    const auto tensor = [](const QString& file, const char* name) {
      return SafetensorsFile::open(file.toStdString()).matrix(name).data;
    };
    for (const char* kept : {"coarse.context", "fine.context", "coarse.classes", "fine.classes", "zero_shot.classes"}) {
      QVERIFY2(tensor(out, kept) == tensor(set, kept), kept);
    }
    const CliResult again = reweigh({"--offsets", "0.5", "--reference-sounds", bank});
    QVERIFY2(again.code == 0, qPrintable(again.err));
    QVERIFY2(again.err.contains("less 0.5 of what a class gives \""), qPrintable(again.err));
    const QJsonObject before = json_of(run({"prompts", "show", set}).out);
    const QJsonObject after = json_of(run({"prompts", "show", out}).out);
    QCOMPARE(offsets(before).size(), 3);
    QCOMPARE(offsets(after), offsets(before));
    QVERIFY(after["recipe"].toObject().contains("reweighed"));
  }

  void a_fused_score_that_is_none_is_refused() {
    const QString set = cli_.tuned("rwr.safetensors");
    const QString out = cli_.path("none.safetensors");
    const auto refused = [&](const QStringList& more, const char* named) {
      const CliResult r = run(QStringList{"prompts", "reweigh", set, "--out", out} + more + kTiny);
      return r.code == 2 && r.err.contains(named) ? QString() : more.join(' ') + ": " + r.err;
    };
    QCOMPARE(refused({}, "Say what to change"), QString());
    QCOMPARE(refused({"--weights", "1,1"}, "--weights"), QString());
    QCOMPARE(refused({"--weights", "0,0,0"}, "three numbers from 0 to 100"), QString());
    QCOMPARE(refused({"--weights", "500,500,1"}, "three numbers from 0 to 100"), QString());
    QCOMPARE(refused({"--offsets", "1.5"}, "0 to 1"), QString());
    QCOMPARE(refused({"--offsets", "0.5"}, "reference sounds"), QString());  // the tiny model comes with none
    QCOMPARE(refused({"--offsets", "0.5", "--reference-sounds", out}, "would be overwritten"), QString());
    QCOMPARE(refused({"--reference-sounds", "sounds.safetensors"}, "add --offsets"), QString());
    QVERIFY(!QFile::exists(out));
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
