// Events that Listen has heard: saved, exported, kept on disk within limits, deleted.

#include <QSignalSpy>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QTest>
#include <cmath>
#include <filesystem>

#include "audio/decode.h"
#include "base/error.h"
#include "support/small_disk.h"
#include "ui/charts/colours.h"
#include "ui/listen/event_store.h"
#include "ui/listen_fixture.h"

using namespace hearsay;
using namespace hearsay::ui;

class TestListenEvents : public QObject, protected ListenFixture {
  Q_OBJECT

  /// An event of a second with a second of sound, 16 kB of it.
  static EventRecord event(int second) {
    EventRecord record;
    record.id = second;
    record.session = 1;
    record.name = QStringLiteral("dog, \"barking\"");
    record.colour = Qt::red;
    record.since = QDateTime(QDate(2026, 1, 2), QTime(3, 4));
    record.began = record.since.addSecs(second);
    record.end = 1.0;
    record.open = false;
    record.rate = 8000.0;
    record.kept = 1.0;
    record.sound = std::make_shared<const std::vector<float>>(testing::noise(8000, 0.2));
    return record;
  }
  static int withSound(const std::vector<EventRecord>& records) {
    return static_cast<int>(std::ranges::count_if(records, [](const EventRecord& r) { return r.hasSound(); }));
  }

 private Q_SLOTS:
  void initTestCase() { QVERIFY2(open("listen-events"), "the model does not load"); }
  void cleanupTestCase() { close(); }
  void init() { QVERIFY(openPage()); }
  void cleanup() { closePage(); }

  void aListedClassHasOneColour() {
    const auto shade = [&](int row) {
      const QIcon icon = events().index(row, EventModel::Class).data(Qt::DecorationRole).value<QIcon>();
      return icon.pixmap(16, 16).toImage().pixelColor(8, 8);
    };
    EventRecord old = event(1);
    old.name = QStringLiteral("rain");
    events().put(old);
    old.id = 2;
    old.colour = Qt::green;
    events().put(old);
    EventRecord gone = event(3);
    events().put(gone);
    QCOMPARE(shade(1), classColour(app_->prompts()->classes, 1));  // of today's list, as in the charts
    QCOMPARE(shade(2), shade(1));
    QCOMPARE(shade(0), QColor(Qt::red));  // no longer listed: as it was
    app_->setClasses(parse_classes("rain, dog, bell"));
    QTRY_COMPARE_WITH_TIMEOUT(shade(1), classColour(app_->prompts() ? app_->prompts()->classes : ClassList{}, 0),
                              kPatience);
    app_->setClasses(parse_classes("dog, rain, bell"));
    QTRY_COMPARE_WITH_TIMEOUT(shade(2), seriesColour(1), kPatience);
  }

  void eventsAreSavedAndExported() {
    setThreshold(10);
    page_->start();
    QTRY_VERIFY_WITH_TIMEOUT(!page_->listening() && events().rowCount() > 0, kPatience);
    QTemporaryDir folder;
    auto* panel = page_->findChild<EventPanel*>();
    auto* table = page_->findChild<QTableView*>(QStringLiteral("eventTable"));
    table->selectRow(0);
    QVERIFY(button("playEvent")->isEnabled());
    const QString wav = folder.filePath(QStringLiteral("event.wav"));
    panel->save(0, wav);
    QTRY_VERIFY_WITH_TIMEOUT(QFileInfo::exists(wav), kPatience);
    const AudioInfo info = probe_audio(wav.toStdString());
    QCOMPARE(info.sample_rate, rate_);
    QVERIFY(info.seconds > 0.1);
    const QString csv = folder.filePath(QStringLiteral("events.csv"));
    panel->exportCsv(csv);
    QTRY_VERIFY_WITH_TIMEOUT(QFileInfo::exists(csv), kPatience);
    const auto lines = split_lines(read_file(csv.toStdString()));
    QCOMPARE(lines[0], std::string("time,start,end,duration,class,score"));
    QCOMPARE(static_cast<int>(lines.size()) - 1, events().rowCount());
    const int before = events().rowCount();
    QTest::keyClick(table, Qt::Key_Delete);
    QCOMPARE(events().rowCount(), before - 1);
    const QString labels = folder.filePath(QStringLiteral("events.txt"));
    panel->exportAudacity(labels);
    QTRY_VERIFY_WITH_TIMEOUT(QFileInfo::exists(labels), kPatience);
    const auto rows = split_lines(read_file(labels.toStdString()));
    QCOMPARE(static_cast<int>(rows.size()), events().rowCount());  // all of one time of listening
    const QStringList cells = QString::fromStdString(rows[0]).split(QLatin1Char('\t'));
    QCOMPARE(cells.size(), 3);
    QVERIFY(cells[1].toDouble() > cells[0].toDouble());
    QCOMPARE(cells[2], events().at(events().rowCount() - 1).name);
  }

