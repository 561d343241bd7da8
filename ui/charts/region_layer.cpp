#include "ui/charts/region_layer.h"

#include <QPainter>
#include <QPalette>
#include <algorithm>
#include <cmath>
#include <tuple>

namespace hearsay::ui {

namespace {

constexpr double kEdge = 5.0;       // pixels that count as a region's edge
constexpr double kDragStart = 4.0;  // pixels before a press becomes a drag

void paintStretch(QPainter& painter, const QRect& plot, double left, double right, const QColor& colour, bool strong) {
  const QRectF box(QPointF(left, plot.top()), QPointF(std::max(right, left + 1.0), plot.bottom()));
  QColor fill = colour;
  fill.setAlpha(strong ? 90 : 50);
  painter.fillRect(box.intersected(plot), fill);
  painter.setPen(QPen(colour, strong ? 2 : 1));
  if (left >= plot.left() && left <= plot.right()) painter.drawLine(QLineF(left, plot.top(), left, plot.bottom()));
  if (right >= plot.left() && right <= plot.right()) painter.drawLine(QLineF(right, plot.top(), right, plot.bottom()));
}

void paintName(QPainter& painter, const QRect& plot, double left, double right, const ChartRegion& region,
               const QPalette& palette) {
  const QFontMetrics metrics = painter.fontMetrics();
  const double from = std::max<double>(left, plot.left());
  const int room = static_cast<int>(std::min<double>(right, plot.right()) - from) - 4;
  if (region.text.isEmpty() || room < 16) return;
  const QString text = metrics.elidedText(region.text, Qt::ElideRight, room - 6);
  const QRectF tag(from + 2, plot.top() + 2, metrics.horizontalAdvance(text) + 6, metrics.height());
  QColor back = palette.color(QPalette::Base);
  back.setAlpha(215);
  painter.fillRect(tag, back);
  painter.setPen(palette.color(QPalette::Text));
  painter.drawText(tag, Qt::AlignCenter, text);
}

}  // namespace

void RegionLayer::paint(QPainter& painter, const QRect& plot, const Scale& scale, const QPalette& palette) const {
  for (const ChartRegion& region : regions_) {
    const double left = scale.xAt(region.start);
    const double right = scale.xAt(region.end);
    if (right < plot.left() || left > plot.right()) continue;
    paintStretch(painter, plot, left, right, region.colour, region.id == selected_);
    paintName(painter, plot, left, right, region, palette);
  }
  if (mark_) {
    paintStretch(painter, plot, scale.xAt(mark_->first), scale.xAt(mark_->second), palette.color(QPalette::Highlight),
                 true);
  }
}

RegionLayer::Hit RegionLayer::hit(double x, const Scale& scale) const {
  Hit best;
  double shortest = 0.0;
  for (const ChartRegion& region : regions_) {
    const double left = scale.xAt(region.start);
    const double right = scale.xAt(region.end);
    Part part = Part::None;
    if (std::abs(x - left) <= kEdge) part = Part::Start;
    if (std::abs(x - right) <= kEdge && (part == Part::None || x > right)) part = Part::End;
    if (part == Part::None && x > left && x < right) part = Part::Body;
    if (part == Part::None) continue;
    const double length = region.id == selected_ ? -1.0 : region.end - region.start;
    if (best.part == Part::None || length < shortest) {
      best = {region.id, part};
      shortest = length;
    }
  }
  return best;
}

ChartRegion* RegionLayer::find(qint64 id) {
  const auto found = std::find_if(regions_.begin(), regions_.end(), [id](const ChartRegion& r) { return r.id == id; });
  return found == regions_.end() ? nullptr : &*found;
}

void RegionLayer::press(double x, const Scale& scale) {
  pressed_ = true;
  dragging_ = false;
  pressX_ = x;
  pressTime_ = scale.timeAt(x);
  held_ = hit(x, scale);
  if (const ChartRegion* region = find(held_.id)) before_ = *region;
}

void RegionLayer::drag(double x, const Scale& scale) {
  if (!pressed_) return;
  if (!dragging_ && std::abs(x - pressX_) < kDragStart) return;
  dragging_ = true;
  const double now = scale.timeAt(x);
  ChartRegion* region = find(held_.id);
  if (region == nullptr) {
    mark_ = std::minmax(pressTime_, now);
    return;
  }
  if (held_.part == Part::Body) {
    region->start = std::max(0.0, before_.start + now - pressTime_);
    region->end = region->start + (before_.end - before_.start);
    return;
  }
  const double fixed = held_.part == Part::Start ? before_.end : before_.start;
  std::tie(region->start, region->end) = std::minmax(fixed, now);
}

RegionLayer::Outcome RegionLayer::finish(double x, const Scale& scale) {
  drag(x, scale);
  Outcome outcome;
  outcome.id = held_.id;
  const ChartRegion* region = find(held_.id);
  if (dragging_ && region == nullptr && mark_) {
    outcome.kind = Outcome::Kind::Drawn;
    std::tie(outcome.start, outcome.end) = *mark_;
  } else if (dragging_ && region != nullptr) {
    outcome.kind = Outcome::Kind::Moved;
    outcome.start = region->start;
    outcome.end = region->end;
  }
  pressed_ = false;
  dragging_ = false;
  held_ = {};
  return outcome;
}

void RegionLayer::abandon() {
  if (ChartRegion* region = find(held_.id)) *region = before_;
  if (dragging_ && held_.id < 0) mark_.reset();
  pressed_ = false;
  dragging_ = false;
  held_ = {};
}

}  // namespace hearsay::ui
