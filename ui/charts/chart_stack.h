#pragma once
// Charts under one time axis: one range, one playhead, one left margin.

#include <QObject>
#include <QVector>
#include <optional>
#include <utility>

namespace hearsay::ui {

class TimeChart;

class ChartStack : public QObject {
  Q_OBJECT
 public:
  explicit ChartStack(QObject* parent = nullptr) : QObject(parent) {}
  /// From top to bottom; the charts must outlive the stack or be destroyed with it.
  void add(TimeChart* chart);
  void setExtent(double first, double last);
  void setTimeRange(double from, double to);
  void setPlayhead(double seconds);
  /// The same while it plays: where it runs out of what is shown, the next stretch is shown.
  void movePlayhead(double seconds);
  void setMark(std::optional<std::pair<double, double>> mark);
  void setDragPans(bool on);
  /// After labels changed.
  void alignMargins();

 Q_SIGNALS:
  /// By the person, on any of the charts, or to follow the playhead (already set on all).
  void timeRangeChanged(double from, double to);
  void seekRequested(double seconds);
  void stretchMarked(double start, double end);

 private:
  QVector<TimeChart*> charts_;
};

}  // namespace hearsay::ui
