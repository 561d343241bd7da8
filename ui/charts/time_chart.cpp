#include "ui/charts/time_chart.h"

#include <QElapsedTimer>
#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "ui/charts/colours.h"
#include "ui/charts/time_axis.h"

namespace hearsay::ui {

namespace {

constexpr double kShortestSpan = 0.05;  // s
constexpr int kRightMargin = 8;
constexpr int kTopMargin = 2;

}  // namespace

TimeChart::TimeChart(QWidget* parent) : QWidget(parent) {
  setToolTip(tr("The wheel, plus and minus zoom; the arrow keys move along"));
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
  setAttribute(Qt::WA_OpaquePaintEvent);
}

void TimeChart::setExtent(double first, double last) {
  first_ = first;
  last_ = std::max(last, first + kShortestSpan);
}

void TimeChart::setTimeRange(double from, double to) {
  to = std::max(to, from + kShortestSpan);
  if (from == from_ && to == to_) return;
  from_ = from;
  to_ = to;
  invalidate();
}

void TimeChart::setPlayhead(double seconds) {
  if (seconds == playhead_) return;
  const auto strip = [this](double at) { return QRect(static_cast<int>(xAt(at)) - 3, 0, 7, height()); };
  if (playhead_ >= 0.0) update(strip(playhead_));
  playhead_ = seconds;
  if (playhead_ >= 0.0) update(strip(playhead_));
}

void TimeChart::setAxisVisible(bool visible) {
  axisVisible_ = visible;
  invalidate();
}

void TimeChart::setAxisWhenEmpty(bool drawn) {
  if (axisWhenEmpty_ == drawn) return;
  axisWhenEmpty_ = drawn;
  invalidate();
}

void TimeChart::setLeftMargin(int pixels) {
  if (leftMargin_ == pixels) return;
  leftMargin_ = pixels;
  invalidate();
}

void TimeChart::setEmptyText(const QString& text) {
  emptyText_ = text;
  invalidate();
}

void TimeChart::setRegionEditing(bool on) {
  regionEditing_ = on;
}

void TimeChart::setRegions(std::vector<ChartRegion> regions) {
  layer_.setRegions(std::move(regions));
  update();
}

void TimeChart::setSelectedRegion(qint64 id) {
  layer_.setSelected(id);
  update();
}

void TimeChart::setMark(std::optional<std::pair<double, double>> mark) {
  layer_.setMark(mark);
  update();
}

QRect TimeChart::plotRect() const {
  const int axis = axisVisible_ ? fontMetrics().height() + 8 : kTopMargin;
  return {leftMargin_, kTopMargin, std::max(1, width() - leftMargin_ - kRightMargin),
          std::max(1, height() - kTopMargin - axis)};
}

double TimeChart::timeAt(double x) const {
  const QRect plot = plotRect();
  return std::clamp(from_ + (x - plot.left()) / plot.width() * (to_ - from_), first_, last_);
}

double TimeChart::xAt(double seconds) const {
  const QRect plot = plotRect();
  return plot.left() + (seconds - from_) / (to_ - from_) * plot.width();
}

RegionLayer::Scale TimeChart::scale() const {
  return {[this](double seconds) { return xAt(seconds); }, [this](double x) { return timeAt(x); }, first_, last_};
}

QColor TimeChart::mutedText() const {
  return hearsay::ui::mutedText(palette());
}

void TimeChart::invalidate() {
  stale_ = true;
  update();
}

// --- Painting

void TimeChart::renderPicture() {
  QElapsedTimer timer;
  timer.start();
  const qreal ratio = devicePixelRatioF();
  const QSize wanted = size() * ratio;
  if (picture_.size() != wanted) picture_ = QPixmap(wanted);
  picture_.setDevicePixelRatio(ratio);
  picture_.fill(palette().color(QPalette::Window));
  QPainter painter(&picture_);
  painter.setFont(font());
  const QRect plot = plotRect();
  painter.fillRect(plot, palette().color(QPalette::Base));
  if (isEmpty()) {
    paintEmpty(painter, plot);
  } else {
    painter.save();
    painter.setClipRect(plot);
    paintPlot(painter, plot);
    painter.restore();
    painter.save();
    paintLeftMargin(painter, plot);
    painter.restore();
  }
  if (axisVisible_ && (axisWhenEmpty_ || !isEmpty())) paintAxis(painter, plot);
  stale_ = false;
  lastPaintMs_ = static_cast<double>(timer.nsecsElapsed()) / 1e6;
}

void TimeChart::paintAxis(QPainter& painter, const QRect& plot) const {
  const QFontMetrics metrics = fontMetrics();
  const int room = metrics.horizontalAdvance(QStringLiteral("00:00:00")) + 16;
  painter.setPen(mutedText());
  for (const TimeTick& tick : timeTicks(from_, to_, std::max(1, plot.width() / room))) {
    if (tick.seconds < -1e-9) continue;  // before a live view began
    const double x = xAt(tick.seconds);
    painter.drawLine(QLineF(x, plot.bottom() + 1, x, plot.bottom() + 4));
    const int wide = metrics.horizontalAdvance(tick.text);
    const double left = std::clamp<double>(x - wide / 2.0, plot.left() - 4, width() - wide);
    painter.drawText(QPointF(left, plot.bottom() + 5 + metrics.ascent()), tick.text);
  }
}

void TimeChart::paintEmpty(QPainter& painter, const QRect& plot) const {
  painter.setPen(mutedText());
  painter.drawText(plot.adjusted(8, 8, -8, -8), Qt::AlignCenter | Qt::TextWordWrap, emptyText_);
}

void TimeChart::paintEvent(QPaintEvent* event) {
  if (stale_ || picture_.size() != size() * devicePixelRatioF()) renderPicture();
  QPainter painter(this);
  painter.setClipRegion(event->region());
  painter.drawPixmap(0, 0, picture_);
  const QRect plot = plotRect();
  painter.setClipRect(plot, Qt::IntersectClip);
  if (!isEmpty()) layer_.paint(painter, plot, scale(), palette());
  if (playhead_ >= std::max(from_, 0.0) && playhead_ <= to_ && !isEmpty()) {
    const double x = std::round(xAt(playhead_));
    painter.setPen(QPen(palette().color(QPalette::Base), 3));
    painter.drawLine(QLineF(x, plot.top(), x, plot.bottom()));
    painter.setPen(QPen(palette().color(QPalette::Text), 1));
    painter.drawLine(QLineF(x, plot.top(), x, plot.bottom()));
  }
  if (hasFocus()) {
    painter.setPen(QPen(palette().color(QPalette::Highlight), 1));
    painter.drawRect(plot.adjusted(0, 0, -1, -1));
  }
}

void TimeChart::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  stale_ = true;
}

