// hearsay-cli tune, killed and interrupted at every stage: what is left, and how it goes on.

#include <QDir>
#include <QtTest>
#include <csignal>

#include "cli/cli_runner.h"
#include "model/safetensors.h"
#include "prompts/prompt_set.h"
#include "prompts/tuning_checkpoint.h"

using namespace hearsay;
using namespace hearsay_test;

namespace {

constexpr int kLong = 120000;

}  // namespace

class TestCliTuneResume : public QObject {
  Q_OBJECT

  Cli cli_;

  QStringList command(const QString& out, const QString& classes = "dog, rain, siren") {
    return QStringList{"tune",      "-c",      classes,   "--captions", cli_.captions(), "--out", out,
                       "--context", "4",       "--steps", "400",        "--lr",          "0.001", "--checkpoint-every",
                       "0",         "--batch", "5"} +
           kTiny;
  }
  QDir unfinished() { return QDir(cli_.path("data/hearsay/unfinished")); }
  QStringList left_behind() { return unfinished().entryList({"*.safetensors"}, QDir::Files); }
  QStringList parts() {
    return unfinished().entryList({"*.part"}, QDir::Files | QDir::Hidden) +
           QDir(cli_.path("")).entryList({"*.part", ".hearsay-*"}, QDir::Files | QDir::Hidden);
  }

  /// Starts it, waits for `ready`, sends `signal`, and returns what it said.
  QByteArray stop_when(QProcess& process, const QStringList& arguments, int signal,
                       const std::function<bool(const QByteArray&)>& ready) {
    cli_.prepare(process);
    process.start(HEARSAY_CLI, arguments);
    QByteArray words;
    const auto come = [&] {
      process.waitForReadyRead(2);
      words += process.readAllStandardError();
      return ready(words) || process.state() == QProcess::NotRunning;
    };
    if (!QTest::qWaitFor(come, kLong)) return words + " (it never came)";
    ::kill(static_cast<pid_t>(process.processId()), signal);
    if (!process.waitForFinished(kLong)) return words + " (it never ended)";
    return words + process.readAllStandardError();
  }
  int step_left() {
    const QStringList files = left_behind();
    if (files.size() != 1) return -1;
    return read_unfinished(unfinished().filePath(files[0]).toStdString()).step;
  }
  /// Kills a run that has done at least `steps`.
  void kill_after(const QStringList& arguments, int steps) {
    QProcess process;
    const QByteArray words =
        stop_when(process, arguments, SIGKILL, [&](const QByteArray&) { return step_left() >= steps; });
    QVERIFY2(process.exitStatus() == QProcess::CrashExit, words.constData());
    QVERIFY(step_left() >= steps && step_left() < 400);
  }

 private Q_SLOTS:
  void cleanup() {
    QDir(cli_.path("data/hearsay/unfinished")).removeRecursively();
    // A run that was killed while it wrote its state cannot remove what it had begun to write.
    const QStringList names = {"*.safetensors", ".hearsay-*"};
    for (const QString& file : QDir(cli_.path("")).entryList(names, QDir::Files | QDir::Hidden)) {
      QFile::remove(cli_.path(file));
    }
  }

  void a_set_that_is_tuned_again_keeps_its_template() {
    const QString first = cli_.path("first.safetensors");
    const QString second = cli_.path("second.safetensors");
    const QStringList how = QStringList{"--context", "4", "--steps", "1"} + kTiny;
    const CliResult r =
        cli_.run(QStringList{"tune", "-c", "dog, rain", "--template", "a noise of {}", "-o", first} + how);
    QVERIFY2(r.code == 0, qPrintable(r.err));
    const CliResult again = cli_.run(QStringList{"tune", "-p", first, "-o", second} + how);
    QVERIFY2(again.code == 0, qPrintable(again.err));
    QCOMPARE(load_prompts(second.toStdString()).text_template, std::string("a noise of {}"));
    QCOMPARE(cli_.run(QStringList{"tune", "-p", second, "-o", second} + how).code, 0);  // in place
    const CliResult other = cli_.run(QStringList{"tune", "-p", first, "--template", "sound of {}", "-o", second} + how);
    QVERIFY2(other.code == 0, qPrintable(other.err));
    QCOMPARE(load_prompts(second.toStdString()).text_template, std::string("sound of {}"));
  }

  void killed_and_gone_on_with_is_the_same_file() {
    const CliResult whole = cli_.run(command(cli_.path("whole.safetensors")));
    QVERIFY2(whole.code == 0, qPrintable(whole.err));
    QVERIFY(left_behind().isEmpty());
    const QString out = cli_.path("cut.safetensors");
    const QString report = cli_.path("report.json");
    kill_after(command(out), 20);
    QVERIFY(!QFile::exists(out));
    const int first = step_left();
    kill_after(command(out) + QStringList{"--resume"}, first + 20);  // and once more
    const int second = step_left();
    const CliResult rest = cli_.run(command(out) + QStringList{"--resume", "--report", report});
    QVERIFY2(rest.code == 0, qPrintable(rest.err));
    QVERIFY2(rest.err.contains(QString("Went on behind step %1").arg(second)), qPrintable(rest.err));
    QCOMPARE(json_of(content_of(report))["resumed_after"].toInt(), second);
    QFile a(cli_.path("whole.safetensors"));
    QFile b(out);
    QVERIFY(a.open(QIODevice::ReadOnly) && b.open(QIODevice::ReadOnly));
    QCOMPARE(b.readAll(), a.readAll());
    QVERIFY(left_behind().isEmpty());
  }

