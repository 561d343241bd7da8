#include "ui/files/confusion_view.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "ui/charts/colours.h"
#include "ui/charts/format.h"

namespace hearsay::ui {

namespace {

constexpr int kWidestName = 120;
constexpr int kTallestName = 96;      // pixels above the grid; names lean by 60 degrees
constexpr double kNumberRoom = 18.0;  // pixels from which a cell holds its number

}  // namespace

ConfusionView::ConfusionView(QWidget* parent) : QWidget(parent) {
  setAccessibleName(tr("Confusion map"));
  setMouseTracking(true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void ConfusionView::setCounts(const QStringList& names, const std::vector<std::vector<int>>& counts) {
  names_ = names;
  counts_ = counts;
  sums_.clear();
  for (const std::vector<int>& row : counts_) sums_.push_back(std::accumulate(row.begin(), row.end(), 0));
  update();
}

QSize ConfusionView::sizeHint() const {
  return {420, 360};
}

int ConfusionView::nameWidth() const {
  int widest = 0;
  for (const QString& name : names_) widest = std::max(widest, fontMetrics().horizontalAdvance(name) + 1);
  return std::min(widest, kWidestName);
}

QRectF ConfusionView::gridRect() const {
  const double line = fontMetrics().height();
  const double left = nameWidth() + 8 + line + 4;
  const double top = std::min(nameWidth(), kTallestName) + 8 + line;
  const double leaning = std::max(8.0, std::min(nameWidth(), kTallestName) * 0.5);  // of the last name: cos 60°
  const double side = std::max(40.0, std::min(width() - left - leaning, height() - top - 8.0));
  return {left, top, side, side};
}

double ConfusionView::share(int label, int named) const {
  const auto row = static_cast<std::size_t>(label);
  if (sums_[row] == 0) return 0.0;
  return static_cast<double>(counts_[row][static_cast<std::size_t>(named)]) / sums_[row];
}

ConfusionView::Cell ConfusionView::cellAt(const QPointF& point) const {
  const QRectF grid = gridRect();
  if (counts_.empty() || !grid.contains(point)) return {};
  const double side = grid.width() / static_cast<double>(counts_.size());
  const int last = static_cast<int>(counts_.size()) - 1;
  return {std::min(last, static_cast<int>((point.y() - grid.top()) / side)),
          std::min(last, static_cast<int>((point.x() - grid.left()) / side))};
}

void ConfusionView::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  if (counts_.empty()) return;
  const QRectF grid = gridRect();
  paintCells(painter, grid);
  paintNames(painter, grid);
}

void ConfusionView::paintCells(QPainter& painter, const QRectF& grid) const {
  const int count = static_cast<int>(counts_.size());
  const double side = grid.width() / count;
  const double gap = side >= 8.0 ? 1.0 : 0.0;
  QColor nothing = palette().color(QPalette::WindowText);
  nothing.setAlpha(16);
  for (int label = 0; label < count; ++label) {
    for (int named = 0; named < count; ++named) {
      const int number = counts_[static_cast<std::size_t>(label)][static_cast<std::size_t>(named)];
      const QRectF cell(grid.left() + named * side, grid.top() + label * side, side - gap, side - gap);
      const QColor colour = number > 0 ? heatColour(0.15 + 0.85 * share(label, named)) : nothing;
      painter.fillRect(cell, colour);
      if (side < kNumberRoom || number == 0) continue;
      painter.setPen(colour.lightness() > 128 ? Qt::black : Qt::white);
      painter.drawText(cell, Qt::AlignCenter, QString::number(number));
    }
  }
}

void ConfusionView::paintNames(QPainter& painter, const QRectF& grid) const {
  const QFontMetrics metrics = fontMetrics();
  const int count = static_cast<int>(counts_.size());
  const double side = grid.width() / count;
  const int every = std::max(1, static_cast<int>(std::ceil((metrics.height() - 2) / side)));
  const int line = metrics.height();
  painter.setPen(palette().color(QPalette::WindowText));
  for (int k = 0; k < count; k += every) {
    const double middle = (k + 0.5) * side;
    const QString across = metrics.elidedText(names_.value(k), Qt::ElideRight, nameWidth());
    painter.drawText(QRectF(line + 4, grid.top() + middle - line / 2.0, nameWidth(), line),
                     Qt::AlignRight | Qt::AlignVCenter, across);
    painter.save();
    painter.translate(grid.left() + middle, grid.top() - 6);
    painter.rotate(-60.0);
    painter.drawText(QPointF(0, metrics.ascent() / 2.0),
                     metrics.elidedText(names_.value(k), Qt::ElideRight, kTallestName + 20));
    painter.restore();
  }
  QColor muted = palette().color(QPalette::WindowText);
  muted.setAlpha(160);
  painter.setPen(muted);
  painter.drawText(QRectF(grid.left(), 0, grid.width(), line), Qt::AlignRight, tr("named as →"));
  painter.save();
  painter.translate(0, grid.bottom());
  painter.rotate(-90.0);
  painter.drawText(QRectF(0, 0, grid.height(), line), Qt::AlignRight, tr("label"));
  painter.restore();
}

bool ConfusionView::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const Cell cell = cellAt(help->pos());
  if (cell.label < 0) {
    QToolTip::hideText();
    return true;
  }
  const int number = counts_[static_cast<std::size_t>(cell.label)][static_cast<std::size_t>(cell.named)];
  QToolTip::showText(help->globalPos(),
                     tr("%1 labelled %2 and named %3 (%4)")
                         .arg(filesText(number), names_.value(cell.label), names_.value(cell.named),
                              percentText(share(cell.label, cell.named))),
                     this);
  return true;
}

void ConfusionView::mousePressEvent(QMouseEvent* event) {
  const Cell cell = cellAt(event->position());
  if (cell.label >= 0) Q_EMIT cellChosen(cell.label, cell.named);
}

}  // namespace hearsay::ui
