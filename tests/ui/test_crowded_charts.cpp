// Charts of few and of very many classes: which name stands beside what, and what the colours say.

#include <QHelpEvent>
#include <QImage>
#include <QLocale>
#include <QMap>
#include <QMouseEvent>
#include <QScrollBar>
#include <QSet>
#include <QTest>
#include <QToolTip>

#include "ui/charts/class_timeline.h"
#include "ui/charts/colours.h"
#include "ui/charts/similarity_map.h"
#include "ui/files/confusion_view.h"
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

constexpr int kStep = 4;  // pixels between places that are tried

/// Which cells a map has, and where they are seen, by pressing everywhere.
QMap<QPair<int, int>, QRect> cellsOf(ConfusionView& view) {
  QMap<QPair<int, int>, QRect> cells;
  QPoint at;
  const auto follow = QObject::connect(&view, &ConfusionView::cellChosen, &view, [&](int label, int named) {
    cells[{label, named}] |= QRect(at, QSize(1, 1));
  });
  for (at.ry() = 0; at.y() < view.viewport()->height(); at.ry() += kStep) {
    for (at.rx() = 0; at.x() < view.viewport()->width(); at.rx() += kStep) {
      QMouseEvent press(QEvent::MouseButtonPress, at, view.viewport()->mapToGlobal(at), Qt::LeftButton, Qt::LeftButton,
                        {});
      QCoreApplication::sendEvent(view.viewport(), &press);
    }
  }
  QObject::disconnect(follow);
  return cells;
}

/// Where the cell of two classes is in a map, by pointing everywhere.
QRect cellOf(SimilarityMap& map, int row, int column) {
  QRect seen;
  QPair<int, int> pointed(-1, -1);
  const auto follow = QObject::connect(&map, &SimilarityMap::pointedAt, &map, [&](int r, int c) { pointed = {r, c}; });
  for (QPoint at; at.y() < map.height() && (seen.isNull() || at.y() <= seen.bottom() + kStep); at.ry() += kStep) {
    for (at.rx() = 0; at.x() < map.width(); at.rx() += kStep) {
      QMouseEvent move(QEvent::MouseMove, at, map.mapToGlobal(at), Qt::NoButton, {}, {});
      QCoreApplication::sendEvent(&map, &move);
      if (pointed == qMakePair(row, column)) seen |= QRect(at, QSize(1, 1));
    }
  }
  QObject::disconnect(follow);
  QEvent leave(QEvent::Leave);
  QCoreApplication::sendEvent(&map, &leave);
  return seen;
}

/// The colour in a cell's corner, where no number stands.
QColor cornerOf(const QImage& image, const QRect& cell) {
  return image.pixelColor(cell.topLeft() + QPoint(5, 5));
}

