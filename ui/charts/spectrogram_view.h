#pragma once
// A log-mel spectrogram under a time axis: a whole clip, or live columns that scroll past.

#include <QRgb>
#include <array>

#include "audio/log_mel_config.h"
#include "base/matrix.h"
#include "ui/charts/spectrogram_store.h"
#include "ui/charts/time_chart.h"

namespace hearsay::ui {

class SpectrogramView : public TimeChart {
  Q_OBJECT
 public:
  explicit SpectrogramView(QWidget* parent = nullptr);

  /// The bands' frequencies, for the axis.
  void setMel(const LogMelConfig& mel);
  /// A whole clip: `columns` [n, n_mels] dB spread evenly over `seconds`. Shows all of it.
  void showClip(const Matrix& columns, double seconds);
  /// Live: keeps the last `seconds` of columns that are `secondsPerColumn` apart; then append().
  void startLive(double seconds, double secondsPerColumn);
  void append(const Matrix& columns);
  void clear();
  /// End of what was appended, seconds.
  [[nodiscard]] double liveEnd() const;

  [[nodiscard]] int preferredLeftMargin() const override;

 protected:
  void paintPlot(QPainter& painter, const QRect& plot) override;
  void paintLeftMargin(QPainter& painter, const QRect& plot) override;
  [[nodiscard]] bool isEmpty() const override { return store_.empty(); }
  [[nodiscard]] QString readout(double seconds, double y) const override;

 private:
  [[nodiscard]] double shareOf(double hertz) const;  ///< 0 bottom .. 1 top
  [[nodiscard]] double hertzAt(double share) const;
  void followPeak(double seconds);
  void makeColours();

  SpectrogramStore store_;
  LogMelConfig mel_;
  double secondsPerColumn_ = 0.01;
  float topDb_ = 0.0F;
  int colouredTop_ = -1000;
  std::array<QRgb, 256> colours_{};
};

}  // namespace hearsay::ui
