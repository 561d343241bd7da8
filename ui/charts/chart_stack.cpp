#include "ui/charts/chart_stack.h"

#include <algorithm>

#include "ui/charts/time_chart.h"

namespace hearsay::ui {

void ChartStack::add(TimeChart* chart) {
  charts_.push_back(chart);
  connect(chart, &TimeChart::timeRangeRequested, this, [this](double from, double to) {
    setTimeRange(from, to);
    Q_EMIT timeRangeChanged(from, to);
  });
  connect(chart, &TimeChart::seekRequested, this, &ChartStack::seekRequested);
  connect(chart, &TimeChart::leftMarginWishChanged, this, &ChartStack::alignMargins);
  connect(chart, &TimeChart::regionDrawn, this, [this](double start, double end) {
    setMark(std::pair{start, end});
    Q_EMIT stretchMarked(start, end);
  });
  alignMargins();
}

void ChartStack::setExtent(double first, double last) {
  for (TimeChart* chart : charts_) chart->setExtent(first, last);
}

void ChartStack::setTimeRange(double from, double to) {
  for (TimeChart* chart : charts_) chart->setTimeRange(from, to);
}

void ChartStack::setPlayhead(double seconds) {
  for (TimeChart* chart : charts_) chart->setPlayhead(seconds);
}

void ChartStack::movePlayhead(double seconds) {
  if (charts_.isEmpty()) return;
  const TimeChart& chart = *charts_.front();
  const double before = chart.playhead();
  const double from = chart.rangeFrom();
  const double to = chart.rangeTo();
  setPlayhead(seconds);
  if (before < from || before > to || seconds <= to || to >= chart.lastTime()) return;
  const double end = std::min(seconds + (to - from), chart.lastTime());
  setTimeRange(end - (to - from), end);
  Q_EMIT timeRangeChanged(end - (to - from), end);
}

void ChartStack::setMark(std::optional<std::pair<double, double>> mark) {
  for (TimeChart* chart : charts_) chart->setMark(mark);
}

void ChartStack::setDragPans(bool on) {
  for (TimeChart* chart : charts_) chart->setDragPans(on);
}

void ChartStack::alignMargins() {
  int widest = 0;
  for (const TimeChart* chart : charts_) widest = std::max(widest, chart->preferredLeftMargin());
  for (TimeChart* chart : charts_) chart->setLeftMargin(widest);
}

}  // namespace hearsay::ui
