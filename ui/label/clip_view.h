#pragma once
// One clip to look at and listen to: waveform, spectrogram, regions made by mouse, playhead. It is read in the
// background; recordings of hours are drawn anew where one zooms in.

#include <QWidget>
#include <filesystem>
#include <memory>
#include <vector>

#include "labels/session.h"
#include "ui/charts/region_layer.h"
#include "ui/sounds/sound_looker.h"

class QLabel;
class QPushButton;

namespace hearsay::ui {

class AppContext;
class ChartStack;
class RegionRow;
class SoundCharts;
class SoundPlayer;
class SpectrogramView;
class WaveformView;

class ClipView : public QWidget {
  Q_OBJECT
 public:
  explicit ClipView(AppContext& app, QWidget* parent = nullptr);
  ~ClipView() override;

  void setClip(const Clip& clip);
  void clear();
  void setRegions(const std::vector<ChartRegion>& regions);
  void select(RegionId region);
  [[nodiscard]] RegionId selected() const { return selected_; }
  void togglePlaying();
  void stopPlaying();
  [[nodiscard]] bool ready() const { return look_ != nullptr; }
  [[nodiscard]] double seconds() const { return look_ ? look_->seconds : 0.0; }

 Q_SIGNALS:
  void regionDrawn(double start, double end);
  void regionMoved(qint64 region, double start, double end);
  void regionSelected(qint64 region);  ///< -1: none
  void timesLeft();                    ///< typed where the region is; the keys are the page's again
  void measured(double seconds);       ///< how long the clip is, when it is read
  void failed(const QString& sentence);

 private:
  void takeLook(const std::shared_ptr<const SoundLook>& look);
  void seek(double at);
  void showPlaying(bool playing);

  AppContext& app_;
  SoundLooker looker_;
  ChartStack* stack_ = nullptr;
  WaveformView* waveform_ = nullptr;
  SpectrogramView* spectrogram_ = nullptr;
  SoundCharts* pictures_ = nullptr;
  SoundPlayer* player_ = nullptr;
  QPushButton* play_ = nullptr;
  QLabel* hint_ = nullptr;
  RegionRow* times_ = nullptr;  ///< in the hint's place while a region is chosen
  std::filesystem::path file_;
  std::shared_ptr<const SoundLook> look_;
  RegionId selected_ = -1;
  double cursor_ = 0.0;  ///< where playing starts, seconds
};

}  // namespace hearsay::ui
