// Long sounds through hearsay-cli: what becomes of their windows.

#include <QJsonArray>

#include "base/csv.h"
#include "base/unit_length.h"
#include "classify/scores.h"
#include "cli/cli_runner.h"
#include "model/safetensors.h"

using namespace hearsay;
using namespace hearsay_test;

class TestCliWindows : public QObject {
  Q_OBJECT

  Cli cli_;

  CliResult run(const QStringList& arguments) { return cli_.run(arguments); }

 private Q_SLOTS:
  void every_window_may_have_a_row() {
    const QString out = cli_.path("windows.safetensors");
    const QStringList sounds = {cli_.tone("w11.wav", 11.0), cli_.tone("w2.wav", 2.0, 900.0)};
    const CliResult r =
        run(QStringList{"embed", "--audio"} + sounds + QStringList{"--per-window", "--frames", "-o", out} + kTiny);
    QVERIFY2(r.code == 0, qPrintable(r.err));
    const auto rows = SafetensorsFile::open(out.toStdString());
    QCOMPARE(rows.matrix("audio").rows, 4);  // 0..5, 5..10, 6..11 s, and the short one
    const auto list = [&](const char* key) {
      return QJsonDocument::fromJson(QByteArray::fromStdString(rows.metadata().at(key))).array();
    };
    QCOMPARE(list("items")[2].toString(), sounds[0]);
    QCOMPARE(list("items")[3].toString(), sounds[1]);
    QCOMPARE(list("windows")[2].toArray(), (QJsonArray{6.0, 11.0}));
    QCOMPARE(list("windows")[3].toArray(), (QJsonArray{0.0, 2.0}));
    const QString mean = cli_.path("mean.safetensors");
    QCOMPARE(run(QStringList{"embed", "--audio", sounds[0], "--frames", "-o", mean} + kTiny).code, 0);
    const auto whole = SafetensorsFile::open(mean.toStdString());
    QVERIFY(std::stod(whole.metadata().at("frame_seconds")) > 0.0);
    const Matrix all = whole.matrix("frames.0");  // those of the three windows, one after the other
    QVERIFY(rows.has("frames.3"));
    std::vector<float> joined;
    for (const char* name : {"frames.0", "frames.1", "frames.2"}) {
      const Matrix part = rows.matrix(name);
      QCOMPARE(part.rows, all.rows / 3);
      joined.insert(joined.end(), part.data.begin(), part.data.end());
    }
    QCOMPARE(joined.size(), all.data.size());
    for (std::size_t i = 0; i < joined.size(); ++i) QVERIFY(std::abs(joined[i] - all.data[i]) < 1e-5F);
    std::vector<float> sum(32);
    const Matrix windows = rows.matrix("audio");
    for (std::int64_t i = 0; i < 3; ++i) {
      for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += windows.at(i, static_cast<std::int64_t>(k));
    }
    make_unit_length(sum);
    const Matrix file = whole.matrix("audio");
    for (std::size_t k = 0; k < sum.size(); ++k) {
      QVERIFY(std::abs(sum[k] - file.at(0, static_cast<std::int64_t>(k))) < 1e-6F);
    }
    QCOMPARE(run(QStringList{"embed", "--audio", sounds[0], "--per-window", "--whole", "-o", out} + kTiny).code, 2);
    QCOMPARE(run(QStringList{"embed", "--text", "dog", "--per-window", "-o", out} + kTiny).code, 2);
  }

