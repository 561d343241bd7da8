#include <QDateTime>
#include <QElapsedTimer>
#include <csignal>
#include <functional>

#include "cli/cli_runner.h"
#include "support/pulse_fixture.h"

using namespace hearsay_test;

/// `listen` as it is left alone for days: times of day, pauses of the program, a sound system that goes and comes.
class TestCliListen : public QObject {
  Q_OBJECT

  PulseFixture pulse_;
  std::optional<Cli> cli_;
  bool sound_ = false;

  static inline const QStringList kListen = QStringList{"listen", "-c", "dog, rain"} + kTiny;

  /// A run that goes on beside the test, and its lines so far.
  struct Run {
    QProcess process;
    QByteArray out;
    QByteArray err;

    Run(const Cli& cli, const QStringList& arguments) {
      cli.prepare(process);
      process.start(HEARSAY_CLI, arguments);
    }
    ~Run() {
      process.kill();
      process.waitForFinished();
    }
    bool wait_for(const std::function<bool()>& ready, int ms = 60000) {
      QElapsedTimer clock;
      clock.start();
      while (!ready()) {
        if (clock.elapsed() > ms) return false;
        process.waitForReadyRead(100);
        out += process.readAllStandardOutput();
        err += process.readAllStandardError();
      }
      return true;
    }
    [[nodiscard]] QList<QJsonObject> lines(const QString& with) const {
      QList<QJsonObject> found;
      for (const QByteArray& line : out.split('\n')) {
        const QJsonObject object = json_of(line);
        if (object.contains(with)) found << object;
      }
      return found;
    }
    /// Another few predictions.
    bool goes_on() {
      const qsizetype before = lines("t").size();
      return wait_for([&] { return lines("t").size() > before + 3; });
    }
    void signal(int number) const { ::kill(static_cast<pid_t>(process.processId()), number); }
    /// Its exit code, with everything it said.
    int end() {
      process.waitForFinished(60000);
      out += process.readAllStandardOutput();
      err += process.readAllStandardError();
      return process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
    }
  };

  static QDateTime time_of(const QJsonObject& line, const QString& field = "time") {
    return QDateTime::fromString(line[field].toString(), Qt::ISODateWithMs);
  }

 private Q_SLOTS:
  void initTestCase() {
    if (PulseFixture::installed()) {
      QString why;
      QVERIFY2(pulse_.start(&why), qPrintable(why));
      sound_ = true;
    }
    cli_.emplace();
  }

  void every_line_has_its_time_of_day() {
    qputenv("TZ", "XYZ-05:45");
    const Cli abroad;
    const QDateTime before = QDateTime::currentDateTimeUtc();
    const CliResult r =
        abroad.run(kListen + QStringList{"--replay", abroad.tone("replay.wav", 3.0), "--events", "--threshold", "0.1"});
    qunsetenv("TZ");
    QVERIFY2(r.code == 0, qPrintable(r.err));
    static const QRegularExpression iso("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}\\+05:45$");
    for (const QString& text : r.lines()) {
      const QJsonObject line = json_of(text);
      QVERIFY2(iso.match(line["time"].toString()).hasMatch(), qPrintable(text));
      QVERIFY2(std::abs(before.secsTo(time_of(line))) < 120, qPrintable(text));
    }
    const QJsonObject summary = json_of(r.lines().last());
    QVERIFY(iso.match(summary["began"].toString()).hasMatch());
    QVERIFY(time_of(summary, "began") <= time_of(summary));
  }

  void no_time_is_no_time() {
    for (const char* seconds : {"0", "-1", "nan"}) {
      const CliResult r =
          cli_->run(kListen + QStringList{"--replay", cli_->tone("replay.wav", 1.0), "--seconds", seconds});
      QCOMPARE(r.code, 2);
      QVERIFY2(r.err.contains("--seconds") && r.err.contains("above 0"), qPrintable(r.err));
    }
  }

  void nobody_reads_on() {
    QStringList source = {"--replay", cli_->tone("long.wav", 30.0)};
    if (sound_) source = QStringList{"--seconds", "30"};
    QProcess shell;
    cli_->prepare(shell);
    QStringList words = QStringList{HEARSAY_CLI} + kListen + source;
    for (QString& word : words) word = "'" + word + "'";
    shell.start("bash", {"-c", words.join(' ') + " | head -n 1; echo ${PIPESTATUS[0]}"});
    QVERIFY(shell.waitForFinished(60000));
    const QStringList out = QString(shell.readAllStandardOutput()).split('\n', Qt::SkipEmptyParts);
    QCOMPARE(out.size(), 2);
    QCOMPARE(out[1], QString::number(128 + SIGPIPE));
    const QByteArray err = shell.readAllStandardError();
    QVERIFY2(!err.contains("could not be written"), err.constData());
  }

