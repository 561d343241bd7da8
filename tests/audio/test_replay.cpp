#include <QElapsedTimer>
#include <QtTest>

#include "audio/capture.h"
#include "audio/playback.h"
#include "support/errors.h"
#include "support/sounds.h"

using namespace hearsay;
using namespace hearsay::testing;

class TestReplay : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void gives_everything_as_fast_as_it_is_read() {
    const std::vector<float> sound = noise(1000);
    const auto source = replay_samples(sound, 16000, false);
    QCOMPARE(source->rate(), 16000.0);
    QVERIFY(source->alive());
    std::vector<float> room(300);
    QCOMPARE(source->read(room), std::size_t{0});
    for (int turn = 0; turn < 2; ++turn) {
      source->start();
      std::vector<float> heard;
      while (source->alive()) {
        const std::size_t n = source->read(room);
        heard.insert(heard.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(n));
      }
      QCOMPARE(heard, sound);
      QCOMPARE(source->read(room), std::size_t{0});
    }
    QVERIFY(source->failure().empty());
    QCOMPARE(source->dropped_samples(), std::int64_t{0});
  }

  void keeps_pace_with_the_clock() {
    const auto source = replay_samples(noise(8000), 16000, true);
    source->start();
    QElapsedTimer clock;
    clock.start();
    std::vector<float> room(8000);
    const std::size_t early = source->read(room);
    QVERIFY2(early < 6000, qPrintable(QString::number(early)));
    std::size_t total = early;
    while (source->alive() && clock.elapsed() < 20000) {
      total += source->read(room);
      QThread::msleep(5);
    }
    QCOMPARE(total, std::size_t{8000});
    QVERIFY(clock.elapsed() >= 480);
  }

  void stops() {
    const auto source = replay_samples(noise(1000), 16000, false);
    source->start();
    source->stop();
    std::vector<float> room(10);
    QVERIFY(!source->alive());
    QCOMPARE(source->read(room), std::size_t{0});
  }

  void refuses_nonsense() {
    HEARSAY_FAILS(Usage, ("rate"), replay_samples({}, 0.0, false));
    HEARSAY_FAILS(Usage, ("above zero"), open_microphone({.input = "", .rate = -1.0}));
    HEARSAY_FAILS(Usage, ("above zero"), open_microphone({.input = "", .rate = 0.0, .queue_seconds = 0.0}));
  }

  // A machine without any sound system: no devices, no exception, one clear sentence.
  void no_sound_system_is_said_clearly() {
    qputenv("PULSE_SERVER", "unix:/nonexistent");
    qputenv("JACK_NO_START_SERVER", "1");
    if (!list_inputs().empty()) QSKIP("this machine has a sound card.");
    const auto microphone = open_microphone({});
    HEARSAY_FAILS(Device, ("No microphone was found"), microphone->start());
    QVERIFY(microphone->failure().empty());
    QVERIFY(!Player::available());
    Player player;
    const auto clip = std::make_shared<const std::vector<float>>(noise(1000));
    HEARSAY_FAILS(Device, ("no sound output"), player.play(clip, 16000));
    QVERIFY(!player.playing());
    QCOMPARE(player.position(), 0.0);
    player.stop();
  }
};

QTEST_GUILESS_MAIN(TestReplay)
#include "test_replay.moc"
