// The Listen page through its real widgets, with sound that is replayed instead of a microphone.

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QPushButton>
#include <QRegularExpression>
#include <QScrollBar>
#include <QSignalSpy>
#include <QSortFilterProxyModel>
#include <QSpinBox>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <QVBoxLayout>
#include <atomic>
#include <cmath>
#include <filesystem>
#include <mutex>

#include "audio/decode.h"
#include "base/error.h"
#include "base/files.h"
#include "prompts/prompt_set.h"
#include "support/sounds.h"
#include "ui/charts/similarity_bars.h"
#include "ui/charts/spectrogram_view.h"
#include "ui/listen/event_panel.h"
#include "ui/listen/level_meter.h"
#include "ui/listen/live_view.h"
#include "ui/listen/now_label.h"
#include "ui/listen_fixture.h"
#include "ui/pictures.h"
#include "ui/shell/app_context.h"
#include "ui/shell/notice_bar.h"

using namespace hearsay;
using namespace hearsay::ui;

namespace {

/// A microphone that gives sound for a while and is then pulled out, until it is plugged in again.
class PulledOut : public SampleSource {
 public:
  PulledOut(std::vector<float> samples, double rate, std::shared_ptr<std::atomic<bool>> plugged)
      : inner_(replay_samples(std::move(samples), rate, false)), plugged_(std::move(plugged)) {}
  void start() override {
    if (!plugged_->exchange(false)) throw Error(ErrorKind::Device, "No microphone was found.");
    inner_->start();
  }
  void stop() override { inner_->stop(); }
  std::size_t read(std::span<float> out) override { return inner_->read(out); }
  [[nodiscard]] double rate() const override { return inner_->rate(); }
  [[nodiscard]] std::int64_t dropped_samples() const override { return 0; }
  [[nodiscard]] bool alive() const override { return inner_->alive(); }
  [[nodiscard]] std::string failure() const override { return alive() ? "" : "The microphone was pulled out."; }

 private:
  std::unique_ptr<SampleSource> inner_;
  std::shared_ptr<std::atomic<bool>> plugged_;
};

}  // namespace

class TestListenPage : public QObject, protected ListenFixture {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { QVERIFY2(open("listen-page"), "the model does not load"); }
  void cleanupTestCase() { close(); }
  void init() { QVERIFY(openPage()); }
  void cleanup() { closePage(); }

  void theNoiseCorrectionIsReadFromTextWhileListening() {
    app_->useZeroShot();
    QTRY_VERIFY_WITH_TIMEOUT(app_->prompts()->noise_drift.empty(), kPatience);
    button("startButton")->click();
    QVERIFY(page_->listening());
    page_->findChild<QDoubleSpinBox*>(QStringLiteral("noiseCorrection"))->setValue(0.2);
    QTRY_COMPARE_WITH_TIMEOUT(app_->prompts()->noise_drift.rows, std::int64_t{3}, kPatience);
    QCOMPARE(app_->prompts()->noise_drift.cols, app_->prompts()->zero_shot.cols);
    QTRY_VERIFY_WITH_TIMEOUT(!page_->listening(), kPatience);
  }

