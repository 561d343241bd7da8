#include <QDir>
#include <optional>

#include "cli/cli_runner.h"
#include "support/small_disk.h"

using namespace hearsay_test;
using hearsay::testing::SmallDisk;

/// A disk that has no room left: results are kept elsewhere, the run goes on, and the old file stays.
class TestCliFullDisk : public QObject {
  Q_OBJECT

  std::optional<Cli> cli_;
  QStringList sounds_;

  [[nodiscard]] QStringList classify(const QStringList& more) const {
    return QStringList{"classify"} + sounds_ + QStringList{"--classes", "dog, rain, siren", "--hop", "0.5"} + kTiny +
           more;
  }
  [[nodiscard]] QString kept(const QString& name) const { return cli_->path("data/hearsay/results/" + name); }
  static QStringList names_in(const QString& folder) {
    return QDir(folder).entryList(QDir::Files | QDir::Hidden, QDir::Name);
  }

 private Q_SLOTS:
  void init() {
    cli_.emplace();
    sounds_.clear();
    for (const char* name : {"a.wav", "b.wav", "c.wav"}) sounds_ << cli_->tone(name, 60.0);
  }

  void the_run_goes_on_and_its_rows_are_kept() {
    const QString folder = cli_->path("disk");
    const SmallDisk disk(folder.toStdString());
    if (!disk.mounted()) QSKIP("No file system can be mounted here; a device that is full is tested all the same.");
    const CliResult wanted = cli_->run(classify({}));
    QCOMPARE(wanted.code, 0);
    cli_->text_file("disk/rows.csv", "old");
    disk.fill(static_cast<std::size_t>(wanted.out.size()) / 2);  // full after some of the rows
    for (const char* name : {"rows.csv", "2-rows.csv"}) {
      const CliResult r = cli_->run(classify({"--out", folder + "/rows.csv"}));
      QCOMPARE(r.code, 1);
      QVERIFY2(r.err.contains("disk/rows.csv") && r.err.contains("No space left") && r.err.contains(kept(name)),
               qPrintable(r.err));
      QCOMPARE(content_of(kept(name)), wanted.out);
      QCOMPARE(content_of(folder + "/rows.csv"), QString("old"));
      QCOMPARE(names_in(folder), QStringList({"filler", "rows.csv"}));
    }
  }

  void where_nothing_has_room_the_rows_so_far_stay() {
    const SmallDisk disk(cli_->path("data").toStdString());
    if (!disk.mounted()) QSKIP("No file system can be mounted here.");
    const CliResult wanted = cli_->run(classify({}));
    disk.fill(static_cast<std::size_t>(wanted.out.size()) / 2);
    const CliResult r = cli_->run(classify({"--out", cli_->path("data/rows.csv")}));
    QCOMPARE(r.code, 1);
    const QString rest = cli_->path("data/unfinished-rows.csv");
    QVERIFY2(r.err.contains(rest), qPrintable(r.err));
    const QString rows = content_of(rest);
    QVERIFY(rows.size() > 1000 && rows.endsWith('\n') && wanted.out.startsWith(rows));
    QCOMPARE(names_in(cli_->path("data")), QStringList({"filler", "unfinished-rows.csv"}));
  }

  void a_device_that_is_full() {
    const CliResult wanted = cli_->run(classify({}));
    const CliResult r = cli_->run(classify({"--out", "/dev/full"}));
    QCOMPARE(r.code, 1);
    QVERIFY2(r.err.contains("/dev/full") && r.err.contains(kept("full")), qPrintable(r.err));
    QCOMPARE(content_of(kept("full")), wanted.out);
  }

  void label_tracks() {
    const QString folder = cli_->path("disk");
    const SmallDisk disk(folder.toStdString());
    if (!disk.mounted()) QSKIP("No file system can be mounted here.");
    disk.fill();
    const CliResult r = cli_->run(classify({"--format", "audacity", "--out", folder}));
    QCOMPARE(r.code, 1);
    for (const char* name : {"a.wav.txt", "b.wav.txt", "c.wav.txt"}) {
      QVERIFY2(r.err.contains(kept(name)), qPrintable(r.err));
      QVERIFY(!content_of(kept(name)).isEmpty());
    }
    QVERIFY2(r.err.contains("3 of 3"), qPrintable(r.err));
    QCOMPARE(names_in(folder), QStringList({"filler"}));
  }

  void reports_and_embeddings() {
    const QString manifest = cli_->text_file("m.csv", "file,label\na.wav,dog\nb.wav,rain\n");
    const QStringList classes = {"--classes", "dog, rain, siren"};
    CliResult r = cli_->run(QStringList{"eval", "--manifest", manifest, "--report", "/dev/full"} + classes + kTiny);
    QCOMPARE(r.code, 1);
    QVERIFY2(r.out.contains("accuracy") && r.err.contains(kept("full")), qPrintable(r.err));
    QVERIFY(json_of(content_of(kept("full"))).contains("model"));
    r = cli_->run(QStringList{"embed", "--audio", sounds_[0], "--out", "/dev/full"} + kTiny);
    QCOMPARE(r.code, 1);
    QVERIFY2(r.err.contains(kept("2-full")) && QFile(kept("2-full")).size() > 0, qPrintable(r.err));
    r = cli_->run(QStringList{"tune", "--steps", "1", "--captions", cli_->captions(), "--out",
                              cli_->path("t.safetensors"), "--report", "/dev/full"} +
                  classes + kTiny);
    QCOMPARE(r.code, 1);
    QVERIFY2(r.err.contains(kept("3-full")), qPrintable(r.err));
    QVERIFY(!json_of(content_of(kept("3-full"))).isEmpty());
    QCOMPARE(cli_->run({"prompts", "show", cli_->path("t.safetensors")}).code, 0);
  }

  /// A place that is full for one result is none for the other.
  void the_report_is_there_where_the_rest_is_not() {
    const QStringList classes = {"--classes", "dog, rain, siren"};
    const SmallDisk disk(cli_->path("disk").toStdString());
    if (!disk.mounted()) QSKIP("No file system can be mounted here.");
    disk.fill();
    const QString report = cli_->path("report.json");
    const CliResult r = cli_->run(QStringList{"tune", "--steps", "1", "--captions", cli_->captions(), "--out",
                                              cli_->path("disk/t.safetensors"), "--report", report} +
                                  classes + kTiny);
    QCOMPARE(r.code, 1);
    QVERIFY2(r.err.contains("t.safetensors"), qPrintable(r.err));
    QVERIFY(json_of(content_of(report)).contains("steps"));
  }
};

QTEST_GUILESS_MAIN(TestCliFullDisk)
#include "test_cli_full_disk.moc"
