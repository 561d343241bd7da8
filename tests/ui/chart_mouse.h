#pragma once
// What the tests of charts do with the mouse.

#include <QMouseEvent>
#include <QTest>
#include <cmath>

#include "ui/charts/time_chart.h"

/// A place in the chart's plot, 0..1 from left and from the top.
inline QPoint inPlot(const hearsay::ui::TimeChart& chart, double across, double down = 0.5) {
  const QRect plot = chart.plotRect();
  return {plot.left() + static_cast<int>(std::lround(across * plot.width())),
          plot.top() + static_cast<int>(down * plot.height())};
}

inline void drag(QWidget& widget, const QPoint& from, const QPoint& to, Qt::KeyboardModifiers modifiers = {}) {
  QTest::mousePress(&widget, Qt::LeftButton, modifiers, from);
  for (int step = 1; step <= 8; ++step) {
    const QPoint point = from + (to - from) * step / 8;
    QMouseEvent move(QEvent::MouseMove, point, widget.mapToGlobal(point), Qt::NoButton, Qt::LeftButton, modifiers);
    QCoreApplication::sendEvent(&widget, &move);
  }
  QTest::mouseRelease(&widget, Qt::LeftButton, modifiers, to);
}