  void without_resume_it_says_how_to_go_on() {
    kill_after(command(cli_.path("a.safetensors")), 5);
    const int step = step_left();
    const CliResult again = cli_.run(command(cli_.path("a.safetensors")));
    QVERIFY2(again.code == 0, qPrintable(again.err));
    QVERIFY2(again.err.contains(QString("step %1 of at most 400").arg(step)) && again.err.contains("--resume"),
             qPrintable(again.err));
    QVERIFY(left_behind().isEmpty());
  }

  void another_tuning_is_refused() {
    const QString file = cli_.path("state.ckpt");
    QProcess process;
    stop_when(process, command(cli_.path("a.safetensors")) + QStringList{"--checkpoint", file}, SIGKILL,
              [&](const QByteArray&) { return QFile::exists(file); });
    QCOMPARE(process.exitStatus(), QProcess::CrashExit);
    QVERIFY(left_behind().isEmpty());
    const QStringList resume = {"--checkpoint", file, "--resume"};
    const QString out = cli_.path("b.safetensors");
    const CliResult classes = cli_.run(command(out, "dog, rain, siren, wind") + resume);
    QCOMPARE(classes.code, 2);
    QVERIFY2(classes.err.contains("state.ckpt") && classes.err.contains("other classes"), qPrintable(classes.err));
    const CliResult captions = cli_.run(command(out) + resume + QStringList{"--bank"});
    QCOMPARE(captions.code, 2);
    QVERIFY2(captions.err.contains("other captions"), qPrintable(captions.err));
    const CliResult settings = cli_.run(command(out) + resume + QStringList{"--seed", "9"});
    QCOMPARE(settings.code, 2);
    QVERIFY2(settings.err.contains("other settings"), qPrintable(settings.err));
    if (Cli::has_starter()) {
      const CliResult model = cli_.run(command(out) + resume + QStringList{"--model", Cli::starter()});
      QVERIFY2(model.code != 0, qPrintable(model.err));
    }
    const CliResult none = cli_.run(command(out) + QStringList{"--resume"});
    QCOMPARE(none.code, 1);
    QVERIFY2(none.err.contains("There is no unfinished tuning"), qPrintable(none.err));
    QVERIFY(!QFile::exists(out));
    QFile damaged(file);
    QVERIFY(damaged.resize(damaged.size() / 2));
    const CliResult broken = cli_.run(command(out) + resume);
    QCOMPARE(broken.code, 1);
    QVERIFY2(broken.err.contains("state.ckpt\" holds no tuning that can be gone on with"), qPrintable(broken.err));
  }

  void wrong_options_are_named() {
    const QString out = cli_.path("w.safetensors");
    const CliResult same = cli_.run(command(out) + QStringList{"--checkpoint", out});
    QCOMPARE(same.code, 2);
    QVERIFY2(same.err.contains("--checkpoint"), qPrintable(same.err));
    for (const char* wrong : {"-1", "nan"}) {
      QStringList arguments = command(out);
      arguments[arguments.indexOf("--checkpoint-every") + 1] = wrong;
      const CliResult r = cli_.run(arguments);
      QCOMPARE(r.code, 2);
      QVERIFY2(r.err.contains("--checkpoint-every"), qPrintable(r.err));
    }
    QVERIFY(!QFile::exists(out));
  }

  void a_place_that_cannot_be_written_is_told_at_once() {
    const QString out = cli_.path("p.safetensors");
    const CliResult r = cli_.run(command(out) + QStringList{"--checkpoint", "/dev/null/state.ckpt"});
    QVERIFY2(r.code == 0, qPrintable(r.err));
    QCOMPARE(r.err.count("/dev/null/state.ckpt"), 1);
    QVERIFY2(r.err.indexOf("/dev/null/state.ckpt") < r.err.indexOf("loss"), qPrintable(r.err));
  }

  void interrupted_at_any_moment_data() {
    QTest::addColumn<QString>("words");
    QTest::addColumn<int>("steps");
    QTest::addColumn<int>("signal");
    QTest::addRow("before the model is there") << "" << -1 << SIGINT;
    QTest::addRow("when the captions are encoded") << "Tuning 3 classes" << -1 << SIGINT;
    for (const int steps : {0, 1, 3, 30, 150}) QTest::addRow("after step %d", steps) << "" << steps << SIGINT;
    QTest::addRow("terminated after step 3") << "" << 3 << SIGTERM;
    QTest::addRow("its terminal closed after step 3") << "" << 3 << SIGHUP;
  }
  void interrupted_at_any_moment() {
    QFETCH(QString, words);
    QFETCH(int, steps);
    QFETCH(int, signal);
    const QString out = cli_.path("stopped.safetensors");
    QProcess process;
    const QByteArray said =
        stop_when(process, command(out) + QStringList{"--no-cache"}, signal, [&](const QByteArray& so_far) {
          return steps >= 0         ? step_left() >= steps
                 : !words.isEmpty() ? so_far.contains(words.toUtf8())
                                    : process.state() == QProcess::Running;
        });
    QVERIFY2(parts().isEmpty(), qPrintable(parts().join(' ')));
    if (QFile::exists(out)) {  // stopped with the best so far, all of it
      QVERIFY2(process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0, said.constData());
      QVERIFY(load_prompts(out.toStdString()).tuned);
      QVERIFY(left_behind().isEmpty());
    } else {  // before the first step, or before there was anybody to hear the signal
      QVERIFY2(steps <= 0, said.constData());
      QVERIFY2(process.exitStatus() == QProcess::CrashExit || process.exitCode() == 1, said.constData());
    }
  }
};

QTEST_GUILESS_MAIN(TestCliTuneResume)
#include "test_cli_tune_resume.moc"
