// A person's way through hearsay-cli with every family's published layout: the small reference models. What numbers
// come out is the business of tests/model; here everything has to fit together.

#include <QJsonArray>

#include "cli/cli_runner.h"
#include "model/safetensors.h"
#include "support/reference.h"

using namespace hearsay;
using namespace hearsay_test;
using hearsay::testing::reference;

class TestCliFamilies : public QObject {
  Q_OBJECT

  Cli cli_;

  CliResult run(const QStringList& arguments) { return cli_.run(arguments); }

  static void families() {
    QTest::addColumn<QString>("model");
    QTest::addColumn<QString>("family");
    QTest::addColumn<double>("window");
    const auto row = [](const char* name, const char* path, const char* family, double window) {
      QTest::newRow(name) << QString::fromStdString(reference(path).string()) << family << window;
    };
    row("LAION", "hf-clap-unfused", "laion-htsat", 10.0);
    row("LAION, fused", "hf-clap-fused", "laion-htsat-fused", 10.0);
    row("Microsoft 2022", "msclap-2022/weights.pth", "msclap-2022", 5.0);
    row("Microsoft 2023", "msclap-2023", "msclap-2023", 7.0);
    if (hearsay::testing::small_reference()) return;
    row("LAION, larger", "hf-clap-larger", "laion-htsat", 10.0);
  }

 private Q_SLOTS:
  void tuned_and_used_data() { families(); }

  void tuned_and_used() {
    QFETCH(QString, model);
    QFETCH(QString, family);
    QFETCH(double, window);
    const QStringList with = {"--model", model, "--device", "cpu"};
    const QJsonObject facts = json_of(run({"models", "info", model, "--json"}).out);
    QCOMPARE(facts["family"].toString(), family);
    QCOMPARE(facts["window_seconds"].toDouble(), window);
    const QString set = cli_.path("set.safetensors");
    const CliResult tuning = run(QStringList{"tune", "-c", "dog, rain, siren", "--captions", cli_.captions(),
                                             "--context", "4", "--steps", "3", "--out", set} +
                                 with);
    QVERIFY2(tuning.code == 0, qPrintable(tuning.err));
    const auto prompts = SafetensorsFile::open(set.toStdString());
    QCOMPARE(prompts.matrix("coarse.context").cols, facts["text_width"].toInteger());
    QCOMPARE(prompts.matrix("fine.classes").cols, facts["embedding_dim"].toInteger());

    const QString sound = cli_.tone("long.wav", 2.5 * window);
    const CliResult named = run(QStringList{"classify", sound, "-p", set, "--top", "1"} + with);
    QVERIFY2(named.code == 0, qPrintable(named.err));
    QCOMPARE(table_of(named).rows.size(), 3U);
    const QString manifest = cli_.text_file("manifest.csv", "file,label\nlong.wav,dog\n");
    const CliResult right = run(QStringList{"eval", "--manifest", manifest, "-p", set, "--json"} + with);
    QVERIFY2(right.code == 0, qPrintable(right.err));
    for (const char* kind : {"zero_shot", "coarse", "fine", "fused"}) QVERIFY2(json_of(right.out).contains(kind), kind);
    const CliResult heard =
        run(QStringList{"listen", "--replay", cli_.tone("short.wav", 2.0), "-p", set, "--hop", "1"} + with);
    QVERIFY2(heard.code == 0, qPrintable(heard.err));
    QVERIFY(json_of(heard.lines().last())["windows"].toInt() >= 1);
  }

  void embedded_whole_and_by_windows_data() { families(); }

  void embedded_whole_and_by_windows() {
    QFETCH(QString, model);
    QFETCH(QString, family);
    QFETCH(double, window);
    const QStringList sounds = {cli_.tone("exact.wav", window), cli_.tone("longer.wav", 1.7 * window)};
    const auto embed = [&](const QStringList& more) {
      const QString out = cli_.path("out.safetensors");
      const CliResult r =
          run(QStringList{"embed", "--audio"} + sounds + QStringList{"--model", model, "--out", out} + more);
      if (r.code != 0) qWarning("%s", qPrintable(r.err));
      return SafetensorsFile::open(out.toStdString()).matrix("audio");
    };
    const auto apart = [](std::span<const float> a, std::span<const float> b) {
      float most = 0.0F;
      for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
      return most;
    };
    const Matrix windows = embed({"--per-window"});
    const Matrix whole = embed({"--whole"});
    QCOMPARE(windows.rows, 3);
    QCOMPARE(whole.rows, 2);
    QVERIFY(apart(whole.row(0), windows.row(0)) < 1e-6F);  // one window, however it is fed
    // What is longer: its first window, or for fused models the front, the middle and the back.
    QCOMPARE(apart(whole.row(1), windows.row(1)) < 1e-6F, family != "laion-htsat-fused");
    QCOMPARE(embed({"--whole"}).data, whole.data);  // never a random crop
  }

  void models_are_added_named_and_removed() {
    const QString folder = QString::fromStdString(reference("hf-clap-unfused").string());
    const CliResult added = run({"models", "add", folder + "/model.safetensors"});
    QVERIFY2(added.code == 0, qPrintable(added.err));
    QVERIFY2(added.err.contains("hf-clap-unfused"), qPrintable(added.err));
    QVERIFY(run({"models", "list"}).out.contains("hf-clap-unfused"));
    const CliResult speed = run({"models", "info", "hf-clap-unfused", "--speed", "--json", "--device", "cpu"});
    QVERIFY2(speed.code == 0, qPrintable(speed.err));
    const QJsonObject facts = json_of(speed.out);
    QVERIFY(facts["window_ms"].toDouble() > 0.0);
    QVERIFY(std::abs(facts["times_real_time"].toDouble() * facts["window_ms"].toDouble() - 10000.0) < 1.0);
    QCOMPARE(facts["device"].toString(), QString("cpu"));
    QCOMPARE(run({"models", "remove", "hf-clap-unfused"}).code, 0);
    QVERIFY(!run({"models", "list"}).out.contains("hf-clap-unfused"));
    QCOMPARE(run({"models", "remove", "hf-clap-unfused"}).code, 1);
    QCOMPARE(run({"models", "remove", "starter"}).code, 2);
    QCOMPARE(run({"models", "add", "/nowhere"}).code, 1);
    QCOMPARE(run({"models", "add"}).code, 2);
  }
};

QTEST_GUILESS_MAIN(TestCliFamilies)
#include "test_cli_families.moc"
