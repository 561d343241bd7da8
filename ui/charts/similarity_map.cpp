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

namespace hearsay::ui {
namespace {

constexpr double kScaleWidth = 64.0;
constexpr double kMostForNames = 0.28;  // of the width, and of the height
constexpr double kSmallestNamedCell = 13.0;
constexpr double kSmallestValueCell = 34.0;

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
  low_ = 1.0;
  high_ = -1.0;
  for (std::int64_t i = 0; i < values_.rows; ++i) {
    for (std::int64_t j = 0; j < values_.cols; ++j) {
      if (i == j) continue;
      low_ = std::min(low_, static_cast<double>(values_.at(i, j)));
      high_ = std::max(high_, static_cast<double>(values_.at(i, j)));
    }
  }
  if (low_ >= high_) {
    low_ = high_ < -0.5 ? 0.0 : high_ - 0.1;
    high_ = low_ + 0.1;
  }
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

QString SimilarityMap::mostAlike() const {
  if (size() < 2) return {};
  QPoint best(1, 0);
  for (int row = 0; row < size(); ++row) {
    for (int column = row + 1; column < size(); ++column) {
      if (values_.at(row, column) > values_.at(best.y(), best.x())) best = {column, row};
    }
  }
  return tr("Most alike: %1 and %2 (%3).")
      .arg(names_[best.y()], names_[best.x()])
      .arg(static_cast<double>(values_.at(best.y(), best.x())), 0, 'f', 2);
}

SimilarityMap::Layout SimilarityMap::layOut() const {
  Layout layout;
  const QFontMetricsF metrics(font());
  double widest = 0.0;
  for (const QString& name : names_) widest = std::max(widest, metrics.horizontalAdvance(name));
  // Names of columns are turned upright. Where both sides take too much room the rows keep theirs: the square is the
  // same either way round.
  const double count = std::max(1, size());
  double left = std::min(widest + 8.0, width() * kMostForNames);
  double top = std::min(widest + 8.0, height() * kMostForNames);
  const auto side = [&] { return std::min(width() - left - kScaleWidth - 8.0, height() - top - 8.0); };
  layout.column_names = side() / count >= kSmallestNamedCell;
  if (!layout.column_names) top = 8.0;
  layout.row_names = side() / count >= kSmallestNamedCell;
  if (!layout.row_names) left = 8.0;
  const double edge = std::max(side(), 16.0);
  layout.cell = edge / count;
  layout.values = layout.cell >= kSmallestValueCell;
  layout.square = QRectF(left, top, edge, edge);
  return layout;
}

void SimilarityMap::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), palette().color(QPalette::Base));
  if (size() == 0) return;
  const Layout layout = layOut();
  painter.drawImage(layout.square, picture_);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(palette().color(QPalette::Text));
  if (layout.row_names) paintRowNames(painter, layout);
  if (layout.column_names) paintColumnNames(painter, layout);
  if (layout.values) paintValues(painter, layout);
  paintScale(painter, layout);
  if (cell_.x() < 0) return;
  painter.setPen(QPen(palette().color(QPalette::Highlight), 2.0));
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(QRectF(layout.square.left() + cell_.x() * layout.cell, layout.square.top() + cell_.y() * layout.cell,
                          layout.cell, layout.cell));
}

void SimilarityMap::paintRowNames(QPainter& painter, const Layout& layout) const {
  const QFontMetricsF metrics(font());
  const double room = layout.square.left() - 8.0;
  for (int i = 0; i < size(); ++i) {
    painter.drawText(QRectF(0.0, layout.square.top() + i * layout.cell, layout.square.left() - 6.0, layout.cell),
                     Qt::AlignRight | Qt::AlignVCenter | Qt::TextDontClip,
                     metrics.elidedText(names_[i], Qt::ElideRight, room));
  }
}

void SimilarityMap::paintColumnNames(QPainter& painter, const Layout& layout) const {
  const QFontMetricsF metrics(font());
  const double room = layout.square.top() - 8.0;
  for (int i = 0; i < size(); ++i) {
    painter.save();
    painter.translate(layout.square.left() + (i + 0.5) * layout.cell, layout.square.top() - 6.0);
    painter.rotate(-90.0);
    painter.drawText(QRectF(0.0, -layout.cell / 2.0, room, layout.cell),
                     Qt::AlignLeft | Qt::AlignVCenter | Qt::TextDontClip,
                     metrics.elidedText(names_[i], Qt::ElideRight, room));
    painter.restore();
  }
}

void SimilarityMap::paintValues(QPainter& painter, const Layout& layout) const {
  QFont small = font();
  small.setPointSizeF(small.pointSizeF() * 0.85);
  painter.save();
  painter.setFont(small);
  for (int row = 0; row < size(); ++row) {
    for (int column = 0; column < size(); ++column) {
      painter.setPen(qGray(picture_.pixel(column, row)) > 130 ? Qt::black : Qt::white);
      painter.drawText(QRectF(layout.square.left() + column * layout.cell, layout.square.top() + row * layout.cell,
                              layout.cell, layout.cell),
                       Qt::AlignCenter, QString::number(static_cast<double>(values_.at(row, column)), 'f', 2));
    }
  }
  painter.restore();
}

void SimilarityMap::paintScale(QPainter& painter, const Layout& layout) const {
  const QRectF bar(layout.square.right() + 16.0, layout.square.top(), 10.0, layout.square.height());
  QLinearGradient gradient(bar.bottomLeft(), bar.topLeft());
  for (int i = 0; i <= 10; ++i) gradient.setColorAt(i / 10.0, heatColour(i / 10.0));
  painter.fillRect(bar, gradient);
  const double x = bar.right() + 4.0;
  const double height = QFontMetricsF(font()).height();
  painter.drawText(QRectF(x, bar.top(), 48.0, height), Qt::AlignLeft | Qt::AlignTop, QString::number(high_, 'f', 2));
  painter.drawText(QRectF(x, bar.bottom() - height, 48.0, height), Qt::AlignLeft | Qt::AlignBottom,
                   QString::number(low_, 'f', 2));
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
      .arg(isolated(names_[cell.y()]), isolated(names_[cell.x()]))
      .arg(static_cast<double>(values_.at(cell.y(), cell.x())), 0, 'f', 3);
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
