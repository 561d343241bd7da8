// Recordings that are too long to be kept in memory: drawn anew where a person zooms in, labelled and played to their
// end.
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QWheelEvent>
#include <cmath>
#include <numbers>

#include "audio/decode.h"
#include "support/errors.h"
#include "support/pulse_fixture.h"
#include "ui/charts/chart_stack.h"
#include "ui/charts/spectrogram_view.h"
#include "ui/charts/waveform_view.h"
#include "ui/label/clip_view.h"
#include "ui/shell/app_context.h"
#include "ui/sounds/sound_charts.h"
#include "ui/sounds/sound_player.h"
#include "ui/test_home.h"

using namespace hearsay;
using namespace hearsay::ui;

namespace {

constexpr int kRate = 8000;
constexpr double kSeconds = 620.0;
constexpr double kBeepsFrom = 610.0;  ///< for two seconds: ten beeps of 0.1 s, 0.1 s apart
constexpr int kPatience = 60000;

std::vector<float> longRecording() {
  std::vector<float> samples(static_cast<std::size_t>(kSeconds * kRate), 0.0F);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double at = static_cast<double>(i) / kRate - kBeepsFrom;
    const bool beep = at >= 0.0 && at < 2.0 && std::fmod(at, 0.2) < 0.1;
    if (beep) samples[i] = 0.5F * static_cast<float>(std::sin(2.0 * std::numbers::pi * 1000.0 * at));
  }
  return samples;
}

SoundPicture pictureOf(double from, double seconds, double secondsPerColumn) {
  SoundPicture picture;
  picture.from = from;
  picture.seconds = seconds;
  picture.secondsPerColumn = secondsPerColumn;
  return picture;
}

/// How often the chart goes from dark to bright along the row that holds 1 kHz.
int beepsIn(SpectrogramView& view) {
  const QImage image = view.grab().toImage().scaled(view.size());  // at any scale
  const QRect plot = view.plotRect();
  int row = plot.top();
  int brightest = 0;
  for (int y = plot.top(); y < plot.bottom(); ++y) {
    int sum = 0;
    for (int x = plot.left(); x < plot.right(); ++x) sum += qGray(image.pixel(x, y));
    if (sum > brightest) std::tie(brightest, row) = std::pair{sum, y};
  }
  int beeps = 0;
  bool bright = false;
  for (int x = plot.left() + 4; x < plot.right(); ++x) {  // right of the playhead
    const bool now = qGray(image.pixel(x, row)) > 110;
    if (now && !bright) ++beeps;
    bright = now;
  }
  return beeps;
}

}  // namespace