  void eventsSurviveClosingTheProgram() {
    setThreshold(10);
    page_->start();
    QTRY_VERIFY_WITH_TIMEOUT(!page_->listening() && events().rowCount() > 0, kPatience);
    const int rows = events().rowCount();
    const EventRecord heard = events().at(0);
    page_->shutDown();
    ListenPage again(*app_);
    EventModel& kept = again.findChild<EventPanel*>()->model();
    QCOMPARE(kept.rowCount(), rows);
    int row = 0;
    while (row < rows - 1 && kept.at(row).key != heard.key) ++row;
    const EventRecord& same = kept.at(row);
    QCOMPARE(same.name, heard.name);
    QCOMPARE(same.colour, heard.colour);
    QCOMPARE(same.began, heard.began);
    QVERIFY(std::abs(same.score - heard.score) < 1e-6 && std::abs(same.end - heard.end) < 1e-6);
    QVERIFY(!same.open && same.hasSound());
    const AudioInfo info = probe_audio(same.file);
    QCOMPARE(info.sample_rate, rate_);
    QVERIFY(std::abs(info.seconds - (same.end - same.start)) < 0.1);
    again.resize(900, 600);
    again.show();
    again.findChild<QTableView*>(QStringLiteral("eventTable"))->selectRow(0);
    QVERIFY(again.findChild<QPushButton*>(QStringLiteral("playEvent"))->isEnabled());
    QTemporaryDir folder;  // its sound comes from disk now
    const QString wav = folder.filePath(QStringLiteral("again.wav"));
    again.findChild<EventPanel*>()->save(0, wav);
    QTRY_VERIFY_WITH_TIMEOUT(QFileInfo::exists(wav), kPatience);
    QVERIFY(testing::level_of(decode_file(wav.toStdString(), rate_)) > 0.01);
  }

  void deletingIsForGood() {
    setThreshold(10);
    page_->start();
    QTRY_VERIFY_WITH_TIMEOUT(!page_->listening() && events().rowCount() > 1, kPatience);
    const int rows = events().rowCount();
    auto* panel = page_->findChild<EventPanel*>();
    auto* table = page_->findChild<QTableView*>(QStringLiteral("eventTable"));
    table->selectRow(0);
    const auto* shown = qobject_cast<QSortFilterProxyModel*>(table->model());
    const std::filesystem::path sound = events().at(shown->mapToSource(table->currentIndex()).row()).file;
    panel->store().flush();
    QVERIFY(std::filesystem::exists(sound));
    QTest::keyClick(table, Qt::Key_Delete);
    panel->store().flush();
    QVERIFY(!std::filesystem::exists(sound));
    QCOMPARE(static_cast<int>(EventStore(panel->store().folder()).load().size()), rows - 1);
    auto* all = button("clearEvents");
    all->click();  // asks once more
    QCOMPARE(events().rowCount(), rows - 1);
    QVERIFY(all->text().contains(QStringLiteral("Really")));
    all->click();
    QCOMPARE(events().rowCount(), 0);
    panel->store().flush();
    QVERIFY(EventStore(panel->store().folder()).load().empty());
    int sounds = 0;
    for (const auto& entry : std::filesystem::directory_iterator(panel->store().folder())) {
      sounds += entry.path().extension() == ".wav" ? 1 : 0;
    }
    QCOMPARE(sounds, 0);
    QVERIFY(!all->isEnabled());
  }

