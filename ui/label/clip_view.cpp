#include "ui/label/clip_view.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/charts/chart_stack.h"
#include "ui/charts/format.h"
#include "ui/charts/spectrogram_view.h"
#include "ui/charts/waveform_view.h"
#include "ui/label/region_row.h"
#include "ui/shell/app_context.h"
#include "ui/shell/elided_label.h"
#include "ui/shell/icons.h"
#include "ui/sounds/sound_charts.h"
#include "ui/sounds/sound_player.h"

namespace hearsay::ui {
namespace {

constexpr int kRate = 32000;  ///< Hz: enough for looking and listening, whatever the model wants

LogMelConfig melForLooking() {
  LogMelConfig mel;
  mel.sample_rate = kRate;
  return mel;
}

}  // namespace

ClipView::ClipView(AppContext& app, QWidget* parent) : QWidget(parent), app_(app) {
  waveform_ = new WaveformView(this);
  waveform_->setAxisVisible(false);
  waveform_->setMaximumHeight(72);
  waveform_->setAccessibleName(tr("Waveform"));
  spectrogram_ = new SpectrogramView(this);
  spectrogram_->setObjectName(QStringLiteral("clipSpectrogram"));
  spectrogram_->setMel(melForLooking());
  spectrogram_->setAccessibleName(tr("Spectrogram; drag to mark a region"));
  spectrogram_->setRegionEditing(true);
  spectrogram_->setEmptyText(tr("Choose a clip"));
  auto* stack = new ChartStack(this);
  stack->add(waveform_);
  stack->add(spectrogram_);
  stack_ = stack;

  play_ = new QPushButton(icon(QStringLiteral("play")), tr("Play (Space)"), this);
  play_->setObjectName(QStringLiteral("playClip"));
  play_->setToolTip(tr("Play from the playhead, or the chosen region"));
  hint_ = new ElidedLabel(this);
  hint_->setForegroundRole(QPalette::PlaceholderText);
  auto* row = new QHBoxLayout;
  row->addWidget(play_);
  row->addWidget(hint_, 1);
  times_ = new RegionRow(this);
  row->addWidget(times_, 1);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(4);
  layout->addWidget(waveform_);
  layout->addWidget(spectrogram_, 1);
  layout->addLayout(row);

  pictures_ = new SoundCharts(looker_, *stack_, *waveform_, *spectrogram_, this);
  player_ = new SoundPlayer(app_, looker_, this);
  connect(player_, &SoundPlayer::playingChanged, this, &ClipView::showPlaying);
  connect(player_, &SoundPlayer::moved, stack_, &ChartStack::movePlayhead);
  connect(&looker_, &SoundLooker::looked, this, &ClipView::takeLook);
  connect(&looker_, &SoundLooker::failed, this, [this](const QString& sentence) {
    if (!look_) spectrogram_->setEmptyText(tr("This clip cannot be read."));
    Q_EMIT failed(sentence);
  });
  connect(play_, &QPushButton::clicked, this, &ClipView::togglePlaying);
  connect(stack, &ChartStack::seekRequested, this, &ClipView::seek);
  connect(spectrogram_, &TimeChart::regionDrawn, this, [this](double start, double end) {
    stack_->setMark({});  // the region of the session takes its place
    Q_EMIT regionDrawn(start, end);
  });
  connect(spectrogram_, &TimeChart::regionMoved, this, &ClipView::regionMoved);
  connect(times_, &RegionRow::moved, this, &ClipView::regionMoved);
  connect(times_, &RegionRow::left, this, &ClipView::timesLeft);
  connect(spectrogram_, &TimeChart::regionClicked, this, [this](qint64 id) {
    select(id);
    Q_EMIT regionSelected(id);
  });
  clear();
}

ClipView::~ClipView() {
  looker_.disconnect(this);
  player_->disconnect(this);
}

void ClipView::clear() {
  player_->setSound({}, nullptr, 0);
  looker_.stop();
  look_.reset();
  selected_ = -1;
  stack_->setMark({});
  pictures_->clear(tr("Choose a clip"));
  setRegions({});
  play_->setEnabled(false);
  hint_->clear();
}

void ClipView::setClip(const Clip& clip) {
  clear();
  spectrogram_->setEmptyText(tr("Reading…"));
  file_ = clip.file;
  looker_.look(file_, melForLooking());
}

void ClipView::takeLook(const std::shared_ptr<const SoundLook>& look) {
  look_ = look;
  cursor_ = 0.0;
  pictures_->show(file_, melForLooking(), look);
  player_->setSound(file_, look, kRate);
  play_->setEnabled(true);
  hint_->setText(tr("%1. Drag to mark a region, turn the wheel to zoom.").arg(durationText(seconds())));
  hint_->setToolTip(
      tr("A region gets the class that is chosen below, at first the suggested one. A click chooses a region: then it "
         "can be dragged elsewhere, a number key gives it another class, Delete removes it, Esc leaves it. An edge can "
         "always be dragged. With Shift held down a drag marks a new region, also inside the chosen one."));
  Q_EMIT measured(seconds());
}

void ClipView::setRegions(const std::vector<ChartRegion>& regions) {
  spectrogram_->setRegions(regions);
  const bool there =
      std::any_of(regions.begin(), regions.end(), [this](const ChartRegion& r) { return r.id == selected_; });
  select(there ? selected_ : -1);
}

void ClipView::select(RegionId region) {
  selected_ = region;
  spectrogram_->setSelectedRegion(region);
  // The waveform shows no regions, only where the chosen one is.
  std::optional<std::pair<double, double>> stretch;
  std::optional<ChartRegion> chosen;
  for (const ChartRegion& one : spectrogram_->regions().regions()) {
    if (one.id == region) chosen = one;
  }
  if (chosen) stretch = {chosen->start, chosen->end};
  waveform_->setMark(stretch);
  hint_->setVisible(!chosen);
  times_->setRegion(chosen, seconds());
}

void ClipView::seek(double at) {
  cursor_ = at;
  stack_->setPlayhead(at);
  if (player_->playing()) player_->play(at);
}

void ClipView::togglePlaying() {
  if (player_->playing()) return stopPlaying();
  if (!look_) return;
  double from = cursor_ < seconds() - 0.02 ? cursor_ : 0.0;
  double until = -1.0;
  for (const ChartRegion& region : spectrogram_->regions().regions()) {
    if (region.id != selected_) continue;
    from = region.start;
    until = region.end;
  }
  player_->play(from, until);
}

void ClipView::stopPlaying() {
  player_->stop();
}

void ClipView::showPlaying(bool playing) {
  play_->setText(playing ? tr("Stop (Space)") : tr("Play (Space)"));
  play_->setIcon(icon(playing ? QStringLiteral("stop") : QStringLiteral("play")));
  if (!playing) stack_->setPlayhead(cursor_);
}

}  // namespace hearsay::ui
