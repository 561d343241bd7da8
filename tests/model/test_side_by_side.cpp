// Parts of some work on threads of their own.

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QDeadlineTimer>
#include <QtTest>

#include <atomic>
#include <set>
#include <thread>

#include "base/error.h"
#include "model/clap_model.h"
#include "model/side_by_side.h"

using namespace hearsay;

class TestSideBySide : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() { set_compute_threads(2); }
  void cleanupTestCase() { set_compute_threads(0); }

  void every_part_is_done_once_on_several_threads() {
    std::vector<std::thread::id> by(5);
    std::vector<int> times(5, 0);
    std::atomic<int> waiting = 0;
    const QDeadlineTimer patience(std::chrono::seconds(20));
    side_by_side(5, at::kCPU, [&](std::size_t i) {
      by[i] = std::this_thread::get_id();
      ++times[i];
      ++waiting;
      while (waiting < 2 && !patience.hasExpired()) std::this_thread::yield();  // for the other thread
    });
    QCOMPARE(times, std::vector<int>(5, 1));
    QCOMPARE(std::set(by.begin(), by.end()).size(), std::size_t{2});
  }

  void nothing_to_do_is_no_work() {
    side_by_side(0, at::kCPU, [](std::size_t) { QFAIL("there is no part"); });
  }

  void parts_take_one_thread_each_and_a_single_one_takes_all() {
    std::vector<int> inside(4, -1);
    side_by_side(4, at::kCPU, [&](std::size_t i) { inside[i] = at::in_parallel_region() ? 1 : 0; });
    QCOMPARE(inside, std::vector<int>(4, 1));
    bool alone = true;
    side_by_side(1, at::kCPU, [&](std::size_t) { alone = !at::in_parallel_region(); });
    QVERIFY(alone);
  }

  void fewer_parts_than_threads_and_parts_of_a_gpu_go_one_after_the_other() {
    const auto together = [](std::size_t count, at::Device device) {
      std::vector<int> inside(count, -1);
      side_by_side(count, device, [&](std::size_t i) { inside[i] = at::in_parallel_region() ? 1 : 0; });
      return inside;
    };
    QCOMPARE(together(4, at::Device(at::kCUDA, 0)), std::vector<int>(4, 0));
    set_compute_threads(3);
    QCOMPARE(together(2, at::kCPU), std::vector<int>(2, 0));
    QCOMPARE(together(3, at::kCPU), std::vector<int>(3, 1));
  }

  void gradients_go_by_the_caller() {
    for (const bool wanted : {true, false}) {
      const at::AutoGradMode mode(wanted);
      std::vector<int> seen(4, -1);
      side_by_side(4, at::kCPU, [&](std::size_t i) { seen[i] = at::GradMode::is_enabled() ? 1 : 0; });
      QCOMPARE(seen, std::vector<int>(4, wanted ? 1 : 0));
    }
  }

  void backward_works_in_each_part() {
    const at::Tensor x = at::arange(6, at::kDouble).view({2, 3});
    std::vector<at::Tensor> slopes(4);
    side_by_side(4, at::kCPU, [&](std::size_t i) {
      const at::Tensor leaf = x.detach().requires_grad_(true);
      (leaf.square().sum() * static_cast<double>(i)).backward();
      slopes[i] = leaf.grad();
    });
    for (std::size_t i = 0; i < slopes.size(); ++i) QVERIFY(slopes[i].equal(x * (2.0 * static_cast<double>(i))));
  }

  void what_a_part_throws_arrives() {
    for (const std::size_t thrower : {std::size_t{0}, std::size_t{3}}) {
      try {
        side_by_side(4, at::kCPU, [&](std::size_t i) {
          if (i == thrower) throw Error(ErrorKind::Cancelled, "part " + std::to_string(i));
        });
        QFAIL("the error was lost");
      } catch (const Error& error) {
        QCOMPARE(error.kind(), ErrorKind::Cancelled);
        QCOMPARE(QString(error.what()), QString("part %1").arg(thrower));
      }
    }
  }

  void parts_are_as_many_as_threads_where_there_is_enough_for_each() {
    QCOMPARE(parts_for(8, 4, at::kCPU), std::size_t{2});
    QCOMPARE(parts_for(7, 4, at::kCPU), std::size_t{1});
    QCOMPARE(parts_for(100, 4, at::Device(at::kCUDA, 0)), std::size_t{1});
    set_compute_threads(3);
    QCOMPARE(parts_for(100, 4, at::kCPU), std::size_t{3});
  }
};

QTEST_APPLESS_MAIN(TestSideBySide)
#include "test_side_by_side.moc"
