#include "ui/files/reliability_view.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "ui/charts/format.h"

namespace hearsay::ui {

namespace {

constexpr double kStrip = 36.0;  // pixels of the strip below that tells how many files a point stands for
constexpr double kDot = 4.0;
constexpr double kReach = 12.0;

}  // namespace

ReliabilityView::ReliabilityView(QWidget* parent) : QWidget(parent) {
  setAccessibleName(tr("Reliability curve"));
  setMouseTracking(true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
  setBins({}, 0.0);
}

void ReliabilityView::setBins(std::vector<ScoreMetrics::Bin> bins, double ece) {
  bins_ = std::move(bins);
  files_ = 0;
  double surplus = 0.0;  // of probability over being right
  for (const ScoreMetrics::Bin& bin : bins_) {
    files_ += bin.count;
    surplus += bin.count * (bin.confidence - bin.accuracy);
  }
  if (files_ == 0) {
    words_ = tr("Files with a label show here how far probabilities can be trusted.");
  } else {
    const QString lean = std::abs(surplus) < 0.01 * files_ ? tr("neither too sure nor too careful")
                         : surplus > 0.0                   ? tr("mostly too sure")
                                                           : tr("mostly too careful");
    words_ = tr("Probabilities are off by %1 on average (calibration error); over %2, %3.")
                 .arg(percentText(ece), filesText(files_), lean);
  }
  setAccessibleDescription(words_);
  update();
}

QRectF ReliabilityView::square() const {
  const double line = fontMetrics().height();
  const double left = 2.0 * line + fontMetrics().horizontalAdvance(QStringLiteral("100 %")) / 2.0 + 8.0;
  const double room = std::min(width() - left - 12.0, height() - 8.0 - kStrip - 2.0 * line - 8.0);
  return {left, 8.0, std::max(60.0, room), std::max(60.0, room)};
}

QRectF ReliabilityView::countStrip() const {
  const QRectF plot = square();
  return {plot.left(), plot.bottom() + 4.0, plot.width(), kStrip - 8.0};
}

QPointF ReliabilityView::place(double confidence, double accuracy) const {
  const QRectF plot = square();
  return {plot.left() + confidence * plot.width(), plot.bottom() - accuracy * plot.height()};
}

QPointF ReliabilityView::pointOf(std::size_t bin) const {
  return place(bins_[bin].confidence, bins_[bin].accuracy);
}

int ReliabilityView::mostFiles() const {
  int most = 0;
  for (const ScoreMetrics::Bin& bin : bins_) most = std::max(most, bin.count);
  return most;
}

void ReliabilityView::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  if (files_ == 0) {
    painter.setPen(palette().color(QPalette::PlaceholderText));
    painter.drawText(rect().adjusted(16, 16, -16, -16), Qt::AlignCenter | Qt::TextWordWrap, words_);
    return;
  }
  paintFrame(painter);
  paintCounts(painter);
  paintCurve(painter);
}

void ReliabilityView::paintFrame(QPainter& painter) const {
  const QRectF plot = square();
  const double line = fontMetrics().height();
  QColor muted = palette().color(QPalette::WindowText);
  muted.setAlpha(190);
  QColor grid = muted;
  grid.setAlpha(36);
  painter.fillRect(plot, palette().color(QPalette::Base));
  for (int step = 0; step <= 4; ++step) {
    const double share = step / 4.0;
    const QPointF low = place(share, share);
    painter.setPen(grid);
    painter.drawLine(QPointF(low.x(), plot.top()), QPointF(low.x(), plot.bottom()));
    painter.drawLine(QPointF(plot.left(), low.y()), QPointF(plot.right(), low.y()));
    painter.setPen(muted);
    const double wide = 60.0;
    painter.drawText(QRectF(low.x() - wide / 2, plot.bottom() + kStrip - 2, wide, line), Qt::AlignHCenter,
                     percentText(share));
    painter.drawText(QRectF(plot.left() - wide - 4, low.y() - line / 2, wide, line), Qt::AlignRight | Qt::AlignVCenter,
                     percentText(share));
  }
  painter.drawText(QRectF(plot.left(), plot.bottom() + kStrip + line - 2, plot.width(), line), Qt::AlignHCenter,
                   tr("probability of the best class"));
  painter.save();
  painter.translate(0, plot.bottom());
  painter.rotate(-90.0);
  painter.drawText(QRectF(0, 0, plot.height(), line), Qt::AlignHCenter, tr("how often it is right"));
  painter.restore();
  painter.setPen(QPen(muted, 1.0, Qt::DashLine));
  painter.drawLine(place(0.0, 0.0), place(1.0, 1.0));
}

void ReliabilityView::paintCounts(QPainter& painter) const {
  const QRectF strip = countStrip();
  QColor fill = palette().color(QPalette::WindowText);
  fill.setAlpha(90);
  const double wide = strip.width() / static_cast<double>(bins_.size());
  for (std::size_t bin = 0; bin < bins_.size(); ++bin) {
    const double tall = strip.height() * bins_[bin].count / mostFiles();
    if (tall > 0.0) painter.fillRect(QRectF(strip.left() + bin * wide, strip.bottom() - tall, wide - 1, tall), fill);
  }
}

void ReliabilityView::paintCurve(QPainter& painter) const {
  const QColor colour = palette().color(QPalette::Highlight);
  QPolygonF curve;
  for (std::size_t bin = 0; bin < bins_.size(); ++bin) {
    if (bins_[bin].count > 0) curve << pointOf(bin);
  }
  painter.setPen(QPen(colour, 2.0));
  painter.drawPolyline(curve);
  painter.setBrush(colour);
  painter.setPen(Qt::NoPen);
  for (const QPointF& point : curve) painter.drawEllipse(point, kDot, kDot);
}

bool ReliabilityView::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  for (std::size_t bin = 0; bin < bins_.size(); ++bin) {
    if (bins_[bin].count == 0) continue;
    const QPointF gap = pointOf(bin) - help->pos();
    if (std::hypot(gap.x(), gap.y()) > kReach) continue;
    QToolTip::showText(
        help->globalPos(),
        tr("%1 with a probability of %2 on average: right in %3")
            .arg(filesText(bins_[bin].count), percentText(bins_[bin].confidence), percentText(bins_[bin].accuracy)),
        this);
    return true;
  }
  QToolTip::showText(help->globalPos(), words_, this);
  return true;
}

}  // namespace hearsay::ui