void TimeChart::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange ||
      event->type() == QEvent::StyleChange) {
    invalidate();
    Q_EMIT leftMarginWishChanged();
  }
  QWidget::changeEvent(event);
}

bool TimeChart::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const bool inside = !isEmpty() && plotRect().contains(help->pos());
  const QString text = inside ? readout(timeAt(help->pos().x()), help->pos().y()) : toolTip();
  QToolTip::showText(help->globalPos(), text, this, inside ? QRect(help->pos(), QSize(2, 2)) : QRect());
  return true;
}

// --- Mouse and keys

void TimeChart::zoom(double factor, double around) {
  const double span = std::clamp((to_ - from_) * factor, kShortestSpan, std::max(last_ - first_, kShortestSpan));
  double from = around - (around - from_) * span / (to_ - from_);
  from = std::clamp(from, first_, std::max(first_, last_ - span));
  Q_EMIT timeRangeRequested(from, from + span);
}

void TimeChart::pan(double seconds) {
  const double span = to_ - from_;
  const double from = std::clamp(from_ + seconds, std::min(first_, last_ - span), std::max(first_, last_ - span));
  if (from != from_) Q_EMIT timeRangeRequested(from, from + span);
}

void TimeChart::wheelEvent(QWheelEvent* event) {
  if (isEmpty()) return event->ignore();
  const QPoint delta = event->angleDelta();
  const bool sideways = std::abs(delta.x()) > std::abs(delta.y()) || event->modifiers().testFlag(Qt::ShiftModifier);
  const int turn = std::abs(delta.x()) > std::abs(delta.y()) ? delta.x() : delta.y();
  if (sideways) {
    pan(-turn / 120.0 * (to_ - from_) * 0.15);
  } else {
    zoom(std::pow(1.25, -turn / 120.0), timeAt(event->position().x()));
  }
  event->accept();
}

