#pragma once
// Marked stretches on a chart over time: drawing them, and making, moving and stretching them with the mouse.
// Knows pixels only through two functions of its chart, so that it can be tested without one.

#include <QColor>
#include <QRect>
#include <QString>
#include <functional>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

class QPainter;
class QPalette;

namespace hearsay::ui {

struct ChartRegion {
  qint64 id = 0;
  double start = 0.0;  ///< s
  double end = 0.0;    ///< s, > start
  QColor colour;
  QString text;
};

class RegionLayer {
 public:
  struct Scale {
    std::function<double(double)> xAt;     ///< seconds -> pixel
    std::function<double(double)> timeAt;  ///< pixel -> seconds, kept inside the chart's extent
    double first = 0.0;                    ///< the extent: regions are not dragged out of it
    double last = std::numeric_limits<double>::infinity();
  };

  void setRegions(std::vector<ChartRegion> regions) { regions_ = std::move(regions); }
  [[nodiscard]] const std::vector<ChartRegion>& regions() const { return regions_; }
  void setSelected(qint64 id) { selected_ = id; }
  [[nodiscard]] qint64 selected() const { return selected_; }
  /// A stretch without an owner (a selection to play or save); none: nothing.
  void setMark(std::optional<std::pair<double, double>> mark) { mark_ = mark; }
  [[nodiscard]] std::optional<std::pair<double, double>> mark() const { return mark_; }

  void paint(QPainter& painter, const QRect& plot, const Scale& scale, const QPalette& palette) const;

  enum class Part { None, Start, End, Body };
  struct Hit {
    qint64 id = -1;
    Part part = Part::None;
  };
  /// What is under pixel x: the selected region first, then the shortest; edges are 5 pixels wide.
  [[nodiscard]] Hit hit(double x, const Scale& scale) const;

  /// A press begins a change; drag() shows it; finish() tells what became of it. An edge is dragged along, and the
  /// selected region as a whole; anywhere else, and everywhere with `draw`, a drag marks a new stretch.
  void press(double x, const Scale& scale, bool draw = false);
  void drag(double x, const Scale& scale);
  struct Outcome {
    enum class Kind { Click, Drawn, Moved } kind = Kind::Click;
    qint64 id = -1;  ///< of the region clicked or moved; -1: none
    double start = 0.0;
    double end = 0.0;
  };
  /// A click is on the shortest region there, another click on the next longer one. A region that was moved is where it
  /// was before: who owns it moves it, or refuses to.
  Outcome finish(double x, const Scale& scale);
  /// Puts everything back as it was at the press.
  void abandon();
  [[nodiscard]] bool dragging() const { return dragging_; }

 private:
  ChartRegion* find(qint64 id);
  [[nodiscard]] qint64 clicked(double x, const Scale& scale) const;
  void letGo();

  std::vector<ChartRegion> regions_;
  qint64 selected_ = -1;
  std::optional<std::pair<double, double>> mark_;
  bool pressed_ = false;
  bool dragging_ = false;
  double pressX_ = 0.0;
  double pressTime_ = 0.0;
  Hit held_;
  ChartRegion before_;
};

}  // namespace hearsay::ui
