#pragma once
// The outline of a clip: lowest and highest sample in each stretch.

#include "base/matrix.h"
#include "ui/charts/time_chart.h"

namespace hearsay::ui {

class WaveformView : public TimeChart {
  Q_OBJECT
 public:
  explicit WaveformView(QWidget* parent = nullptr);
  /// `envelope` [columns, 2] (lowest, highest; waveform_envelope) spread evenly over `seconds`. Shows all of it.
  void showClip(const Matrix& envelope, double seconds);
  void clear();
  [[nodiscard]] int preferredLeftMargin() const override;
  /// The clip's peak as it stands beside the plot: "silent" when every sample is zero.
  [[nodiscard]] QString peakText() const;

 protected:
  void paintPlot(QPainter& painter, const QRect& plot) override;
  void paintLeftMargin(QPainter& painter, const QRect& plot) override;
  [[nodiscard]] bool isEmpty() const override { return envelope_.empty(); }
  [[nodiscard]] QString readout(double seconds, double y) const override;

 private:
  [[nodiscard]] std::pair<float, float> between(double from, double to) const;

  Matrix envelope_;
  double seconds_ = 0.0;
  float peak_ = 0.0F;   ///< of the whole clip
  float scale_ = 1.0F;  ///< what fills the height: the clip's own peak, at least 0.05
};

}  // namespace hearsay::ui
