#include "ui/charts/class_timeline.h"

#include <QImage>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "ui/charts/colours.h"
#include "ui/charts/format.h"

namespace hearsay::ui {

namespace {

constexpr int kWidestName = 128;        // pixels
constexpr int kAroundLegend = 6;        // pixels, half of them above it
constexpr std::size_t kMostLines = 12;  // more would not be told apart

}  // namespace

ClassTimeline::ClassTimeline(QWidget* parent) : TimeChart(parent) {
  setAccessibleName(tr("Classes over time"));
  setMinimumHeight(72);
}

void ClassTimeline::setClasses(const QStringList& names, const QVector<QColor>& colours) {
  const QStringList before = std::exchange(names_, names);
  colours_ = colours;
  if (names == before) return invalidate();
  rows_.clear();
  if (std::is_permutation(names.begin(), names.end(), before.begin(), before.end())) {
    reorder(before);
  } else {
    clear();
  }
  Q_EMIT leftMarginWishChanged();
}

void ClassTimeline::reorder(const QStringList& before) {
  std::vector<std::size_t> places;  // where each class was
  for (const QString& name : std::as_const(names_)) places.push_back(static_cast<std::size_t>(before.indexOf(name)));
  const std::vector<float> old = std::exchange(values_, {});
  values_.reserve(old.size());
  for (std::size_t i = 0; i < stretches_.size(); ++i) {
    for (const std::size_t place : places) values_.push_back(old[i * places.size() + place]);
  }
  invalidate();
}

void ClassTimeline::setMode(Mode mode) {
  mode_ = mode;
  invalidate();
  Q_EMIT leftMarginWishChanged();
}

void ClassTimeline::setValueRange(double low, double high, bool percent) {
  low_ = low;
  high_ = std::max(high, low + 1e-6);
  percent_ = percent;
  invalidate();
}

void ClassTimeline::append(double begin, double end, std::span<const float> values) {
  if (values.size() != classes()) return;
  stretches_.push_back({begin, end});
  values_.insert(values_.end(), values.begin(), values.end());
  if (begin <= rangeTo()) invalidate();
}

void ClassTimeline::forgetBefore(double seconds) {
  const auto keep =
      std::find_if(stretches_.begin(), stretches_.end(), [seconds](const Stretch& s) { return s.end >= seconds; });
  const auto gone = keep - stretches_.begin();
  if (gone < 64) return;  // in lumps: moving the rest costs more than keeping a little too much
  stretches_.erase(stretches_.begin(), keep);
  values_.erase(values_.begin(), values_.begin() + gone * static_cast<std::ptrdiff_t>(classes()));
}

void ClassTimeline::setSeries(double start, double step, const Matrix& values) {
  clear();
  if (values.cols != static_cast<std::int64_t>(classes())) return;
  values_ = values.data;
  stretches_.reserve(static_cast<std::size_t>(values.rows));
  for (std::int64_t i = 0; i < values.rows; ++i) {
    stretches_.push_back({start + static_cast<double>(i) * step, start + static_cast<double>(i + 1) * step});
  }
}

void ClassTimeline::clear() {
  stretches_.clear();
  values_.clear();
  invalidate();
}

double ClassTimeline::valueAt(double seconds, std::size_t k) const {
  const auto found = std::find_if(stretches_.begin(), stretches_.end(),
                                  [seconds](const Stretch& s) { return s.begin <= seconds && seconds < s.end; });
  if (found == stretches_.end() || k >= classes()) return std::numeric_limits<double>::quiet_NaN();
  return value(static_cast<std::size_t>(found - stretches_.begin()), k);
}

bool ClassTimeline::gapBefore(std::size_t i) const {
  constexpr double kTouch = 1e-3;  // seconds
  return i > 0 && i < stretches_.size() && stretches_[i].begin > stretches_[i - 1].end + kTouch;
}

std::pair<std::size_t, std::size_t> ClassTimeline::visible() const {
  const auto first = std::partition_point(stretches_.begin(), stretches_.end(),
                                          [this](const Stretch& s) { return s.end < rangeFrom(); });
  const auto past =
      std::partition_point(first, stretches_.end(), [this](const Stretch& s) { return s.begin <= rangeTo(); });
  return {static_cast<std::size_t>(first - stretches_.begin()), static_cast<std::size_t>(past - stretches_.begin())};
}

double ClassTimeline::share(double value) const {
  return std::clamp((value - low_) / (high_ - low_), 0.0, 1.0);
}

QString ClassTimeline::valueText(double value) const {
  return percent_ ? percentText(value) : cosineText(value);
}

std::vector<std::size_t> ClassTimeline::loudest(std::size_t most) const {
  const auto [first, past] = visible();
  std::vector<float> peak(classes(), -std::numeric_limits<float>::infinity());
  for (std::size_t i = first; i < past; ++i) {
    for (std::size_t k = 0; k < peak.size(); ++k) peak[k] = std::max(peak[k], value(i, k));
  }
  for (float& one : peak) one = std::round(one * 100.0F);  // what reads the same keeps the order of the list
  std::vector<std::size_t> order(classes());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return peak[a] > peak[b]; });
  order.resize(std::min(order.size(), most));
  return order;
}

