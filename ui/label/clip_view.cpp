#include "ui/label/clip_view.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>

#include "audio/decode.h"
#include "audio/spectrogram.h"
#include "ui/charts/chart_stack.h"
#include "ui/charts/format.h"
#include "ui/charts/spectrogram_view.h"
#include "ui/charts/waveform_view.h"
#include "ui/shell/app_context.h"
#include "ui/shell/icons.h"

namespace hearsay::ui {
namespace {

constexpr int kRate = 32000;               ///< Hz: enough for looking and listening, whatever the model wants
constexpr double kLongestSeconds = 600.0;  ///< of a long recording the first ten minutes are shown
constexpr std::int64_t kColumns = 2000;

struct Decoded {
  std::shared_ptr<const std::vector<float>> samples;
  Matrix envelope;
  Matrix spectrogram;
};

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
  hint_ = new QLabel(this);
  hint_->setForegroundRole(QPalette::PlaceholderText);
  hint_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);  // cut short rather than in the way
  auto* row = new QHBoxLayout;
  row->addWidget(play_);
  row->addWidget(hint_, 1);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(4);
  layout->addWidget(waveform_);
  layout->addWidget(spectrogram_, 1);
  layout->addLayout(row);

  timer_ = new QTimer(this);
  timer_->setInterval(33);
  connect(timer_, &QTimer::timeout, this, &ClipView::tick);
  connect(play_, &QPushButton::clicked, this, &ClipView::togglePlaying);
  connect(stack, &ChartStack::seekRequested, this, &ClipView::seek);
  connect(spectrogram_, &TimeChart::regionDrawn, this, [this](double start, double end) {
    stack_->setMark({});  // the region of the session takes its place
    Q_EMIT regionDrawn(start, end);
  });
  connect(spectrogram_, &TimeChart::regionMoved, this, &ClipView::regionMoved);
  connect(spectrogram_, &TimeChart::regionClicked, this, [this](qint64 id) {
    select(id);
    Q_EMIT regionSelected(id);
  });
  clear();
}

ClipView::~ClipView() = default;

double ClipView::seconds() const {
  return samples_ ? static_cast<double>(samples_->size()) / kRate : 0.0;
}

void ClipView::clear() {
  ++generation_;
  stopPlaying();
  samples_.reset();
  selected_ = -1;
  stack_->setMark({});
  waveform_->clear();
  spectrogram_->clear();
  spectrogram_->setRegions({});
  play_->setEnabled(false);
  hint_->clear();
}

void ClipView::setClip(const Clip& clip) {
  clear();
  const int generation = generation_;
  spectrogram_->setEmptyText(tr("Reading…"));
  auto decoded = std::make_shared<Decoded>();
  auto work = [decoded, file = clip.file] {
    auto samples = decode_file(file, kRate, kLongestSeconds);
    decoded->envelope =
        waveform_envelope(samples, std::min<std::int64_t>(kColumns, static_cast<std::int64_t>(samples.size())));
    decoded->spectrogram = spectrogram(samples, melForLooking(), kColumns);
    decoded->samples = std::make_shared<const std::vector<float>>(std::move(samples));
  };
  app_.runQuietly(this, work, [this, generation, decoded](const QString& error) {
    if (generation != generation_) return;
    if (!error.isEmpty()) {
      spectrogram_->setEmptyText(tr("This clip cannot be read."));
      Q_EMIT failed(error);
      return;
    }
    samples_ = decoded->samples;
    stack_->setExtent(0.0, seconds());
    waveform_->showClip(decoded->envelope, seconds());
    spectrogram_->showClip(decoded->spectrogram, seconds());
    stack_->alignMargins();
    play_->setEnabled(true);
    hint_->setText(tr("%1. Drag over the spectrogram to mark a region.").arg(durationText(seconds())));
    hint_->setToolTip(
        tr("A region gets the class that is chosen below, at first the suggested one. A number key gives the chosen "
           "region another class, Delete removes it, Esc leaves it."));
    seek(0.0);
    Q_EMIT this->decoded();
  });
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
  for (const ChartRegion& one : spectrogram_->regions().regions()) {
    if (one.id == region) stretch = {one.start, one.end};
  }
  waveform_->setMark(stretch);
}

void ClipView::seek(double at) {
  cursor_ = at;
  stack_->setPlayhead(at);
  if (mine_ && app_.playing()) app_.play(samples_, kRate, at);
}

void ClipView::togglePlaying() {
  if (mine_ && app_.playing()) {
    stopPlaying();
    return;
  }
  if (!samples_) return;
  double from = cursor_ < seconds() - 0.02 ? cursor_ : 0.0;
  double until = -1.0;
  for (const ChartRegion& region : spectrogram_->regions().regions()) {
    if (region.id != selected_) continue;
    from = region.start;
    until = region.end;
  }
  app_.play(samples_, kRate, from, until);
  mine_ = app_.playing();
  if (!mine_) return;
  play_->setText(tr("Stop (Space)"));
  play_->setIcon(icon(QStringLiteral("stop")));
  timer_->start();
}

void ClipView::stopPlaying() {
  if (mine_) app_.stopPlaying();
  mine_ = false;
  timer_->stop();
  play_->setText(tr("Play (Space)"));
  play_->setIcon(icon(QStringLiteral("play")));
  stack_->setPlayhead(cursor_);
}

void ClipView::tick() {
  if (mine_ && app_.playing()) {
    stack_->setPlayhead(app_.playPosition());
  } else {
    stopPlaying();
  }
}

}  // namespace hearsay::ui
