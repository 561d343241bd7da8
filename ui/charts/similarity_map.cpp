#include "ui/charts/similarity_map.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "ui/charts/colours.h"
#include "ui/charts/format.h"
#include "ui/charts/grid_names.h"

namespace hearsay::ui {
namespace {

constexpr double kScaleWidth = 64.0;
constexpr double kMostForNames = 0.28;  // of the width, and of the height
constexpr double kSmallestNamedSquare = 96.0;
constexpr double kSmallestValueCell = 34.0;
constexpr double kNarrowestScale = 0.3;  // of cosines: less than a third of it is told apart by nobody who listens
constexpr double kScaleStep = 0.05;      // its ends are multiples of this
constexpr double kHardlyDiffers = 0.1;

}  // namespace

SimilarityMap::SimilarityMap(QWidget* parent) : QWidget(parent) {
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Similarity of the classes to each other"));
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void SimilarityMap::setData(const QStringList& names, const Matrix& values) {
  names_ = names;
  values_ = values;
  cell_ = {-1, -1};
  fitScale();
  picture_ = QImage(size(), size(), QImage::Format_RGB32);
  for (int row = 0; row < size(); ++row) {
    for (int column = 0; column < size(); ++column) {
      const double share = (static_cast<double>(values_.at(row, column)) - low_) / (high_ - low_);
      picture_.setPixelColor(column, row, heatColour(std::clamp(share, 0.0, 1.0)));
    }
  }
  setAccessibleDescription(mostAlike());
  update();
}

void SimilarityMap::fitScale() {
  lowest_ = 1.0;
  highest_ = -1.0;
  for (std::int64_t i = 0; i < values_.rows; ++i) {
    for (std::int64_t j = 0; j < values_.cols; ++j) {
      if (i == j) continue;
      lowest_ = std::min(lowest_, static_cast<double>(values_.at(i, j)));
      highest_ = std::max(highest_, static_cast<double>(values_.at(i, j)));
    }
  }
  if (size() < 2) lowest_ = highest_ = 0.0;
  const double wider = std::max(0.0, (kNarrowestScale - (highest_ - lowest_)) / 2.0);
  low_ = std::floor((lowest_ - wider) / kScaleStep) * kScaleStep;
  high_ = std::ceil((highest_ + wider) / kScaleStep) * kScaleStep;
}

QString SimilarityMap::inWords() const {
  if (size() == 0) return {};
  if (size() == 1) return tr("With a single class there is nothing to compare.");
  if (size() > 2 && highest_ - lowest_ < kHardlyDiffers) {
    return tr("All pairs are about equally alike, from %1 to %2. %3")
        .arg(cosineText(lowest_), cosineText(highest_), mostAlike());
  }
  return tr("Bright pairs are easily confused. %1").arg(mostAlike());
}

QString SimilarityMap::mostAlike() const {
  if (size() < 2) return {};
  QPoint best(1, 0);
  for (int row = 0; row < size(); ++row) {
    for (int column = row + 1; column < size(); ++column) {
      if (values_.at(row, column) > values_.at(best.y(), best.x())) best = {column, row};
    }
  }
  return tr("Most alike: %1 and %2 (%3).")
      .arg(names_[best.y()], names_[best.x()],
           QString::number(static_cast<double>(values_.at(best.y(), best.x())), 'f', 2));
}

SimilarityMap::Layout SimilarityMap::layOut() const {
  Layout layout;
  const QFontMetricsF metrics(font());
  double widest = 0.0;
  for (const QString& name : names_) widest = std::max(widest, metrics.horizontalAdvance(name));
  // Names of columns are turned upright. Where both sides take too much room the rows keep theirs: the square is the
  // same either way round.
  const double count = std::max(1, size());
  const double left = std::min(widest + 12.0, width() * kMostForNames);
  double top = std::min(widest + 12.0, height() * kMostForNames);
  const auto side = [&] { return std::min(width() - left - kScaleWidth - 8.0, height() - top - 8.0); };
  layout.columnNames = side() >= std::min(kSmallestNamedSquare, count * metrics.height());
  if (!layout.columnNames) top = 8.0;
  const double edge = std::max(side(), 16.0);
  layout.cell = edge / count;
  layout.values = layout.cell >= kSmallestValueCell;
  layout.square = QRectF(left, top, edge, edge);
  return layout;
}

QRectF SimilarityMap::cellRect(const Layout& layout, int row, int column) const {
  return {layout.square.left() + column * layout.cell, layout.square.top() + row * layout.cell, layout.cell,
          layout.cell};
}

void SimilarityMap::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), palette().color(QPalette::Base));
  if (size() == 0) return;
  const Layout layout = layOut();
  const QRectF& square = layout.square;
  painter.drawImage(square, picture_);
  painter.setPen(palette().color(QPalette::Text));
  paintDiagonal(painter, layout);
  painter.setRenderHint(QPainter::Antialiasing);
  paintRowNames(painter, QRectF(0.0, square.top(), square.left(), square.height()), names_, layout.cell);
  if (layout.columnNames) {
    paintColumnNames(painter, QRectF(square.left(), 0.0, square.width(), square.top()), names_, layout.cell);
  }
  if (layout.values) paintValues(painter, layout);
  if (size() > 1) {
    paintHeatKey(painter, QRectF(square.right() + 16.0, square.top(), 10.0, square.height()), 0.0, cosineText(low_),
                 cosineText(high_));
  }
  if (cell_.x() < 0) return;
  painter.setPen(QPen(palette().color(QPalette::Highlight), 2.0));
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(cellRect(layout, cell_.y(), cell_.x()));
}

