// Charts of few and of very many classes: which name stands beside what, and what the colours say.

#include <QHelpEvent>
#include <QImage>
#include <QLocale>
#include <QMap>
#include <QTest>
#include <QToolTip>

#include "ui/charts/class_timeline.h"
#include "ui/charts/colours.h"
#include "ui/pictures.h"

using namespace hearsay;
using namespace hearsay::ui;

namespace {

QStringList manyNames(int count) {
  QStringList names;
  for (int k = 0; k < count; ++k) names << QStringLiteral("class %1").arg(k);
  return names;
}

QVector<QColor> manyColours(int count) {
  QVector<QColor> colours;
  for (int k = 0; k < count; ++k) colours << seriesColour(static_cast<std::size_t>(k));
  return colours;
}

QString tipAt(QWidget& widget, const QPoint& place) {
  QHelpEvent help(QEvent::ToolTip, place, widget.mapToGlobal(place));
  QCoreApplication::sendEvent(&widget, &help);
  return QToolTip::text();
}

/// A chart of ten seconds in which the classes of `loud` are at 90 %.
void fill(ClassTimeline& timeline, int count, const QVector<int>& loud, ClassTimeline::Mode mode) {
  timeline.setClasses(manyNames(count), manyColours(count));
  Matrix values(20, count);
  for (std::int64_t i = 0; i < values.rows; ++i) {
    for (const int k : loud) values.at(i, k) = 0.9F;
  }
  timeline.setMode(mode);
  timeline.setSeries(0.0, 0.5, values);
  timeline.setExtent(0.0, 10.0);
  timeline.setTimeRange(0.0, 10.0);
}

}  // namespace

class TestCrowdedCharts : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { QLocale::setDefault(QLocale::c()); }

  void theLegendCoversNoLine() {
    ClassTimeline timeline;
    timeline.resize(400, 120);
    timeline.setClasses({QStringLiteral("dog barking"), QStringLiteral("rain")}, {QColor(Qt::red), QColor(Qt::blue)});
    timeline.setMode(ClassTimeline::Mode::Lines);
    Matrix values(20, 2);
    for (std::int64_t i = 0; i < values.rows; ++i) values.at(i, 0) = 0.93F;
    timeline.setSeries(-0.5, 0.55, values);
    timeline.setTimeRange(0.0, 10.0);
    const QRect plot = timeline.plotRect();
    const QImage image = timeline.grab().toImage();
    keepPicture(timeline, QStringLiteral("legend"));
    int line = -1;  // where the surest class is drawn
    for (int y = plot.top(); y < plot.bottom() && line < 0; ++y) {
      if (image.pixelColor(plot.right() - 20, y) == QColor(Qt::red)) line = y;
    }
    QVERIFY(line > 0);
    for (int x = plot.left() + 2; x < plot.right() - 20; ++x) {
      QVERIFY2(image.pixelColor(x, line) == QColor(Qt::red), qPrintable(QStringLiteral("hidden at %1").arg(x)));
    }
  }

  void everyStripOfHeatHasItsName() {
    ClassTimeline timeline;
    timeline.resize(500, 160);
    fill(timeline, 60, {44, 7}, ClassTimeline::Mode::Heat);
    (void)timeline.grab();
    keepPicture(timeline, QStringLiteral("heat of 60"));
    const QRect plot = timeline.plotRect();
    QStringList rows;
    QMap<QString, int> heights;
    for (int y = plot.top(); y <= plot.bottom(); ++y) {
      const QString row = tipAt(timeline, {plot.center().x(), y}).section(QLatin1Char('\n'), 1, 1);
      if (rows.isEmpty() || rows.last() != row) rows << row;
      ++heights[row];
    }
    const int least = timeline.fontMetrics().height() - 3;
    for (const QString& row : rows) QVERIFY2(heights[row] >= least, qPrintable(row));
    QVERIFY2(rows.contains(QStringLiteral("class 7: 90 %")) && rows.contains(QStringLiteral("class 44: 90 %")),
             qPrintable(rows.join(QStringLiteral(", "))));
    QVERIFY(rows.indexOf(QStringLiteral("class 7: 90 %")) < rows.indexOf(QStringLiteral("class 44: 90 %")));
    QCOMPARE(rows.last(), QStringLiteral("+ %1 more").arg(60 - (rows.size() - 1)));
    timeline.resize(500, 1400);  // with room for all, all have their row
    (void)timeline.grab();
    const QRect high = timeline.plotRect();
    QVERIFY(tipAt(timeline, {high.center().x(), high.bottom() - 2}).contains(QStringLiteral("class 59")));
  }
};

QTEST_MAIN(TestCrowdedCharts)
#include "test_crowded_charts.moc"