void ClassTimeline::paintPlot(QPainter& painter, const QRect& plot) {
  mode_ == Mode::Lines ? paintLines(painter, plot) : paintHeat(painter, plot);
}

// --- Lines

// The legend stands above them: what is most probable is never behind it.
QRect ClassTimeline::linesRect(const QRect& plot) const {
  return plot.adjusted(0, fontMetrics().height() + kAroundLegend, 0, 0);
}

/// Where grid lines have room for their number, and that has no more than two decimals; as parts of the height.
std::vector<double> ClassTimeline::gridParts(const QRect& lines) const {
  const int text = fontMetrics().height();
  std::vector<double> parts;
  if (lines.height() / 5 >= text) {
    parts = {0.25, 0.5, 0.75};
  } else if (lines.height() / 3 >= text) {
    parts = {0.5};
  }
  std::erase_if(parts, [this](double part) {
    const double hundredths = (low_ + part * (high_ - low_)) * 100.0;
    return std::abs(hundredths - std::round(hundredths)) > 0.01;
  });
  return parts;
}

QString ClassTimeline::othersText(std::size_t count) const {
  return tr("+ %1 more").arg(count);
}

void ClassTimeline::paintLines(QPainter& painter, const QRect& plot) {
  const QRect lines = linesRect(plot);
  QColor grid = mutedText();
  grid.setAlpha(60);
  painter.setPen(QPen(grid, 0));
  for (const double part : gridParts(lines)) {
    const double y = lines.bottom() - part * lines.height();
    painter.drawLine(QLineF(lines.left(), y, lines.right(), y));
  }
  painter.setRenderHint(QPainter::Antialiasing);
  const auto [first, past] = visible();
  const std::vector<std::size_t> shown = loudest(kMostLines);
  const double room = std::max(1.0, lines.height() - 3.0);
  for (auto at = shown.rbegin(); at != shown.rend(); ++at) {
    QPainterPath path;
    for (std::size_t i = first > 0 ? first - 1 : 0; i < std::min(past + 1, stretches_.size()); ++i) {
      const double x = xAt((stretches_[i].begin + stretches_[i].end) / 2.0);
      const QPointF point(x, lines.bottom() - 1.0 - share(value(i, *at)) * room);
      path.elementCount() == 0 || gapBefore(i) ? path.moveTo(point) : path.lineTo(point);
    }
    painter.setPen(QPen(colours_.value(static_cast<qsizetype>(*at)), 2.0));
    painter.drawPath(path);
  }
  paintLegend(painter, plot, shown);
}

