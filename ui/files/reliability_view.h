#pragma once
// How far probabilities can be trusted: for files grouped by the probability of their best class, how often that class
// is right. On the diagonal a probability means what it says; below it the model is too sure.

#include <QWidget>
#include <vector>

#include "classify/evaluate.h"

namespace hearsay::ui {

class ReliabilityView : public QWidget {
  Q_OBJECT
 public:
  explicit ReliabilityView(QWidget* parent = nullptr);
  /// The bins of ScoreMetrics (evenly over 0..1, empty ones left out of the curve) and its calibration error.
  void setBins(std::vector<ScoreMetrics::Bin> bins, double ece);
  /// "Probabilities are off by 12 % on average (calibration error); over 10 files, mostly too sure."; what is missing
  /// when there is nothing to show.
  [[nodiscard]] QString words() const { return words_; }
  /// Where a bin's point is drawn, for tests and tooltips.
  [[nodiscard]] QPointF pointOf(std::size_t bin) const;
  [[nodiscard]] QSize sizeHint() const override { return {420, 360}; }
  [[nodiscard]] QSize minimumSizeHint() const override { return {200, 160}; }

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

 private:
  [[nodiscard]] QRectF square() const;
  [[nodiscard]] QRectF countStrip() const;
  [[nodiscard]] QPointF place(double confidence, double accuracy) const;
  [[nodiscard]] int mostFiles() const;
  void paintFrame(QPainter& painter) const;
  void paintCounts(QPainter& painter) const;
  void paintCurve(QPainter& painter) const;

  std::vector<ScoreMetrics::Bin> bins_;
  QString words_;
  int files_ = 0;
};

}  // namespace hearsay::ui
