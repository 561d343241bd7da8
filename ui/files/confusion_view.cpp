#include "ui/files/confusion_view.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "ui/charts/colours.h"
#include "ui/charts/format.h"
#include "ui/charts/grid_names.h"

namespace hearsay::ui {

namespace {

constexpr int kWidestName = 120;
constexpr int kTallestName = 96;  // pixels above the cells
constexpr int kKeyLeft = 16;      // of the cells
constexpr int kKeyBar = 10;
constexpr double kNumberRoom = 18.0;  // pixels from which a cell holds its number
constexpr double kFaintest = 0.15;    // one file of very many is still told from none

QStringList namesOf(const std::vector<int>& classes, const QStringList& names) {
  QStringList out;
  for (const int k : classes) out << names.value(k);
  return out;
}

}  // namespace

ConfusionView::ConfusionView(QWidget* parent) : QAbstractScrollArea(parent) {
  setAccessibleName(tr("Confusion map"));
  setToolTip(tr("Which class was taken for which; a click on a cell shows its files"));
  setFrameShape(QFrame::NoFrame);
  setBackgroundRole(QPalette::Window);
  viewport()->setBackgroundRole(QPalette::Window);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void ConfusionView::setCounts(const QStringList& names, const std::vector<std::vector<int>>& counts) {
  names_ = names;
  counts_ = counts;
  sums_.clear();
  rows_.clear();
  columns_.clear();
  for (const std::vector<int>& row : counts_) sums_.push_back(std::accumulate(row.begin(), row.end(), 0));
  for (int k = 0; k < static_cast<int>(counts_.size()); ++k) {
    const auto at = static_cast<std::size_t>(k);
    const bool files = sums_[at] > 0;
    const bool answers =
        std::any_of(counts_.begin(), counts_.end(), [at](const std::vector<int>& row) { return row[at] > 0; });
    if (files) rows_.push_back(k);
    if (files || answers) columns_.push_back(k);
  }
  setAccessibleDescription(words());
  fitScrollBars();
  viewport()->update();
}

QString ConfusionView::words() const {
  QString text = tr("A row's colours are shares of its files.");
  const int leftOut = static_cast<int>(counts_.size() - columns_.size());
  if (leftOut > 0) text += ' ' + tr("Neither files nor answers: %1.").arg(classesText(leftOut));
  return text;
}

// --- Where things are

int ConfusionView::nameWidth() const {
  int widest = 0;
  for (const int k : columns_) widest = std::max(widest, fontMetrics().horizontalAdvance(names_.value(k)) + 1);
  return std::min(widest, kWidestName);
}

ConfusionView::Layout ConfusionView::layOut() const {
  const QFontMetrics metrics = fontMetrics();
  const int line = metrics.height();
  const double left = line + 4 + nameWidth() + 8;
  const double top = line + 4 + std::min(nameWidth(), kTallestName) + 8;
  const int key = kKeyLeft + kKeyBar + 8 + metrics.horizontalAdvance(percentText(1.0));
  const int below =
      metrics.boundingRect(QRect(0, 0, viewport()->width(), 1000), Qt::TextWordWrap, words()).height() + 6;
  const QSizeF room(std::max(40.0, viewport()->width() - left - key),
                    std::max(40.0, viewport()->height() - top - below));
  const auto rows = static_cast<double>(std::max<std::size_t>(1, rows_.size()));
  const auto columns = static_cast<double>(std::max<std::size_t>(1, columns_.size()));
  Layout layout;
  layout.side = std::max<double>(line - 1.0, std::floor(std::min(room.width() / columns, room.height() / rows)));
  const QSizeF all(layout.side * columns, layout.side * rows);
  layout.window = QRectF(QPointF(left, top), all.boundedTo(room));
  layout.scrolled = QPointF(horizontalScrollBar()->value(), verticalScrollBar()->value());
  layout.words = QRectF(0, layout.window.bottom() + 6, viewport()->width(), below);
  return layout;
}

void ConfusionView::fitScrollBars() {
  const Layout layout = layOut();
  const auto fit = [&](QScrollBar& bar, std::size_t cells, double seen) {
    bar.setPageStep(static_cast<int>(seen));
    bar.setSingleStep(static_cast<int>(layout.side));
    bar.setRange(0, std::max(0, static_cast<int>(std::ceil(layout.side * static_cast<double>(cells) - seen))));
  };
  fit(*horizontalScrollBar(), columns_.size(), layout.window.width());
  fit(*verticalScrollBar(), rows_.size(), layout.window.height());
  const bool scrolls = horizontalScrollBar()->maximum() > 0 || verticalScrollBar()->maximum() > 0;
  setFocusPolicy(scrolls ? Qt::StrongFocus : Qt::NoFocus);  // the arrow keys then
}

ConfusionView::Cell ConfusionView::cellAt(const QPointF& point) const {
  const Layout layout = layOut();
  if (rows_.empty() || !layout.window.contains(point)) return {};
  const QPointF inside = point - layout.window.topLeft() + layout.scrolled;
  const auto index = [&](double distance, std::size_t cells) {
    return std::min(cells - 1, static_cast<std::size_t>(std::max(0.0, distance / layout.side)));
  };
  return {rows_[index(inside.y(), rows_.size())], columns_[index(inside.x(), columns_.size())]};
}

int ConfusionView::count(Cell cell) const {
  return counts_[static_cast<std::size_t>(cell.label)][static_cast<std::size_t>(cell.named)];
}

double ConfusionView::share(Cell cell) const {
  const int files = sums_[static_cast<std::size_t>(cell.label)];
  return files == 0 ? 0.0 : static_cast<double>(count(cell)) / files;
}

// --- Painting

void ConfusionView::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(viewport());
  if (rows_.empty()) return;
  const Layout layout = layOut();
  paintCells(painter, layout);
  paintNames(painter, layout);
}

void ConfusionView::paintCells(QPainter& painter, const Layout& layout) const {
  const QColor line(0x80, 0x80, 0x80);  // seen on the darkest and on the brightest colour
  painter.save();
  painter.setClipRect(layout.window);
  painter.fillRect(layout.window, line);
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    for (std::size_t column = 0; column < columns_.size(); ++column) {
      const QPointF corner = layout.window.topLeft() - layout.scrolled +
                             QPointF(static_cast<double>(column), static_cast<double>(row)) * layout.side;
      const QRectF place(corner, QSizeF(layout.side, layout.side));
      if (place.intersects(layout.window)) paintCell(painter, place, {rows_[row], columns_[column]});
    }
  }
  painter.restore();
  painter.setPen(hasFocus() ? palette().color(QPalette::Highlight) : line);
  painter.drawRect(layout.window.adjusted(-1, -1, 0, 0));
}

