// What must not be lost: kill -9 in the middle of acts, a disk that takes no more, two programs at once, damaged and
// hostile files.

#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QtTest>
#include <atomic>
#include <random>
#include <sstream>
#include <thread>

#include "labels/sqlite.h"
#include "session_fixture.h"

using namespace session_fixture;

namespace {

/// In a forked child: one act after another, each reported through the pipe once its call has returned.
[[noreturn]] void act_for_ever(const std::filesystem::path& file, int report) {
  try {
    LabelSession session = LabelSession::open(file);
    for (int i = 0;; ++i) {
      session.set_note(1, "note " + std::to_string(i));
      if (::write(report, "x", 1) != 1) _exit(3);
    }
  } catch (...) {
    _exit(2);
  }
}

/// How a child process that runs `work` ends.
int exit_code_of_child(const std::function<int()>& work) {
  const pid_t child = fork();
  if (child == 0) _exit(work());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void run_sql(const std::filesystem::path& file, const char* sql) {
  sqlite3* database = nullptr;
  QCOMPARE(sqlite3_open(file.string().c_str(), &database), SQLITE_OK);
  const int code = sqlite3_exec(database, sql, nullptr, nullptr, nullptr);
  sqlite3_close(database);
  QCOMPARE(code, SQLITE_OK);
}

std::string slurp(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

}  // namespace

class TestLabelSafety : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void killedInTheMiddleOfActs() {
    for (const int acts : {1, 7, 40}) {
      const Fixture fixture;
      { const auto session = fixture.create(); }
      int ends[2];
      QCOMPARE(pipe(ends), 0);
      const pid_t child = fork();
      if (child == 0) act_for_ever(fixture.file(), ends[1]);
      ::close(ends[1]);
      char byte = 0;
      int reported = 0;
      while (reported < acts && ::read(ends[0], &byte, 1) == 1) ++reported;
      QCOMPARE(reported, acts);
      kill(child, SIGKILL);
      int status = 0;
      waitpid(child, &status, 0);
      QVERIFY(WIFSIGNALED(status));
      while (::read(ends[0], &byte, 1) == 1) ++reported;
      ::close(ends[0]);

      LabelSession session = fixture.open();  // no lock is left behind
      const std::string note = session.clip(1).note;
      // The last act may have been committed just before it could be reported.
      const std::string last = "note " + std::to_string(reported - 1);
      const std::string one_more = "note " + std::to_string(reported);
      QVERIFY2(note == last || note == one_more, note.c_str());
      int undone = 0;
      while (!session.undo().empty()) ++undone;
      QCOMPARE(undone, note == last ? reported : reported + 1);
      QVERIFY(session.clip(1).note.empty());
    }
  }

  void aSecondProgramIsTold() {
    const Fixture fixture;
    auto session = std::make_optional(fixture.create());
    std::string message;
    QCOMPARE(kind_of([&] { (void)fixture.open(); }, &message), ErrorKind::Unreadable);
    QVERIFY2(message.find("is open in another") != std::string::npos, message.c_str());
    QVERIFY(message.find(fixture.file().string()) != std::string::npos);
    const auto try_open = [&] { return kind_of([&] { (void)fixture.open(); }) == ErrorKind::Unreadable ? 7 : 0; };
    QCOMPARE(exit_code_of_child(try_open), 7);
    session->set_labels(1, ClassIds{1});  // the first goes on
    session.reset();
    QCOMPARE(exit_code_of_child(try_open), 0);
    QCOMPARE(fixture.open().labels(1).size(), std::size_t{1});
  }

  void aSessionThatIsMovedAwayTakesNoMore() {
    const Fixture fixture;
    LabelSession session = fixture.create();
    session.set_labels(1, ClassIds{1});
    const std::filesystem::path away = fixture.root() / "away";
    std::filesystem::rename(fixture.file(), away);
    std::string message;
    QCOMPARE(kind_of([&] { session.set_labels(2, ClassIds{2}); }, &message), ErrorKind::Unreadable);
    QVERIFY2(message.find("moved or deleted") != std::string::npos, message.c_str());
    QVERIFY(message.find(fixture.file().string()) != std::string::npos);
    QVERIFY(session.labels(2).empty());
    std::filesystem::rename(away, fixture.file());
    session.set_labels(2, ClassIds{2});
    QCOMPARE(session.labels(2).size(), std::size_t{1});
    std::filesystem::remove(fixture.file());
    QCOMPARE(kind_of([&] { session.undo(); }), ErrorKind::Unreadable);
  }

  void ofTwoThatMakeOneSessionOneFails() {
    for (int round = 0; round < 20; ++round) {
      const Fixture fixture;
      std::atomic<int> ready = 0;
      std::atomic<int> made = 0;
      const auto make = [&] {
        ++ready;
        while (ready < 2) std::this_thread::yield();
        const auto kind = kind_of([&] {
          LabelSession session = fixture.create();
          session.set_labels(1, ClassIds{1});
          ++made;
        });
        return kind;
      };
      std::optional<ErrorKind> other;
      std::thread thread([&] { other = make(); });
      const std::optional<ErrorKind> mine = make();
      thread.join();
      QCOMPARE(made.load(), 1);
      QCOMPARE(mine.has_value() ? *mine : other.value(), ErrorKind::Usage);
      QCOMPARE(fixture.open().labels(1).size(), std::size_t{1});
    }
  }

  void aFolderThatCouldNotBeSavedIsNotUsed() {
    const Fixture fixture;
    LabelSession session = fixture.create();
    session.set_labels(1, ClassIds{1});
    const std::filesystem::path moved = fixture.root() / "moved";
    std::filesystem::rename(fixture.sounds(), moved);
    signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    QCOMPARE(getrlimit(RLIMIT_FSIZE, &before), 0);
    rlimit tight = before;
    tight.rlim_cur = 1;
    QCOMPARE(setrlimit(RLIMIT_FSIZE, &tight), 0);
    const auto kind = kind_of([&] { session.relocate(moved); });
    QCOMPARE(setrlimit(RLIMIT_FSIZE, &before), 0);
    QVERIFY(kind.has_value());
    QCOMPARE(session.audio_folder(), fixture.sounds());
    QVERIFY(!session.relocate(moved).empty());
    QCOMPARE(session.audio_folder(), moved);
  }

  void aDiskThatTakesNoMore() {
    const Fixture fixture;
    LabelSession session = fixture.create();
    session.set_labels(1, ClassIds{1});
    signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    QCOMPARE(getrlimit(RLIMIT_FSIZE, &before), 0);
    rlimit tight = before;
    tight.rlim_cur = 200000;
    QCOMPARE(setrlimit(RLIMIT_FSIZE, &tight), 0);
    int done = 0;
    std::string message;
    std::optional<ErrorKind> kind;
    while (done < 1000 && !kind) {
      const std::string note(5000, static_cast<char>('a' + done % 26));
      kind = kind_of([&] { session.set_note(2, note + std::to_string(done)); }, &message);
      if (!kind) ++done;
    }
    const std::string kept = session.clip(2).note;
    QCOMPARE(setrlimit(RLIMIT_FSIZE, &before), 0);
    QCOMPARE(kind, ErrorKind::NoSpace);
    QVERIFY2(message.find(fixture.file().string()) != std::string::npos, message.c_str());
    QVERIFY(done > 0);
    QVERIFY(kept.ends_with(std::to_string(done - 1)));  // as before the act that failed
    session.set_note(3, "there is room again");
    { LabelSession closing = std::move(session); }
    LabelSession again = fixture.open();
    QCOMPARE(again.clip(2).note, kept);
    QCOMPARE(again.clip(3).note, std::string("there is room again"));
    QCOMPARE(again.labels(1).size(), std::size_t{1});
  }

  void aFullDatabaseIsNoSpace() {
    const Fixture fixture;
    Database database(fixture.root() / "small.sqlite", Database::Mode::Create);
    database.execute("CREATE TABLE t (x TEXT); PRAGMA max_page_count = 3");
    std::string message;
    const auto kind = kind_of(
        [&] {
          Transaction transaction(database);
          Statement add(database, "INSERT INTO t VALUES (?)");
          for (int i = 0; i < 100; ++i) add.bind(std::string(1000, 'x')).run();
          transaction.commit();
        },
        &message);
    QCOMPARE(kind, ErrorKind::NoSpace);
    QVERIFY2(message.find("full") != std::string::npos, message.c_str());
    QVERIFY(!database.in_transaction());
    QCOMPARE(database.number("SELECT count(*) FROM t"), std::int64_t{0});
  }

  void quickCommitsGiveWayToSafeOnes() {
    const Fixture fixture;
    Database database(fixture.root() / "small.sqlite", Database::Mode::Create);
    database.execute("PRAGMA synchronous = FULL");
    constexpr std::int64_t kNormal = 1;
    constexpr std::int64_t kFull = 2;
    {
      const WithoutWaiting quick(database);
      QCOMPARE(database.number("PRAGMA synchronous"), kNormal);
    }
    QCOMPARE(database.number("PRAGMA synchronous"), kFull);
  }

  void otherDatabasesAreLeftAlone() {
    const Fixture fixture;
    run_sql(fixture.file(), "CREATE TABLE photos (id INTEGER)");
    const std::string before = slurp(fixture.file());
    QCOMPARE(kind_of([&] { (void)fixture.open(); }), ErrorKind::BadFormat);
    QVERIFY(slurp(fixture.file()) == before);
  }

  void newerAndStrangeSessionsAreRefused_data() {
    QTest::addColumn<QString>("sql");
    QTest::addColumn<QString>("expected");
    QTest::newRow("newer") << "PRAGMA user_version = 99"
                           << "newer Hearsay";
    QTest::newRow("trigger") << "CREATE TRIGGER bad AFTER INSERT ON labels BEGIN DELETE FROM labels; END"
                             << "other tables";
    QTest::newRow("view") << "CREATE VIEW bad AS SELECT 1"
                          << "other tables";
    QTest::newRow("other columns") << "ALTER TABLE labels RENAME COLUMN score TO points"
                                   << "other tables";
    QTest::newRow("table lost") << "DROP TABLE journal"
                                << "other tables";
    QTest::newRow("table became a view") << "DROP TABLE journal; CREATE VIEW journal AS SELECT 1"
                                         << "other tables";
  }

  void newerAndStrangeSessionsAreRefused() {
    QFETCH(QString, sql);
    QFETCH(QString, expected);
    const Fixture fixture;
    { const auto session = fixture.create(); }
    run_sql(fixture.file(), qPrintable(sql));
    std::string message;
    QCOMPARE(kind_of([&] { (void)fixture.open(); }, &message), ErrorKind::BadFormat);
    QVERIFY2(QString::fromStdString(message).contains(expected), message.c_str());
  }

  void aDamagedJournalIsAnErrorAndNothingElse_data() {
    QTest::addColumn<QString>("changes");
    QTest::newRow("no JSON") << "nonsense";
    QTest::newRow("no list") << "{}";
    QTest::newRow("numbers") << "[1, 2]";
    QTest::newRow("strange table") << R"([{"table": "journal", "before": null, "after": [1, "x", "y", 1]}])";
    QTest::newRow("short row") << R"([{"table": "labels", "before": [1], "after": null}])";
    QTest::newRow("no key") << R"([{"table": "labels", "before": null, "after": null}])";
    QTest::newRow("nested") << R"([{"table": "marks", "before": [1, [2], {}], "after": null}])";
    QTest::newRow("no such clip") << R"([{"table": "labels", "before": [77, 1, 0, null], "after": null}])";
    QTest::newRow("text for a number")
        << R"([{"table": "regions", "before": ["a", 1, 0, 1, 1, 0, null], "after": null}])";
  }

  void aDamagedJournalIsAnErrorAndNothingElse() {
    QFETCH(QString, changes);
    const Fixture fixture;
    {
      LabelSession session = fixture.create();
      session.set_labels(1, ClassIds{1});
    }
    run_sql(fixture.file(), qPrintable("UPDATE journal SET changes = '" + changes + "'"));
    LabelSession session = fixture.open();
    const std::string before = decisions(session);
    QCOMPARE(kind_of([&] { session.undo(); }), ErrorKind::BadFormat);
    QCOMPARE(decisions(session), before);
    session.set_labels(2, ClassIds{2});  // work goes on
    QCOMPARE(session.undo().clips, (ClipIds{2}));
  }

  void flippedBytesNeverCrash() {
    const Fixture fixture;
    {
      LabelSession session = fixture.create();
      for (ClipId id = 1; id <= 4; ++id) session.set_labels(id, ClassIds{1, 2});
      session.add_region(1, 1.0, 2.0, 3);
    }
    const std::string sound = slurp(fixture.file());
    std::mt19937 random(3);
    int refused = 0;
    for (int i = 0; i < 60; ++i) {
      std::string damaged = sound;
      for (int k = 0; k < 20; ++k) damaged[random() % damaged.size()] = static_cast<char>(random());
      if (i % 3 == 0) damaged.resize(random() % damaged.size());
      for (const char* ending : {"-wal", "-journal"}) std::filesystem::remove(fixture.file().string() + ending);
      std::ofstream(fixture.file(), std::ios::binary) << damaged;
      const auto kind = kind_of([&] {
        LabelSession session = fixture.open();
        (void)decisions(session);
        (void)session.progress();
        session.undo();
        session.set_labels(1, ClassIds{3});
      });
      if (kind) ++refused;
      QVERIFY(kind != ErrorKind::Internal);
    }
    QVERIFY(refused > 10);
  }
};

QTEST_APPLESS_MAIN(TestLabelSafety)
#include "test_label_safety.moc"
