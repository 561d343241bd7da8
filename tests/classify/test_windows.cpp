#include <QTest>
#include <numeric>
#include <random>

#include "base/error.h"
#include "classify/windows.h"

using namespace hearsay;

namespace {

struct Cut {
  Window window;
  std::vector<float> samples;
};

/// Feeds 0, 1, 2, ... in pieces of changing size.
std::vector<Cut> cut_stream(std::int64_t total, std::int64_t window, std::int64_t hop, unsigned seed) {
  std::vector<float> samples(static_cast<std::size_t>(total));
  std::iota(samples.begin(), samples.end(), 0.0F);
  std::vector<Cut> cuts;
  WindowCutter cutter(window, hop, [&](const Window& w, std::span<const float> s) {
    cuts.push_back({w, {s.begin(), s.end()}});
  });
  std::mt19937 random(seed);
  std::span<const float> rest(samples);
  while (!rest.empty()) {
    const std::size_t n = std::min<std::size_t>(rest.size(), 1 + random() % 40);
    cutter.push(rest.first(n));
    rest = rest.subspan(n);
  }
  cutter.finish();
  return cuts;
}

ErrorKind kind_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.kind();
  }
  return ErrorKind::Internal;
}

}  // namespace

class TestWindows : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void short_audio_gives_one_window() {
    const auto one = plan_windows(1, 10, 5);
    QCOMPARE(one.size(), 1U);
    QCOMPARE(one[0].start, 0);
    QCOMPARE(one[0].length, 1);
    QCOMPARE(plan_windows(10, 10, 10).size(), 1U);
  }

  void the_last_window_ends_with_the_audio() {
    const auto windows = plan_windows(25, 10, 10);
    QCOMPARE(windows.size(), 3U);
    QCOMPARE(windows[1].start, 10);
    QCOMPARE(windows[2].start, 15);
    QCOMPARE(windows[2].length, 10);
    QCOMPARE(plan_windows(30, 10, 10).size(), 3U);
    QCOMPARE(plan_windows(20, 10, 5).size(), 3U);
  }

  void every_sample_is_covered() {
    for (const std::int64_t total : {1, 9, 10, 11, 57, 100, 101}) {
      for (const std::int64_t hop : {1, 3, 10}) {
        std::int64_t covered = 0;
        for (const Window& window : plan_windows(total, 10, hop)) {
          QVERIFY(window.start <= covered);
          covered = window.start + window.length;
        }
        QCOMPARE(covered, total);
      }
    }
  }

  void a_stream_is_cut_as_it_is_planned() {
    for (const std::int64_t total : {1, 9, 10, 11, 20, 57, 100, 1003}) {
      for (const std::int64_t hop : {1, 3, 7, 10}) {
        const auto planned = plan_windows(total, 10, hop);
        const auto cuts = cut_stream(total, 10, hop, static_cast<unsigned>(total * 31 + hop));
        QCOMPARE(cuts.size(), planned.size());
        for (std::size_t i = 0; i < cuts.size(); ++i) {
          QCOMPARE(cuts[i].window.start, planned[i].start);
          QCOMPARE(cuts[i].window.length, planned[i].length);
          QCOMPARE(static_cast<std::int64_t>(cuts[i].samples.size()), planned[i].length);
          QCOMPARE(cuts[i].samples.front(), static_cast<float>(planned[i].start));
          QCOMPARE(cuts[i].samples.back(), static_cast<float>(planned[i].start + planned[i].length - 1));
        }
      }
    }
  }

  void a_cutter_can_be_used_again() {
    int windows = 0;
    WindowCutter cutter(4, 4, [&](const Window& window, std::span<const float>) {
      QCOMPARE(window.start, 0);
      ++windows;
    });
    const std::vector<float> samples(3, 1.0F);
    cutter.push(samples);
    cutter.finish();
    cutter.push(samples);
    QCOMPARE(cutter.total(), 3);
    cutter.finish();
    QCOMPARE(windows, 2);
    cutter.finish();  // nothing was pushed
    QCOMPARE(windows, 2);
  }

  void sizes_are_checked() {
    QVERIFY(kind_of([] { plan_windows(0, 10, 10); }) == ErrorKind::Usage);
    QVERIFY(kind_of([] { plan_windows(10, 0, 10); }) == ErrorKind::Usage);
    QVERIFY(kind_of([] { plan_windows(10, 10, 0); }) == ErrorKind::Usage);
    QVERIFY(kind_of([] { plan_windows(10, 10, 11); }) == ErrorKind::Usage);
    QVERIFY(kind_of([] { WindowCutter(10, 11, {}); }) == ErrorKind::Usage);
  }
};

QTEST_APPLESS_MAIN(TestWindows)
#include "test_windows.moc"
