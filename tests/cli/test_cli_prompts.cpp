// hearsay-cli prompts: what is in a set, for other programs too, and from where on its classes count as heard. What
// `prompts reweigh` does is in test_cli_eval.
#include <QJsonArray>

#include "base/csv.h"
#include "cli/cli_runner.h"
#include "prompts/prompt_set.h"

using namespace hearsay;
using namespace hearsay_test;

class TestCliPrompts : public QObject {
  Q_OBJECT

  Cli cli_;

  CliResult run(const QStringList& arguments) { return cli_.run(arguments); }
  QString tuned(const QString& name) { return cli_.tuned(name); }

 private Q_SLOTS:
  void prompts_show_export_verify() {
    const QString set = tuned("ps.safetensors");
    const CliResult show = run({"prompts", "show", set});
    QCOMPARE(show.code, 0);
    QCOMPARE(json_of(show.out)["classes"].toArray().size(), 3);
    for (const char* format : {"json", "csv", "npz"}) {
      const QString out = cli_.path(QString("export.") + format);
      QCOMPARE(run({"prompts", "export", set, "--format", format, "--out", out}).code, 0);
      QVERIFY(std::filesystem::file_size(out.toStdString()) > 100);
    }
    QCOMPARE(run(QStringList{"prompts", "verify", set} + kTiny).code, 0);
    if (!Cli::has_starter()) QSKIP("resources/starter has no weights, so there is no second model to refuse.");
    const CliResult other = run({"prompts", "verify", set, "--model", Cli::starter()});
    QCOMPARE(other.code, 1);
    const QString mine = json_of(run({"models", "info", Cli::tiny(), "--json"}).out)["fingerprint"].toString();
    const QString theirs = json_of(run({"models", "info", Cli::starter(), "--json"}).out)["fingerprint"].toString();
    QVERIFY2(other.err.contains(mine) && other.err.contains(theirs), qPrintable(other.err));
    QCOMPARE(run({"classify", cli_.tone("w.wav", 1.0), "--prompts", set, "--model", Cli::starter()}).code, 1);
  }

  void thresholds_of_a_set() {
    const QString set = tuned("marks.safetensors");
    const auto change = [&](const QStringList& more) {
      return run(QStringList{"prompts", "thresholds", set, "--out", set} + more);
    };
    const QString sound = cli_.tone("marks.wav", 3.0);
    const QStringList classify = QStringList{"classify", sound, "--prompts", set} + kTiny;
    QCOMPARE(run(classify + QStringList{"--threshold", "own"}).code, 2);  // it has none yet
    QCOMPARE(change({"dog=0", "--others", "1"}).code, 0);
    QCOMPARE(load_prompts(set.toStdString()).thresholds, (std::vector<double>{0.0, 1.0, 1.0}));
    const CsvTable all = table_of(run(classify));
    QCOMPARE(all.rows.size(), std::size_t{3});
    const CsvTable own = table_of(run(classify + QStringList{"--threshold", "own"}));
    QCOMPARE(own.rows.size(), std::size_t{1});
    QCOMPARE(own.rows[0][4], std::string("dog"));
    QCOMPARE(change({"Siren=0.25"}).code, 0);  // the others as they were
    QCOMPARE(load_prompts(set.toStdString()).thresholds, (std::vector<double>{0.0, 1.0, 0.25}));
    // An event of each class that may begin, and of no other.
    QCOMPARE(change({"dog=0", "rain=0", "siren=1"}).code, 0);
    const QStringList listen = QStringList{"listen", "--prompts", set, "--replay", sound, "--events"} + kTiny;
    const QString heard = run(listen).out;
    QVERIFY2(heard.contains(R"("class":"dog")") && heard.contains(R"("class":"rain")"), qPrintable(heard));
    QVERIFY2(!heard.contains(R"("class":"siren")"), qPrintable(heard));
    QVERIFY(!run(listen + QStringList{"--threshold", "1"}).out.contains("\"event\""));
    for (const QStringList& wrong : {QStringList{}, {"dog"}, {"dog=2"}, {"dog=x"}, {"cat=0.5"}, {"--others", "nan"}}) {
      QVERIFY2(change(wrong).code == 2, qPrintable(wrong.join(' ')));
    }
  }
};

QTEST_GUILESS_MAIN(TestCliPrompts)
#include "test_cli_prompts.moc"
