// From end to end: a sound played by PulseAudio, recorded by PortAudio, heard by the model, becomes a row of the
// window.

#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QSpinBox>
#include <QTableView>
#include <QTest>
#include <filesystem>

#include "audio/decode.h"
#include "classify/file_classifier.h"
#include "support/pulse_fixture.h"
#include "support/sounds.h"
#include "ui/charts/class_timeline.h"
#include "ui/listen/event_panel.h"
#include "ui/listen/listen_page.h"
#include "ui/listen/now_label.h"
#include "ui/shell/app_context.h"
#include "ui/tiny_app.h"

using namespace hearsay;
using namespace hearsay::ui;

class TestMicrophoneToRow : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    if (!PulseFixture::installed()) QSKIP("PulseAudio is not installed: no microphone can be made here.");
    QString why;
    QVERIFY2(pulse_.start(&why), qPrintable(why));
    app_ = startTinyApp("microphone-to-row", "dog, rain, bell, siren");
    QVERIFY2(app_, "the model does not load");
    page_ = std::make_unique<ListenPage>(*app_);
    page_->resize(952, 616);
    page_->show();
    QVERIFY(QTest::qWaitForWindowExposed(page_.get()));
  }

  void cleanupTestCase() {
    if (page_) page_->shutDown();
    page_.reset();
    if (app_) app_->shutDown();
    app_.reset();
    pulse_.kill();
  }

  void aPlayedSoundBecomesARow() {
    const std::vector<float> sound = testing::noise(48000 * 12, 0.4);
    const QString file = folder_.filePath(QStringLiteral("played.wav"));
    write_wav(file.toStdString(), sound, 48000);
    const QString expected = nameOffline(file);
    auto* start = page_->findChild<QPushButton*>(QStringLiteral("startButton"));
    QTRY_VERIFY_WITH_TIMEOUT(start->isEnabled(), kPatience);
    page_->findChild<QSpinBox*>(QStringLiteral("threshold"))->setValue(26);  // above chance: one class at most for long
    start->click();
    QTRY_COMPARE_WITH_TIMEOUT(now()->words(), QStringLiteral("quiet"), kPatience);  // nothing is played yet
    QCOMPARE(events().rowCount(), 0);
    pulse_.play(file, false);
    QTRY_VERIFY_WITH_TIMEOUT(events().rowCount() > 0, kPatience);
    QTRY_COMPARE_WITH_TIMEOUT(now()->words(), QStringLiteral("quiet"), kPatience);  // and it is over
    start->click();
    QTRY_VERIFY_WITH_TIMEOUT(!page_->listening(), kPatience);
    QStringList names;
    bool loud = false;
    for (int row = 0; row < events().rowCount(); ++row) {
      const EventRecord& event = events().at(row);
      names << event.name;
      QVERIFY(!event.open);
      loud = loud || (event.sound && testing::level_of(*event.sound) > 0.05);
    }
    QVERIFY2(names.contains(expected), qPrintable(expected + QStringLiteral(" not in ") + names.join(' ')));
    QVERIFY(loud);
    QVERIFY(page_->findChild<ClassTimeline*>()->count() > 5);
  }

  void anEventThatPlaysHasItsPlayhead() {
    QVERIFY(!page_->listening() && events().rowCount() > 0);
    const auto* chart = page_->findChild<ClassTimeline*>();
    auto* table = page_->findChild<QTableView*>(QStringLiteral("eventTable"));
    table->selectRow(0);
    const auto* shown = qobject_cast<QSortFilterProxyModel*>(table->model());
    const EventRecord event = events().at(shown->mapToSource(table->currentIndex()).row());
    QVERIFY(event.hasSound() && chart->playhead() < 0.0);
    page_->findChild<QPushButton*>(QStringLiteral("playEvent"))->click();
    QTRY_VERIFY_WITH_TIMEOUT(chart->playhead() > event.start + 0.2, kPatience);
    QVERIFY(chart->playhead() <= event.end + 0.01);
    app_->stopPlaying();
    QTRY_VERIFY_WITH_TIMEOUT(chart->playhead() < 0.0, kPatience);
  }

  void theMicrophoneIsPulledOutAndPluggedIn() {
    auto* start = page_->findChild<QPushButton*>(QStringLiteral("startButton"));
    const int before = events().rowCount();
    QTRY_VERIFY_WITH_TIMEOUT(start->isEnabled(), kPatience);
    start->click();
    QTRY_COMPARE_WITH_TIMEOUT(now()->words(), QStringLiteral("quiet"), kPatience);
    QVERIFY(pulse_.unplug());
    QTRY_COMPARE_WITH_TIMEOUT(now()->words(), QStringLiteral("Waiting for the microphone"), kPatience);
    QVERIFY2(status().contains(QStringLiteral("has stopped giving sound")), qPrintable(status()));
    QVERIFY(events().rowCount() >= before);
    QVERIFY(pulse_.plugIn());
    QTRY_COMPARE_WITH_TIMEOUT(now()->words(), QStringLiteral("quiet"), kPatience);  // by itself
    QVERIFY(page_->listening());
    start->click();
    QTRY_VERIFY_WITH_TIMEOUT(!page_->listening(), kPatience);
  }

  void theSoundSystemIsStartedAnewAndNothingIsToBeDone() {
    auto* start = page_->findChild<QPushButton*>(QStringLiteral("startButton"));
    start->click();
    QTRY_COMPARE_WITH_TIMEOUT(now()->words(), QStringLiteral("quiet"), kPatience);
    pulse_.kill();
    QTRY_COMPARE_WITH_TIMEOUT(now()->words(), QStringLiteral("Waiting for the microphone"), kPatience);
    QString why;
    QVERIFY2(pulse_.start(&why), qPrintable(why));
    QTRY_COMPARE_WITH_TIMEOUT(now()->words(), QStringLiteral("quiet"), kPatience);
    const int before = events().rowCount();
    const QString file = folder_.filePath(QStringLiteral("played.wav"));
    pulse_.play(file, false);
    QTRY_VERIFY_WITH_TIMEOUT(events().rowCount() > before, kPatience);
    const EventRecord& event = events().at(0);  // its time is the clock's, not that of the sound that came
    QVERIFY2(std::abs(event.began.secsTo(QDateTime::currentDateTime())) < 10, qPrintable(event.began.toString()));
    pulse_.kill();
    QTRY_COMPARE_WITH_TIMEOUT(now()->words(), QStringLiteral("Waiting for the microphone"), kPatience);
    start->click();
    QTRY_VERIFY_WITH_TIMEOUT(!page_->listening(), kPatience);
    QCOMPARE(start->text(), QStringLiteral("Start"));
    QVERIFY(events().rowCount() > 0);  // what was heard before is still there
  }

 private:
  QString nameOffline(const QString& file) {
    QString name;
    ClassifyOptions options;
    options.kind = ScoreKind::ZeroShot;
    classify_files(*app_->model(), *app_->prompts(), {file.toStdString()}, options, nullptr, {},
                   [&](FileResult&& result) {
                     const int best = result.order.empty() ? 0 : result.order.front();
                     name = QString::fromStdString(app_->classes()[static_cast<std::size_t>(best)].name);
                   });
    return name;
  }
  QString status() { return page_->findChild<QLabel*>(QStringLiteral("listenStatus"))->text(); }
  NowLabel* now() { return page_->findChild<NowLabel*>(); }
  EventModel& events() { return page_->findChild<EventPanel*>()->model(); }

  TestHome home_;
  PulseFixture pulse_;
  QTemporaryDir folder_;
  std::unique_ptr<AppContext> app_;
  std::unique_ptr<ListenPage> page_;
};

QTEST_MAIN(TestMicrophoneToRow)
#include "test_microphone_to_row.moc"