  void theStoreStaysWithinItsLimits() {
    QTemporaryDir dir;
    const std::filesystem::path folder = dir.filePath(QStringLiteral("events")).toStdString();
    EventStore store(folder, {5, 50'000});  // five events, or three sounds of 16 kB
    for (int second = 0; second < 4; ++second) {
      EventRecord record = event(second);
      store.add(record);
      QVERIFY(!record.key.isEmpty());
    }
    store.flush();
    const auto kept = EventStore(folder).load();
    QCOMPARE(kept.size(), std::size_t{3});
    QCOMPARE(kept.front().began.time().second(), 1);  // the oldest went
    QCOMPARE(kept.front().name, QStringLiteral("dog, \"barking\""));
    for (int second = 4; second < 20; ++second) {
      EventRecord record = event(second);
      record.sound = nullptr;
      store.add(record);
    }
    store.flush();
    QCOMPARE(EventStore(folder).load().size(), std::size_t{5});
    write_file_atomically(folder / "events.jsonl",
                          std::string_view("no JSON\n{\"key\":\"../../etc/passwd\",\"class\":\"x\"}\n"));
    QVERIFY(EventStore(folder).load().empty());  // nothing of that is believed
  }

  void twoWindowsKeepEachOthersEvents() {
    QTemporaryDir dir;
    const std::filesystem::path folder = dir.filePath(QStringLiteral("events")).toStdString();
    EventStore one(folder);
    EventStore other(folder);
    QVERIFY(one.load().empty() && other.load().empty());
    std::vector<EventRecord> all;
    for (int second = 0; second < 20; ++second) {  // at once: neither waits for the other
      all.push_back(event(second));
      (second % 2 == 0 ? one : other).add(all.back());
    }
    one.flush();
    other.flush();
    QCOMPARE(EventStore(folder).load().size(), std::size_t{20});
    QCOMPARE(withSound(EventStore(folder).load()), 20);
    one.remove(all[3]);  // the other's
    one.flush();
    EventRecord last = event(20);
    other.add(last);
    other.flush();
    const auto kept = EventStore(folder).load();
    QCOMPARE(kept.size(), std::size_t{20});
    QVERIFY(std::ranges::none_of(kept, [&](const EventRecord& r) { return r.key == all[3].key; }));
  }

  void soundsInNoListCountAndGoOnceTheyAreOld() {
    QTemporaryDir dir;
    const std::filesystem::path folder = dir.filePath(QStringLiteral("events")).toStdString();
    std::filesystem::create_directories(folder);
    const auto stray = [&folder](const char* name, int hours) {
      const std::filesystem::path file = folder / name;
      write_wav(file, testing::noise(8000, 0.2), 8000);
      std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() - std::chrono::hours(hours));
      return file;
    };
    const auto old = stray("20260101-000000-000-1-1.wav", 2);
    const auto young = stray("20260101-000000-000-1-2.wav", 0);
    const auto foreign = stray("my own.wav", 2);
    EventStore store(folder, {500, 50'000});
    for (int second = 0; second < 3; ++second) {
      EventRecord record = event(second);
      store.add(record);
    }
    store.flush();
    QVERIFY(!std::filesystem::exists(old));
    QVERIFY(std::filesystem::exists(young) && std::filesystem::exists(foreign));
    QCOMPARE(EventStore(folder).load().size(), std::size_t{2});  // with the young one's there is no room for three
  }

  void whereTheDiskIsFullEventsAreKeptAndTheirSoundsLater() {
    QTemporaryDir dir;
    const std::filesystem::path folder = dir.filePath(QStringLiteral("events")).toStdString();
    const testing::SmallDisk disk(folder);
    if (!disk.mounted()) QSKIP("No file system can be mounted here.");
    EventStore store(folder, {500, 200'000'000, std::chrono::milliseconds(0)});
    EventStore patient(folder);
    QSignalSpy said(&store, &EventStore::failed);
    QSignalSpy saidOnce(&patient, &EventStore::failed);
    QSignalSpy good(&store, &EventStore::recovered);
    disk.fill(12'288);  // a list has room, a sound has none
    for (int second = 0; second < 3; ++second) {
      EventRecord record = event(second);
      store.add(record);
      record.key += QStringLiteral("-1");
      patient.add(record);
    }
    store.flush();
    patient.flush();
    QCOMPARE(EventStore(folder).load().size(), std::size_t{6});
    QCOMPARE(withSound(EventStore(folder).load()), 0);
    QTRY_COMPARE(said.size(), 3);
    QTRY_COMPARE(saidOnce.size(), 1);
    QVERIFY2(said[0][0].toString().startsWith(QStringLiteral("This event is kept without its sound")),
             qPrintable(said[0][0].toString()));
    QVERIFY2(said[2][0].toString().startsWith(QStringLiteral("3 events are kept without their sounds")),
             qPrintable(said[2][0].toString()));
    disk.make_room();
    disk.fill();  // and not for a list either
    EventRecord last = event(3);
    store.add(last);
    store.flush();
    QCOMPARE(EventStore(folder).load().size(), std::size_t{6});
    QTRY_VERIFY(said.last()[0].toString().contains(QStringLiteral("not kept yet")));
    QVERIFY(good.isEmpty());
    disk.make_room();
    store.bringUpToDate({});  // as the panel does every ten seconds
    store.flush();
    patient.bringUpToDate({});
    patient.flush();
    QCOMPARE(EventStore(folder).load().size(), std::size_t{7});
    QCOMPARE(withSound(EventStore(folder).load()), 7);
    QTRY_COMPARE(good.size(), 1);
  }

  void whatCannotBeKeptIsSaidOnce() {
    QTemporaryDir dir;
    const QString blocked = dir.filePath(QStringLiteral("a file"));
    write_file_atomically(blocked.toStdString(), std::string_view("in the way"));
    EventStore store((blocked + QStringLiteral("/events")).toStdString());
    QSignalSpy said(&store, &EventStore::failed);
    EventRecord record;
    record.name = QStringLiteral("dog");
    record.began = QDateTime::currentDateTime();
    store.add(record);
    store.add(record);
    store.flush();
    QTRY_COMPARE(said.size(), 1);
    QVERIFY2(said[0][0].toString().contains(QStringLiteral("a file")), qPrintable(said[0][0].toString()));
  }
};

QTEST_MAIN(TestListenEvents)
#include "test_listen_events.moc"
