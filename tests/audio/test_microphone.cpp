// A real microphone path: PortAudio records, through ALSA and PulseAudio, what is played on a loudspeaker.
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QtTest>
#include <thread>

#include "audio/capture.h"
#include "audio/decode.h"
#include "audio/playback.h"
#include "support/errors.h"
#include "support/pulse_fixture.h"
#include "support/sounds.h"

using namespace hearsay;
using namespace hearsay::testing;

namespace {

/// Waits for the first samples: a sound system may take its time to start.
bool woke_up(SampleSource& source) {
  float first = 0.0F;
  QElapsedTimer clock;
  clock.start();
  while (clock.elapsed() < 10000) {
    if (source.read({&first, 1}) == 1) return true;
    QThread::msleep(5);
  }
  return false;
}

/// Reads for `seconds` by the clock.
std::vector<float> listen(SampleSource& source, double seconds) {
  std::vector<float> heard;
  std::vector<float> room(4096);
  QElapsedTimer clock;
  clock.start();
  while (clock.elapsed() < seconds * 1000) {
    const std::size_t n = source.read(room);
    heard.insert(heard.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(n));
    if (n == 0) QThread::msleep(5);
  }
  return heard;
}

bool became_dead(const SampleSource& source, int within_ms) {
  QElapsedTimer clock;
  clock.start();
  while (clock.elapsed() < within_ms) {
    if (!source.alive()) return true;
    QThread::msleep(20);
  }
  return false;
}

}  // namespace

class TestMicrophone : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() {
    if (!PulseFixture::installed()) QSKIP("pulseaudio, paplay or pactl is not installed.");
    QString why;
    QVERIFY2(pulse_.start(&why), qPrintable(why));
    QVERIFY(folder_.isValid());
  }

  void the_microphone_is_listed() {
    const std::vector<InputDevice> inputs = list_inputs();
    QVERIFY(!inputs.empty());
    const auto usual = std::ranges::find_if(inputs, [](const InputDevice& d) { return d.is_default; });
    QVERIFY(usual != inputs.end());
    QCOMPARE(usual->name, std::string("default"));
    QCOMPARE(usual->api, std::string("ALSA"));
    QVERIFY(usual->channels > 0 && usual->default_rate > 0.0);
  }

  void an_unknown_input_is_named() {
    const auto microphone = open_microphone({.input = "no such thing"});
    HEARSAY_FAILS(Device, ("no such thing", "default"), microphone->start());
  }

  void hears_what_is_played() {
    const QString wav = folder_.filePath("tone.wav");
    write_wav(wav.toStdString(), sine(1000.0, 48000, 4.0, 0.25), 48000);
    const auto microphone = open_microphone({.input = "defau"});
    QVERIFY(microphone->alive());
    microphone->start();
    QVERIFY(microphone->rate() > 0.0);
    QVERIFY(woke_up(*microphone));
    pulse_.play(wav, false);
    const std::vector<float> heard = listen(*microphone, 3.5);
    const double rate = microphone->rate();
    QVERIFY(microphone->alive());
    QCOMPARE(microphone->dropped_samples(), std::int64_t{0});
    const double seconds = static_cast<double>(heard.size()) / rate;
    QVERIFY2(seconds > 2.5 && seconds < 4.5, qPrintable(QString("%1 s arrived").arg(seconds)));
    const std::span<const float> last_second = std::span(heard).last(static_cast<std::size_t>(rate));
    const double tone = amplitude_at(last_second, 1000.0, rate);
    QVERIFY2(std::abs(tone - 0.25) < 0.02, qPrintable(QString("level %1").arg(tone)));
    QVERIFY(amplitude_at(last_second, 1500.0, rate) < 0.005);
    microphone->stop();
    QVERIFY(!microphone->alive());
    QVERIFY(microphone->failure().empty());
  }

  void a_late_reader_loses_samples_and_is_told() {
    const auto microphone = open_microphone({.input = "", .rate = 16000.0, .queue_seconds = 0.25});
    microphone->start();
    QCOMPARE(microphone->rate(), 16000.0);
    QVERIFY(woke_up(*microphone));
    QTRY_VERIFY_WITH_TIMEOUT(microphone->dropped_samples() > 4000, 10000);
    QVERIFY(microphone->alive());
    microphone->start();
    QVERIFY(microphone->dropped_samples() == 0);
    QVERIFY(woke_up(*microphone));
  }

  void plays_and_hears_itself() {
    QVERIFY(Player::available());
    const auto microphone = open_microphone({});
    microphone->start();
    QVERIFY(woke_up(*microphone));
    Player player;
    QVERIFY(!player.playing());
    const auto clip = std::make_shared<const std::vector<float>>(sine(700.0, 44100, 3.0, 0.5));
    player.play(clip, 44100.0, 1.0, 2.5);
    QVERIFY(player.playing());
    const std::vector<float> heard = listen(*microphone, 1.0);
    const double rate = microphone->rate();
    QVERIFY(amplitude_at(std::span(heard).last(static_cast<std::size_t>(rate / 4)), 700.0, rate) > 0.4);
    QVERIFY2(player.position() > 1.2 && player.position() <= 2.5, qPrintable(QString::number(player.position())));
    QTRY_VERIFY_WITH_TIMEOUT(!player.playing(), 5000);
    QCOMPARE(player.position(), 2.5);
    player.play(clip, 44100.0);
    player.play(clip, 44100.0, 0.5);
    QVERIFY(player.playing());
    player.stop();
    QVERIFY(!player.playing());
    player.play(clip, 44100.0, 99.0);
    QVERIFY(!player.playing());
    HEARSAY_FAILS(Usage, ("nothing to play"), player.play(nullptr, 44100.0));
  }

  void inputs_can_be_listed_from_many_threads_while_recording() {
    const auto microphone = open_microphone({});
    microphone->start();
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) threads.emplace_back([] { (void)list_inputs(); });
    for (auto& thread : threads) thread.join();
    QVERIFY(woke_up(*microphone));
  }

  // Last: it ends the sound system.
  void notices_that_the_microphone_has_gone() {
    const auto microphone = open_microphone({});
    microphone->start();
    QVERIFY(woke_up(*microphone));
    QVERIFY(microphone->alive() && microphone->failure().empty());
    pulse_.kill();
    QVERIFY(became_dead(*microphone, 8000));
    const std::string why = microphone->failure();
    QVERIFY2(why.find("default") != std::string::npos && why.find("has stopped giving sound") != std::string::npos,
             why.c_str());
    QElapsedTimer clock;
    clock.start();
    microphone->stop();
    QVERIFY2(clock.elapsed() < 5000, "stopping a vanished microphone must not hang");
    HEARSAY_FAILS(Device, (), microphone->start());
  }

 private:
  PulseFixture pulse_;
  QTemporaryDir folder_;
};

QTEST_GUILESS_MAIN(TestMicrophone)
#include "test_microphone.moc"
