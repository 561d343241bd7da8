// Events that are still going on when something happens: other classes, the window closes, a deletion.

#include <QDoubleSpinBox>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QTest>
#include <QTimeZone>
#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/error.h"
#include "ui/listen/event_store.h"
#include "ui/listen/page_notice.h"
#include "ui/listen_fixture.h"
#include "ui/notices.h"
#include "ui/other_model.h"

using namespace hearsay;
using namespace hearsay::ui;

class TestListenGoingOn : public QObject, protected ListenFixture {
  Q_OBJECT

  const QStringList names_{QStringLiteral("dog"), QStringLiteral("rain"), QStringLiteral("bell")};

  /// Listens to noise until an event has gone on for `seconds`.
  bool listenUntil(double seconds) {
    setThreshold(10);  // the tiny model's weights are random: every class is about as probable
    replay(testing::noise(static_cast<std::size_t>(rate_) * 60, 0.3), true);
    page_->start();
    return QTest::qWaitFor(
        [&] {
          EventModel& all = events();
          return all.rowCount() > 0 && all.at(0).open && all.at(0).end - all.at(0).start >= seconds;
        },
        kPatience);
  }
  QTableView* table() { return page_->findChild<QTableView*>(QStringLiteral("eventTable")); }
  int sourceRow() {
    return qobject_cast<QSortFilterProxyModel*>(table()->model())->mapToSource(table()->currentIndex()).row();
  }
  /// The row of an event, or -1.
  int rowOf(const EventRecord& wanted) {
    for (int row = 0; row < events().rowCount(); ++row) {
      if (events().at(row).id == wanted.id && events().at(row).session == wanted.session) return row;
    }
    return -1;
  }

 private Q_SLOTS:
  void initTestCase() { QVERIFY2(open("listen-going-on"), "the model does not load"); }
  void cleanupTestCase() { close(); }
  void init() { QVERIFY(openPage()); }
  void cleanup() {
    closePage();
    app_->setClasses(parse_classes("dog, rain, bell"));
    QTRY_COMPARE_WITH_TIMEOUT(app_->prompts()->size(), std::size_t{3}, kPatience);
  }

  void theRowFollowsAndIsExportedAsItIs() {
    QVERIFY(listenUntil(1.4));
    const EventRecord event = events().at(0);
    const QString shown = events().index(0, EventModel::Length).data().toString();
    QCOMPARE(shown, QStringLiteral("%1 s so far").arg(event.end - event.start, 0, 'f', 1));
    const auto lines = split_lines(events().csv());
    const QStringList cells = QString::fromStdString(lines.back()).split(QLatin1Char(','));
    QCOMPARE(cells[3].toDouble(), std::round((event.end - event.start) * 1000.0) / 1000.0);
    static const QRegularExpression iso(
        QStringLiteral("^\\d{4}-\\d\\d-\\d\\dT[\\d:]{8}\\.\\d{3}(Z|[+-]\\d\\d:\\d\\d)$"));
    QVERIFY2(iso.match(cells[0]).hasMatch(), qPrintable(cells[0]));
    QTRY_VERIFY_WITH_TIMEOUT(events().at(rowOf(event)).end > event.end, kPatience);
    QVERIFY(events().at(rowOf(event)).score >= event.score);
  }

  void otherClassesEndItUnderItsOwnName() {
    QVERIFY(listenUntil(1.0));
    const EventRecord event = events().at(0);
    QVERIFY(names_.contains(event.name));
    app_->setClasses(parse_classes("siren, laughter"));
    QTRY_VERIFY_WITH_TIMEOUT(!events().at(rowOf(event)).open, kPatience);
    const EventRecord& over = events().at(rowOf(event));
    QCOMPARE(over.name, event.name);
    QCOMPARE(over.colour, event.colour);
    QVERIFY(over.end >= event.end && over.hasSound() && !over.key.isEmpty());
    QVERIFY(page_->listening());
    for (int row = 0; row < events().rowCount(); ++row) {
      const EventRecord& any = events().at(row);
      QVERIFY(any.start >= over.end - 0.01 || names_.contains(any.name));
    }
  }

