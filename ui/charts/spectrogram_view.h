#pragma once
// A log-mel spectrogram under a time axis: a whole clip, or live columns that scroll past.

#include <QRgb>
#include <array>
#include <span>
#include <utility>

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
  /// A whole clip: `columns` [n, n_mels] dB, each of so many seconds (0: spread evenly over `seconds`). Shows all of
  /// it.
  void showClip(const Matrix& columns, double seconds, double secondsPerColumn = 0.0);
  /// A stretch of that clip in finer columns, drawn in place of the others wherever it reaches.
  void showDetail(const Matrix& columns, double from, double secondsPerColumn);
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
  [[nodiscard]] bool isEmpty() const override { return whole_.store.empty(); }
  [[nodiscard]] QString readout(double seconds, double y) const override;

 private:
  /// Columns that begin at `from` and follow one another.
  struct Layer {
    SpectrogramStore store;
    double from = 0.0;
    double secondsPerColumn = 0.01;
    /// Whether [start, end) lies within.
    [[nodiscard]] bool holds(double start, double end) const;
    [[nodiscard]] std::pair<std::int64_t, std::int64_t> columnsOf(double start, double end) const;
  };
  /// The loudest of each band in [start, end) seconds; false: nothing is known of them.
  bool loudest(double start, double end, std::span<std::uint8_t> out) const;
  [[nodiscard]] double shareOf(double hertz) const;  ///< 0 bottom .. 1 top
  [[nodiscard]] double hertzAt(double share) const;
  void followPeak(double seconds);
  void makeColours();

  Layer whole_;  ///< the clip, or what was heard live
  Layer detail_;
  LogMelConfig mel_;
  double clipEnd_ = -1.0;  ///< live: negative
  float topDb_ = 0.0F;
  int colouredTop_ = -1000;
  std::array<QRgb, 256> colours_{};
};

}  // namespace hearsay::ui
