#include "ui/charts/spectrogram_view.h"

#include <QImage>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "ui/charts/colours.h"
#include "ui/charts/format.h"

namespace hearsay::ui {

namespace {

constexpr float kSpanDb = 75.0F;     // from the darkest to the brightest colour
constexpr float kQuietTop = -12.0F;  // a silent room stays dark: the brightest colour is never below this
constexpr float kFallDbPerSecond = 1.0F;

// librosa's Slaney scale (linear below 1 kHz, then logarithmic) and HTK's.
double melOf(double hertz, MelScale scale) {
  if (scale == MelScale::Htk) return 2595.0 * std::log10(1.0 + hertz / 700.0);
  return hertz < 1000.0 ? hertz * 3.0 / 200.0 : 15.0 + std::log(hertz / 1000.0) * 27.0 / std::log(6.4);
}

double hertzOf(double mel, MelScale scale) {
  if (scale == MelScale::Htk) return 700.0 * (std::pow(10.0, mel / 2595.0) - 1.0);
  return mel < 15.0 ? mel * 200.0 / 3.0 : 1000.0 * std::exp((mel - 15.0) * std::log(6.4) / 27.0);
}

QString hertzText(double hertz) {
  return hertz >= 1000.0 ? SpectrogramView::tr("%1 kHz").arg(hertz / 1000.0) : SpectrogramView::tr("%1 Hz").arg(hertz);
}

}  // namespace

SpectrogramView::SpectrogramView(QWidget* parent) : TimeChart(parent) {
  setAccessibleName(tr("Spectrogram"));
  setMinimumHeight(64);
}

void SpectrogramView::setMel(const LogMelConfig& mel) {
  mel_ = mel;
  invalidate();
  Q_EMIT leftMarginWishChanged();
}

void SpectrogramView::showClip(const Matrix& columns, double seconds, double secondsPerColumn) {
  whole_.store.reset(columns.rows, columns.cols);
  whole_.store.append(columns);
  const double evenly = columns.rows > 0 ? seconds / static_cast<double>(columns.rows) : 0.01;
  whole_.secondsPerColumn = secondsPerColumn > 0.0 ? secondsPerColumn : evenly;
  clipEnd_ = seconds;
  detail_.store.reset(1, columns.cols);
  topDb_ = std::max(whole_.store.peak(), kQuietTop);
  setExtent(0.0, seconds);
  setTimeRange(0.0, seconds);
  invalidate();
}

void SpectrogramView::showDetail(const Matrix& columns, double from, double secondsPerColumn) {
  if (columns.cols != whole_.store.bands()) return;
  detail_.store.reset(columns.rows, columns.cols);
  detail_.store.append(columns);
  detail_.from = from;
  detail_.secondsPerColumn = secondsPerColumn;
  invalidate();
}

void SpectrogramView::startLive(double seconds, double secondsPerColumn) {
  whole_.secondsPerColumn = secondsPerColumn;
  whole_.store.reset(static_cast<std::int64_t>(std::ceil(seconds / secondsPerColumn)), mel_.n_mels);
  detail_.store.reset(1, mel_.n_mels);
  clipEnd_ = -1.0;
  topDb_ = kQuietTop;
  invalidate();
}

void SpectrogramView::append(const Matrix& columns) {
  if (!whole_.store.append(columns)) return;
  followPeak(static_cast<double>(columns.rows) * whole_.secondsPerColumn);
  const double newest = liveEnd();
  if (newest - static_cast<double>(columns.rows) * whole_.secondsPerColumn <= rangeTo()) invalidate();
}

void SpectrogramView::clear() {
  whole_.store.reset(1, mel_.n_mels);
  detail_.store.reset(1, mel_.n_mels);
  clipEnd_ = -1.0;
  invalidate();
}

double SpectrogramView::liveEnd() const {
  return static_cast<double>(whole_.store.end()) * whole_.secondsPerColumn;
}

void SpectrogramView::followPeak(double seconds) {
  const float fallen = topDb_ - kFallDbPerSecond * static_cast<float>(seconds);
  topDb_ = std::max({fallen, whole_.store.newestPeak(), kQuietTop});
}

double SpectrogramView::shareOf(double hertz) const {
  const double low = melOf(mel_.f_min, mel_.scale);
  const double high = melOf(mel_.f_max, mel_.scale);
  return (melOf(hertz, mel_.scale) - low) / (high - low);
}

double SpectrogramView::hertzAt(double share) const {
  const double low = melOf(mel_.f_min, mel_.scale);
  const double high = melOf(mel_.f_max, mel_.scale);
  return hertzOf(low + share * (high - low), mel_.scale);
}

void SpectrogramView::makeColours() {
  const int top = static_cast<int>(std::lround(topDb_));
  if (top == colouredTop_) return;
  colouredTop_ = top;
  for (int i = 0; i < 256; ++i) {
    const float db = SpectrogramStore::dbOf(static_cast<std::uint8_t>(i));
    const double share = std::clamp((db - (static_cast<float>(top) - kSpanDb)) / kSpanDb, 0.0F, 1.0F);
    colours_[static_cast<std::size_t>(i)] = heatColour(share).rgb();
  }
}

bool SpectrogramView::Layer::holds(double start, double end) const {
  return !store.empty() && start >= from && end <= from + static_cast<double>(store.end()) * secondsPerColumn;
}

std::pair<std::int64_t, std::int64_t> SpectrogramView::Layer::columnsOf(double start, double end) const {
  const double first = (start - from) / secondsPerColumn;
  const auto begin = static_cast<std::int64_t>(std::floor(first + 1e-9));
  return {begin, std::max(begin + 1, static_cast<std::int64_t>(std::floor(first + (end - start) / secondsPerColumn)))};
}

bool SpectrogramView::loudest(double start, double end, std::span<std::uint8_t> out) const {
  const Layer& layer = detail_.holds(start, end) ? detail_ : whole_;
  auto [first, past] = layer.columnsOf(start, end);
  // A clip's last column is half a window before its end: it is drawn up to there.
  if (start < clipEnd_) first = std::min(first, layer.store.end() - 1);
  return layer.store.merged(first, past, out);
}

void SpectrogramView::paintPlot(QPainter& painter, const QRect& plot) {
  makeColours();
  const auto bands = static_cast<int>(whole_.store.bands());
  const int wide = std::max(1, static_cast<int>(std::lround(plot.width() * painter.device()->devicePixelRatioF())));
  const double perPixel = (rangeTo() - rangeFrom()) / wide;
  // Pixel borders lie on multiples of a pixel's time, so that a scrolling picture does not shimmer.
  const double origin = std::round(rangeFrom() / perPixel);
  QImage image(wide, bands, QImage::Format_RGB32);
  image.fill(painter.background().color());
  const QRgb nothing = palette().color(QPalette::Base).rgb();
  std::vector<std::uint8_t> column(static_cast<std::size_t>(bands));
  const auto pixels = reinterpret_cast<QRgb*>(image.bits());
  const auto stride = static_cast<std::ptrdiff_t>(image.bytesPerLine() / 4);
  for (int x = 0; x < wide; ++x) {
    const bool any = loudest((origin + x) * perPixel, (origin + x + 1) * perPixel, column);
    for (int b = 0; b < bands; ++b) {
      pixels[(bands - 1 - b) * stride + x] = any ? colours_[column[static_cast<std::size_t>(b)]] : nothing;
    }
  }
  painter.setRenderHint(QPainter::SmoothPixmapTransform);
  painter.drawImage(QRectF(plot), image);
}

void SpectrogramView::paintLeftMargin(QPainter& painter, const QRect& plot) {
  const QFontMetrics metrics = fontMetrics();
  painter.setPen(mutedText());
  double lastY = plot.bottom() + metrics.height();
  for (const double hertz : {100.0, 200.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16000.0}) {
    const double share = shareOf(hertz);
    if (share < 0.0 || share > 1.0) continue;
    const double y = plot.bottom() - share * plot.height();
    const double textTop = std::clamp(y - metrics.height() / 2.0, 0.0, static_cast<double>(height()));
    if (lastY - textTop < metrics.height() * 1.1) continue;
    lastY = textTop;
    painter.drawLine(QLineF(plot.left() - 4, y, plot.left() - 1, y));
    painter.drawText(QRectF(0, textTop, plot.left() - 7, metrics.height()), Qt::AlignRight | Qt::AlignVCenter,
                     hertzText(hertz));
  }
}

int SpectrogramView::preferredLeftMargin() const {
  return fontMetrics().horizontalAdvance(hertzText(500.0)) + 14;
}

QString SpectrogramView::readout(double seconds, double y) const {
  const QRect plot = plotRect();
  const double share = std::clamp((plot.bottom() - y) / std::max(1, plot.height()), 0.0, 1.0);
  std::vector<std::uint8_t> values(static_cast<std::size_t>(whole_.store.bands()));
  QString place = tr("%1, %2 Hz").arg(clockText(seconds, 2)).arg(std::lround(hertzAt(share)));
  if (values.empty() || !loudest(seconds, seconds, values)) return place;
  const auto band = static_cast<std::size_t>(std::lround(share * static_cast<double>(values.size() - 1)));
  return tr("%1, %2 dB").arg(place).arg(std::lround(SpectrogramStore::dbOf(values[band])));
}

}  // namespace hearsay::ui