  void windows_are_pooled_as_asked() {
    const QString sound = cli_.path("pooled.wav");
    std::vector<float> samples(12 * 32000);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const double hertz = i < 6 * 32000 ? 300.0 : 6000.0;
      samples[i] = 0.3F * static_cast<float>(std::sin(2.0 * std::numbers::pi * hertz * static_cast<double>(i) / 32000));
    }
    write_wav(sound.toStdString(), samples, 32000);
    const QStringList classify = QStringList{"classify", sound, "-c", "dog, rain"} + kTiny;
    const CsvTable windows = table_of(run(classify));
    const CsvTable mean = table_of(run(classify + QStringList{"--per-file"}));
    const CsvTable best = table_of(run(classify + QStringList{"--per-file", "--pool", "max"}));
    QCOMPARE(table_of(run(classify + QStringList{"--per-file", "--pool", "mean"})).rows, mean.rows);
    QCOMPARE(best.rows.size(), 2U);
    const auto similarity = [](const CsvTable& table, const std::string& name) {
      double largest = -2.0;
      for (const auto& row : table.rows) {
        if (row[4] == name) largest = std::max(largest, std::stod(row[6]));
      }
      return largest;
    };
    for (const char* name : {"dog", "rain"}) QCOMPARE(similarity(best, name), similarity(windows, name));
    QVERIFY(best.rows != mean.rows);
    const CliResult alone = run(classify + QStringList{"--pool", "max"});  // windows are not pooled at all
    QCOMPARE(alone.code, 2);
    QVERIFY2(alone.err.contains("--per-file"), qPrintable(alone.err));
    const CliResult wrong = run(classify + QStringList{"--per-file", "--pool", "median"});
    QCOMPARE(wrong.code, 2);
    QVERIFY2(wrong.err.contains("mean or max"), qPrintable(wrong.err));
    const QString manifest = cli_.text_file("pool.csv", "file,label\npooled.wav,dog\n");
    const QStringList eval = QStringList{"eval", "--manifest", manifest, "-c", "dog, rain", "--json"} + kTiny;
    const QJsonObject by_mean = json_of(run(eval).out);
    const QJsonObject by_max = json_of(run(eval + QStringList{"--pool", "max"}).out);
    QCOMPARE(by_mean["pool"].toString(), QString("mean"));
    QCOMPARE(by_max["pool"].toString(), QString("max"));
    QVERIFY(by_mean["zero_shot"].toObject()["ece"] != by_max["zero_shot"].toObject()["ece"]);
    QCOMPARE(run(eval + QStringList{"--pool", ""}).code, 2);
  }

  void what_is_wrong_with_any_model_is_told_before_one_is_loaded() {
    const QStringList classify = {"classify", cli_.tone("any.wav", 1.0), "-c", "dog, rain", "-m", "/no/such/model"};
    const std::vector<std::pair<QStringList, QString>> wrong = {{{"--format", "xml"}, "xml"},
                                                                {{"--scores", "best"}, "best"},
                                                                {{"--template", "no place"}, "{}"},
                                                                {{"--batch", "0"}, "--batch"},
                                                                {{"--window", "2", "--hop", "3"}, "--hop"},
                                                                {{"--top", "0"}, "--top"},
                                                                {{"--per-file", "--join"}, "--join"}};
    for (const auto& [options, word] : wrong) {
      const CliResult r = run(classify + options);
      QCOMPARE(r.code, 2);
      QVERIFY2(r.err.contains(word) && !r.err.contains("such/model"), qPrintable(r.err));
    }
    QVERIFY(run(classify).err.contains("such/model"));
  }

  void a_run_that_is_stopped_before_its_first_file_leaves_earlier_results() {
    const QString sound = cli_.path("hours.wav");
    write_wav(sound.toStdString(), std::vector<float>(16000, 0.25F), 16000);
    constexpr std::uint32_t kBytes = 6U * 3600 * 32000;  // the rest is a hole in the file: no disk is used
    std::filesystem::resize_file(sound.toStdString(), 44 + std::uintmax_t{kBytes});
    std::fstream header(sound.toStdString(), std::ios::in | std::ios::out | std::ios::binary);
    for (const auto& [place, value] : {std::pair{4, kBytes + 36}, std::pair{40, kBytes}}) {
      header.seekp(place);
      header.write(reinterpret_cast<const char*>(&value), 4);
    }
    header.close();
    const QString out = cli_.text_file("earlier.csv", "what was there\n");
    QProcess process;
    cli_.prepare(process);
    process.start(HEARSAY_CLI, QStringList{"classify", sound, "-c", "dog, rain", "-o", out} + kTiny);
    process.setReadChannel(QProcess::StandardError);
    QByteArray err;
    while (!err.contains("classifying") && process.waitForReadyRead(60000)) err += process.readAllStandardError();
    QVERIFY2(process.state() == QProcess::Running, err.constData());
    ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    QVERIFY(process.waitForFinished(60000));
    err += process.readAllStandardError();
    QVERIFY2(err.contains("Stopped before the first file was done"), err.constData());
    QVERIFY(process.exitCode() != 0);
    QCOMPARE(content_of(out), QString("what was there\n"));
    QVERIFY(QFile::remove(sound));
  }

  void neighbouring_windows_are_one_row_when_asked() {
    const QString sound = cli_.tone("joined.wav", 22.0);
    const QStringList classify = QStringList{"classify", sound, "-c", "dog, rain", "--top", "1"} + kTiny;
    QCOMPARE(table_of(run(classify)).rows.size(), 5U);
    const CsvTable joined = table_of(run(classify + QStringList{"--join"}));
    QCOMPARE(joined.rows.size(), 1U);
    QCOMPARE(joined.rows[0][1], std::string("0.000"));
    QCOMPARE(joined.rows[0][2], std::string("22.000"));
    QCOMPARE(table_of(run(classify + QStringList{"--join", "--threshold", "1"})).rows.size(), 0U);
  }
};

QTEST_GUILESS_MAIN(TestCliWindows)
#include "test_cli_windows.moc"