class TestLongSounds : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    hasPulse_ = PulseFixture::installed();
    QString why;
    if (hasPulse_) QVERIFY2(pulse_.start(&why), qPrintable(why));
    file_ = folder_.filePath(QStringLiteral("long.wav")).toStdString();
    write_wav(file_, longRecording(), kRate);
    app_ = std::make_unique<AppContext>();
    view_ = std::make_unique<ClipView>(*app_);
    view_->resize(900, 400);
    view_->show();
    QVERIFY(QTest::qWaitForWindowExposed(view_.get()));
    Clip clip;
    clip.file = file_;
    view_->setClip(clip);
    QTRY_VERIFY_WITH_TIMEOUT(view_->ready(), kPatience);
  }

  void cleanupTestCase() {
    view_.reset();
    if (app_) app_->shutDown();
    app_.reset();
    pulse_.kill();
  }

  void aCloserLookIsTakenWhereItShowsMore() {
    const double finest = 0.01;
    const SoundPicture hour = pictureOf(0.0, 3600.0, 0.64);
    const SoundPicture none;
    QVERIFY(!closerStretch(hour, none, 0.0, 3600.0, finest));  // as sharp as the screen
    QVERIFY(!closerStretch(hour, none, 0.0, 400.0, finest));   // longer than what is read at once
    QVERIFY(!closerStretch(pictureOf(0.0, 5.0, 0.01), none, 1.0, 1.5, finest));
    auto stretch = closerStretch(hour, none, 100.0, 110.0, finest);
    QVERIFY(stretch);
    QCOMPARE(stretch->first, 95.0);
    QCOMPARE(stretch->second, 20.0);
    stretch = closerStretch(hour, none, 3595.0, 3600.0, finest);
    QCOMPARE(stretch->first + stretch->second, 3600.0);
    stretch = closerStretch(hour, none, 0.0, 4.0, finest);
    QCOMPARE(stretch->first, 0.0);
    stretch = closerStretch(hour, none, 1000.0, 1290.0, finest);
    QVERIFY(stretch->second <= SoundLook::kKeptSeconds);
    const SoundPicture detail = pictureOf(95.0, 20.0, 0.01);
    QVERIFY(!closerStretch(hour, detail, 96.0, 110.0, finest));
    QVERIFY(closerStretch(hour, detail, 90.0, 100.0, finest));
    QVERIFY(closerStretch(hour, pictureOf(0.0, 300.0, 0.1), 100.0, 110.0, finest));  // there, and still coarse
  }

  void aStretchOfTheFileIsReadByItself() {
    LogMelConfig mel;
    const SoundPicture picture = lookCloser(file_, mel, 609.0, 4.0);
    QCOMPARE(picture.from, 609.0);
    QCOMPARE(picture.seconds, 4.0);
    QCOMPARE(picture.columns.rows, std::int64_t{1} + 4 * mel.sample_rate / mel.hop);
    QCOMPARE(picture.secondsPerColumn, static_cast<double>(mel.hop) / mel.sample_rate);
    const auto loudest = [&](std::int64_t row) {
      return std::max(-picture.envelope.at(row, 0), picture.envelope.at(row, 1));
    };
    const auto rowAt = [&](double seconds) {
      return static_cast<std::int64_t>((seconds - 609.0) / picture.secondsPerRow);
    };
    QVERIFY(loudest(rowAt(610.05)) > 0.4F);
    QVERIFY(loudest(rowAt(610.15)) < 0.01F);
    QVERIFY(lookCloser(file_, mel, 700.0, 4.0).columns.empty());
    HEARSAY_FAILS(NotFound, ("absent.wav"), lookCloser("/nowhere/absent.wav", mel, 0.0, 1.0));
  }

  void zoomingInShowsWhatWasMerged() {
    auto* picture = view_->findChild<SpectrogramView*>(QStringLiteral("clipSpectrogram"));
    QCOMPARE(view_->seconds(), kSeconds);
    QCOMPARE(beepsIn(*picture), 1);
    zoomTo(*picture, kBeepsFrom + 1.0, 4.0);
    QVERIFY(picture->rangeTo() - picture->rangeFrom() < 4.0);
    const int shown = static_cast<int>(std::ceil((std::min(picture->rangeTo(), kBeepsFrom + 2.0) - kBeepsFrom) / 0.2));
    QVERIFY(shown > 3);
    QTRY_COMPARE_WITH_TIMEOUT(beepsIn(*picture), shown, kPatience);
    auto* waveform = view_->findChild<WaveformView*>();
    QCOMPARE(waveform->rangeFrom(), picture->rangeFrom());
  }

  void regionsReachToTheEnd() {
    auto* picture = view_->findChild<SpectrogramView*>(QStringLiteral("clipSpectrogram"));
    QSignalSpy drawn(view_.get(), &ClipView::regionDrawn);
    const auto at = [&](double seconds) { return QPoint(qRound(picture->xAt(seconds)), 20); };
    QTest::mousePress(picture, Qt::LeftButton, {}, at(610.2));
    QTest::mouseMove(picture, at(610.5));
    QTest::mouseMove(picture, at(610.8));
    QTest::mouseRelease(picture, Qt::LeftButton, {}, at(610.8));
    QCOMPARE(drawn.size(), 1);
    QVERIFY(std::abs(drawn[0][0].toDouble() - 610.2) < 0.02);
    QVERIFY(std::abs(drawn[0][1].toDouble() - 610.8) < 0.02);
  }

  void aPlayheadThatRunsOutOfThePictureTurnsThePage() {
    SpectrogramView view;
    WaveformView other;
    ChartStack stack;
    stack.add(&view);
    stack.add(&other);
    stack.setExtent(0.0, 100.0);
    stack.setTimeRange(10.0, 20.0);
    QSignalSpy turned(&stack, &ChartStack::timeRangeChanged);
    stack.movePlayhead(5.0);
    stack.movePlayhead(15.0);
    stack.movePlayhead(19.9);
    QCOMPARE(turned.size(), 0);
    stack.movePlayhead(20.1);
    QCOMPARE(turned.size(), 1);
    QCOMPARE(view.rangeFrom(), 20.1);
    QCOMPARE(other.rangeTo(), 30.1);
    stack.setTimeRange(50.0, 60.0);  // the person looks elsewhere while it plays
    stack.movePlayhead(20.2);
    QCOMPARE(view.rangeFrom(), 50.0);
    stack.setTimeRange(92.0, 99.0);
    stack.setPlayhead(98.9);
    stack.movePlayhead(99.1);
    QCOMPARE(view.rangeTo(), 100.0);
    QCOMPARE(view.rangeFrom(), 93.0);
    stack.movePlayhead(100.0);
    QCOMPARE(turned.size(), 2);
  }

  void itIsPlayedPieceByPieceToItsEnd() {
    if (!hasPulse_) QSKIP("PulseAudio is not installed: there is no sound output here.");
    SoundLooker looker;
    SoundPlayer player(*app_, looker, nullptr, 0.7);
    JobControl control;
    player.setSound(file_, std::make_shared<const SoundLook>(lookAt(file_, LogMelConfig(), control)), 32000);
    QSignalSpy changed(&player, &SoundPlayer::playingChanged);
    QSignalSpy moved(&player, &SoundPlayer::moved);
    player.play(618.2);
    QVERIFY(player.playing());
    QTRY_VERIFY_WITH_TIMEOUT(!player.playing(), kPatience);
    QCOMPARE(changed.size(), 2);  // pieces are no stops
    QVERIFY2(moved.back()[0].toDouble() > 619.5, qPrintable(QString::number(moved.back()[0].toDouble())));
    for (int i = 1; i < moved.size(); ++i) QVERIFY(moved[i][0].toDouble() >= moved[i - 1][0].toDouble());
    player.play(100.0, 100.4);
    QTRY_VERIFY_WITH_TIMEOUT(!player.playing(), kPatience);
    QVERIFY(moved.back()[0].toDouble() < 100.5);
    player.play(10.0);
    QTRY_VERIFY_WITH_TIMEOUT(app_->playing(), kPatience);
    app_->play(std::make_shared<const std::vector<float>>(32000, 0.1F), 32000);  // another page's sound
    QTRY_VERIFY_WITH_TIMEOUT(!player.playing(), kPatience);
    QVERIFY(app_->playing());
    app_->stopPlaying();
  }

  void theButtonPlaysAndStops() {
    if (!hasPulse_) QSKIP("PulseAudio is not installed: there is no sound output here.");
    auto* button = view_->findChild<QPushButton*>(QStringLiteral("playClip"));
    button->click();
    QTRY_VERIFY_WITH_TIMEOUT(app_->playing(), kPatience);
    QVERIFY(button->text().startsWith(QStringLiteral("Stop")));
    button->click();
    QVERIFY(!app_->playing());
    QVERIFY(button->text().startsWith(QStringLiteral("Play")));
  }

  void aFileThatWentAwayIsTold() {
    std::filesystem::remove(file_);
    QSignalSpy failed(view_.get(), &ClipView::failed);
    auto* picture = view_->findChild<SpectrogramView*>(QStringLiteral("clipSpectrogram"));
    for (int i = 0; i < 100; ++i) turn(*picture, picture->rect().center(), 120, Qt::ShiftModifier);  // to the left
    QVERIFY(picture->rangeTo() < 600.0);
    QTRY_VERIFY_WITH_TIMEOUT(!failed.isEmpty(), kPatience);
    QVERIFY(failed[0][0].toString().contains(QStringLiteral("long.wav")));
  }

 private:
  static void turn(SpectrogramView& view, QPointF at, int by, Qt::KeyboardModifiers keys = {}) {
    QWheelEvent wheel(at, view.mapToGlobal(at), {}, {0, by}, Qt::NoButton, keys, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(&view, &wheel);
  }
  /// With the wheel, until less than `seconds` are shown around `middle`.
  static void zoomTo(SpectrogramView& view, double middle, double seconds) {
    for (int i = 0; i < 200 && view.rangeTo() - view.rangeFrom() >= seconds; ++i) {
      turn(view, {view.xAt(middle), view.height() / 2.0}, 120);
    }
  }

  TestHome home_;
  PulseFixture pulse_;
  bool hasPulse_ = false;
  QTemporaryDir folder_;
  std::string file_;
  std::unique_ptr<AppContext> app_;
  std::unique_ptr<ClipView> view_;
};

QTEST_MAIN(TestLongSounds)
#include "test_long_sounds.moc"
