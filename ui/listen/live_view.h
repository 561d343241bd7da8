#pragma once
// The last ten minutes: spectrogram and classes under one time axis that follows the newest sound, or stands still to
// be looked through.

#include <QWidget>
#include <utility>

#include "classify/stream_classifier.h"
#include "prompts/class_list.h"
#include "ui/charts/class_timeline.h"

class QComboBox;
class QPushButton;
class QScrollBar;
class QSettings;
class QToolButton;

namespace hearsay::ui {

class ChartStack;
class SpectrogramView;

class LiveView : public QWidget {
  Q_OBJECT
 public:
  static constexpr double kKept = 600.0;  ///< seconds of scores and spectrogram

  explicit LiveView(QSettings& settings, QWidget* parent = nullptr);
  void setClasses(const ClassList& classes);
  /// An empty view, ready for a new time of listening.
  void begin(const LogMelConfig& mel, double secondsPerColumn);
  void append(const Matrix& columns);
  void append(const StreamPrediction& prediction);
  /// Moves on to the newest sound, unless paused. Once a frame is enough.
  void follow();
  [[nodiscard]] bool paused() const;
  void setPaused(bool paused);
  /// Pauses and shows this stretch, marked.
  void showStretch(double start, double end);
  /// Marked by mouse; end <= start: nothing is.
  [[nodiscard]] std::pair<double, double> marked() const { return marked_; }
  void setPlayhead(double seconds);
  [[nodiscard]] double end() const { return end_; }
  [[nodiscard]] double shownUntil() const;
  [[nodiscard]] const ClassTimeline& timeline() const { return *timeline_; }
  [[nodiscard]] const SpectrogramView& spectrogram() const { return *spectrogram_; }

 Q_SIGNALS:
  void playWanted(double start, double end);
  void saveWanted(double start, double end);

 private:
  void buildCharts();
  void buildBar();
  void setMode(ClassTimeline::Mode mode);
  void setSpan(double seconds);
  void showSpan();
  void markStretch(double start, double end);
  void refreshScrollBar();
  void scrolled(int position);

  QSettings& settings_;
  ChartStack* stack_ = nullptr;
  SpectrogramView* spectrogram_ = nullptr;
  ClassTimeline* timeline_ = nullptr;
  QScrollBar* scroll_ = nullptr;
  QToolButton* pause_ = nullptr;
  QToolButton* lines_ = nullptr;
  QToolButton* heat_ = nullptr;
  QComboBox* span_ = nullptr;
  QPushButton* play_ = nullptr;
  QPushButton* save_ = nullptr;
  double seconds_ = 30.0;  ///< shown at once
  double end_ = 0.0;
  double lastPrediction_ = 0.0;
  double lastHop_ = 0.0;
  std::pair<double, double> marked_{0.0, 0.0};
};

}  // namespace hearsay::ui