  void anotherModelGoesOn() {
    QVERIFY(listenUntil(1.0));
    const EventRecord event = events().at(0);
    const Notices notices(*app_);
    const auto first = app_->model();
    app_->loadModel(otherModel(home_.dir.filePath(QStringLiteral("other"))));
    QTRY_VERIFY_WITH_TIMEOUT(app_->model() != first, kPatience);
    QVERIFY(page_->listening());
    QTRY_VERIFY_WITH_TIMEOUT(status().startsWith(QStringLiteral("Listening goes on with the model")), kPatience);
    QVERIFY(page_->listening());
    QCOMPARE(button("startButton")->text(), QStringLiteral("Stop"));
    const EventRecord over = events().at(rowOf(event));  // which the model before had heard
    QVERIFY(!over.open && over.end >= event.end && over.hasSound());
    const auto heardAnew = [&] { return events().at(0).session != event.session && view().timeline().count() > 3; };
    QTRY_VERIFY_WITH_TIMEOUT(heardAnew(), kPatience);
    QVERIFY2(!notices.said("model"), qPrintable(notices.all()));
    // A model that cannot be loaded changes nothing.
    app_->loadModel(QStringLiteral("/nowhere"));
    QTRY_VERIFY_WITH_TIMEOUT(!app_->modelLoading(), kPatience);
    QVERIFY(page_->listening());
    page_->stop();
    QTRY_VERIFY_WITH_TIMEOUT(!page_->listening(), kPatience);
    QVERIFY2(status().startsWith(QStringLiteral("Stopped after")), qPrintable(status()));
  }

  void stoppedMeanwhileItStaysStopped() {
    QVERIFY(listenUntil(1.0));
    const auto first = app_->model();
    app_->loadModel(QStringLiteral(HEARSAY_TEST_DATA "/starter-tiny"));
    page_->stop();
    QTRY_VERIFY_WITH_TIMEOUT(app_->model() != first, kPatience);
    QTest::qWait(600);
    QVERIFY(!page_->listening());
  }

  void aMicrophoneThatDoesNotComeBackIsTold() {
    const std::vector<float> sound = testing::noise(static_cast<std::size_t>(rate_) * 60, 0.3);
    auto opened = std::make_shared<int>(0);
    page_->setSourceFactory([sound, opened, rate = rate_] {
      if (++*opened > 1) throw Error(ErrorKind::Device, "No microphone was found.");
      return replay_samples(sound, rate, true);
    });
    page_->start();
    QTRY_VERIFY_WITH_TIMEOUT(view().timeline().count() > 1, kPatience);
    const Notices notices(*app_);
    app_->loadModel(QStringLiteral(HEARSAY_TEST_DATA "/starter-tiny"));
    QTRY_VERIFY_WITH_TIMEOUT(notices.said("Listening ended when the model was changed. No microphone"), kPatience);
    QVERIFY(!page_->listening());
    QCOMPARE(*opened, 2);
  }

  void startWaitsUntilTheModelHasReadTheList() {
    const auto load = [&](const QString& model) {
      const auto before = app_->model();
      app_->loadModel(model);
      return QTest::qWaitFor([&] { return app_->model() != before && app_->prompts(); }, kPatience);
    };
    QVERIFY(load(otherModel(home_.dir.filePath(QStringLiteral("other")))));
    QTRY_VERIFY_WITH_TIMEOUT(button("startButton")->isEnabled(), kPatience);
    const Notices notices(*app_);
    QStringList told;
    connect(app_.get(), &AppContext::modelChanged, page_.get(), [&] {
      if (!button("startButton")->isEnabled()) told << page_->findChild<PageNotice*>()->title();
      page_->startMainAct();  // as from another page
    });
    QVERIFY(load(QStringLiteral(HEARSAY_TEST_DATA "/starter-tiny")));
    QCOMPARE(told, QStringList(QStringLiteral("The model reads the list of sounds")));
    QTRY_VERIFY_WITH_TIMEOUT(page_->listening(), kPatience);
    QVERIFY2(notices.isEmpty(), qPrintable(notices.all()));
  }

  void closingKeepsAllOfIt() {
    QVERIFY(listenUntil(2.4));
    const EventRecord event = events().at(0);
    page_->shutDown();
    QVERIFY(!page_->listening());
    const EventRecord over = events().at(rowOf(event));
    QVERIFY(!over.open && over.end >= event.end && over.score >= event.score);
    QVERIFY(over.sound);
    QVERIFY(std::abs(static_cast<double>(over.sound->size()) / over.rate - (over.end - over.start)) < 0.1);
    const auto kept = EventStore(data_folder() / "events").load();
    const auto same = std::find_if(kept.begin(), kept.end(), [&](const auto& r) { return r.key == over.key; });
    QVERIFY(same != kept.end());
    QCOMPARE(same->end, over.end);
    QVERIFY(same->hasSound());
  }

