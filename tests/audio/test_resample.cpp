#include <QtTest>

#include "audio/resample.h"
#include "support/errors.h"
#include "support/sounds.h"

using namespace hearsay;
using namespace hearsay::testing;

class TestResample : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void keeps_length_and_tone_data() {
    QTest::addColumn<double>("from");
    QTest::addColumn<double>("to");
    for (const double from : {8000.0, 11025.0, 22050.0, 44100.0, 48000.0, 96000.0, 192000.0}) {
      for (const double to : {16000.0, 32000.0, 44100.0, 48000.0}) QTest::addRow("%g to %g", from, to) << from << to;
    }
  }
  void keeps_length_and_tone() {
    QFETCH(double, from);
    QFETCH(double, to);
    const std::vector<float> in = sine(1000.0, from, 1.0, 0.5);
    const std::vector<float> out = resample(in, from, to);
    QVERIFY2(std::abs(static_cast<double>(out.size()) - to) <= 1.0, qPrintable(QString::number(out.size())));
    const std::vector<float> expected = sine(1000.0, to, 1.0, 0.5);
    const auto edge = static_cast<std::size_t>(to / 20);
    const std::size_t middle = std::min(out.size(), expected.size()) - 2 * edge;
    const double off =
        largest_difference(std::span(out).subspan(edge, middle), std::span(expected).subspan(edge, middle));
    QVERIFY2(off < 2e-4, qPrintable(QString::number(off)));
  }

  void removes_what_the_lower_rate_cannot_hold() {
    const std::vector<float> out = resample(sine(10000.0, 48000, 1.0, 0.5), 48000, 16000);
    QVERIFY(level_of(std::span(out).subspan(1000, 14000)) < 1e-4);
  }

  void pieces_make_the_same_as_the_whole() {
    const std::vector<float> in = noise(50000);
    const std::vector<float> whole = resample(in, 44100, 32000);
    Resampler resampler(44100, 32000);
    std::vector<float> pieces;
    std::size_t at = 0;
    for (std::size_t size = 1; at < in.size(); size = size * 3 + 1) {
      const std::size_t n = std::min(size, in.size() - at);
      resampler.push(std::span(in).subspan(at, n), pieces);
      at += n;
    }
    resampler.flush(pieces);
    QCOMPARE(largest_difference(whole, pieces), 0.0);
    // After a flush it is as new.
    std::vector<float> again;
    Resampler moved = std::move(resampler);
    moved.push(in, again);
    moved.flush(again);
    QCOMPARE(largest_difference(whole, again), 0.0);
  }

  void equal_rates_copy() {
    const std::vector<float> in = noise(1000);
    QCOMPARE(resample(in, 32000, 32000), in);
  }

  void short_input_is_no_trouble() {
    QVERIFY(resample({}, 8000, 32000).empty());
    const std::vector<float> one = {0.5F};
    QCOMPARE(static_cast<int>(resample(one, 8000, 32000).size()), 4);
  }

  void refuses_rates_that_are_none() {
    HEARSAY_FAILS(Usage, ("above zero"), Resampler(0, 16000));
    HEARSAY_FAILS(Usage, ("above zero"), Resampler(16000, -1));
    HEARSAY_FAILS(Usage, ("above zero"), Resampler(std::nan(""), 16000));
  }
};

QTEST_APPLESS_MAIN(TestResample)
#include "test_resample.moc"