  void startNamesWhatIsHeardAndFillsTheTable() {
    setThreshold(10);  // the tiny model's weights are random: every class is about as probable
    QVERIFY(button("startButton")->isEnabled());
    button("startButton")->click();
    QVERIFY(page_->listening());
    QTRY_VERIFY_WITH_TIMEOUT(events().rowCount() > 0, kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(!page_->listening(), kPatience);  // the sound is at its end
    const EventRecord& event = events().at(events().rowCount() - 1);
    QVERIFY(QStringList({"dog", "rain", "bell"}).contains(event.name));
    QVERIFY(event.score >= 0.1);
    QVERIFY(!event.open);
    QVERIFY(event.end > event.start);
    QVERIFY(event.sound && !event.sound->empty());
    QVERIFY(std::abs(static_cast<double>(event.sound->size()) / event.rate - (event.end - event.start)) < 0.1);
    QVERIFY(testing::level_of(*event.sound) > 0.01);
    QCOMPARE(button("startButton")->text(), QStringLiteral("Start"));
    QVERIFY(button("startButton")->isEnabled());
    QVERIFY(view().timeline().count() > 10);
    QVERIFY(std::abs(view().spectrogram().liveEnd() - 27.0) < 0.5);
    keepPicture(*page_, QStringLiteral("listen-after"));
  }

  void whatElseIsHeardIsShownWholeOrNotAtAll() {
    NowLabel label;
    label.say(QStringLiteral("engine"), QStringLiteral("66 %"),
              QStringLiteral("also footsteps 18 %, knocking on a door 10 %, wind 9 %"), Qt::red, true);
    const auto drawn = [&label](const char* below, int width) {
      NowLabel other;
      other.say(QStringLiteral("engine"), QStringLiteral("66 %"), QString::fromLatin1(below), Qt::red, true);
      for (NowLabel* one : {&label, &other}) one->resize(width, one->sizeHint().height());
      return label.grab().toImage() == other.grab().toImage();
    };
    QVERIFY(drawn("also footsteps 18 %", 240));
    QVERIFY(drawn("also footsteps 18 %, knocking on a door 10 %, wind 9 %", 600));
  }

  void silenceIsCalledQuiet() {
    replay(std::vector<float>(static_cast<std::size_t>(rate_) * 8, 0.0F), true);
    page_->start();
    QTRY_COMPARE_WITH_TIMEOUT(now()->words(), QStringLiteral("quiet"), kPatience);
    QCOMPARE(events().rowCount(), 0);
    page_->stop();
    QTRY_VERIFY_WITH_TIMEOUT(!page_->listening(), kPatience);
    QCOMPARE(now()->words(), QStringLiteral("Not listening"));
  }

  void soundIsNamedWithItsProbability() {
    replay(testing::noise(static_cast<std::size_t>(rate_) * 20, 0.3), true);
    page_->start();
    const auto named = [this] { return QStringList({"dog", "rain", "bell"}).contains(now()->words()); };
    QTRY_VERIFY_WITH_TIMEOUT(named(), kPatience);
    QVERIFY(now()->number().endsWith(QStringLiteral(" %")));
    QVERIFY(page_->findChild<LevelMeter*>()->level() > -40.0);
    keepPicture(*page_, QStringLiteral("listen-live"));
  }

  void spaceStartsAndStops() {
    replay(silenceAndSound(rate_, 5), true);
    page_->setFocus();
    QTest::keyClick(page_.get(), Qt::Key_Space);
    QVERIFY(page_->listening());
    QTRY_VERIFY_WITH_TIMEOUT(view().end() > 0.5, kPatience);
    QTest::keyClick(page_.get(), Qt::Key_Space);
    QTRY_VERIFY_WITH_TIMEOUT(!page_->listening(), kPatience);
    QVERIFY(status().startsWith(QStringLiteral("Stopped after")));
  }

  void theViewStandsStillWhilePausedAndScrollsBack() {
    replay(testing::noise(static_cast<std::size_t>(rate_) * 60, 0.2), true);
    page_->findChild<QComboBox*>(QStringLiteral("spanBox"))->setCurrentIndex(0);
    Q_EMIT page_->findChild<QComboBox*>(QStringLiteral("spanBox"))->activated(0);
    page_->start();
    QTRY_VERIFY_WITH_TIMEOUT(view().end() > 1.5, kPatience);
    auto* pause = page_->findChild<QToolButton*>(QStringLiteral("pauseView"));
    pause->click();
    QVERIFY(view().paused());
    const double shown = view().shownUntil();
    const double then = view().end();
    QTRY_VERIFY_WITH_TIMEOUT(view().end() > then + 1.0, kPatience);
    QCOMPARE(view().shownUntil(), shown);
    pause->click();
    QTRY_VERIFY_WITH_TIMEOUT(view().shownUntil() > then + 0.9, kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(
        page_->findChild<QScrollBar*>(QStringLiteral("liveScroll"))->isEnabled() || view().end() > 11, kPatience);
  }

  void scrollingBackPausesAndTheEndGoesOn() {
    replay(testing::noise(static_cast<std::size_t>(rate_) * 40, 0.2));  // as fast as it can be read
    page_->start();
    QTRY_VERIFY_WITH_TIMEOUT(!page_->listening() && view().end() > 39.0, kPatience);
    auto* scroll = page_->findChild<QScrollBar*>(QStringLiteral("liveScroll"));
    QVERIFY(scroll->isEnabled());
    scroll->setValue(scroll->minimum());
    QVERIFY(view().paused());
    QVERIFY(view().shownUntil() < 31.0);
    scroll->setValue(scroll->maximum());
    QVERIFY(!view().paused());
    QVERIFY(view().shownUntil() > 39.0);
  }

  void aStretchMarkedByMouseCanBePlayed() {
    replay(testing::noise(static_cast<std::size_t>(rate_) * 20, 0.2));
    page_->start();
    QTRY_VERIFY_WITH_TIMEOUT(!page_->listening() && view().end() > 19.0, kPatience);
    auto* chart = page_->findChild<SpectrogramView*>();
    QVERIFY(!button("playStretch")->isVisible());
    const QRect plot = chart->plotRect();
    const QPoint from(plot.left() + plot.width() * 6 / 10, plot.center().y());
    const QPoint to(plot.left() + plot.width() * 7 / 10, plot.center().y());
    QTest::mousePress(chart, Qt::LeftButton, {}, from);
    QMouseEvent move(QEvent::MouseMove, to, chart->mapToGlobal(to), Qt::NoButton, Qt::LeftButton, {});
    QCoreApplication::sendEvent(chart, &move);
    QTest::mouseRelease(chart, Qt::LeftButton, {}, to);
    QVERIFY(view().paused());
    QVERIFY(button("playStretch")->isVisible());
    QVERIFY(std::abs((view().marked().second - view().marked().first) - 3.0) < 0.1);
  }

  void oneThresholdForAllOrOneEach() {
    auto* bars = page_->findChild<SimilarityBars*>();
    auto* spin = page_->findChild<QSpinBox*>(QStringLiteral("threshold"));
    QCOMPARE(spin->value(), 50);
    spin->setValue(30);
    QCOMPARE(bars->thresholds(), QVector<double>({0.3, 0.3, 0.3}));
    bars->setCurrent(1);
    QTest::keyClick(bars, Qt::Key_Right);
    QCOMPARE(bars->thresholds(), QVector<double>({0.3, 0.31, 0.3}));
    QCOMPARE(spin->text(), QStringLiteral("mixed"));
    ListenPage again(*app_);  // remembered by class
    QCOMPARE(again.findChild<SimilarityBars*>()->thresholds(), QVector<double>({0.3, 0.31, 0.3}));
  }

  void thresholdsTravelWithTheSet() {
    auto* bars = page_->findChild<SimilarityBars*>();
    const QTemporaryDir folder;
    const QString plain = folder.filePath(QStringLiteral("plain.safetensors"));
    QVERIFY(app_->savePrompts(plain));
    QVERIFY(load_prompts(plain.toStdString()).thresholds.empty());  // nobody has set any
    bars->setCurrent(2);
    QTest::keyClick(bars, Qt::Key_Right);
    const QString set = folder.filePath(QStringLiteral("marks.safetensors"));
    QVERIFY(app_->savePrompts(set));
    QCOMPARE(load_prompts(set.toStdString()).thresholds, (std::vector<double>{0.5, 0.5, 0.51}));
    const QString json = folder.filePath(QStringLiteral("marks.json"));
    QVERIFY(app_->exportPrompts(*app_->prompts(), QStringLiteral("json"), json));
    QVERIFY(read_file(json.toStdString()).find("0.51") != std::string::npos);
    // Another person's set comes with its own marks, whatever was set here before.
    page_->findChild<QSpinBox*>(QStringLiteral("threshold"))->setValue(90);
    QVERIFY(app_->openPrompts(set));
    QCOMPARE(bars->thresholds(), QVector<double>({0.5, 0.5, 0.51}));
    QVERIFY(app_->openPrompts(plain));  // which says nothing of them: all are the usual ones
    QCOMPARE(bars->thresholds(), QVector<double>({0.5, 0.5, 0.5}));
  }

  void settingsAreRemembered() {
    page_->findChild<QDoubleSpinBox*>(QStringLiteral("hop"))->setValue(0.8);
    page_->findChild<QDoubleSpinBox*>(QStringLiteral("hold"))->setValue(2.5);
    page_->findChild<QToolButton*>(QStringLiteral("linesMode"))->click();
    app_->settings().setValue(QStringLiteral("listen/input"), QStringLiteral("USB microphone"));
    ListenPage again(*app_);
    QCOMPARE(again.findChild<QComboBox*>(QStringLiteral("inputBox"))->currentData().toString(),
             QStringLiteral("USB microphone"));
    QCOMPARE(again.findChild<QDoubleSpinBox*>(QStringLiteral("hop"))->value(), 0.8);
    QCOMPARE(again.findChild<QDoubleSpinBox*>(QStringLiteral("hold"))->value(), 2.5);
    QCOMPARE(again.findChild<ClassTimeline*>()->mode(), ClassTimeline::Mode::Lines);
  }

  void aMicrophoneThatVanishesIsWaitedFor() {
    QWidget window;
    auto* bar = underNotices(window);
    auto plugged = std::make_shared<std::atomic<bool>>(true);
    page_->setSourceFactory([rate = rate_, plugged] {
      return std::make_unique<PulledOut>(testing::noise(static_cast<std::size_t>(rate) * 4, 0.2), rate, plugged);
    });
    setThreshold(10);
    const QString waiting = QStringLiteral("Waiting for the microphone");
    page_->start();
    QTRY_COMPARE_WITH_TIMEOUT(now()->words(), waiting, kPatience);
    QVERIFY(page_->listening() && events().rowCount() > 0);
    QVERIFY(!events().at(0).open);
    QCOMPARE(status(), QStringLiteral("The microphone was pulled out."));
    const QRegularExpression since(
        QStringLiteral("^The microphone was pulled out. Nothing is heard since .*\\d\\d:\\d\\d"));
    QVERIFY2(bar->sentence().contains(since), qPrintable(bar->sentence()));
    QStringList said;
    const QObject here;
    connect(app_.get(), &AppContext::noticed, &here, [&said](const QString& sentence) { said << sentence; });
    const int before = events().rowCount();
    const double then = view().end();
    QTRY_VERIFY_WITH_TIMEOUT(view().end() > then + 1.0, kPatience);  // time goes on
    QCOMPARE(now()->words(), waiting);
    plugged->store(true);
    QTRY_VERIFY_WITH_TIMEOUT(events().rowCount() > before, kPatience);
    QTRY_COMPARE_WITH_TIMEOUT(now()->words(), waiting, kPatience);  // four seconds later
    plugged->store(true);
    const QRegularExpression twice(QStringLiteral("^2 times since .* nothing was heard"));
    const auto told = [&said, &twice] { return !said.filter(twice).isEmpty(); };
    QTRY_VERIFY_WITH_TIMEOUT(told(), kPatience);  // it may wait behind the next loss
    QTRY_COMPARE_WITH_TIMEOUT(now()->words(), waiting, kPatience);
    QCOMPARE(button("startButton")->text(), QStringLiteral("Stop"));
    button("startButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(!page_->listening(), kPatience);
    QCOMPARE(button("startButton")->text(), QStringLiteral("Start"));
    QVERIFY2(bar->sentence().startsWith(QStringLiteral("Listening was stopped while the microphone was lost")),
             qPrintable(bar->sentence()));  // in place of what said that it is back
    bar->dismiss();
    QVERIFY2(bar->sentence().isEmpty(), qPrintable(bar->sentence()));
    page_->setParent(nullptr);
  }

  void aMicrophoneThatCannotBeOpenedIsTold() {
    page_->setSourceFactory([]() -> std::unique_ptr<SampleSource> {
      throw Error(ErrorKind::Device, "The microphone is in use by another program. Close it and start again.");
    });
    page_->start();
    QTRY_VERIFY_WITH_TIMEOUT(!page_->listening(), kPatience);
    QVERIFY(status().startsWith(QStringLiteral("The microphone is in use")));
    QVERIFY(button("startButton")->isEnabled());
  }

  void otherClassesWhileListening() {
    replay(testing::noise(static_cast<std::size_t>(rate_) * 60, 0.3), true);
    page_->start();
    QTRY_VERIFY_WITH_TIMEOUT(view().timeline().count() > 1, kPatience);
    app_->setClasses(parse_classes("siren, laughter"));
    auto* bars = page_->findChild<SimilarityBars*>();
    QTRY_COMPARE_WITH_TIMEOUT(bars->rows(), 2, kPatience);
    const auto named = [this] { return QStringList({"siren", "laughter"}).contains(now()->words()); };
    QTRY_VERIFY_WITH_TIMEOUT(named(), kPatience);
    QVERIFY(page_->listening());
    app_->setClasses(parse_classes("dog, rain, bell"));
    QTRY_COMPARE_WITH_TIMEOUT(bars->rows(), 3, kPatience);
  }

  void withoutAModelItSaysWhatToDo() {
    AppContext bare;
    ListenPage page(bare);
    page.resize(900, 600);
    page.show();
    QVERIFY(!page.findChild<QPushButton*>(QStringLiteral("startButton"))->isEnabled());
    QVERIFY(page.findChild<QWidget*>(QStringLiteral("pageNotice"))->isVisible());
    QCOMPARE(page.findChild<QLabel*>(QStringLiteral("noticeTitle"))->text(), QStringLiteral("There is no model yet"));
    QSignalSpy wanted(&bare, &AppContext::pageRequested);
    page.findChild<QPushButton*>(QStringLiteral("noticeButton"))->click();
    QCOMPARE(wanted.size(), 1);
    QCOMPARE(wanted[0][0].toString(), QStringLiteral("models"));
    keepPicture(page, QStringLiteral("listen-no-model"));
  }
};

QTEST_MAIN(TestListenPage)
#include "test_listen_page.moc"
