#pragma once
// One clip to look at and listen to: waveform, spectrogram, regions made by mouse, playhead. Decoding happens in the
// background; what was decoded last is kept.

#include <QWidget>
#include <memory>
#include <vector>

#include "labels/session.h"
#include "ui/charts/region_layer.h"

class QLabel;
class QPushButton;
class QTimer;

namespace hearsay::ui {

class AppContext;
class ChartStack;
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
  [[nodiscard]] bool ready() const { return samples_ != nullptr; }
  [[nodiscard]] double seconds() const;

 Q_SIGNALS:
  void regionDrawn(double start, double end);
  void regionMoved(qint64 region, double start, double end);
  void regionSelected(qint64 region);  ///< -1: none
  void decoded();
  void failed(const QString& sentence);

 private:
  void seek(double at);
  void tick();

  AppContext& app_;
  ChartStack* stack_ = nullptr;
  WaveformView* waveform_ = nullptr;
  SpectrogramView* spectrogram_ = nullptr;
  QPushButton* play_ = nullptr;
  QLabel* hint_ = nullptr;
  QTimer* timer_ = nullptr;
  std::shared_ptr<const std::vector<float>> samples_;
  RegionId selected_ = -1;
  double cursor_ = 0.0;  ///< where playing starts, seconds
  int generation_ = 0;   ///< a decode that comes too late is dropped
  bool mine_ = false;    ///< what plays was started here
};

}  // namespace hearsay::ui
