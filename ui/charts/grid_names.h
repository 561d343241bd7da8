#pragma once
// What stands around a square of cells, in the similarity map as in the confusion map: names of rows and columns with a
// tick each, and the key of its colours.

#include <QPainter>
#include <QStringList>

namespace hearsay::ui {

/// Names left of rows that are `cell` high; the first begins at area.top() - scrolled. Low rows get smaller letters,
/// and where those do not fit either, only some have names: the ticks say which.
void paintRowNames(QPainter& painter, const QRectF& area, const QStringList& names, double cell, double scrolled = 0.0);
/// The same above columns, upright; the first begins at area.left() - scrolled.
void paintColumnNames(QPainter& painter, const QRectF& area, const QStringList& names, double cell,
                      double scrolled = 0.0);
/// The colours from heatColour(lowest) below to heatColour(1) above, and beside them what they stand for.
void paintHeatKey(QPainter& painter, const QRectF& bar, double lowest, const QString& low, const QString& high);

}  // namespace hearsay::ui