/// How many ticks a strip beside the cells crosses.
int ticksIn(const QImage& image, const QRect& strip) {
  const QColor back = image.pixelColor(strip.topLeft());
  int found = 0;
  bool before = false;
  for (int y = strip.top(); y < strip.bottom(); ++y) {
    const bool ink = image.pixelColor(strip.left(), y) != back;
    if (ink && !before) ++found;
    before = ink;
  }
  return found;
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

  void pairsThatHardlyDifferDoNotLookLikeOpposites() {
    SimilarityMap map;
    map.resize(420, 360);
    Matrix alike(3, 3, 1.0F);
    const auto set = [&alike](std::int64_t i, std::int64_t j, float value) {
      alike.at(i, j) = value;
      alike.at(j, i) = value;
    };
    set(0, 1, 0.41F);
    set(0, 2, 0.44F);
    set(1, 2, 0.47F);
    map.setData({QStringLiteral("dog"), QStringLiteral("rain"), QStringLiteral("bell")}, alike);
    const QImage image = map.grab().toImage();
    const QColor low = cornerOf(image, cellOf(map, 0, 1));
    const QColor high = cornerOf(image, cellOf(map, 1, 2));
    QVERIFY2(std::abs(low.lightness() - high.lightness()) < 64, qPrintable(low.name() + high.name()));
    QVERIFY(low != high);
    QVERIFY(map.inWords().startsWith(QStringLiteral("All pairs are about equally alike, from 0.41 to 0.47.")));
    QVERIFY(map.inWords().endsWith(QStringLiteral("Most alike: rain and bell (0.47).")));
    map.setData({QStringLiteral("dog"), QStringLiteral("50%3 rain"), QStringLiteral("bell")}, alike);
    QVERIFY(map.inWords().endsWith(QStringLiteral("Most alike: 50%3 rain and bell (0.47).")));
    const QColor self = cornerOf(image, cellOf(map, 0, 0));
    QVERIFY2(std::abs(self.hslSaturationF()) < 0.1F, qPrintable(self.name()));  // none of the colours
    keepPicture(map, QStringLiteral("similarity 3"));
    set(0, 1, -0.2F);
    map.setData({QStringLiteral("dog"), QStringLiteral("rain"), QStringLiteral("bell")}, alike);
    QVERIFY(map.inWords().startsWith(QStringLiteral("Bright pairs")));
    map.setData({QStringLiteral("dog")}, Matrix(1, 1, 1.0F));
    QCOMPARE(map.inWords(), QStringLiteral("With a single class there is nothing to compare."));
    keepPicture(map, QStringLiteral("similarity 1"));
  }

  void theMapOfManyClassesNamesThem() {
    SimilarityMap map;
    Matrix alike(60, 60, 0.3F);
    for (std::int64_t i = 0; i < 60; ++i) alike.at(i, (i + 7) % 60) = 0.8F;
    map.setData(manyNames(60), alike);
    // A strip through the ticks alone: they end 4 pixels left of the cells.
    const auto ticks = [&](const QSize& size) {
      map.resize(size);
      const QImage image = map.grab().toImage();
      keepPicture(map, QStringLiteral("similarity 60 at %1").arg(size.width()));
      return ticksIn(image, QRect(cellOf(map, 0, 0).left() - kStep - 3, 0, 1, map.height()));
    };
    QCOMPARE(ticks({1100, 860}), 60);
    const int some = ticks({520, 420});
    QVERIFY2(some >= 20 && some <= 30, qPrintable(QString::number(some)));
  }

  void confusionsLeaveOutWhatHasNeitherFilesNorAnswers() {
    ConfusionView view;
    view.resize(600, 500);
    std::vector<std::vector<int>> counts(60, std::vector<int>(60));
    for (std::size_t k = 10; k < 20; ++k) counts[k][k] = 4;
    counts[12][40] = 2;
    view.setCounts(manyNames(60), counts);
    QVERIFY(view.accessibleDescription().contains(QStringLiteral("Neither files nor answers: 49 classes")));
    QCOMPARE(view.verticalScrollBar()->maximum(), 0);
    keepPicture(view, QStringLiteral("confusion 10 of 60"));
    QSet<int> rows;
    QSet<int> columns;
    for (const auto& [label, named] : cellsOf(view).keys()) {
      rows.insert(label);
      columns.insert(named);
    }
    QCOMPARE(rows.size(), 10);
    QCOMPARE(columns.size(), 11);
    QVERIFY(columns.contains(40) && !rows.contains(40));
  }

  void manyConfusionsScrollAndKeepTheirNames() {
    ConfusionView view;
    view.resize(440, 420);
    std::vector<std::vector<int>> counts(60, std::vector<int>(60));
    for (std::size_t k = 0; k < 60; ++k) counts[k][k] = 1;
    view.setCounts(manyNames(60), counts);
    view.show();
    QVERIFY(QTest::qWaitForWindowExposed(&view));
    QVERIFY(view.verticalScrollBar()->maximum() > 0 && view.horizontalScrollBar()->maximum() > 0);
    keepPicture(view, QStringLiteral("confusion 60"));
    QWidget& seen = *view.viewport();
    const auto cells = cellsOf(view);
    const QRect first = cells[{0, 0}];
    QVERIFY(!first.isNull());
    const int ten = cells[{10, 10}].top() - first.top();
    QVERIFY2(ten >= 10 * (view.fontMetrics().height() - 3), qPrintable(QString::number(ten)));  // room for names
    const QImage before = seen.grab().toImage();
    view.verticalScrollBar()->setValue(view.verticalScrollBar()->maximum());
    view.horizontalScrollBar()->setValue(view.horizontalScrollBar()->maximum());
    QVERIFY(cellsOf(view).contains({59, 59}));
    const QImage after = seen.grab().toImage();
    const QRect names(0, first.top(), first.left() - 8, 100);
    QVERIFY(before.copy(names) != after.copy(names));
    keepPicture(view, QStringLiteral("confusion 60 scrolled"));
  }

  void rightAnswersAreSeenOnALightPage() {
    ConfusionView view;
    view.resize(420, 360);
    view.setCounts({QStringLiteral("dog"), QStringLiteral("rain")}, {{3, 0}, {1, 2}});
    const QImage image = view.grab().toImage();
    const auto cells = cellsOf(view);
    const int right = cornerOf(image, cells[{0, 0}]).lightness();
    const int none = cornerOf(image, cells[{0, 1}]).lightness();
    QVERIFY2(right - none > 120, qPrintable(QStringLiteral("%1 %2").arg(right).arg(none)));
    keepPicture(view, QStringLiteral("confusion 2"));
  }
};

QTEST_MAIN(TestCrowdedCharts)
#include "test_crowded_charts.moc"
