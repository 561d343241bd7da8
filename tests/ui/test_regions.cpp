// Regions on a chart, as the mouse draws, moves and chooses them.

#include <QSignalSpy>
#include <QTest>
#include <cmath>

#include "ui/chart_mouse.h"
#include "ui/charts/region_layer.h"
#include "ui/charts/waveform_view.h"
#include "ui/pictures.h"

using namespace hearsay;
using namespace hearsay::ui;

class TestRegions : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void regionsAreDrawnMovedAndStretched() {
    WaveformView view;
    view.resize(500, 100);
    view.showClip(Matrix(100, 2, 0.1F), 10.0);
    view.setRegionEditing(true);
    QSignalSpy drawn(&view, &TimeChart::regionDrawn);
    QSignalSpy moved(&view, &TimeChart::regionMoved);
    QSignalSpy clicked(&view, &TimeChart::regionClicked);
    drag(view, inPlot(view, 0.6), inPlot(view, 0.2));  // also from right to left
    QCOMPARE(drawn.size(), 1);
    QVERIFY(std::abs(drawn[0][0].toDouble() - 2.0) < 0.06);
    QVERIFY(std::abs(drawn[0][1].toDouble() - 6.0) < 0.06);
    view.setMark({});
    view.setRegions({{7, 2.0, 4.0, Qt::red, QStringLiteral("dog")}});
    view.setSelectedRegion(7);
    drag(view, inPlot(view, 0.3), inPlot(view, 0.5));
    QCOMPARE(moved.size(), 1);
    QCOMPARE(moved[0][0].toLongLong(), 7);
    QVERIFY(std::abs(moved[0][1].toDouble() - 4.0) < 0.06);
    QVERIFY(std::abs(moved[0][2].toDouble() - 6.0) < 0.06);
    QCOMPARE(view.regions().regions()[0].start, 2.0);  // until its owner has moved it
    view.setRegions({{7, 4.0, 6.0, Qt::red, QStringLiteral("dog")}});
    drag(view, inPlot(view, 0.6), inPlot(view, 0.9));  // its end
    QCOMPARE(moved.size(), 2);
    QVERIFY(std::abs(moved[1][1].toDouble() - 4.0) < 0.06);
    QVERIFY(std::abs(moved[1][2].toDouble() - 9.0) < 0.06);
    QTest::mouseClick(&view, Qt::LeftButton, {}, inPlot(view, 0.5));
    QCOMPARE(clicked.last()[0].toLongLong(), 7);
    QTest::mouseClick(&view, Qt::LeftButton, {}, inPlot(view, 0.1));
    QCOMPARE(clicked.last()[0].toLongLong(), -1);
    keepPicture(view, QStringLiteral("regions"));
  }

  void aRegionIsDrawnInsideAnother() {
    WaveformView view;
    view.resize(500, 100);
    view.showClip(Matrix(100, 2, 0.1F), 10.0);
    view.setRegionEditing(true);
    view.setRegions({{7, 1.0, 9.0, Qt::red, {}}});
    QSignalSpy drawn(&view, &TimeChart::regionDrawn);
    QSignalSpy moved(&view, &TimeChart::regionMoved);
    drag(view, inPlot(view, 0.3), inPlot(view, 0.5));
    QCOMPARE(drawn.size(), 1);
    QVERIFY(std::abs(drawn[0][0].toDouble() - 3.0) < 0.06);
    view.setSelectedRegion(7);
    drag(view, inPlot(view, 0.3), inPlot(view, 0.35));
    QCOMPARE(moved.size(), 1);
    drag(view, inPlot(view, 0.3), inPlot(view, 0.5), Qt::ShiftModifier);
    drag(view, inPlot(view, 0.1), inPlot(view, 0.5), Qt::ShiftModifier);  // from its edge
    QCOMPARE(drawn.size(), 3);
    QCOMPARE(moved.size(), 1);
    QVERIFY(std::abs(drawn[2][0].toDouble() - 1.0) < 0.06);
  }

  void theCursorTellsWhatADragWouldDo() {
    WaveformView view;
    view.resize(500, 100);
    view.showClip(Matrix(100, 2, 0.1F), 10.0);
    view.setRegionEditing(true);
    view.setRegions({{7, 2.0, 8.0, Qt::red, {}}});
    const auto over = [&](double across, Qt::KeyboardModifiers modifiers = {}) {
      const QPoint at = inPlot(view, across);
      QMouseEvent move(QEvent::MouseMove, at, view.mapToGlobal(at), Qt::NoButton, Qt::NoButton, modifiers);
      QCoreApplication::sendEvent(&view, &move);
      return view.cursor().shape();
    };
    QCOMPARE(over(0.5), Qt::ArrowCursor);
    QCOMPARE(over(0.2), Qt::SizeHorCursor);
    view.setSelectedRegion(7);
    QCOMPARE(over(0.5), Qt::SizeAllCursor);
    QCOMPARE(over(0.5, Qt::ShiftModifier), Qt::ArrowCursor);
    QCOMPARE(over(0.2, Qt::ShiftModifier), Qt::ArrowCursor);
    QCOMPARE(over(0.9), Qt::ArrowCursor);
  }

  void aRegionStaysInsideTheSound() {
    WaveformView view;
    view.resize(500, 100);
    view.showClip(Matrix(100, 2, 0.1F), 10.0);
    view.setRegionEditing(true);
    view.setRegions({{7, 6.0, 8.0, Qt::red, {}}});
    view.setSelectedRegion(7);
    QSignalSpy moved(&view, &TimeChart::regionMoved);
    drag(view, inPlot(view, 0.7), inPlot(view, 0.98));
    QCOMPARE(moved.last()[1].toDouble(), 8.0);
    QCOMPARE(moved.last()[2].toDouble(), 10.0);
    drag(view, inPlot(view, 0.7), inPlot(view, 0.02));
    QCOMPARE(moved.last()[1].toDouble(), 0.0);
    QCOMPARE(moved.last()[2].toDouble(), 2.0);
  }

  void clicksGoThroughRegionsOnTopOfOneAnother() {
    RegionLayer layer;
    const RegionLayer::Scale scale{[](double s) { return s * 10.0; }, [](double x) { return x / 10.0; }};
    layer.setRegions({{1, 0.0, 50.0, Qt::red, {}}, {2, 20.0, 30.0, Qt::blue, {}}, {3, 20.0, 30.0, Qt::green, {}}});
    for (const qint64 wanted : {2, 3, 1, 2}) {
      layer.press(250.0, scale);
      const qint64 clicked = layer.finish(250.0, scale).id;
      QCOMPARE(clicked, wanted);
      layer.setSelected(clicked);
    }
  }

  void theSelectedRegionIsHitBeforeShorterOnes() {
    RegionLayer layer;
    const RegionLayer::Scale scale{[](double s) { return s * 10.0; }, [](double x) { return x / 10.0; }};
    layer.setRegions({{1, 0.0, 50.0, Qt::red, {}}, {2, 20.0, 30.0, Qt::blue, {}}});
    QCOMPARE(layer.hit(250.0, scale).id, 2);
    layer.setSelected(1);
    QCOMPARE(layer.hit(250.0, scale).id, 1);
    QCOMPARE(static_cast<int>(layer.hit(2.0, scale).part), static_cast<int>(RegionLayer::Part::Start));
    layer.press(250.0, scale);
    layer.drag(300.0, scale);
    layer.abandon();
    QCOMPARE(layer.regions()[0].start, 0.0);
    QCOMPARE(layer.hit(900.0, scale).id, -1);
  }
};

QTEST_MAIN(TestRegions)
#include "test_regions.moc"
