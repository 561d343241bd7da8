#include <QtTest>
#include <thread>

#include "base/job.h"
#include "base/matrix.h"
#include "support/errors.h"

using namespace hearsay;

class TestJob : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void goes_on_until_cancelled() {
    JobControl control;
    control.checkpoint();
    QVERIFY(control.keep_going() && !control.cancelled());
    control.cancel();
    QVERIFY(!control.keep_going() && control.cancelled());
    HEARSAY_FAILS(Cancelled, ("Stopped"), control.checkpoint());
  }

  void waits_while_paused() {
    JobControl control;
    std::atomic<int> steps{0};
    control.pause();
    QVERIFY(control.paused());
    std::thread worker([&] {
      while (control.keep_going() && steps < 3) ++steps;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    QCOMPARE(steps.load(), 0);
    control.resume();
    worker.join();
    QCOMPARE(steps.load(), 3);
  }

  void knows_how_long_it_was_paused() {
    JobControl control;
    control.resume();
    QCOMPARE(control.time_paused().count(), 0.0);
    control.pause();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    const double running = control.time_paused().count();
    QVERIFY(running >= 0.02);
    control.pause();  // is one already
    control.resume();
    const double first = control.time_paused().count();
    QVERIFY(first >= running);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    QCOMPARE(control.time_paused().count(), first);
    control.pause();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    control.cancel();
    const double both = control.time_paused().count();
    QVERIFY(both >= first + 0.005);
    control.resume();
    control.cancel();
    QCOMPARE(control.time_paused().count(), both);
  }

  void a_work_clock_leaves_pauses_out() {
    const WorkClock without(nullptr);
    JobControl control;
    control.pause();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    control.resume();  // before the clock: none of its
    WorkClock clock(&control);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    control.pause();
    const double paused_at = clock.seconds();
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    QVERIFY(paused_at >= 0.1);
    QVERIFY2(clock.seconds() < paused_at + 0.2, qPrintable(QString::number(clock.seconds())));  // it stands still
    QVERIFY(without.seconds() >= 0.42);
    clock.restart();
    QVERIFY(clock.seconds() < 0.05);  // from nothing, though in a pause
    control.resume();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    QVERIFY(clock.seconds() >= 0.01);
  }

  void progress_leaves_pauses_out() {
    JobControl control;
    Progress last;
    const auto start = std::chrono::steady_clock::now();
    ProgressMeter meter([&](const Progress& p) { last = p; }, &control, std::chrono::milliseconds(0));
    meter.report("work", 0.0);
    control.pause();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    control.resume();
    meter.report("work", 0.5);
    const std::chrono::duration<double> worked = std::chrono::steady_clock::now() - start - control.time_paused();
    QVERIFY(last.seconds_left >= 0.0 && last.seconds_left <= worked.count());
  }

  void cancelling_wakes_a_paused_worker() {
    JobControl control;
    control.pause();
    bool went_on = true;
    std::thread worker([&] { went_on = control.keep_going(); });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    control.cancel();
    worker.join();
    QVERIFY(!went_on);
  }

  void progress_is_rate_limited() {
    std::vector<Progress> seen;
    ProgressMeter meter([&](const Progress& p) { seen.push_back(p); }, nullptr, std::chrono::hours(1));
    for (int i = 0; i < 1000; ++i) meter.report("first", i / 2000.0);
    meter.report("second", 0.6);
    meter.report("second", 0.7);
    meter.report("second", 1.0);
    QCOMPARE(static_cast<int>(seen.size()), 3);
    QCOMPARE(seen[0].stage, std::string("first"));
    QVERIFY(seen[0].seconds_left < 0.0);
    QCOMPARE(seen[1].fraction, 0.6);
    QVERIFY(seen[1].seconds_left >= 0.0);
    QCOMPARE(seen[2].fraction, 1.0);
    QCOMPARE(seen[2].seconds_left, 0.0);
    ProgressMeter(nullptr).report("nobody listens", 0.5);
  }

  void a_matrix_keeps_rows() {
    Matrix m(2, 3, 1.0F);
    m.at(1, 2) = 5.0F;
    m.row(0)[0] = 2.0F;
    const Matrix& same = m;
    QCOMPARE(same.row(1)[2], 5.0F);
    QCOMPARE(same.at(0, 0), 2.0F);
    QVERIFY(!same.empty() && Matrix().empty());
  }
};

QTEST_APPLESS_MAIN(TestJob)
#include "test_job.moc"
