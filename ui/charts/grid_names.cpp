#include "ui/charts/grid_names.h"

#include <algorithm>
#include <cmath>

#include "ui/charts/colours.h"

namespace hearsay::ui {
namespace {

constexpr double kTick = 4.0;
constexpr double kGap = 3.0;               // between a tick and its name
constexpr double kSmallestLetters = 0.69;  // of the ordinary ones

/// How close lines may come: an eighth of their height has nothing in it.
double leastPitch(const QFont& font) {
  return QFontMetricsF(font).height() * 7.0 / 8.0;
}

/// The largest letters of which every cell has room for a line, or the smallest ones.
QFont lettersFor(const QFont& font, double cell) {
  QFont letters = font;
  for (double scale = 1.0; scale >= kSmallestLetters; scale -= 0.05) {
    letters.setPointSizeF(font.pointSizeF() * scale);
    if (leastPitch(letters) <= cell + 0.01) break;
  }
  return letters;
}

/// Names beside a line of cells that runs down from the painter's origin; `near`: the side of the names at the line.
void paintAlong(QPainter& painter, const QSizeF& area, const QStringList& names, double cell, double scrolled,
                Qt::Alignment near) {
  painter.setFont(lettersFor(painter.font(), cell));
  const QFontMetricsF metrics(painter.font());
  const double line = metrics.height();
  const int every = std::max(1, static_cast<int>(std::ceil(leastPitch(painter.font()) / cell - 0.01)));
  const double room = area.width() - kTick - kGap;
  const bool left = near == Qt::AlignRight;
  for (qsizetype k = 0; k < names.size(); k += every) {
    const double middle = (static_cast<double>(k) + 0.5) * cell - scrolled;
    if (middle < 0.0 || middle > area.height()) continue;
    painter.drawLine(left ? QLineF(-kTick, middle, -1.0, middle) : QLineF(1.0, middle, kTick, middle));
    painter.drawText(QRectF(left ? -area.width() : kTick + kGap, middle - line / 2.0, room, line),
                     near | Qt::AlignVCenter, metrics.elidedText(names[k], Qt::ElideRight, room));
  }
}

}  // namespace

void paintRowNames(QPainter& painter, const QRectF& area, const QStringList& names, double cell, double scrolled) {
  painter.save();
  painter.translate(area.topRight());
  paintAlong(painter, area.size(), names, cell, scrolled, Qt::AlignRight);
  painter.restore();
}

void paintColumnNames(QPainter& painter, const QRectF& area, const QStringList& names, double cell, double scrolled) {
  painter.save();
  painter.translate(area.bottomLeft());
  painter.rotate(-90.0);  // right is up now, and down is right
  paintAlong(painter, area.size().transposed(), names, cell, scrolled, Qt::AlignLeft);
  painter.restore();
}

void paintHeatKey(QPainter& painter, const QRectF& bar, double lowest, const QString& low, const QString& high) {
  constexpr int kSteps = 10;
  QLinearGradient gradient(bar.bottomLeft(), bar.topLeft());
  for (int i = 0; i <= kSteps; ++i) {
    const double part = static_cast<double>(i) / kSteps;
    gradient.setColorAt(part, heatColour(lowest + part * (1.0 - lowest)));
  }
  painter.fillRect(bar, gradient);
  const QRectF beside(bar.right() + 4.0, bar.top(), QFontMetricsF(painter.font()).horizontalAdvance(high + low),
                      bar.height());
  painter.drawText(beside, Qt::AlignLeft | Qt::AlignTop, high);
  painter.drawText(beside, Qt::AlignLeft | Qt::AlignBottom, low);
}

}  // namespace hearsay::ui