  void aCrashLeavesWhatWasKnown() {
    QVERIFY(listenUntil(1.0));
    const EventRecord event = events().at(0);
    QVERIFY(!event.key.isEmpty());
    const auto onDisk = [&] {  // what a start after a crash would find
      page_->findChild<EventPanel*>()->store().flush();
      for (const EventRecord& kept : EventStore(data_folder() / "events").load()) {
        if (kept.key == event.key) return kept;
      }
      return EventRecord();
    };
    const EventRecord first = onDisk();
    QCOMPARE(first.name, event.name);
    QVERIFY(!first.open && first.brokenOff && !first.hasSound() && first.end <= event.end);
    QVERIFY(std::abs(first.began.msecsTo(event.began)) <= 1);
    QTRY_VERIFY_WITH_TIMEOUT(onDisk().end > event.end + 5.0, kPatience);  // brought up to date every ten seconds
    const EventRecord later = onDisk();
    QVERIFY(later.brokenOff && !later.hasSound());
    page_->stop();
    QTRY_VERIFY_WITH_TIMEOUT(!page_->listening(), kPatience);
    const EventRecord over = onDisk();
    QVERIFY(!over.brokenOff && over.hasSound() && over.end >= later.end);
    QCOMPARE(over.end, events().at(rowOf(event)).end);
  }

  void otherPromptsOfTheSameClassesLetItGoOn() {
    QVERIFY(listenUntil(1.0));
    const EventRecord event = events().at(0);
    const std::size_t drawn = view().timeline().count();
    const auto before = app_->prompts();
    page_->findChild<QDoubleSpinBox*>(QStringLiteral("noiseCorrection"))->setValue(0.2);
    QTRY_VERIFY_WITH_TIMEOUT(app_->prompts() != before, kPatience);
    QVERIFY(view().timeline().count() >= drawn);
    const double then = events().at(rowOf(event)).end;
    QTRY_VERIFY_WITH_TIMEOUT(events().at(rowOf(event)).end > then + 0.9, kPatience);
    QVERIFY(events().at(rowOf(event)).open);
  }

  void deletedItStaysAwayUntilItIsWantedBack() {
    QVERIFY(listenUntil(1.0));
    table()->selectRow(0);
    const EventRecord event = events().at(sourceRow());
    QVERIFY(event.open);
    QTest::keyClick(table(), Qt::Key_Delete);
    QCOMPARE(rowOf(event), -1);
    const double then = view().end();
    QTRY_VERIFY_WITH_TIMEOUT(view().end() > then + 1.2, kPatience);
    QCOMPARE(rowOf(event), -1);
    QTest::keyClick(table(), Qt::Key_Z, Qt::ControlModifier);
    QTRY_VERIFY(rowOf(event) >= 0);
    QVERIFY(events().at(rowOf(event)).open);
    QVERIFY(events().at(rowOf(event)).end > event.end + 0.9);  // it went on out of sight
    table()->selectRow(0);
    if (sourceRow() == rowOf(event)) table()->selectRow(1);
    const EventRecord second = events().at(sourceRow());
    QTest::keyClick(table(), Qt::Key_Delete);
    page_->stop();
    QTRY_VERIFY_WITH_TIMEOUT(!page_->listening(), kPatience);
    QCOMPARE(rowOf(second), -1);
    QVERIFY(!events().at(rowOf(event)).open);
    QTest::keyClick(table(), Qt::Key_Z, Qt::ControlModifier);
    QTRY_VERIFY(rowOf(second) >= 0);
    const EventRecord& back = events().at(rowOf(second));
    QVERIFY(!back.open && back.sound && !back.key.isEmpty());  // ended meanwhile, and is kept
    page_->findChild<EventPanel*>()->store().flush();
    QVERIFY(std::filesystem::exists(back.file));
  }

  void allDeletedStaysAway() {
    QVERIFY(listenUntil(1.0));
    const EventRecord event = events().at(0);
    page_->findChild<EventPanel*>()->deleteAll();
    const double then = view().end();
    QTRY_VERIFY_WITH_TIMEOUT(view().end() > then + 1.2, kPatience);
    page_->stop();
    QTRY_VERIFY_WITH_TIMEOUT(!page_->listening(), kPatience);
    QCOMPARE(rowOf(event), -1);
  }