  void a_pause_of_the_program_is_no_lost_microphone() {
    if (!sound_) QSKIP("pulseaudio, paplay or pactl is not installed.");
    Run run(*cli_, kListen);
    QVERIFY2(run.goes_on(), run.err.constData());
    const double before = run.lines("t").last()["t"].toDouble();
    QElapsedTimer own;
    own.start();
    run.signal(SIGSTOP);
    QThread::sleep(6);
    run.signal(SIGCONT);
    // What the sound system had kept comes at once; that the rest is missing is sure some seconds later.
    double passed = 0.0;
    double told = 0.0;
    const auto keeps_to_the_clock = [&] {
      passed = static_cast<double>(own.elapsed()) / 1000;
      told = run.lines("t").last()["t"].toDouble() - before;
      return std::abs(told - passed) < 1.5;
    };
    QVERIFY2(run.wait_for([&] { return own.elapsed() > 11000; }), run.err.constData());
    QVERIFY2(run.wait_for(keeps_to_the_clock, 10000), qPrintable(QString("%1 s passed, t %2").arg(passed).arg(told)));
    run.signal(SIGINT);
    QCOMPARE(run.end(), 0);
    const QJsonObject last = run.lines("t").last();
    // Seconds since the start keep to the clock, too.
    const double by_clock =
        static_cast<double>(time_of(run.lines("summary").last(), "began").msecsTo(time_of(last))) / 1000;
    QVERIFY2(std::abs(by_clock - last["t"].toDouble()) < 2.0,
             qPrintable(QString("%1 s by the clock, t %2").arg(by_clock).arg(last["t"].toDouble())));
    QCOMPARE(run.lines("summary").last()["gaps"].toInt(-1), 0);
  }

  void goes_on_when_the_sound_system_is_back() {
    if (!sound_) QSKIP("pulseaudio, paplay or pactl is not installed.");
    Run run(*cli_, kListen + QStringList{"--events", "--threshold", "0", "--quiet"});
    QVERIFY2(run.goes_on(), run.err.constData());
    pulse_.kill();
    QVERIFY2(run.wait_for([&] { return run.lines("gap").size() == 1; }), run.err.constData());
    QElapsedTimer own;
    own.start();
    QVERIFY2(run.wait_for([&] { return run.err.contains("goes on when it is back"); }), run.err.constData());
    QThread::sleep(2);
    QString why;
    QVERIFY2(pulse_.start(&why), qPrintable(why));
    QVERIFY2(run.wait_for([&] { return run.lines("gap").size() == 2; }), run.err.constData());
    const double passed = static_cast<double>(own.elapsed()) / 1000;  // since the loss was noticed, some seconds late
    QVERIFY2(run.goes_on(), run.err.constData());
    run.signal(SIGINT);
    QCOMPARE(run.end(), 0);
    const QJsonObject lost = run.lines("gap")[0];
    const QJsonObject back = run.lines("gap")[1];
    QCOMPARE(lost["gap"].toString(), QString("start"));
    QVERIFY(lost["why"].toString().contains("has stopped giving sound"));
    QCOMPARE(back["gap"].toString(), QString("end"));
    const double length = back["end"].toDouble() - back["start"].toDouble();
    QVERIFY2(length > 2.0 && std::abs(static_cast<double>(time_of(lost).msecsTo(time_of(back))) / 1000 - length) < 0.5,
             qPrintable(QString::number(length)));
    QVERIFY2(length > passed - 1.0 && length < passed + 6.0, qPrintable(QString("%1 %2").arg(length).arg(passed)));
    double before = 0.0;
    for (const QJsonObject& line : run.lines("t")) {  // none of the gap itself
      const double t = line["t"].toDouble();
      QVERIFY(t > before && (t <= back["start"].toDouble() + 0.01 || t > back["end"].toDouble()));
      before = t;
    }
    const QJsonObject summary = run.lines("summary").last();
    QCOMPARE(summary["gaps"].toInt(), 1);
    QVERIFY(std::abs(summary["gap_seconds"].toDouble() - length) < 0.01);
  }

  void ends_with_a_failure_where_that_is_wanted_or_time_is_up() {
    if (!sound_) QSKIP("pulseaudio, paplay or pactl is not installed.");
    Run none(*cli_, kListen + QStringList{"--no-reconnect"});
    Run some(*cli_, kListen + QStringList{"--seconds", "20"});
    QVERIFY2(some.goes_on(), some.err.constData());  // whose time is bounded
    QVERIFY2(none.goes_on(), none.err.constData());
    pulse_.kill();
    QCOMPARE(none.end(), 1);
    QVERIFY2(none.err.contains("has stopped giving sound"), none.err.constData());
    QCOMPARE(some.end(), 1);
    QVERIFY2(some.err.contains("was not back"), some.err.constData());
    QVERIFY(some.lines("summary").last()["seconds"].toDouble() > 19.0);
    QString why;
    QVERIFY2(pulse_.start(&why), qPrintable(why));
  }
};

QTEST_GUILESS_MAIN(TestCliListen)
#include "test_cli_listen.moc"
