#pragma once
// The chosen file: waveform, spectrogram and classes over time under one time axis, with a playhead.

#include <QWidget>
#include <memory>
#include <optional>
#include <utility>

#include "ui/charts/class_timeline.h"
#include "ui/files/file_table_model.h"
#include "ui/sounds/sound_looker.h"

class QComboBox;
class QLabel;
class QPushButton;
class QTimer;
class QToolButton;

namespace hearsay::ui {

class AppContext;
class ChartStack;
class SoundCharts;
class SoundPlayer;
class SpectrogramView;
class WaveformView;

class FileDetailView : public QWidget {
  Q_OBJECT
 public:
  explicit FileDetailView(AppContext& app, QWidget* parent = nullptr);
  ~FileDetailView() override;

  /// Shows this row; the same file again only brings the classes up to date.
  void showRow(const FileRow& row, ScoreKind kind);
  void clear();
  void togglePlaying();
  void stopPlaying();
  [[nodiscard]] bool ready() const { return look_ != nullptr; }
  [[nodiscard]] const ClassTimeline& timeline() const { return *timeline_; }
  [[nodiscard]] double playhead() const { return cursor_; }

 private:
  enum class Source { Windows, Frames };
  void buildBar();
  void buildCharts();
  void takeLook(const std::shared_ptr<const SoundLook>& look);
  void takeHeard(const std::shared_ptr<const FileResult>& result);
  void showClasses();
  void showWindows();
  void enableFrames(bool on);
  void showKept();  ///< of a sound that cannot be read any more: what its windows were heard as
  [[nodiscard]] QVariant wantedSource() const;  ///< as chosen by the person
  void showFrames();
  void askForFrames(double from, double to);
  /// What frames can be shown of: all of a short file, what is zoomed in to of a long one (whole windows); else none.
  [[nodiscard]] std::optional<std::pair<double, double>> frameStretch() const;
  void rangeChanged();
  void setValueRange(float low, float high, bool percent);
  void setClassesOf(const PromptSet& prompts);
  void setMode(ClassTimeline::Mode mode);
  void seek(double seconds);
  void refreshBar();
  [[nodiscard]] QString headline() const;

  AppContext& app_;
  SoundLooker looker_;
  FileRow row_;
  LogMelConfig mel_;  ///< that row_ was looked at with
  ScoreKind kind_ = ScoreKind::Fused;
  std::shared_ptr<const SoundLook> look_;
  std::shared_ptr<const FileResult> framed_;  ///< with frame similarity
  std::shared_ptr<const PromptSet> framedPrompts_;
  ScoreKind framedKind_ = ScoreKind::Fused;
  std::pair<double, double> framedStretch_;
  bool framesAsked_ = false;
  bool looking_ = false;
  double cursor_ = 0.0;  ///< seconds
  SoundPlayer* player_ = nullptr;
  SoundCharts* pictures_ = nullptr;

  QLabel* title_ = nullptr;
  QLabel* place_ = nullptr;
  QPushButton* play_ = nullptr;
  QComboBox* source_ = nullptr;
  QToolButton* heat_ = nullptr;
  QToolButton* lines_ = nullptr;
  ChartStack* stack_ = nullptr;
  WaveformView* waveform_ = nullptr;
  SpectrogramView* spectrogram_ = nullptr;
  ClassTimeline* timeline_ = nullptr;
  QTimer* rest_ = nullptr;  ///< runs out when the person has stopped zooming
};

}  // namespace hearsay::ui
