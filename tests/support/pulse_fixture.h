#pragma once
// A sound system of the test's own: a PulseAudio daemon in a temporary folder with a loudspeaker that leads nowhere
// (null sink) and a microphone that hears what is played on it (remapped monitor). ALSA's default device, which
// PortAudio records from, is that microphone. Works as root, in a container, without a sound card. Qt Core only.

#include <sys/prctl.h>

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QStandardPaths>
#include <QString>
#include <QStringList>
#include <QTemporaryDir>
#include <QThread>
#include <csignal>
#include <memory>
#include <vector>

class PulseFixture {
 public:
  PulseFixture() = default;
  PulseFixture(const PulseFixture&) = delete;
  PulseFixture& operator=(const PulseFixture&) = delete;
  ~PulseFixture() { kill(); }

  /// True when PulseAudio is installed at all; without it a test may be skipped.
  static bool installed() {
    return !QStandardPaths::findExecutable("pulseaudio").isEmpty() &&
           !QStandardPaths::findExecutable("paplay").isEmpty() && !QStandardPaths::findExecutable("pactl").isEmpty();
  }

  /// Starts the daemon and points this process (and its children) at it through environment variables: call it before
  /// anything touches the sound system. False with the reason in `why` when that fails.
  bool start(QString* why) {
    if (!installed()) return fail(why, "pulseaudio, paplay or pactl is not installed");
    if (!folder_.isValid()) return fail(why, "no temporary folder could be made");
    if (!write_alsa_config()) return fail(why, "the ALSA configuration could not be written");
    set_environment();
    daemon_.setProcessChannelMode(QProcess::MergedChannels);
    dies_with_us(daemon_);
    dies_with_us(listener_);
    daemon_.start("pulseaudio", {"-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1",
                                 "--disable-shm=yes", "--realtime=no", "--high-priority=no", "--log-level=error", "-L",
                                 "module-native-protocol-unix auth-anonymous=1 socket=" + socket(), "-L",
                                 "module-null-sink sink_name=loudspeaker rate=48000 channels=2", "-L",
                                 "module-remap-source source_name=microphone master=loudspeaker.monitor"});
    if (!daemon_.waitForStarted(10000)) return fail(why, "pulseaudio did not start: " + daemon_.errorString());
    if (!wait_until_it_answers(why)) return false;
    // A null sink that nobody listens to turns over only every two seconds; a sound card does so all the time.
    listener_.setStandardOutputFile(QProcess::nullDevice());
    listener_.start("parec", {"--device=microphone", "--latency-msec=20"});
    if (!listener_.waitForStarted(10000)) return fail(why, "parec did not start: " + listener_.errorString());
    return true;
  }

  /// Plays a sound file on the loudspeaker; `wait`: until it has been played.
  void play(const QString& wav, bool wait) {
    auto player = std::make_unique<QProcess>();
    player->setProcessChannelMode(QProcess::ForwardedErrorChannel);
    dies_with_us(*player);
    player->start("paplay", {"--device=loudspeaker", wav});
    player->waitForStarted(10000);
    if (wait) player->waitForFinished(120000);
    players_.push_back(std::move(player));
  }

  /// The sound card alone vanishes, the microphone with it, and comes back. (Were another input left, PulseAudio would
  /// move those who listen to that one.)
  bool unplug() { return pactl({"unload-module", "module-null-sink"}); }
  bool plugIn() {
    return pactl({"load-module", "module-null-sink", "sink_name=loudspeaker", "rate=48000", "channels=2"}) &&
           pactl({"load-module", "module-remap-source", "source_name=microphone", "master=loudspeaker.monitor"});
  }

  /// The sound system vanishes at once, as an unplugged sound card does.
  void kill() {
    for (auto& player : players_) end(*player);
    players_.clear();
    end(listener_);
    end(daemon_);
  }

 private:
  static bool fail(QString* why, const QString& reason) {
    if (why != nullptr) *why = reason;
    return false;
  }

  static bool pactl(const QStringList& arguments) {
    QProcess ask;
    ask.start("pactl", arguments);
    return ask.waitForFinished(10000) && ask.exitCode() == 0;
  }

  /// A test that crashes leaves no daemon behind.
  static void dies_with_us(QProcess& process) {
    process.setChildProcessModifier([] { ::prctl(PR_SET_PDEATHSIG, SIGKILL); });
  }

  static void end(QProcess& process) {
    if (process.state() == QProcess::NotRunning) return;
    process.kill();
    process.waitForFinished(10000);
  }

  [[nodiscard]] QString socket() const { return folder_.filePath("native"); }

  /// Only PulseAudio, so that no sound card of this machine takes part.
  bool write_alsa_config() {
    QFile file(folder_.filePath("asound.conf"));
    if (!file.open(QIODevice::WriteOnly)) return false;
    const QByteArray text =
        "pcm.!default { type pulse hint { show on description \"Test\" } }\n"
        "ctl.!default { type pulse }\n";
    return file.write(text) == text.size();
  }

  void set_environment() {
    const QByteArray folder = folder_.path().toLocal8Bit();
    QDir(folder_.path()).mkdir("home");
    qputenv("XDG_RUNTIME_DIR", folder);
    qputenv("PULSE_RUNTIME_PATH", folder);
    qputenv("PULSE_STATE_PATH", folder);
    qputenv("PULSE_CONFIG_PATH", folder);
    qputenv("PULSE_COOKIE", folder + "/cookie");
    qputenv("PULSE_SERVER", ("unix:" + socket()).toLocal8Bit());
    qputenv("PULSE_SOURCE", "microphone");
    qputenv("PULSE_SINK", "loudspeaker");
    qputenv("ALSA_CONFIG_PATH", folder + "/asound.conf");
    qputenv("JACK_NO_START_SERVER", "1");
    qunsetenv("DBUS_SESSION_BUS_ADDRESS");
  }

  bool wait_until_it_answers(QString* why) {
    QElapsedTimer clock;
    clock.start();
    while (clock.elapsed() < 20000) {
      if (daemon_.state() == QProcess::NotRunning) {
        return fail(why, "pulseaudio ended: " + QString::fromLocal8Bit(daemon_.readAll()).trimmed());
      }
      QProcess ask;
      ask.start("pactl", {"list", "short", "sources"});
      const bool answered = ask.waitForFinished(5000) && ask.exitCode() == 0;
      if (answered && ask.readAllStandardOutput().contains("microphone")) return true;
      QThread::msleep(100);
    }
    return fail(why, "pulseaudio does not answer: " + QString::fromLocal8Bit(daemon_.readAll()).trimmed());
  }

  QTemporaryDir folder_;
  QProcess daemon_;
  QProcess listener_;
  std::vector<std::unique_ptr<QProcess>> players_;
};
