// The job line: order, results, progress, pause, cancel, and the end of it.

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <QSignalSpy>
#include <QTest>
#include <QThread>
#include <algorithm>
#include <atomic>
#include <thread>

#include "base/error.h"
#include "ui/shell/job_service.h"

using hearsay::Error;
using hearsay::ErrorKind;
using hearsay::JobControl;
using hearsay::ProgressFn;
using hearsay::ui::JobService;

namespace {

constexpr int kLong = 20000;  // ms

// Works until it is told to stop; says through `turns` that it moves.
JobService::Work untilStopped(std::atomic<int>& turns) {
  return [&turns](JobControl& control, const ProgressFn&) {
    while (true) {
      control.checkpoint();
      ++turns;
      QThread::msleep(2);
    }
  };
}

}  // namespace

class TestJobService : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void resultComesBackToTheCallersThread() {
    JobService jobs;
    QThread* worker = nullptr;
    QThread* caller = nullptr;
    JobService::Outcome seen;
    jobs.submit(
        "one", [&](JobControl&, const ProgressFn&) { worker = QThread::currentThread(); },
        [&](const JobService::Outcome& outcome) {
          caller = QThread::currentThread();
          seen = outcome;
        });
    QVERIFY(jobs.busy());
    QTRY_VERIFY_WITH_TIMEOUT(caller != nullptr, kLong);
    QCOMPARE(caller, QThread::currentThread());
    QVERIFY(worker != caller);
    QVERIFY(seen.ok && !seen.cancelled && seen.error.isEmpty());
    QVERIFY(!jobs.busy());
    QCOMPARE(jobs.currentJob(), -1);
  }

  void jobsYieldToLiveListening() {
    const auto nice = [] { return getpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid))); };
    JobService jobs;
    int ofJob = 0;
    int ofItsThreads = 0;
    bool done = false;
    jobs.submit(
        "one",
        [&](JobControl&, const ProgressFn&) {
          ofJob = nice();
          std::thread([&] { ofItsThreads = nice(); }).join();
        },
        [&](const JobService::Outcome&) { done = true; });
    QTRY_VERIFY_WITH_TIMEOUT(done, kLong);
    QCOMPARE(ofJob, std::min(19, nice() + 4));
    QCOMPARE(ofItsThreads, ofJob);
  }

  void jobsRunInTheOrderTheyWereGiven() {
    JobService jobs;
    QSignalSpy started(&jobs, &JobService::started);
    QSignalSpy finished(&jobs, &JobService::finished);
    QStringList order;
    for (const QString name : {"a", "b", "c"}) {
      jobs.submit(
          name, [](JobControl&, const ProgressFn&) {}, [&order, name](const auto&) { order.append(name); });
    }
    QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 3, kLong);
    QCOMPARE(order, QStringList({"a", "b", "c"}));
    QCOMPARE(started[1][1].toString(), QString("b"));
  }

  void failuresComeAsSentences_data() {
    QTest::addColumn<int>("kind");
    QTest::newRow("ours") << 0;
    QTest::newRow("another library's") << 1;
    QTest::newRow("no memory") << 2;
  }
  void failuresComeAsSentences() {
    QFETCH(int, kind);
    JobService jobs;
    JobService::Outcome seen;
    bool done = false;
    jobs.submit(
        "fails",
        [kind](JobControl&, const ProgressFn&) {
          if (kind == 0) throw Error(ErrorKind::NotFound, "There is no file \"x.wav\".");
          if (kind == 1) throw std::runtime_error("odd");
          throw std::bad_alloc();
        },
        [&](const JobService::Outcome& outcome) {
          seen = outcome;
          done = true;
        });
    QTRY_VERIFY_WITH_TIMEOUT(done, kLong);
    QVERIFY(!seen.ok && !seen.cancelled);
    const QString expected[] = {"There is no file \"x.wav\".", "odd", "memory"};
    QVERIFY2(seen.error.contains(expected[kind]), qPrintable(seen.error));
  }

  void cancellingStopsTheRunningJobOnly() {
    JobService jobs;
    std::atomic<int> turns = 0;
    JobService::Outcome first;
    bool second = false;
    jobs.submit("endless", untilStopped(turns), [&](const JobService::Outcome& outcome) { first = outcome; });
    jobs.submit(
        "next", [](JobControl&, const ProgressFn&) {}, [&](const JobService::Outcome& o) { second = o.ok; });
    QTRY_VERIFY_WITH_TIMEOUT(turns > 0, kLong);
    jobs.cancel();
    QTRY_VERIFY_WITH_TIMEOUT(second, kLong);
    QVERIFY(!first.ok && first.cancelled);
  }

  void aWaitingJobCanBeCancelledAndNeverRuns() {
    JobService jobs;
    std::atomic<int> turns = 0;
    bool ran = false;
    JobService::Outcome waiting;
    jobs.submit("endless", untilStopped(turns), {});
    const int id = jobs.submit(
        "waits", [&](JobControl&, const ProgressFn&) { ran = true; },
        [&](const JobService::Outcome& outcome) { waiting = outcome; });
    QTRY_VERIFY_WITH_TIMEOUT(turns > 0, kLong);
    jobs.cancelJob(id);
    jobs.cancel();
    QTRY_VERIFY_WITH_TIMEOUT(waiting.cancelled, kLong);
    QVERIFY(!ran);
  }

  void whatWaitsSaysForWhatAndCanBeGivenUpAtOnce() {
    JobService jobs;
    std::atomic<int> turns = 0;
    bool ran = false;
    JobService::Outcome seen;
    QSignalSpy held(&jobs, &JobService::held);
    const int first = jobs.submit("endless", untilStopped(turns), {});
    QTRY_VERIFY_WITH_TIMEOUT(jobs.currentJob() == first && turns > 0, kLong);
    QCOMPARE(jobs.waitsFor(first), QString());
    QCOMPARE(jobs.waiting(), 0);
    const int second = jobs.submit("second", [](JobControl&, const ProgressFn&) {}, {});
    QCOMPARE(jobs.waitsFor(second), QString("endless"));
    QVERIFY(held.isEmpty());
    jobs.pause();
    QCOMPARE(jobs.waitsFor(second), QString("endless (paused)"));
    const int third = jobs.submit(
        "third", [&](JobControl&, const ProgressFn&) { ran = true; },
        [&](const JobService::Outcome& outcome) { seen = outcome; });
    QCOMPARE(held.size(), 1);
    QCOMPARE(held[0][0].toString(), QString("third"));
    QCOMPARE(held[0][1].toString(), QString("endless"));
    QCOMPARE(jobs.waiting(), 2);
    jobs.cancelJob(third);
    QTRY_VERIFY_WITH_TIMEOUT(seen.cancelled, kLong);
    QVERIFY(!seen.ok && !seen.error.isEmpty());
    QCOMPARE(jobs.waiting(), 1);
    QVERIFY(jobs.paused() && jobs.currentJob() == first);
    jobs.cancel();
    QTRY_VERIFY_WITH_TIMEOUT(!jobs.busy(), kLong);
    QVERIFY(!ran);
  }

  void workThatEndsItselfWhenCancelledKeepsItsResult() {
    JobService jobs;
    JobService::Outcome seen;
    bool done = false;
    std::atomic<bool> inside = false;
    jobs.submit(
        "keeps",
        [&](JobControl& control, const ProgressFn&) {
          inside = true;
          while (control.keep_going()) QThread::msleep(2);
        },
        [&](const JobService::Outcome& outcome) {
          seen = outcome;
          done = true;
        });
    QTRY_VERIFY_WITH_TIMEOUT(inside, kLong);
    jobs.cancel();
    QTRY_VERIFY_WITH_TIMEOUT(done, kLong);
    QVERIFY(seen.ok);
    QVERIFY(seen.cancelled);
  }

  void pausedWorkStandsStill() {
    JobService jobs;
    std::atomic<int> turns = 0;
    QSignalSpy changes(&jobs, &JobService::pausedChanged);
    jobs.submit("endless", untilStopped(turns), {});
    QTRY_VERIFY_WITH_TIMEOUT(jobs.currentJob() >= 0 && turns > 0, kLong);
    jobs.pause();
    QVERIFY(jobs.paused());
    QTest::qWait(50);
    const int before = turns;
    QTest::qWait(100);
    QVERIFY(turns - before <= 1);
    jobs.resume();
    QTRY_VERIFY_WITH_TIMEOUT(turns > before + 3, kLong);
    jobs.pause();
    jobs.cancel();  // also while it is paused
    QTRY_VERIFY_WITH_TIMEOUT(!jobs.busy(), kLong);
    QVERIFY(!jobs.paused());
    QCOMPARE(changes.size(), 4);
  }

  void progressNeverPilesUp() {
    JobService jobs;
    QSignalSpy progress(&jobs, &JobService::progressed);
    bool done = false;
    std::atomic<bool> reported = false;
    jobs.submit(
        "chatty",
        [&](JobControl&, const ProgressFn& report) {
          for (int i = 0; i <= 100000; ++i) report({"counting", i / 100000.0, 1.0});
          reported = true;
        },
        [&](const auto&) { done = true; });
    while (!reported) QThread::msleep(5);  // the event loop stands: a backlog would build up here
    QTRY_VERIFY_WITH_TIMEOUT(done, kLong);
    QVERIFY2(progress.size() <= 3, qPrintable(QString::number(progress.size())));
    QCOMPARE(progress.last()[1].toString(), QString("counting"));
    QCOMPARE(progress.last()[2].toDouble(), 1.0);
  }

  void theEndCancelsAndWaits() {
    std::atomic<int> turns = 0;
    bool told = false;
    {
      JobService jobs;
      jobs.submit("endless", untilStopped(turns), [&](const auto&) { told = true; });
      jobs.submit("never", [&](JobControl&, const ProgressFn&) { turns = -1000000; }, {});
      QTRY_VERIFY_WITH_TIMEOUT(turns > 0, kLong);
    }
    const int after = turns;
    QTest::qWait(50);
    QCOMPARE(turns.load(), after);
    QVERIFY(after > 0);
    QVERIFY(!told);
  }

  void nothingIsTakenAfterStop() {
    JobService jobs;
    jobs.stop();
    bool ran = false;
    jobs.submit("late", [&](JobControl&, const ProgressFn&) { ran = true; }, {});
    QTest::qWait(50);
    QVERIFY(!ran);
  }
};

QTEST_GUILESS_MAIN(TestJobService)
#include "test_job_service.moc"
