// What a machine does to a run: a disk that fails in the middle of a sound, weights that hold no numbers, output that
// the shell sends elsewhere.
#include <QJsonArray>
#include <QProcess>
#include <QStandardPaths>
#include <QtEndian>

#include "cli/cli_runner.h"
#include "support/sounds.h"

using namespace hearsay_test;

namespace {

const QStringList kTwo = {"--classes", "dog, rain"};

bool under_a_sanitizer() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return true;
#else
  return false;
#endif
}

}  // namespace

class TestCliFailingParts : public QObject {
  Q_OBJECT

  Cli cli_;

  /// The tiny model with a NaN in this tensor.
  QString without_numbers(const QString& folder, const QByteArray& tensor) {
    const std::filesystem::path made = cli_.path(folder).toStdString();
    std::filesystem::copy(Cli::tiny().toStdString(), made);
    QFile file(QString::fromStdString((made / "model.safetensors").string()));
    if (!file.open(QIODevice::ReadWrite)) return {};
    const auto header = qFromLittleEndian<quint64>(file.read(8).constData());
    const QJsonObject tensors = QJsonDocument::fromJson(file.read(static_cast<qint64>(header))).object();
    const QJsonObject one = tensors[QString::fromUtf8(tensor)].toObject();
    if (one["dtype"].toString() != "F16") return {};
    file.seek(8 + static_cast<qint64>(header) + one["data_offsets"].toArray()[0].toInteger());
    file.write(QByteArray("\x00\x7E", 2));
    return QString::fromStdString(made.string());
  }

 private Q_SLOTS:
  void weights_that_give_no_numbers_are_told() {
    const QString sound = cli_.tone("numbers.wav", 1.0);
    const QString manifest = cli_.text_file("m.csv", "file,label\nnumbers.wav,dog\n");
    for (const auto& [folder, tensor, of] : {std::tuple{"no-sound", "audio_projection.linear2.weight", "sound"},
                                             std::tuple{"no-text", "text_projection.linear2.weight", "text"}}) {
      const QString model = without_numbers(folder, tensor);
      QVERIFY(!model.isEmpty());
      const QStringList with = QStringList{"--model", model, "--device", "cpu"} + kTwo;
      for (const QStringList& arguments :
           {QStringList{"classify", sound}, QStringList{"eval", "--manifest", manifest}}) {
        const CliResult r = cli_.run(arguments + with);
        QVERIFY2(r.code > 0, qPrintable(r.out + r.err));
        QVERIFY2(r.err.contains(QString("no numbers for this ") + of), qPrintable(r.err));
        QVERIFY(!r.out.contains("nan"));
      }
    }
  }

  void a_disk_that_fails_is_told_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"w.wav", "f.flac", "v.ogg", "l.mp3", "m.mka", "r.w64"}) QTest::newRow(name) << name;
  }
  void a_disk_that_fails_is_told() {
    if (under_a_sanitizer()) QSKIP("A sanitizer wants to be the first library; nothing can be loaded before it.");
    if (QStandardPaths::findExecutable("ffmpeg").isEmpty()) QSKIP("ffmpeg is not installed, so there is no such file.");
    QFETCH(QString, name);
    const QString tone = cli_.path("tone.wav");
    hearsay::write_wav(tone.toStdString(), hearsay::testing::noise(32000 * 40), 32000);
    const QString file = cli_.path(name);
    QCOMPARE(QProcess::execute("ffmpeg", {"-y", "-v", "error", "-i", tone, file}), 0);
    const QString third = QString::number(QFileInfo(file).size() / 3);
    const std::vector<std::pair<QString, QString>> failing = {
        {"LD_PRELOAD", HEARSAY_FAILING_READ}, {"FAILING_FILE", "/" + name}, {"FAILING_BYTES", third}};
    const CliResult whole = cli_.run(QStringList{"classify", file} + kTwo + kTiny);
    QCOMPARE(whole.code, 0);
    const CliResult r = cli_.run(QStringList{"classify", file} + kTwo + kTiny, failing);
    const bool told = r.code == 0 ? r.err.contains("could not be read to its end") : r.err.contains(name);
    QVERIFY2(told, qPrintable(QString::number(r.code) + r.err));
    QVERIFY(r.lines().size() < whole.lines().size());
  }

  void what_the_shell_appends_to_is_gone_on_with() {
    const QString sound = cli_.tone("shell.wav", 1.0);
    const QString log = cli_.text_file("log.txt", "precious\n");
    QProcess shell;
    cli_.prepare(shell);
    QStringList words = QStringList{HEARSAY_CLI, "classify", sound, "--out", "/dev/stdout", "-q"} + kTwo + kTiny;
    for (QString& word : words) word = "'" + word + "'";
    shell.start("sh", {"-c", "(echo before; " + words.join(' ') + "; echo after) >> '" + log + "'"});
    QVERIFY(shell.waitForFinished(60000));
    const QStringList lines = content_of(log).split('\n', Qt::SkipEmptyParts);
    QVERIFY2(lines.size() >= 5, qPrintable(lines.join('|')));
    QCOMPARE(lines[0], QString("precious"));
    QCOMPARE(lines[1], QString("before"));
    QVERIFY(lines[2].startsWith("file,"));
    QCOMPARE(lines.back(), QString("after"));
  }
};

QTEST_GUILESS_MAIN(TestCliFailingParts)
#include "test_cli_failing_parts.moc"