void TimeChart::mousePressEvent(QMouseEvent* event) {
  const double x = event->position().x();
  if (isEmpty() || (event->button() != Qt::LeftButton && event->button() != Qt::MiddleButton)) return event->ignore();
  pressX_ = x;
  panFrom_ = from_;
  if (event->button() == Qt::LeftButton && regionEditing_) {
    layer_.press(x, scale(), event->modifiers().testFlag(Qt::ShiftModifier));
  } else if (event->button() == Qt::LeftButton && !dragPans_) {
    Q_EMIT seekRequested(timeAt(x));
  }
}

void TimeChart::mouseMoveEvent(QMouseEvent* event) {
  const double x = event->position().x();
  if (event->buttons() == Qt::NoButton) return updateCursor(x, event->modifiers());
  if (pressX_ < 0.0) return;
  const bool left = event->buttons().testFlag(Qt::LeftButton);
  if (left && regionEditing_) {
    layer_.drag(x, scale());
    update();
  } else if (left && !dragPans_) {
    Q_EMIT seekRequested(timeAt(x));
  } else if (std::abs(x - pressX_) > 3.0) {
    pan(panFrom_ - (x - pressX_) / plotRect().width() * (to_ - from_) - from_);
  }
}

void TimeChart::mouseReleaseEvent(QMouseEvent* event) {
  const double x = event->position().x();
  const double pressedAt = std::exchange(pressX_, -1.0);
  if (pressedAt < 0.0 || event->button() != Qt::LeftButton) return;
  if (!regionEditing_) {
    if (dragPans_ && std::abs(x - pressedAt) <= 3.0) Q_EMIT seekRequested(timeAt(x));
    return;
  }
  const RegionLayer::Outcome outcome = layer_.finish(x, scale());
  update();
  switch (outcome.kind) {
    case RegionLayer::Outcome::Kind::Drawn:
      Q_EMIT regionDrawn(outcome.start, outcome.end);
      break;
    case RegionLayer::Outcome::Kind::Moved:
      Q_EMIT regionMoved(outcome.id, outcome.start, outcome.end);
      break;
    case RegionLayer::Outcome::Kind::Click:
      Q_EMIT regionClicked(outcome.id);
      Q_EMIT seekRequested(timeAt(x));
      break;
  }
}

void TimeChart::updateCursor(double x, Qt::KeyboardModifiers modifiers) {
  using Part = RegionLayer::Part;
  const bool draws = !regionEditing_ || modifiers.testFlag(Qt::ShiftModifier);
  const RegionLayer::Hit hit = draws ? RegionLayer::Hit{} : layer_.hit(x, scale());
  const bool edge = hit.part == Part::Start || hit.part == Part::End;
  const bool moves = hit.part == Part::Body && hit.id == layer_.selected();
  setCursor(edge ? Qt::SizeHorCursor : moves ? Qt::SizeAllCursor : Qt::ArrowCursor);
}

void TimeChart::keyPressEvent(QKeyEvent* event) {
  const double step = (to_ - from_) / 20.0;
  const double now = std::max(playhead_, first_);
  switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Right: {
      const double move = event->key() == Qt::Key_Left ? -step : step;
      if (dragPans_) return pan(move * 2.0);
      Q_EMIT seekRequested(std::clamp(now + move, first_, last_));
      return;
    }
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      return zoom(1.0 / 1.25, playhead_ >= from_ && playhead_ <= to_ ? playhead_ : (from_ + to_) / 2.0);
    case Qt::Key_Minus:
      return zoom(1.25, playhead_ >= from_ && playhead_ <= to_ ? playhead_ : (from_ + to_) / 2.0);
    case Qt::Key_Escape:
      if (!layer_.dragging() && !layer_.mark()) break;
      layer_.abandon();
      setMark({});
      return;
    default:
      break;
  }
  QWidget::keyPressEvent(event);
}

}  // namespace hearsay::ui
