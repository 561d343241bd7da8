#pragma once
// How much each class was heard over time: a line or a strip of heat for every class.

#include <QColor>
#include <QStringList>
#include <QVector>
#include <span>
#include <vector>

#include "base/matrix.h"
#include "ui/charts/time_chart.h"

class QImage;

namespace hearsay::ui {

class ClassTimeline : public TimeChart {
  Q_OBJECT
 public:
  enum class Mode { Lines, Heat };
  explicit ClassTimeline(QWidget* parent = nullptr);

  /// Forgets the values, unless the names stay, in whatever order.
  void setClasses(const QStringList& names, const QVector<QColor>& colours);
  void setMode(Mode mode);
  [[nodiscard]] Mode mode() const { return mode_; }
  /// What fills the height or the brightest colour; `percent`: the numbers are shares, otherwise cosines.
  void setValueRange(double low, double high, bool percent);

  /// One value a class for the stretch [begin, end] seconds; stretches come in order.
  void append(double begin, double end, std::span<const float> values);
  /// Drops what ended before `seconds`.
  void forgetBefore(double seconds);
  /// Everything at once: row i of `values` [n, K] is for [start + i*step, start + (i+1)*step].
  void setSeries(double start, double step, const Matrix& values);
  void clear();
  [[nodiscard]] std::size_t count() const { return stretches_.size(); }
  [[nodiscard]] double end() const { return stretches_.empty() ? 0.0 : stretches_.back().end; }  ///< seconds
  /// The value of class k at a time; NaN: there is none.
  [[nodiscard]] double valueAt(double seconds, std::size_t k) const;

  [[nodiscard]] int preferredLeftMargin() const override;

 protected:
  void paintPlot(QPainter& painter, const QRect& plot) override;
  void paintLeftMargin(QPainter& painter, const QRect& plot) override;
  [[nodiscard]] bool isEmpty() const override { return stretches_.empty(); }
  [[nodiscard]] QString readout(double seconds, double y) const override;

 private:
  struct Stretch {
    double begin = 0.0;
    double end = 0.0;
  };
  [[nodiscard]] std::pair<std::size_t, std::size_t> visible() const;  ///< first, one past the last
  [[nodiscard]] float value(std::size_t stretch, std::size_t k) const { return values_[stretch * classes() + k]; }
  [[nodiscard]] std::size_t classes() const { return static_cast<std::size_t>(names_.size()); }
  [[nodiscard]] double share(double value) const;
  [[nodiscard]] QString valueText(double value) const;
  [[nodiscard]] std::vector<std::size_t> loudest(std::size_t most) const;
  [[nodiscard]] bool gapBefore(std::size_t stretch) const;  ///< nothing is known of what is before it: silence
  void reorder(const QStringList& before);                  ///< the values, which are of these names
  [[nodiscard]] QRect linesRect(const QRect& plot) const;
  [[nodiscard]] std::vector<double> gridParts(const QRect& lines) const;
  [[nodiscard]] QString othersText(std::size_t count) const;
  void paintLines(QPainter& painter, const QRect& plot);
  void paintLegend(QPainter& painter, const QRect& plot, const std::vector<std::size_t>& shown);
  void chooseRows(const QRect& plot);
  void paintHeat(QPainter& painter, const QRect& plot);
  void paintRow(QImage& image, int row, int from, int to, std::span<const float> peak) const;
  void paintScale(QPainter& painter, const QRect& lines) const;
  void paintRowNames(QPainter& painter, const QRect& plot) const;

  QStringList names_;
  QVector<QColor> colours_;
  Mode mode_ = Mode::Heat;
  double low_ = 0.0;
  double high_ = 1.0;
  bool percent_ = true;
  std::vector<Stretch> stretches_;
  std::vector<float> values_;  ///< [stretches, K]
  /// The classes of every row of heat, as last painted; the last row has what the others have no room for.
  std::vector<std::vector<std::size_t>> rows_;
};

}  // namespace hearsay::ui
