#include "cli/cli_runner.h"

using namespace hearsay_test;

/// What may be wrong with a tuning: told in words, with the right exit code, and nothing is lost.
class TestCliTuneBadInput : public QObject {
  Q_OBJECT

  Cli cli_;

  [[nodiscard]] QStringList tune(const QStringList& more) const {
    return QStringList{"tune"} + kTiny + QStringList{"-c", "dog, rain", "--no-cache"} + more;
  }
  [[nodiscard]] QString out() const { return cli_.path("out.safetensors"); }

 private Q_SLOTS:
  void cleanup() { std::filesystem::remove(out().toStdString()); }

  void captionsThatCannotBeUsed_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("words");
    const auto row = [&](const char* name, const std::string& content, int code, const char* words) {
      QTest::newRow(name) << cli_.text_file(QString(name) + ".csv", content) << code << words;
    };
    row("unknown", "caption,label\na cat,cat\n", 2, "unknown classes: 'cat'");
    row("blank", "caption,label\n,dog\n\"  \",rain\n", 2, "2 rows without words");
    row("nothing", "", 2, "holds no caption");
    row("quote", "caption,label\n\"a dog barks,dog\nrain falls,rain\n", 1, "line 2");
    row("comma", "caption,label\na dog barks,dog\nrain falls, softly,rain\n", 1, "line 3");
    row("binary", std::string("\x00\x01\x02\xFF\xFE\x00\x00", 7) + std::string(500, '\0'), 1, "not a text file");
    std::filesystem::create_directories(cli_.path("folder.csv").toStdString());
    QTest::newRow("folder") << cli_.path("folder.csv") << 1 << "is a folder";
    QTest::newRow("gone") << cli_.path("gone.csv") << 1 << "does not exist";
  }
  void captionsThatCannotBeUsed() {
    QFETCH(QString, file);
    QFETCH(int, code);
    QFETCH(QString, words);
    const CliResult r = cli_.run(tune({"--captions", file, "--out", out()}));
    QVERIFY2(r.code == code, qPrintable(QString::number(r.code) + " " + r.err));
    QVERIFY2(r.err.contains(words) && r.err.contains(QFileInfo(file).fileName()), qPrintable(r.err));
    QVERIFY(!QFile::exists(out()));
  }

  void captionsThatCanBeUsedInPart_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("words");
    const auto row = [&](const char* name, const std::string& content, const char* words) {
      QTest::newRow(name) << cli_.text_file(QString(name) + "_part.csv", content) << words;
    };
    row("unknown", "caption,label\na dog barks,dog\nrain falls,rain\na cat,cat\n", "unknown classes: 'cat'");
    row("a class without captions", "caption,label\na dog barks,dog\na dog far,dog\n", "No caption mentions 'rain'");
    std::string endless = "caption,label\n";
    for (int i = 0; i < 10000; ++i) endless += "dog ";
    row("ten thousand words", endless + ",dog\nrain falls,rain\n", "only the beginning is used");
    std::string wide("\xFF\xFE", 2);
    for (const char c : std::string("caption,label\na dog barks,dog\nrain falls,rain\n")) wide += std::string{c, '\0'};
    row("utf-16", wide, "Tuning 2 classes from 2 sentences");
    row("sentences", "Dogs bark\nA dog in the rain\nA cow moos\n", "by their words: \"dog\" in 2, \"rain\" in 1.");
    std::string many = "caption,label\n";
    for (int i = 0; i < 100000; ++i) {
      many += "word" + std::to_string(i % 50) + " and more" + (i % 2 == 0 ? ",dog\n" : ",rain\n");
    }
    row("a hundred thousand rows", many, "20000 of 100000 captions are used");
  }
  void captionsThatCanBeUsedInPart() {
    QFETCH(QString, file);
    QFETCH(QString, words);
    const CliResult r = cli_.run(tune({"--captions", file, "--out", out()}));
    QVERIFY2(r.code == 0, qPrintable(r.err));
    QVERIFY2(r.err.contains(words), qPrintable(r.err));
    QVERIFY(QFile::exists(out()));
  }

  void namesThatTheModelCannotReadAreTold() {
    const QString report = cli_.path("report.json");
    const CliResult r = cli_.run(QStringList{"tune"} + kTiny +
                                 QStringList{"-c", "鳥の声, 犬の声, 雨の音", "--context", "4", "--epochs", "3",
                                             "--no-cache", "--out", out(), "--report", report});
    QVERIFY2(r.code == 0, qPrintable(r.err));
    QVERIFY2(r.err.contains("knows no word of 鳥の声, 犬の声, 雨の音"), qPrintable(r.err));
    QVERIFY2(r.err.contains("tuning cannot tell them apart. Zero-shot stays in use."), qPrintable(r.err));
    QVERIFY2(!r.err.contains("did not beat"), qPrintable(r.err));
    QCOMPARE(json_of(content_of(report)).value("helped"), QJsonValue(false));
    const CliResult classified =
        cli_.run(QStringList{"classify", cli_.tone("a.wav", 1.0), "-c", "鳥の声, dog"} + kTiny);
    QVERIFY2(classified.code == 0 && classified.err.contains("knows no word of 鳥の声"), qPrintable(classified.err));
  }

  void settingsThatMakeNoSense_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("named");
    for (const char* rate : {"nan", "inf", "-1", "0", "abc"}) {
      QTest::newRow(rate) << QStringList{"--lr", rate} << (QString(rate) == "abc" ? "--lr" : "learning rate");
    }
    QTest::newRow("batch") << QStringList{"--batch", "-1"} << "batch";
    QTest::newRow("steps") << QStringList{"--steps", "0"} << "--steps";
    for (const char* seed : {"-1", "1.5", "99999999999999999999999"}) {
      QTest::addRow("seed %s", seed) << QStringList{"--seed", seed} << "--seed";
    }
    QTest::newRow("unseen that is no class") << QStringList{"--unseen", "cow"} << "cow";
    QTest::newRow("unseen commas alone") << QStringList{"--unseen", " , "} << "--unseen";
    QTest::newRow("all unseen") << QStringList{"--unseen", "dog, rain"} << "All classes";
  }
  void settingsThatMakeNoSense() {
    QFETCH(QStringList, arguments);
    QFETCH(QString, named);
    const CliResult r = cli_.run(tune(QStringList{"--out", out()} + arguments));
    QVERIFY2(r.code == 2, qPrintable(QString::number(r.code) + " " + r.err));
    QVERIFY2(r.err.contains(named), qPrintable(r.err));
    QVERIFY(!QFile::exists(out()));
  }

  void placesAreCheckedBeforeTuning_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("no such folder") << QStringList{"--out", "/no/such/x.safetensors"};
    QTest::newRow("out is a folder") << QStringList{"--out", "."};
    QTest::newRow("no name") << QStringList{"--out", ""};
    QTest::newRow("report in no such folder") << QStringList{"--out", out(), "--report", "/no/such/r.json"};
    QTest::newRow("out and report the same") << QStringList{"--out", "same", "--report", "./same"};
  }
  void placesAreCheckedBeforeTuning() {
    QFETCH(QStringList, arguments);
    const CliResult r = cli_.run(tune(arguments));
    QVERIFY2(r.code == 1 || r.code == 2, qPrintable(r.err));
    QVERIFY2(!r.err.contains("Tuning 2 classes") && !r.err.trimmed().isEmpty(), qPrintable(r.err));
    QVERIFY(!QFile::exists(out()));
  }

  void whatIsReadIsNotWrittenOver_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("captions") << QStringList{"--out", "c.csv", "--captions", "./c.csv"};
    QTest::newRow("reference sounds") << QStringList{"--out", "s", "--reference-sounds", "s"};
    QTest::newRow("contexts, by the report") << QStringList{"--out", out(), "--init", "x", "--report", "./x"};
  }
  void whatIsReadIsNotWrittenOver() {
    QFETCH(QStringList, arguments);
    const CliResult r = cli_.run(tune(arguments));
    QCOMPARE(r.code, 2);
    QVERIFY2(r.err.contains("would be overwritten"), qPrintable(r.err));
  }

  void aDiskThatIsFullAtTheEndLosesNothing() {
    for (const char* name : {"full", "2-full"}) {
      const CliResult r = cli_.run(tune({"--out", "/dev/full"}));
      QCOMPARE(r.code, 1);
      const QString kept = cli_.path(QString("data/hearsay/tuned/") + name);
      QVERIFY2(r.err.contains("/dev/full") && r.err.contains(kept), qPrintable(r.err));
      QCOMPARE(cli_.run({"prompts", "show", kept}).code, 0);
    }
  }

  void whatIsReadIsNotOverwritten() {
    const QString captions = cli_.captions();
    const QString before = content_of(captions);
    QCOMPARE(cli_.run(tune({"--captions", captions, "--out", captions})).code, 2);
    QCOMPARE(cli_.run(tune({"--captions", captions, "--out", out(), "--report", "./captions.csv"})).code, 2);
    QCOMPARE(content_of(captions), before);
    QVERIFY(!QFile::exists(out()));
  }
};

QTEST_GUILESS_MAIN(TestCliTuneBadInput)
#include "test_cli_tune_bad_input.moc"