void ClassTimeline::paintLegend(QPainter& painter, const QRect& plot, const std::vector<std::size_t>& shown) {
  const QFontMetrics metrics = fontMetrics();
  int x = plot.left() + 8;
  const int top = plot.top() + kAroundLegend / 2;
  const int box = metrics.height() / 2;
  std::size_t told = 0;
  for (const std::size_t k : shown) {
    const QString name = metrics.elidedText(names_[static_cast<qsizetype>(k)], Qt::ElideRight, kWidestName);
    const int wide = box + 4 + metrics.horizontalAdvance(name) + 12;
    const bool last = told + 1 == classes();
    const int after =
        last ? 0 : metrics.horizontalAdvance(othersText(classes() - told)) + 8;  // whoever is left out is counted
    if (x + wide + after > plot.right()) break;
    painter.fillRect(QRect(x, top + (metrics.height() - box) / 2, box, box), colours_.value(static_cast<qsizetype>(k)));
    painter.setPen(palette().color(QPalette::Text));
    painter.drawText(QPoint(x + box + 4, top + metrics.ascent()), name);
    x += wide;
    ++told;
  }
  if (told == classes()) return;
  painter.setPen(palette().color(QPalette::Text));
  painter.drawText(QPoint(x, top + metrics.ascent()), othersText(classes() - told));
}

void ClassTimeline::paintScale(QPainter& painter, const QRect& lines) const {
  const int text = fontMetrics().height();
  const int right = lines.left() - 7;
  painter.setPen(mutedText());
  const auto write = [&](double part) {
    const int middle = lines.bottom() - static_cast<int>(std::lround(part * lines.height()));
    const int top = std::clamp(middle - text / 2, lines.top(), std::max(lines.top(), lines.bottom() - text + 1));
    painter.drawText(QRect(0, top, right, text), Qt::AlignRight | Qt::AlignVCenter,
                     valueText(low_ + part * (high_ - low_)));
  };
  write(0.0);
  for (const double part : gridParts(lines)) write(part);
  write(1.0);
}

// --- Heat

// A row is never lower than its name. Where that leaves some without one, the loudest have theirs, in the order of the
// list, and the last row shows the highest value of the others.
void ClassTimeline::chooseRows(const QRect& plot) {
  const auto fit = static_cast<std::size_t>(std::max(2, plot.height() / std::max(1, fontMetrics().height() - 2)));
  rows_.clear();
  std::vector<std::size_t> shown = loudest(classes() <= fit ? classes() : fit - 1);
  std::sort(shown.begin(), shown.end());
  for (const std::size_t k : shown) rows_.push_back({k});
  if (shown.size() == classes()) return;
  std::vector<std::size_t> others;
  for (std::size_t k = 0; k < classes(); ++k) {
    if (!std::binary_search(shown.begin(), shown.end(), k)) others.push_back(k);
  }
  rows_.push_back(std::move(others));
}

void ClassTimeline::paintHeat(QPainter& painter, const QRect& plot) {
  chooseRows(plot);
  const double ratio = painter.device()->devicePixelRatioF();
  const int wide = std::max(1, static_cast<int>(std::lround(plot.width() * ratio)));
  const auto rows = static_cast<int>(rows_.size());
  QImage image(wide, rows, QImage::Format_RGB32);
  image.fill(palette().color(QPalette::Base));
  const double perPixel = (rangeTo() - rangeFrom()) / wide;
  const auto [first, past] = visible();
  std::vector<float> peak(classes());
  for (std::size_t i = first; i < past;) {
    const int from = std::max(0, static_cast<int>(std::floor((stretches_[i].begin - rangeFrom()) / perPixel)));
    std::fill(peak.begin(), peak.end(), -std::numeric_limits<float>::infinity());
    int to = from + 1;
    for (bool more = true; more && i < past; ++i) {  // stretches that fall on one pixel are merged by their highest
      for (std::size_t k = 0; k < peak.size(); ++k) peak[k] = std::max(peak[k], value(i, k));
      to = static_cast<int>(std::ceil((stretches_[i].end - rangeFrom()) / perPixel));
      more = to <= from + 1 && !gapBefore(i + 1);
    }
    for (int row = 0; row < rows; ++row) paintRow(image, row, std::min(from, wide), std::min(to, wide), peak);
  }
  painter.drawImage(QRectF(plot), image);
  painter.setPen(QPen(palette().color(QPalette::Window), 1));
  for (int k = 1; k < rows; ++k) {
    const double y = plot.top() + static_cast<double>(plot.height()) * k / rows;
    painter.drawLine(QLineF(plot.left(), y, plot.right(), y));
  }
}