  void anEventOfAnEarlierRunComesBackWithItsSound() {
    setThreshold(10);
    page_->start();
    QTRY_VERIFY_WITH_TIMEOUT(!page_->listening() && events().rowCount() > 1, kPatience);
    page_->shutDown();
    ListenPage again(*app_);
    again.show();
    QVERIFY(QTest::qWaitForWindowActive(&again));
    EventModel& kept = again.findChild<EventPanel*>()->model();
    const int rows = kept.rowCount();
    auto* list = again.findChild<QTableView*>(QStringLiteral("eventTable"));
    list->selectRow(0);
    QVERIFY(!again.findChild<LiveView*>()->paused());  // it is on no chart of this run
    const auto* shown = qobject_cast<QSortFilterProxyModel*>(list->model());
    const EventRecord event = kept.at(shown->mapToSource(list->currentIndex()).row());
    QTest::keyClick(list, Qt::Key_Delete);
    QCOMPARE(kept.rowCount(), rows - 1);
    again.findChild<EventPanel*>()->store().flush();
    QVERIFY(!std::filesystem::exists(event.file));
    QTest::keyClick(&again, Qt::Key_Z, Qt::ControlModifier);
    QTRY_COMPARE(kept.rowCount(), rows);
    int row = 0;
    while (row < rows - 1 && kept.at(row).id != event.id) ++row;
    QCOMPARE(kept.at(row).began, event.began);
    QCOMPARE(kept.at(row).name, event.name);
    QVERIFY(testing::level_of(*kept.at(row).sound) > 0.01);
    again.shutDown();
    const auto stored = EventStore(data_folder() / "events").load();
    QCOMPARE(static_cast<int>(stored.size()), rows);
    QVERIFY(std::ranges::all_of(stored, [](const EventRecord& r) { return r.hasSound(); }));
  }

  void aSoundThatIsOnlyTheEndOfItsEventIsSaid() {
    QSignalSpy notices(app_.get(), &AppContext::noticed);
    EventRecord record;
    record.id = 1;
    record.session = 99;
    record.name = QStringLiteral("rain");
    record.began = QDateTime::currentDateTime();
    record.end = 100.0;
    record.open = false;
    record.rate = 8000.0;
    record.sound = std::make_shared<const std::vector<float>>(testing::noise(8000 * 60, 0.2));
    record.kept = 60.0;
    events().put(record);
    const QString said = QStringLiteral("Only the last 60 s of its sound are kept.");
    const QString tip = events().index(0, 0).data(Qt::ToolTipRole).toString();
    QVERIFY2(tip.contains(said), qPrintable(tip));
    QTemporaryDir folder;
    page_->findChild<EventPanel*>()->save(0, folder.filePath(QStringLiteral("rain.wav")));
    QTRY_VERIFY_WITH_TIMEOUT(!notices.isEmpty(), kPatience);
    QVERIFY2(notices.last()[0].toString().endsWith(said), qPrintable(notices.last()[0].toString()));
    page_->findChild<EventPanel*>()->store().flush();
    const auto kept = EventStore(data_folder() / "events").load();
    QVERIFY(kept.back().isCut());
    QVERIFY(std::abs(kept.back().began.msecsTo(record.began)) <= 1);
  }

  void eventsOfEarlierVersionsAreStillRead() {
    const std::filesystem::path folder = data_folder() / "events";
    page_->findChild<EventPanel*>()->store().flush();
    std::filesystem::create_directories(folder);
    write_file_atomically(folder / "events.jsonl",
                          std::string_view("{\"key\":\"20260102-030405-000-1-2\",\"class\":\"dog\",\"began\":"
                                           "\"2026-01-02T03:04:05.250\",\"start\":1,\"end\":3,\"rate\":8000}\n"));
    const auto kept = EventStore(folder).load();
    QCOMPARE(kept.size(), std::size_t{1});
    QCOMPARE(kept[0].began, QDateTime(QDate(2026, 1, 2), QTime(3, 4, 5, 250)));
    QVERIFY(!kept[0].isCut());
    const QDateTime abroad(QDate(2026, 7, 2), QTime(3, 4, 5), QTimeZone(7200));
    QCOMPARE(timeText(abroad), QStringLiteral("2026-07-02T03:04:05.000+02:00"));
    QCOMPARE(timeOf(timeText(abroad)), abroad);
  }
};

QTEST_MAIN(TestListenGoingOn)
#include "test_listen_going_on.moc"
