#include "ui/charts/waveform_view.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

#include "ui/charts/format.h"

namespace hearsay::ui {

namespace {

QString levelText(double peak) {
  if (peak <= 0.0) return WaveformView::tr("silent");
  return WaveformView::tr("%1 dB").arg(std::lround(20.0 * std::log10(peak)));
}

}  // namespace

WaveformView::WaveformView(QWidget* parent) : TimeChart(parent) {
  setAccessibleName(tr("Waveform"));
  setMinimumHeight(40);
}

void WaveformView::showClip(const Matrix& envelope, double seconds, double secondsPerRow) {
  const double evenly = envelope.rows > 0 ? seconds / static_cast<double>(envelope.rows) : 1.0;
  whole_ = {envelope, 0.0, secondsPerRow > 0.0 ? secondsPerRow : evenly};
  detail_ = {};
  peak_ = 0.0F;
  for (const float value : envelope.data) peak_ = std::max(peak_, std::abs(value));
  scale_ = std::max(peak_, 0.05F);  // what is faint stays so to the eye
  setExtent(0.0, seconds);
  setTimeRange(0.0, seconds);
  Q_EMIT leftMarginWishChanged();
  invalidate();
}

void WaveformView::showDetail(const Matrix& envelope, double from, double secondsPerRow) {
  detail_ = {envelope, from, secondsPerRow};
  invalidate();
}

void WaveformView::clear() {
  whole_ = {};
  detail_ = {};
  invalidate();
}

std::pair<float, float> WaveformView::between(double from, double to) const {
  const double detailEnd = detail_.from + static_cast<double>(detail_.envelope.rows) * detail_.secondsPerRow;
  const bool close = !detail_.envelope.empty() && from >= detail_.from && to <= detailEnd;
  const Layer& layer = close ? detail_ : whole_;
  const auto first = static_cast<std::int64_t>(std::floor((from - layer.from) / layer.secondsPerRow + 1e-9));
  const auto past = std::max(first + 1, static_cast<std::int64_t>(std::floor((to - layer.from) / layer.secondsPerRow)));
  float low = 0.0F;
  float high = 0.0F;
  for (auto i = std::max<std::int64_t>(first, 0); i < std::min(past, layer.envelope.rows); ++i) {
    low = std::min(low, layer.envelope.at(i, 0));
    high = std::max(high, layer.envelope.at(i, 1));
  }
  return {low, high};
}

void WaveformView::paintPlot(QPainter& painter, const QRect& plot) {
  const double ratio = painter.device()->devicePixelRatioF();
  const int wide = static_cast<int>(plot.width() * ratio);
  const double perPixel = (rangeTo() - rangeFrom()) / wide;
  const double middle = plot.top() + plot.height() / 2.0;
  const double half = plot.height() / 2.0 * 0.95;
  painter.setPen(QPen(mutedText(), 0));
  painter.drawLine(QLineF(plot.left(), middle, plot.right(), middle));
  const QColor colour = palette().color(QPalette::Highlight);
  for (int x = 0; x < wide; ++x) {
    const auto [low, high] = between(rangeFrom() + x * perPixel, rangeFrom() + (x + 1) * perPixel);
    const double top = middle - high / scale_ * half;
    const double bottom = std::max(middle - low / scale_ * half, top + 1.0 / ratio);
    painter.fillRect(QRectF(plot.left() + x / ratio, top, 1.0 / ratio, bottom - top), colour);
  }
}

void WaveformView::paintLeftMargin(QPainter& painter, const QRect& plot) {
  painter.setPen(mutedText());
  painter.drawText(QRectF(0, plot.top(), plot.left() - 7, fontMetrics().height()), Qt::AlignRight | Qt::AlignTop,
                   peakText());
}

int WaveformView::preferredLeftMargin() const {
  const int usual = fontMetrics().horizontalAdvance(tr("−60 dB"));
  return (isEmpty() ? usual : std::max(usual, fontMetrics().horizontalAdvance(peakText()))) + 14;
}

QString WaveformView::peakText() const {
  return levelText(peak_);
}

QString WaveformView::readout(double seconds, double /*y*/) const {
  const auto [low, high] = between(seconds, seconds);
  const float peak = std::max(-low, high);
  const QString text = peak > 0.0F ? tr("%1, peak %2") : tr("%1, %2");
  return text.arg(clockText(seconds, 2), levelText(peak));
}

}  // namespace hearsay::ui