void ConfusionView::paintCell(QPainter& painter, const QRectF& place, Cell cell) const {
  const int number = count(cell);
  const QColor colour = heatColour(number > 0 ? kFaintest + (1.0 - kFaintest) * share(cell) : 0.0);
  const bool right = cell.label == cell.named;
  painter.fillRect(place.adjusted(0, 0, -1, -1), colour);
  if (right) {  // they stand out where they are dark too
    painter.setPen(QColor(0x80, 0x80, 0x80));
    painter.drawRect(place.adjusted(0, 0, -2, -2));
  }
  if (place.width() < kNumberRoom || number == 0) return;
  painter.setPen(colour.lightness() > 128 ? Qt::black : Qt::white);
  painter.drawText(place.adjusted(0, 0, -1, -1), Qt::AlignCenter, QString::number(number));
}

void ConfusionView::paintNames(QPainter& painter, const Layout& layout) const {
  const QRectF& window = layout.window;
  const int line = fontMetrics().height();
  painter.setPen(palette().color(QPalette::WindowText));
  paintRowNames(painter, QRectF(line + 4, window.top(), window.left() - line - 4, window.height()),
                namesOf(rows_, names_), layout.side, layout.scrolled.y());
  paintColumnNames(painter, QRectF(window.left(), line + 4, window.width(), window.top() - line - 4),
                   namesOf(columns_, names_), layout.side, layout.scrolled.x());
  const double keyHeight = std::min(window.height(), 160.0);
  paintHeatKey(painter, QRectF(window.right() + kKeyLeft, window.top(), kKeyBar, keyHeight), kFaintest,
               percentText(0.0), percentText(1.0));
  QColor muted = palette().color(QPalette::WindowText);
  muted.setAlpha(160);
  painter.setPen(muted);
  painter.drawText(layout.words, Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, words());
  const QRectF above(window.left(), 0, std::max(120.0, window.width()), line);
  painter.drawText(above, Qt::AlignLeft, tr("named as →"));
  painter.save();
  painter.translate(0, window.bottom());
  painter.rotate(-90.0);
  painter.drawText(QRectF(0, 0, window.height(), line), Qt::AlignRight, tr("label"));
  painter.restore();
}

// --- What is pointed at

QString ConfusionView::tipAt(const QPointF& point) const {
  const Cell cell = cellAt(point);
  if (cell.label < 0) return {};
  return tr("%1 labelled %2 and named %3 (%4)")
      .arg(filesText(count(cell)), names_.value(cell.label), names_.value(cell.named), percentText(share(cell)));
}

bool ConfusionView::viewportEvent(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QAbstractScrollArea::viewportEvent(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const QString tip = tipAt(help->pos());
  QToolTip::showText(help->globalPos(), tip.isEmpty() ? toolTip() : tip, viewport());
  return true;
}

void ConfusionView::changeEvent(QEvent* event) {
  QAbstractScrollArea::changeEvent(event);
  if (event->type() == QEvent::FontChange) fitScrollBars();
}

void ConfusionView::focusInEvent(QFocusEvent* event) {
  QAbstractScrollArea::focusInEvent(event);
  viewport()->update();
}

void ConfusionView::focusOutEvent(QFocusEvent* event) {
  QAbstractScrollArea::focusOutEvent(event);
  viewport()->update();
}

void ConfusionView::resizeEvent(QResizeEvent* event) {
  QAbstractScrollArea::resizeEvent(event);
  fitScrollBars();
}

void ConfusionView::mousePressEvent(QMouseEvent* event) {
  const Cell cell = cellAt(event->position());
  if (cell.label >= 0) Q_EMIT cellChosen(cell.label, cell.named);
}

}  // namespace hearsay::ui
