// The charts that Listen, Files and Label share: what they paint, and what mouse and keys do to them.

#include <QImage>
#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>
#include <cmath>
#include <limits>

#include "ui/chart_mouse.h"
#include "ui/charts/chart_stack.h"
#include "ui/charts/class_timeline.h"
#include "ui/charts/colours.h"
#include "ui/charts/format.h"
#include "ui/charts/similarity_bars.h"
#include "ui/charts/spectrogram_store.h"
#include "ui/charts/spectrogram_view.h"
#include "ui/charts/time_axis.h"
#include "ui/charts/waveform_view.h"
#include "ui/pictures.h"

using namespace hearsay;
using namespace hearsay::ui;

namespace {

Matrix columnsWithBand(std::int64_t columns, std::int64_t bands, std::int64_t loud, float loudDb = 10.0F) {
  Matrix matrix(columns, bands, -80.0F);
  for (std::int64_t i = 0; i < columns; ++i) matrix.at(i, loud) = loudDb;
  return matrix;
}

/// Lightness of a chart's pixel, from a place in its plot (0..1 from left and from the bottom).
int lightnessAt(TimeChart& chart, double across, double up) {
  const QImage image = chart.grab().toImage();
  const QRect plot = chart.plotRect();
  const QPoint point(plot.left() + static_cast<int>(across * (plot.width() - 1)),
                     plot.bottom() - static_cast<int>(up * (plot.height() - 1)));
  return image.pixelColor(point).lightness();
}

void turnWheel(QWidget& widget, const QPoint& at, int delta, Qt::KeyboardModifiers modifiers = {}) {
  QWheelEvent event(at, widget.mapToGlobal(at), {}, {0, delta}, Qt::NoButton, modifiers, Qt::NoScrollPhase, false);
  QCoreApplication::sendEvent(&widget, &event);
}

}  // namespace