void ClassTimeline::paintRow(QImage& image, int row, int from, int to, std::span<const float> peak) const {
  float highest = -std::numeric_limits<float>::infinity();
  for (const std::size_t k : rows_[static_cast<std::size_t>(row)]) highest = std::max(highest, peak[k]);
  auto* line = reinterpret_cast<QRgb*>(image.scanLine(row));
  std::fill(line + from, line + std::max(from, to), heatColour(share(static_cast<double>(highest))).rgb());
}

void ClassTimeline::paintRowNames(QPainter& painter, const QRect& plot) const {
  const QFontMetrics metrics = fontMetrics();
  const int room = plot.left() - 13;
  const double height = static_cast<double>(plot.height()) / std::max<double>(1.0, static_cast<double>(rows_.size()));
  const int chip = std::clamp(static_cast<int>(height) - 4, 2, 8);
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    const bool one = rows_[row].size() == 1;
    const auto k = static_cast<qsizetype>(rows_[row].front());
    const double middle = plot.top() + (static_cast<double>(row) + 0.5) * height;
    if (one) painter.fillRect(QRectF(plot.left() - 6, middle - chip / 2.0, 4, chip), colours_.value(k));
    painter.setPen(one ? palette().color(QPalette::WindowText) : mutedText());
    painter.drawText(QRectF(0, middle - metrics.height() / 2.0, room + 2, metrics.height()),
                     Qt::AlignRight | Qt::AlignVCenter,
                     metrics.elidedText(one ? names_[k] : othersText(rows_[row].size()), Qt::ElideRight, room));
  }
}

void ClassTimeline::paintLeftMargin(QPainter& painter, const QRect& plot) {
  mode_ == Mode::Lines ? paintScale(painter, linesRect(plot)) : paintRowNames(painter, plot);
}

int ClassTimeline::preferredLeftMargin() const {
  const QFontMetrics metrics = fontMetrics();
  int widest = metrics.horizontalAdvance(QStringLiteral("100 %"));
  if (mode_ == Mode::Heat) {
    for (const QString& name : names_) widest = std::max(widest, metrics.horizontalAdvance(name) + 8);
    if (classes() > 2) widest = std::max(widest, metrics.horizontalAdvance(othersText(classes())) + 8);
  }
  return std::min(widest, kWidestName) + 14;
}

QString ClassTimeline::readout(double seconds, double y) const {
  const QRect plot = plotRect();
  QStringList lines{clockText(seconds, 1)};
  std::vector<std::size_t> told(classes());
  std::iota(told.begin(), told.end(), std::size_t{0});
  if (mode_ == Mode::Heat && !rows_.empty()) {
    const double row = (y - plot.top()) / plot.height() * static_cast<double>(rows_.size());
    told = rows_[static_cast<std::size_t>(std::clamp(row, 0.0, static_cast<double>(rows_.size() - 1)))];
    if (told.size() > 1) lines << othersText(told.size());
  }
  std::vector<std::pair<double, qsizetype>> best;
  for (const std::size_t k : told) best.emplace_back(valueAt(seconds, k), static_cast<qsizetype>(k));
  if (best.empty() || !std::isfinite(best.front().first)) return lines.join(QLatin1Char('\n'));
  std::sort(best.begin(), best.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  best.resize(std::min<std::size_t>(best.size(), 5));
  for (const auto& [number, k] : best) lines << tr("%1: %2").arg(names_[k], valueText(number));
  return lines.join(QLatin1Char('\n'));
}

}  // namespace hearsay::ui
