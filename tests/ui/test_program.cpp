// The window's own program, started as a person starts it: its arguments, its words where there is no display, and
// what it does when it is asked to end.

#include <QFile>
#include <QProcess>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>

class TestProgram : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;

  /// `platform`: QT_QPA_PLATFORM; empty: no display at all.
  void start(QProcess& program, const QString& platform, const QStringList& arguments) const {
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const char* name : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}) environment.remove(name);
    for (const char* name : {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"}) {
      environment.insert(name, folder_.filePath(QString::fromLatin1(name).toLower()));
    }
    if (!platform.isEmpty()) environment.insert("QT_QPA_PLATFORM", platform);
    program.setProcessEnvironment(environment);
    program.start(HEARSAY_PROGRAM, arguments);
  }

  struct End {
    int code = -1;  ///< -1: a crash or a hang
    QString out;
    QString err;
  };
  static End endOf(QProcess& program) {
    if (!program.waitForFinished(60000)) {
      program.kill();
      program.waitForFinished();
      return {};
    }
    const int code = program.exitStatus() == QProcess::NormalExit ? program.exitCode() : -1;
    return {code, QString::fromUtf8(program.readAllStandardOutput()),
            QString::fromUtf8(program.readAllStandardError())};
  }
  [[nodiscard]] End run(const QString& platform, const QStringList& arguments) const {
    QProcess program;
    start(program, platform, arguments);
    return endOf(program);
  }

  [[nodiscard]] QString log() const {
    QFile file(folder_.filePath("xdg_data_home/hearsay/log/hearsay.log"));
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
  }

 private Q_SLOTS:
  void initTestCase() {
    // A shell that runs tests in the background ignores Ctrl-C for them, and what they start would inherit that.
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, SIG_DFL);
  }

  void help_and_version_need_no_display() {
    const End help = run({}, {"--help"});
    QCOMPARE(help.code, 0);
    for (const char* option : {"--device", "--model", "--prompts", "--page"}) QVERIFY(help.out.contains(option));
    const End version = run({}, {"--version"});
    QCOMPARE(version.code, 0);
    QVERIFY(version.out.startsWith("hearsay "));
  }

  void without_a_display_it_says_so_and_names_the_command_line() {
    const End end = run({}, {"--page", "listen"});
    QCOMPARE(end.code, 1);
    QVERIFY2(end.err.contains("no display") && end.err.contains("hearsay-cli"), qPrintable(end.err));
  }

  /// They are no -v and -h of ours.
  void qts_own_options_open_the_window() {
    QFile::remove(folder_.filePath("xdg_data_home/hearsay/log/hearsay.log"));
    QProcess program;
    start(program, {},
          {"-platform", "offscreen", "-reverse", "--device", "cpu", "--model",
           QString(HEARSAY_TEST_DATA) + "/starter-tiny"});
    QTRY_VERIFY_WITH_TIMEOUT(log().contains("model starter-tiny on cpu"), 60000);
    program.terminate();
    QCOMPARE(endOf(program).code, 0);
  }

  void an_option_that_is_not_known_is_refused() {
    const End end = run("offscreen", {"--modell", "starter"});
    QCOMPARE(end.code, 1);
    QVERIFY2(end.err.contains("modell"), qPrintable(end.err));
  }

  /// Ctrl-C in its terminal, `kill`, a terminal that is closed.
  void a_signal_closes_it_as_its_button_does_data() {
    QTest::addColumn<int>("signal");
    QTest::newRow("SIGINT") << SIGINT;
    QTest::newRow("SIGTERM") << SIGTERM;
    QTest::newRow("SIGHUP") << SIGHUP;
  }
  void a_signal_closes_it_as_its_button_does() {
    QFETCH(int, signal);
    const QString settings = folder_.filePath("xdg_config_home/hearsay/hearsay.ini");
    QFile::remove(settings);
    QFile::remove(folder_.filePath("xdg_data_home/hearsay/log/hearsay.log"));
    QProcess program;
    const QString tiny = QString(HEARSAY_TEST_DATA) + "/starter-tiny";
    start(program, "offscreen", {"--device", "cpu", "--page", "models", "--model", tiny});
    QTRY_VERIFY_WITH_TIMEOUT(log().contains("model starter-tiny on cpu"), 60000);
    QCOMPARE(program.state(), QProcess::Running);
    QCOMPARE(kill(static_cast<pid_t>(program.processId()), signal), 0);
    QCOMPARE(endOf(program).code, 0);
    const QSettings kept(settings, QSettings::IniFormat);
    QVERIFY(kept.contains("window/geometry"));
    QCOMPARE(kept.value("window/page").toString(), QString("models"));
    QCOMPARE(kept.value("model/last").toString(), tiny);
  }

  void nohup_keeps_it_open() {
    QFile::remove(folder_.filePath("xdg_data_home/hearsay/log/hearsay.log"));
    QProcess program;
    const auto before = std::signal(SIGHUP, SIG_IGN);  // a child inherits that
    start(program, "offscreen", {"--device", "cpu", "--model", QString(HEARSAY_TEST_DATA) + "/starter-tiny"});
    const bool started = program.waitForStarted();
    std::signal(SIGHUP, before);
    QVERIFY(started);
    QTRY_VERIFY_WITH_TIMEOUT(log().contains("model starter-tiny on cpu"), 60000);
    QCOMPARE(kill(static_cast<pid_t>(program.processId()), SIGHUP), 0);
    QVERIFY(!program.waitForFinished(500));
    program.terminate();
    QCOMPARE(endOf(program).code, 0);
  }
};

QTEST_GUILESS_MAIN(TestProgram)
#include "test_program.moc"