class TestCharts : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { QLocale::setDefault(QLocale::c()); }

  void numbersAsPeopleReadThem() {
    QCOMPARE(percentText(0.874), QStringLiteral("87 %"));
    QCOMPARE(percentText(std::numeric_limits<double>::quiet_NaN()), QStringLiteral("–"));
    QCOMPARE(durationText(0.84), QStringLiteral("0.8 s"));
    QCOMPARE(durationText(187.2), QStringLiteral("3:07 min"));
    QCOMPARE(durationText(3729), QStringLiteral("1:02:09 h"));
    QCOMPARE(durationText(-1), QString());
    QCOMPARE(clockText(59.97, 1), QStringLiteral("1:00.0"));
    QCOMPARE(clockText(2.5, 1), QStringLiteral("2.5 s"));
    QCOMPARE(clockText(3600), QStringLiteral("1:00:00"));
    QCOMPARE(cosineText(-0.314), QStringLiteral("−0.31"));
    QCOMPARE(cosineText(-0.001), QStringLiteral("0.00"));
  }

  void ticksAreRoundAndFit() {
    const auto ticks = timeTicks(0.0, 30.0, 7);
    QCOMPARE(ticks.size(), std::size_t{7});
    QCOMPARE(ticks[1].seconds, 5.0);
    const auto fine = timeTicks(1.02, 1.31, 4);
    QVERIFY(fine.size() >= 2 && fine.size() <= 4);
    QCOMPARE(fine.front().text, QStringLiteral("1.1 s"));
    QVERIFY(timeTicks(5.0, 5.0, 4).empty());
  }

  void storeKeepsTheNewestColumns() {
    SpectrogramStore store;
    store.reset(10, 4);
    QVERIFY(store.append(columnsWithBand(6, 4, 1)));
    QVERIFY(store.append(columnsWithBand(8, 4, 3)));
    QCOMPARE(store.end(), std::int64_t{14});
    QCOMPARE(store.begin(), std::int64_t{4});
    std::array<std::uint8_t, 4> out{};
    QVERIFY(store.merged(0, 6, out));  // of these only columns 4 and 5 are kept
    QCOMPARE(out[1], SpectrogramStore::byteOf(10.0F));
    QCOMPARE(out[3], SpectrogramStore::byteOf(-80.0F));
    QVERIFY(store.merged(5, 7, out));  // one of each kind: the highest of both
    QCOMPARE(out[1], SpectrogramStore::byteOf(10.0F));
    QCOMPARE(out[3], SpectrogramStore::byteOf(10.0F));
    QVERIFY(!store.merged(0, 4, out));
    QVERIFY(!store.append(columnsWithBand(2, 5, 1)));  // other bands than it was made for
  }

  void bytesOfDecibelsAreClamped() {
    QCOMPARE(SpectrogramStore::byteOf(-400.0F), std::uint8_t{0});
    QCOMPARE(SpectrogramStore::byteOf(400.0F), std::uint8_t{255});
    QCOMPARE(SpectrogramStore::byteOf(std::numeric_limits<float>::quiet_NaN()), std::uint8_t{0});
    QVERIFY(std::abs(SpectrogramStore::dbOf(SpectrogramStore::byteOf(-33.0F)) + 33.0F) < 0.5F);
  }

  void spectrogramPaintsTheLoudBandWhereItIs() {
    SpectrogramView view;
    view.resize(400, 200);
    Matrix columns = columnsWithBand(100, 64, 16);
    for (std::int64_t i = 50; i < 100; ++i) std::fill(columns.row(i).begin(), columns.row(i).end(), -80.0F);
    view.showClip(columns, 2.0);
    QVERIFY(lightnessAt(view, 0.25, 16.5 / 64) > 150);
    QVERIFY(lightnessAt(view, 0.25, 40.0 / 64) < 60);
    QVERIFY(lightnessAt(view, 0.75, 16.5 / 64) < 60);
    keepPicture(view, QStringLiteral("spectrogram"));
  }

  void liveSpectrogramScrollsAndForgets() {
    SpectrogramView view;
    view.resize(400, 340);
    LogMelConfig mel;
    view.setMel(mel);
    view.startLive(10.0, 0.01);
    view.append(columnsWithBand(500, mel.n_mels, 10));
    QCOMPARE(view.liveEnd(), 5.0);
    view.setTimeRange(0.0, 5.0);
    QVERIFY(lightnessAt(view, 0.5, 10.5 / mel.n_mels) > 150);
    view.append(columnsWithBand(1500, mel.n_mels, 50));
    view.setTimeRange(0.0, 5.0);  // forgotten by now: nothing is painted there
    QCOMPARE(lightnessAt(view, 0.5, 10.5 / mel.n_mels), view.palette().color(QPalette::Base).lightness());
    view.setTimeRange(15.0, 20.0);
    QVERIFY(lightnessAt(view, 0.5, 50.5 / mel.n_mels) > 150);
  }

  void aMinuteOfSpectrogramIsPaintedWithinAFrame() {
    SpectrogramView view;
    view.resize(1900, 300);
    LogMelConfig mel;
    view.setMel(mel);
    view.startLive(600.0, 0.01);
    double best = 1e9;
    for (int i = 0; i < 12; ++i) {
      view.append(columnsWithBand(6000, mel.n_mels, 3 * i));
      view.setTimeRange(view.liveEnd() - 60.0, view.liveEnd());
      (void)view.grab();
      best = std::min(best, view.lastPaintMs());
    }
    qInfo("A minute of spectrogram, 1900 x 300: %.1f ms", best);
    QVERIFY2(best < 33.0, qPrintable(QString::number(best)));
  }

  void clickSeeksAndWheelZooms() {
    WaveformView view;
    view.resize(400, 100);
    Matrix envelope(1000, 2);
    for (std::int64_t i = 0; i < 1000; ++i) {
      envelope.at(i, 0) = -0.5F;
      envelope.at(i, 1) = 0.5F;
    }
    view.showClip(envelope, 10.0);
    ChartStack stack;
    stack.add(&view);
    QSignalSpy seeks(&stack, &ChartStack::seekRequested);
    QTest::mouseClick(&view, Qt::LeftButton, {}, inPlot(view, 0.3));
    QCOMPARE(seeks.size(), 1);
    QVERIFY(std::abs(seeks[0][0].toDouble() - 3.0) < 0.05);
    turnWheel(view, inPlot(view, 0.5), 120);
    QVERIFY(std::abs((view.rangeTo() - view.rangeFrom()) - 8.0) < 1e-6);
    QVERIFY(std::abs((view.rangeTo() + view.rangeFrom()) / 2.0 - 5.0) < 0.05);
    turnWheel(view, inPlot(view, 0.5), -1200);  // out again: never beyond what there is
    QCOMPARE(view.rangeFrom(), 0.0);
    QCOMPARE(view.rangeTo(), 10.0);
    turnWheel(view, inPlot(view, 0.0), 240);
    const double before = view.rangeFrom();
    turnWheel(view, inPlot(view, 0.5), -120, Qt::ShiftModifier);
    QVERIFY(view.rangeFrom() > before);
    keepPicture(view, QStringLiteral("waveform"));
  }

  void keysMoveThePlayheadAndZoom() {
    WaveformView view;
    view.resize(400, 100);
    view.showClip(Matrix(100, 2, 0.1F), 10.0);
    ChartStack stack;
    stack.add(&view);
    QSignalSpy seeks(&stack, &ChartStack::seekRequested);
    stack.setPlayhead(4.0);
    QTest::keyClick(&view, Qt::Key_Right);
    QCOMPARE(seeks.takeFirst()[0].toDouble(), 4.5);
    QTest::keyClick(&view, Qt::Key_Left);
    QCOMPARE(seeks.takeFirst()[0].toDouble(), 3.5);
    QTest::keyClick(&view, Qt::Key_Plus);
    QVERIFY(view.rangeTo() - view.rangeFrom() < 9.0);
    QTest::keyClick(&view, Qt::Key_Minus);
    QVERIFY(view.rangeTo() - view.rangeFrom() > 9.0);
  }

  void barsDragOneThresholdOrAll() {
    SimilarityBars bars;
    bars.setClasses({QStringLiteral("dog"), QStringLiteral("rain"), QStringLiteral("bell")},
                    {seriesColour(0), seriesColour(1), seriesColour(2)});
    bars.resize(400, bars.sizeHint().height());
    bars.setValues(std::array{0.9F, 0.08F, 0.02F}, std::array{0.41F, 0.12F, -0.05F});
    QSignalSpy edited(&bars, &SimilarityBars::thresholdsEdited);
    QCOMPARE(bars.thresholds(), QVector<double>({0.5, 0.5, 0.5}));
    const QRect bar = bars.barRect(1);
    drag(bars, bars.thresholdPoint(1), {bar.left() + (bar.width() - 1) * 3 / 10, bar.center().y()});
    QVERIFY(!edited.isEmpty());
    QCOMPARE(bars.thresholds(), QVector<double>({0.5, 0.3, 0.5}));
    drag(bars, bars.thresholdPoint(0), {bar.left() + (bar.width() - 1) * 7 / 10, bars.barRect(0).center().y()},
         Qt::ShiftModifier);
    QCOMPARE(bars.thresholds(), QVector<double>({0.7, 0.7, 0.7}));
    drag(bars, {bar.left() + 3, bar.center().y()}, {bar.right(), bar.center().y()});  // not on a mark: nothing moves
    QCOMPARE(bars.thresholds(), QVector<double>({0.7, 0.7, 0.7}));
    keepPicture(bars, QStringLiteral("bars"));
  }

  void barsByKeys() {
    SimilarityBars bars;
    bars.setClasses({QStringLiteral("dog"), QStringLiteral("rain")}, {seriesColour(0), seriesColour(1)});
    QSignalSpy current(&bars, &SimilarityBars::currentChanged);
    QTest::keyClick(&bars, Qt::Key_Down);
    QCOMPARE(bars.current(), 1);
    QCOMPARE(current.size(), 1);
    QTest::keyClick(&bars, Qt::Key_Left);
    QCOMPARE(bars.thresholds(), QVector<double>({0.5, 0.49}));
    QTest::keyClick(&bars, Qt::Key_Right, Qt::ShiftModifier);
    QCOMPARE(bars.thresholds(), QVector<double>({0.5, 0.5}));
    bars.setClasses({QStringLiteral("dog"), QStringLiteral("rain"), QStringLiteral("bell")}, {});
    QCOMPARE(bars.thresholds().size(), 3);
  }

  void aBarIsAsLongAsItsValue() {
    SimilarityBars bars;
    bars.setClasses({QStringLiteral("dog")}, {QColor(Qt::red)});
    bars.setThresholdsVisible(false);
    bars.resize(400, bars.sizeHint().height());
    bars.setValues(std::array{0.6F}, {});
    const QRect bar = bars.barRect(0);
    const QImage image = bars.grab().toImage();
    const auto redAt = [&](double share) {
      const QColor colour = image.pixelColor(bar.left() + static_cast<int>(share * bar.width()), bar.center().y());
      return colour.red() > 150 && colour.blue() < 120;
    };
    QVERIFY(redAt(0.3));
    QVERIFY(redAt(0.58));
    QVERIFY(!redAt(0.62));
    bars.setValues(std::array{0.6F, 0.1F}, {});  // of other classes: not taken
    QCOMPARE(bars.rows(), 1);
  }

  void timelineKeepsValuesAndForgets() {
    ClassTimeline timeline;
    timeline.setClasses({QStringLiteral("dog"), QStringLiteral("rain")}, {seriesColour(0), seriesColour(1)});
    for (int i = 0; i < 1000; ++i) {
      timeline.append(i * 0.5, (i + 1) * 0.5, std::array{0.25F, i < 500 ? 1.0F : 0.0F});
    }
    timeline.append(500.0, 500.5, std::array{1.0F});  // of another list: not taken
    QCOMPARE(timeline.count(), std::size_t{1000});
    QCOMPARE(timeline.valueAt(10.2, 1), 1.0);
    QCOMPARE(timeline.valueAt(400.0, 1), 0.0);
    QVERIFY(std::isnan(timeline.valueAt(900.0, 0)));
    timeline.forgetBefore(300.0);
    QVERIFY(std::isnan(timeline.valueAt(10.2, 1)));
    QCOMPARE(timeline.valueAt(400.2, 0), 0.25);
    QVERIFY(timeline.count() < 500);
  }

  void timelineKeepsValuesInAnotherOrder() {
    ClassTimeline timeline;
    const QVector<QColor> colours{seriesColour(0), seriesColour(1), seriesColour(2)};
    timeline.setClasses({QStringLiteral("dog"), QStringLiteral("rain"), QStringLiteral("bell")}, colours);
    timeline.append(0.0, 1.0, std::array{0.25F, 0.5F, 0.125F});
    timeline.append(1.0, 2.0, std::array{0.75F, 0.0F, 0.0625F});
    timeline.setClasses({QStringLiteral("bell"), QStringLiteral("dog"), QStringLiteral("rain")}, colours);
    QCOMPARE(timeline.count(), std::size_t{2});
    QCOMPARE(timeline.valueAt(0.5, 0), 0.125);
    QCOMPARE(timeline.valueAt(0.5, 1), 0.25);
    QCOMPARE(timeline.valueAt(1.5, 1), 0.75);
    QCOMPARE(timeline.valueAt(1.5, 2), 0.0);
    timeline.setClasses({QStringLiteral("bell"), QStringLiteral("cat"), QStringLiteral("rain")}, colours);
    QCOMPARE(timeline.count(), std::size_t{0});
  }

  void whatNobodyHeardIsNotPainted() {
    ClassTimeline timeline;
    timeline.resize(400, 160);
    timeline.setClasses({QStringLiteral("dog")}, {QColor(Qt::red)});
    timeline.append(0.0, 1.0, std::array{0.95F});
    timeline.append(99999.0, 100000.0, std::array{0.95F});  // a day of silence between
    timeline.setExtent(0.0, 100000.0);
    timeline.setTimeRange(0.0, 100000.0);
    const int base = timeline.palette().color(QPalette::Base).lightness();
    QVERIFY(lightnessAt(timeline, 0.001, 0.5) > 150);
    for (const double across : {0.25, 0.5, 0.75}) QCOMPARE(lightnessAt(timeline, across, 0.5), base);
    timeline.setMode(ClassTimeline::Mode::Lines);
    const QImage image = timeline.grab().toImage();
    const QRect plot = timeline.plotRect();
    for (int y = plot.top() + timeline.fontMetrics().height() + 8; y < plot.bottom(); ++y) {
      const QColor colour = image.pixelColor(plot.center().x(), y);
      QVERIFY(colour.red() < 200 || colour.blue() > 100);
    }
  }

  void heatAndLinesShowTheLoudClass() {
    ClassTimeline timeline;
    timeline.resize(400, 120);
    timeline.setClasses({QStringLiteral("dog"), QStringLiteral("rain")}, {QColor(Qt::red), QColor(Qt::blue)});
    Matrix values(20, 2);
    for (std::int64_t i = 0; i < 10; ++i) values.at(i, 0) = 0.95F;
    timeline.setSeries(0.0, 0.5, values);
    timeline.setExtent(0.0, 10.0);
    timeline.setTimeRange(0.0, 10.0);
    timeline.setMode(ClassTimeline::Mode::Heat);
    QVERIFY(lightnessAt(timeline, 0.25, 0.75) > 150);  // dog, the upper strip, first half
    QVERIFY(lightnessAt(timeline, 0.75, 0.75) < 60);
    QVERIFY(lightnessAt(timeline, 0.25, 0.25) < 60);
    keepPicture(timeline, QStringLiteral("heat"));
    timeline.setMode(ClassTimeline::Mode::Lines);
    const QRect plot = timeline.plotRect();
    const QImage image = timeline.grab().toImage();
    bool red = false;  // dog's line in the upper half, below the legend
    for (int y = plot.top() + timeline.fontMetrics().height() + 6; y < plot.center().y(); ++y) {
      const QColor colour = image.pixelColor(plot.left() + plot.width() * 2 / 5, y);
      red = red || (colour.red() > 200 && colour.blue() < 100 && colour.green() < 100);
    }
    QVERIFY(red);
    keepPicture(timeline, QStringLiteral("lines"));
  }

  void stackLinesUpMarginsAndRanges() {
    SpectrogramView spectrogram;
    ClassTimeline timeline;
    ChartStack stack;
    stack.add(&spectrogram);
    stack.add(&timeline);
    timeline.setClasses({QStringLiteral("a rather long name of a class")}, {seriesColour(0)});
    QCOMPARE(spectrogram.plotRect().left(), timeline.plotRect().left());
    QVERIFY(spectrogram.plotRect().left() > 60);
    timeline.setMode(ClassTimeline::Mode::Lines);
    QVERIFY(spectrogram.plotRect().left() < 80);
    QCOMPARE(spectrogram.plotRect().left(), timeline.plotRect().left());
    stack.setTimeRange(3.0, 7.0);
    QCOMPARE(spectrogram.rangeFrom(), 3.0);
    QCOMPARE(timeline.rangeTo(), 7.0);
  }

  void emptyChartsSayWhatToDo() {
    WaveformView view;
    view.resize(300, 80);
    const QImage blank = view.grab().toImage();
    view.setEmptyText(QStringLiteral("Choose a file."));
    QVERIFY(view.grab().toImage() != blank);
  }
};

QTEST_MAIN(TestCharts)
#include "test_charts.moc"
