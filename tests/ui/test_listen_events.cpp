// Events that Listen has heard: saved, exported, kept on disk within limits, deleted.

#include <QSignalSpy>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QTest>
#include <cmath>
#include <filesystem>

#include "audio/decode.h"
#include "base/error.h"
#include "ui/listen/event_store.h"
#include "ui/listen_fixture.h"

using namespace hearsay;
using namespace hearsay::ui;

class TestListenEvents : public QObject, protected ListenFixture {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { QVERIFY2(open("listen-events"), "the model does not load"); }
  void cleanupTestCase() { close(); }
  void init() { QVERIFY(openPage()); }
  void cleanup() { closePage(); }

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
    const auto event = [](int second) {
      EventRecord record;
      record.id = second;
      record.session = 1;
      record.name = QStringLiteral("dog, \"barking\"");
      record.colour = Qt::red;
      record.began = QDateTime(QDate(2026, 1, 2), QTime(3, 4, second));
      record.end = 1.0;
      record.open = false;
      record.rate = 8000.0;
      record.sound = std::make_shared<const std::vector<float>>(testing::noise(8000, 0.2));
      return record;
    };
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