// A class is like itself: that is no finding, and has none of the colours.
void SimilarityMap::paintDiagonal(QPainter& painter, const Layout& layout) const {
  QColor grey = palette().color(QPalette::Text);
  grey.setAlpha(50);
  QColor lines = grey;
  lines.setAlpha(110);
  for (int i = 0; i < size(); ++i) {
    const QRectF cell = cellRect(layout, i, i);
    painter.fillRect(cell, palette().color(QPalette::Base));
    painter.fillRect(cell, grey);
    painter.fillRect(cell, QBrush(lines, Qt::BDiagPattern));
  }
}

void SimilarityMap::paintValues(QPainter& painter, const Layout& layout) const {
  QFont small = font();
  small.setPointSizeF(small.pointSizeF() * 0.85);
  painter.save();
  painter.setFont(small);
  for (int row = 0; row < size(); ++row) {
    for (int column = 0; column < size(); ++column) {
      if (row == column) continue;
      painter.setPen(qGray(picture_.pixel(column, row)) > 130 ? Qt::black : Qt::white);
      painter.drawText(cellRect(layout, row, column), Qt::AlignCenter,
                       QString::number(static_cast<double>(values_.at(row, column)), 'f', 2));
    }
  }
  painter.restore();
}

QPoint SimilarityMap::cellAt(const QPointF& place) const {
  const Layout layout = layOut();
  if (size() == 0 || !layout.square.contains(place)) return {-1, -1};
  const auto index = [&](double distance) { return std::min(static_cast<int>(distance / layout.cell), size() - 1); };
  return {index(place.x() - layout.square.left()), index(place.y() - layout.square.top())};
}

void SimilarityMap::pointAt(QPoint cell) {
  if (cell == cell_) return;
  cell_ = cell;
  update();
  Q_EMIT pointedAt(cell.y(), cell.x());
}

QString SimilarityMap::words(QPoint cell) const {
  if (cell.x() < 0) return {};
  return tr("%1 and %2: %3")
      .arg(isolated(names_[cell.y()]), isolated(names_[cell.x()]),
           QString::number(static_cast<double>(values_.at(cell.y(), cell.x())), 'f', 3));
}

void SimilarityMap::mouseMoveEvent(QMouseEvent* event) {
  pointAt(cellAt(event->position()));
}
void SimilarityMap::leaveEvent(QEvent*) {
  pointAt({-1, -1});
}

void SimilarityMap::keyPressEvent(QKeyEvent* event) {
  QPoint cell = cell_.x() < 0 ? QPoint(0, 0) : cell_;
  switch (event->key()) {
    case Qt::Key_Left:
      cell.rx() -= 1;
      break;
    case Qt::Key_Right:
      cell.rx() += 1;
      break;
    case Qt::Key_Up:
      cell.ry() -= 1;
      break;
    case Qt::Key_Down:
      cell.ry() += 1;
      break;
    default:
      QWidget::keyPressEvent(event);
      return;
  }
  if (size() == 0) return;
  pointAt({std::clamp(cell.x(), 0, size() - 1), std::clamp(cell.y(), 0, size() - 1)});
  setAccessibleDescription(words(cell_));
}

bool SimilarityMap::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const QPoint cell = cellAt(help->pos());
  if (cell.x() < 0) {
    QToolTip::hideText();
  } else {
    QToolTip::showText(help->globalPos(), words(cell), this);
  }
  return true;
}

}  // namespace hearsay::ui
