#pragma once
// The frame that spectrogram, waveform and class timeline share, so that they line up under one another: margins, time
// axis, playhead, zoom, pan, marked regions. What is slow to paint is kept as a picture and made again only after a
// change.

#include <QPixmap>
#include <QWidget>

#include "ui/charts/region_layer.h"

namespace hearsay::ui {

class TimeChart : public QWidget {
  Q_OBJECT
 public:
  explicit TimeChart(QWidget* parent = nullptr);

  /// What there is, seconds; zooming and panning stay inside.
  void setExtent(double first, double last);
  [[nodiscard]] double firstTime() const { return first_; }
  [[nodiscard]] double lastTime() const { return last_; }
  /// What is shown, seconds.
  void setTimeRange(double from, double to);
  [[nodiscard]] double rangeFrom() const { return from_; }
  [[nodiscard]] double rangeTo() const { return to_; }
  /// Negative: none.
  void setPlayhead(double seconds);
  [[nodiscard]] double playhead() const { return playhead_; }

  void setAxisVisible(bool visible);
  /// The time axis, where there is one, is drawn before there is anything over it (charts above share it).
  void setAxisWhenEmpty(bool drawn);
  void setLeftMargin(int pixels);
  [[nodiscard]] virtual int preferredLeftMargin() const = 0;
  /// A sentence in the middle while there is nothing to show.
  void setEmptyText(const QString& text);
  [[nodiscard]] const QString& emptyText() const { return emptyText_; }

  /// Off (the start): pressing seeks and dragging scrubs. On: dragging marks a stretch (with Shift anywhere), or
  /// moves an edge or the selected region; regionMoved asks for it, and the owner sets the regions anew.
  void setRegionEditing(bool on);
  /// Dragging pans instead of scrubbing (a live view that was paused).
  void setDragPans(bool on) { dragPans_ = on; }
  void setRegions(std::vector<ChartRegion> regions);
  void setSelectedRegion(qint64 id);
  void setMark(std::optional<std::pair<double, double>> mark);
  [[nodiscard]] const RegionLayer& regions() const { return layer_; }

  [[nodiscard]] QRect plotRect() const;
  [[nodiscard]] double timeAt(double x) const;  ///< kept inside the extent
  [[nodiscard]] double xAt(double seconds) const;
  /// Milliseconds the last full painting took, for tests and measurements.
  [[nodiscard]] double lastPaintMs() const { return lastPaintMs_; }

 Q_SIGNALS:
  void timeRangeRequested(double from, double to);  ///< by wheel, drag or key; the owner sets it (ChartStack)
  void seekRequested(double seconds);
  void regionDrawn(double start, double end);
  void regionMoved(qint64 id, double start, double end);
  void regionClicked(qint64 id);
  void leftMarginWishChanged();

 protected:
  /// Paints the picture of [rangeFrom, rangeTo] into `plot`.
  virtual void paintPlot(QPainter& painter, const QRect& plot) = 0;
  /// Labels left of the plot.
  virtual void paintLeftMargin(QPainter& painter, const QRect& plot) = 0;
  [[nodiscard]] virtual bool isEmpty() const = 0;
  /// What is at this place, for the tooltip.
  [[nodiscard]] virtual QString readout(double seconds, double y) const = 0;
  /// The picture has to be made again.
  void invalidate();
  [[nodiscard]] QColor mutedText() const;

  bool event(QEvent* event) override;
  void changeEvent(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  [[nodiscard]] RegionLayer::Scale scale() const;
  void renderPicture();
  void paintAxis(QPainter& painter, const QRect& plot) const;
  void paintEmpty(QPainter& painter, const QRect& plot) const;
  void zoom(double factor, double around);
  void pan(double seconds);
  void updateCursor(double x, Qt::KeyboardModifiers modifiers);  ///< what a drag from there would do

  RegionLayer layer_;
  QPixmap picture_;
  QString emptyText_;
  bool stale_ = true;
  bool axisVisible_ = true;
  bool axisWhenEmpty_ = false;
  bool regionEditing_ = false;
  bool dragPans_ = false;
  double first_ = 0.0;
  double last_ = 1.0;
  double from_ = 0.0;
  double to_ = 1.0;
  double playhead_ = -1.0;
  double panFrom_ = 0.0;
  double pressX_ = -1.0;
  int leftMargin_ = 48;
  double lastPaintMs_ = 0.0;
};

}  // namespace hearsay::ui
