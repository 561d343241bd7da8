#include <QTest>
#include <numeric>
#include <thread>

#include "classify/event_tracker.h"
#include "classify/live_pace.h"
#include "classify/sound_history.h"

using namespace hearsay;

class TestLiveParts : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void nothing_is_late_at_first() {
    const ArrivalClock clock;
    QCOMPARE(clock.lag(10.0, 2.0), 0.0);
  }

  void lag_is_counted_from_the_quickest_block() {
    ArrivalClock clock;
    clock.saw(1.10, 1.0);
    clock.saw(1.55, 1.5);  // 0.05 behind the sound: the quickest
    clock.saw(2.30, 2.0);
    QVERIFY(std::abs(clock.lag(2.30, 2.0) - 0.25) < 1e-9);
    QVERIFY(std::abs(clock.lag(3.00, 2.5) - 0.45) < 1e-9);
    QCOMPARE(clock.lag(2.0, 2.0), 0.0);
  }

  void a_slow_sound_card_is_not_called_late_for_ever() {
    ArrivalClock clock;
    double lag = 0.0;
    for (int i = 0; i < 6000; ++i) {  // ten minutes; the card's second is 1.001 of ours
      const double heard = i * 0.1;
      clock.saw(heard * 1.001, heard);
      lag = clock.lag(heard * 1.001, heard);
    }
    QVERIFY(lag < 0.05);
  }

  void the_hop_widens_with_figures_and_comes_back() {
    HopKeeper keeper(0.5);
    QVERIFY(!keeper.took(0.1));
    QVERIFY(!keeper.took(2.0));  // one slow window is no reason
    QVERIFY(!keeper.took(0.1));
    QVERIFY(!keeper.took(0.8));
    const auto sentence = keeper.took(0.72);
    QVERIFY(sentence);
    QCOMPARE(keeper.hop(), 1.0);  // 0.8 * 1.25
    QVERIFY2(sentence->find("0.80 s") != std::string::npos, sentence->c_str());
    QVERIFY2(sentence->find("0.50 s") != std::string::npos, sentence->c_str());
    QVERIFY2(sentence->find("1.00 s") != std::string::npos, sentence->c_str());
    std::optional<std::string> back;
    for (int i = 0; i < 8; ++i) back = keeper.took(0.05);
    QVERIFY(back);
    QCOMPARE(keeper.hop(), 0.5);
  }

  void a_wish_does_not_undo_what_is_needed() {
    HopKeeper keeper(0.5);
    (void)keeper.took(1.0);
    (void)keeper.took(1.0);
    QCOMPARE(keeper.hop(), 1.3);
    keeper.set_wanted(0.2);
    QCOMPARE(keeper.wanted(), 0.2);
    QCOMPARE(keeper.hop(), 1.3);
    keeper.set_wanted(2.0);
    QCOMPARE(keeper.hop(), 2.0);
    keeper.set_wanted(0.3);
    QCOMPARE(keeper.hop(), 0.3);
  }

  void history_keeps_the_newest() {
    SoundHistory history(10);
    std::vector<float> samples(37);
    std::iota(samples.begin(), samples.end(), 0.0F);
    std::span<const float> rest(samples);
    for (const std::size_t n : {3U, 4U, 1U, 12U, 10U, 7U}) {
      history.append(rest.first(n));
      rest = rest.subspan(n);
      const std::int64_t total = history.total();
      const auto held = history.copy(0, total);
      QCOMPARE(static_cast<std::int64_t>(held.size()), std::min<std::int64_t>(10, total));
      QCOMPARE(held.back(), static_cast<float>(total - 1));
      QCOMPARE(held.front(), static_cast<float>(total) - static_cast<float>(held.size()));
    }
    QCOMPARE(history.copy(30, 33), (std::vector<float>{30, 31, 32}));
    QVERIFY(history.copy(0, 20).empty());
    QVERIFY(history.copy(36, 36).empty());
    QCOMPARE(history.copy(35, 100).size(), 2U);
    history.clear();
    QCOMPARE(history.total(), 0);
    QVERIFY(history.copy(0, 10).empty());
  }

  void history_is_safe_to_read_meanwhile() {
    SoundHistory history(1000);
    std::thread writer([&] {
      std::vector<float> block(77);
      for (int i = 0; i < 2000; ++i) {
        std::iota(block.begin(), block.end(), static_cast<float>(i * 77));
        history.append(block);
      }
    });
    for (int i = 0; i < 500; ++i) {
      const std::int64_t total = history.total();
      const auto some = history.copy(total - 50, total);
      for (std::size_t k = 1; k < some.size(); ++k) QCOMPARE(some[k], some[k - 1] + 1.0F);
    }
    writer.join();
    QCOMPARE(history.total(), 2000 * 77);
  }

  void events_begin_and_end() {
    std::vector<StreamEvent> told;
    EventTracker tracker(2, [&](const StreamEvent& event) { told.push_back(event); });
    const std::vector<double> thresholds = {0.6, 0.9};
    const auto hear = [&](double time, float score) {
      tracker.update(time - 0.5, time, std::vector<float>{score, 0.8F}, thresholds, 1.0);
    };
    hear(1.0, 0.2F);
    QVERIFY(told.empty());
    hear(1.5, 0.7F);
    QCOMPARE(told.size(), 1U);
    QVERIFY(told[0].open);
    QCOMPARE(told[0].label, 0);
    QCOMPARE(told[0].start, 1.0);
    hear(2.0, 0.9F);
    hear(2.5, 0.1F);
    hear(2.9, 0.7F);  // back within the hold: the same event
    hear(3.5, 0.1F);
    QCOMPARE(told.size(), 1U);
    hear(4.0, 0.1F);
    QCOMPARE(told.size(), 2U);
    QVERIFY(!told[1].open);
    QCOMPARE(told[1].id, told[0].id);
    QVERIFY(std::abs(told[1].end - 3.9) < 1e-9);  // the last time above, and the hold
    QCOMPARE(told[1].score, 0.9F);
    hear(4.5, 0.8F);
    QVERIFY(told[2].id != told[0].id);
    tracker.close_all(5.0);
    QCOMPARE(told.back().end, 5.0);
    QVERIFY(!told.back().open);
    tracker.close_all(6.0);
    QCOMPARE(told.size(), 4U);
  }

  void an_open_event_is_followed() {
    std::vector<StreamEvent> told;
    std::vector<StreamEvent> followed;
    EventTracker tracker(
        1, [&](const StreamEvent& event) { told.push_back(event); },
        [&](const StreamEvent& event) { followed.push_back(event); });
    const auto hear = [&](double time, float score) {
      tracker.update(time - 0.5, time, std::vector<float>{score}, {}, 1.0);
    };
    hear(1.0, 0.6F);
    QVERIFY(followed.empty());
    hear(1.5, 0.9F);
    hear(2.0, 0.1F);  // held
    QCOMPARE(followed.size(), 2U);
    QVERIFY(followed[1].open);
    QCOMPARE(followed[1].id, told[0].id);
    QCOMPARE(followed[1].start, 0.5);
    QCOMPARE(followed[1].end, 2.0);
    QCOMPARE(followed[1].score, 0.9F);
    hear(2.5, 0.1F);
    hear(3.0, 0.1F);
    QCOMPARE(told.size(), 2U);
    QCOMPARE(followed.size(), 2U);
  }

  void in_silence_nothing_is_heard_though_the_threshold_is_nought() {
    std::vector<StreamEvent> told;
    EventTracker tracker(1, [&](const StreamEvent& event) { told.push_back(event); });
    const std::vector<double> nought{0.0};
    tracker.update(0.0, 1.0, std::vector<float>{0.0F}, nought, 0.0, true);
    QVERIFY(told.empty());
    tracker.update(1.0, 2.0, std::vector<float>{0.0F}, nought, 0.0, false);
    QCOMPARE(told.size(), 1U);
    tracker.update(2.0, 3.0, std::vector<float>{0.0F}, nought, 0.0, true);
    QCOMPARE(told.size(), 2U);  // and what was heard ends
  }

  void without_thresholds_a_half_counts() {
    int begun = 0;
    EventTracker tracker(2, [&](const StreamEvent& event) { begun += event.open ? 1 : 0; });
    tracker.update(0.0, 1.0, std::vector<float>{0.49F, 0.51F}, {}, 0.0);
    QCOMPARE(begun, 1);
    tracker.close_all(1.0);
    tracker.set_classes(3);
    tracker.update(1.0, 2.0, std::vector<float>{0.9F, 0.9F, 0.9F}, std::vector<double>{0.95}, 0.0);
    QCOMPARE(begun, 4);
  }
};

QTEST_APPLESS_MAIN(TestLiveParts)
#include "test_live_parts.moc"
