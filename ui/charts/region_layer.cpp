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

RegionLayer::Part partAt(const ChartRegion& region, double x, const RegionLayer::Scale& scale) {
  using Part = RegionLayer::Part;
  const double left = scale.xAt(region.start);
  const double right = scale.xAt(region.end);
  Part part = Part::None;
  if (std::abs(x - left) <= kEdge) part = Part::Start;
  if (std::abs(x - right) <= kEdge && (part == Part::None || x > right)) part = Part::End;
  return part == Part::None && x > left && x < right ? Part::Body : part;
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
    const Part part = partAt(region, x, scale);
    if (part == Part::None) continue;
    const double length = region.id == selected_ ? -1.0 : region.end - region.start;
    if (best.part == Part::None || length < shortest) {
      best = {region.id, part};
      shortest = length;
    }
  }
  return best;
}

qint64 RegionLayer::clicked(double x, const Scale& scale) const {
  std::vector<const ChartRegion*> here;
  for (const ChartRegion& region : regions_) {
    if (partAt(region, x, scale) != Part::None) here.push_back(&region);
  }
  if (here.empty()) return -1;
  std::stable_sort(here.begin(), here.end(),
                   [](const ChartRegion* a, const ChartRegion* b) { return a->end - a->start < b->end - b->start; });
  const auto chosen = std::find_if(here.begin(), here.end(), [this](const auto* one) { return one->id == selected_; });
  if (chosen == here.end() || std::next(chosen) == here.end()) return here.front()->id;
  return (*std::next(chosen))->id;
}

ChartRegion* RegionLayer::find(qint64 id) {
  const auto found = std::find_if(regions_.begin(), regions_.end(), [id](const ChartRegion& r) { return r.id == id; });
  return found == regions_.end() ? nullptr : &*found;
}

void RegionLayer::press(double x, const Scale& scale, bool draw) {
  pressed_ = true;
  dragging_ = false;
  pressX_ = x;
  pressTime_ = scale.timeAt(x);
  held_ = draw ? Hit{} : hit(x, scale);
  if (held_.part == Part::Body && held_.id != selected_) held_ = {};
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
    const double earliest = std::min(0.0, scale.first - before_.start);
    const double latest = std::max(0.0, scale.last - before_.end);
    const double by = std::clamp(now - pressTime_, earliest, latest);
    region->start = before_.start + by;
    region->end = before_.end + by;
    return;
  }
  const double fixed = held_.part == Part::Start ? before_.end : before_.start;
  std::tie(region->start, region->end) = std::minmax(fixed, now);
}

RegionLayer::Outcome RegionLayer::finish(double x, const Scale& scale) {
  drag(x, scale);
  Outcome outcome;
  ChartRegion* region = find(held_.id);
  if (!dragging_) {
    outcome.id = clicked(x, scale);
  } else if (region != nullptr) {
    outcome = {Outcome::Kind::Moved, region->id, region->start, region->end};
    *region = before_;
  } else if (held_.id < 0 && mark_) {
    outcome = {Outcome::Kind::Drawn, -1, mark_->first, mark_->second};
  }
  letGo();
  return outcome;
}

void RegionLayer::abandon() {
  if (ChartRegion* region = find(held_.id)) *region = before_;
  if (dragging_ && held_.id < 0) mark_.reset();
  letGo();
}

void RegionLayer::letGo() {
  pressed_ = false;
  dragging_ = false;
  held_ = {};
}

}  // namespace hearsay::ui
