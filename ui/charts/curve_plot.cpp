#include "ui/charts/curve_plot.h"

#include <QHelpEvent>
#include <QToolTip>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <limits>

#include "ui/charts/colours.h"
#include "ui/charts/custom_plot.h"

namespace hearsay::ui {

namespace {

/// Steps are counted: no tick between two of them.
class WholeTicker : public QCPAxisTicker {
 protected:
  double getTickStep(const QCPRange& range) override {
    return std::max(1.0, std::ceil(QCPAxisTicker::getTickStep(range)));
  }
};

constexpr double kRoomForLegend = 1.7;  // of the highest value

}  // namespace

CurvePlot::CurvePlot(const QString& title, const QString& xLabel, QWidget* parent) : QWidget(parent) {
  setAccessibleName(title);
  plot_ = new QCustomPlot;
  plot_->setMouseTracking(true);
  plot_->setFocusPolicy(Qt::NoFocus);  // there is nothing to do in it by key
  plot_->installEventFilter(this);
  plot_->xAxis->setLabel(xLabel);
  plot_->xAxis->setTicker(QSharedPointer<WholeTicker>::create());
  plot_->xAxis->ticker()->setTickStepStrategy(QCPAxisTicker::tssReadability);
  plot_->xAxis->ticker()->setTickCount(5);
  plot_->yAxis->ticker()->setTickCount(5);
  for (QCPAxis* axis : {plot_->xAxis, plot_->yAxis}) {
    axis->setSubTicks(false);
    axis->setTickLength(0, 3);
    axis->setTickLabelFont(font());
    axis->setLabelFont(font());
  }
  QFont bold = font();
  bold.setBold(true);
  title_ = new QCPTextElement(plot_, title, bold);
  plot_->plotLayout()->insertRow(0);
  plot_->plotLayout()->addElement(0, 0, title_);
  plot_->legend->setVisible(true);
  plot_->legend->setFont(font());
  plot_->legend->setIconSize(20, 8);
  plot_->legend->setRowSpacing(0);
  plot_->legend->setMargins(QMargins(6, 4, 6, 4));
  plot_->axisRect()->insetLayout()->setInsetAlignment(0, Qt::AlignTop | Qt::AlignRight);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->addWidget(plot_);
  applyPalette(*plot_, palette());
  title_->setTextColor(palette().color(QPalette::Text));
  fit();
}

std::size_t CurvePlot::addCurve(const QString& name, const QColor& colour, Qt::PenStyle style) {
  QCPGraph* graph = plot_->addGraph();
  graph->setName(name);
  QPen pen(colour, 2.0, style);
  pen.setCosmetic(true);
  graph->setPen(pen);
  graphs_.push_back(graph);
  return graphs_.size() - 1;
}

void CurvePlot::showPercent() {
  percent_ = true;
  plot_->axisRect()->insetLayout()->setInsetAlignment(0, Qt::AlignBottom | Qt::AlignRight);
  plot_->yAxis->setLabel(tr("right, %"));
  fit();
}

void CurvePlot::append(std::size_t curve, double x, double y) {
  if (!std::isfinite(y)) return;
  QCPGraph* graph = graphs_.at(curve);
  graph->addData(x, percent_ ? y * 100.0 : y);
  // A single point draws no line: it is marked until there are more.
  graph->setScatterStyle(graph->dataCount() < 8 ? QCPScatterStyle(QCPScatterStyle::ssDisc, 5) : QCPScatterStyle());
  fit();
}

void CurvePlot::clear() {
  for (QCPGraph* graph : graphs_) graph->data()->clear();
  fit();
}

int CurvePlot::points(std::size_t curve) const {
  return graphs_.at(curve)->dataCount();
}

double CurvePlot::last(std::size_t curve) const {
  const auto points = graphs_.at(curve)->data();
  if (points->isEmpty()) return std::numeric_limits<double>::quiet_NaN();
  return (points->constEnd() - 1)->value / (percent_ ? 100.0 : 1.0);
}

void CurvePlot::fit() {
  double right = 10.0;
  double top = 0.0;
  for (QCPGraph* graph : graphs_) {
    bool found = false;
    const QCPRange keys = graph->getKeyRange(found);
    if (found) right = std::max(right, keys.upper);
    const QCPRange values = graph->getValueRange(found);
    if (found) top = std::max(top, values.upper);
  }
  plot_->xAxis->setRange(0.0, right);
  plot_->yAxis->setRange(0.0, percent_ ? 103.0 : top > 0.0 ? top * kRoomForLegend : 1.0);
  plot_->replot(QCustomPlot::rpQueuedReplot);
}

void CurvePlot::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() != QEvent::PaletteChange || plot_ == nullptr) return;
  applyPalette(*plot_, palette());
  title_->setTextColor(palette().color(QPalette::Text));
  plot_->replot(QCustomPlot::rpQueuedReplot);
}

bool CurvePlot::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    readOut(static_cast<QHelpEvent*>(event)->pos());
    return true;
  }
  return QWidget::eventFilter(watched, event);
}

// The curves' values at the step under the pointer.
void CurvePlot::readOut(const QPointF& place) {
  const double x = plot_->xAxis->pixelToCoord(place.x());
  QStringList lines;
  for (const QCPGraph* graph : graphs_) {
    if (graph->dataCount() == 0) continue;
    const auto at = graph->data()->findBegin(x);
    const double value = at->value;
    if (lines.isEmpty()) lines.append(tr("step %1").arg(at->key));
    lines.append(percent_ ? tr("%1: %2 %").arg(graph->name()).arg(value, 0, 'f', 1)
                          : tr("%1: %2").arg(graph->name()).arg(value, 0, 'f', 3));
  }
  if (!lines.isEmpty()) QToolTip::showText(plot_->mapToGlobal(place.toPoint()), lines.join('\n'), plot_);
}

}  // namespace hearsay::ui
