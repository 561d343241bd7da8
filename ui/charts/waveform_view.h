#pragma once
// The outline of a clip: lowest and highest sample in each stretch.

#include "base/matrix.h"
#include "ui/charts/time_chart.h"

namespace hearsay::ui {

class WaveformView : public TimeChart {
  Q_OBJECT
 public:
  explicit WaveformView(QWidget* parent = nullptr);
  /// `envelope` [rows, 2] (lowest, highest; waveform_envelope), each row of so many seconds (0: spread evenly over
  /// `seconds`). Shows all of it.
  void showClip(const Matrix& envelope, double seconds, double secondsPerRow = 0.0);
  /// A stretch of that clip in finer rows, drawn in place of the others wherever it reaches.
  void showDetail(const Matrix& envelope, double from, double secondsPerRow);
  void clear();
  [[nodiscard]] int preferredLeftMargin() const override;
  /// The clip's peak as it stands beside the plot: "silent" when every sample is zero.
  [[nodiscard]] QString peakText() const;

 protected:
  void paintPlot(QPainter& painter, const QRect& plot) override;
  void paintLeftMargin(QPainter& painter, const QRect& plot) override;
  [[nodiscard]] bool isEmpty() const override { return whole_.envelope.empty(); }
  [[nodiscard]] QString readout(double seconds, double y) const override;

 private:
  [[nodiscard]] std::pair<float, float> between(double from, double to) const;

  /// Rows that begin at `from` and follow one another.
  struct Layer {
    Matrix envelope;
    double from = 0.0;
    double secondsPerRow = 1.0;
  };

  Layer whole_;
  Layer detail_;
  float peak_ = 0.0F;   ///< of the whole clip
  float scale_ = 1.0F;  ///< what fills the height: the clip's own peak, at least 0.05
};

}  // namespace hearsay::ui
