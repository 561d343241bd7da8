#pragma once
// Curves over steps that grow while work runs: loss, accuracy. Wraps QCustomPlot.

#include <QColor>
#include <QWidget>
#include <vector>

class QCPGraph;
class QCPTextElement;
class QCustomPlot;

namespace hearsay::ui {

class CurvePlot : public QWidget {
  Q_OBJECT
 public:
  CurvePlot(const QString& title, const QString& xLabel, QWidget* parent = nullptr);

  /// Returns the number of the curve.
  std::size_t addCurve(const QString& name, const QColor& colour, Qt::PenStyle style = Qt::SolidLine);
  void showPercent();  ///< values are shares 0..1; the axis goes from 0 to 100 %
  void append(std::size_t curve, double x, double y);
  void clear();  ///< the data; the curves stay
  [[nodiscard]] int points(std::size_t curve) const;
  [[nodiscard]] double last(std::size_t curve) const;  ///< NaN when empty

  [[nodiscard]] QSize minimumSizeHint() const override { return {220, 140}; }

 protected:
  void changeEvent(QEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void fit();
  void readOut(const QPointF& place);

  QCustomPlot* plot_ = nullptr;
  QCPTextElement* title_ = nullptr;
  std::vector<QCPGraph*> graphs_;
  bool percent_ = false;
};

}  // namespace hearsay::ui
