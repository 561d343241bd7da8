#include "ui/sounds/sound_charts.h"

#include <QTimer>
#include <algorithm>

#include "ui/charts/chart_stack.h"
#include "ui/charts/spectrogram_view.h"
#include "ui/charts/waveform_view.h"
#include "ui/sounds/sound_looker.h"

namespace hearsay::ui {

namespace {

constexpr int kRestMs = 150;
constexpr double kColumnsWanted = 2000.0;  // on a wide screen; fewer in what is shown look blurred

bool sharp(double secondsPerColumn, double shown, double finest) {
  return secondsPerColumn <= finest * 1.01 || secondsPerColumn * kColumnsWanted <= shown;
}

}  // namespace

std::optional<std::pair<double, double>> closerStretch(const SoundPicture& whole, const SoundPicture& detail,
                                                       double from, double to, double finest) {
  const double shown = to - from;
  if (shown > SoundLook::kKeptSeconds || sharp(whole.secondsPerColumn, shown, finest)) return {};
  const bool inside = from >= detail.from && to <= detail.from + detail.seconds;
  if (inside && sharp(detail.secondsPerColumn, shown, finest)) return {};
  // Half as much on both sides, so that a little panning needs no other look.
  const double margin = std::min(shown / 2.0, (SoundLook::kKeptSeconds - shown) / 2.0);
  const double start = std::max(0.0, from - margin);
  return std::pair{start, std::min(to + margin, whole.seconds) - start};
}

SoundCharts::SoundCharts(SoundLooker& looker, ChartStack& stack, WaveformView& waveform, SpectrogramView& spectrogram,
                         QObject* parent)
    : QObject(parent),
      looker_(looker),
      stack_(stack),
      waveform_(waveform),
      spectrogram_(spectrogram),
      rest_(new QTimer(this)) {
  rest_->setSingleShot(true);
  rest_->setInterval(kRestMs);
  connect(rest_, &QTimer::timeout, this, &SoundCharts::lookCloser);
  connect(&stack_, &ChartStack::timeRangeChanged, this, [this] {
    if (look_) rest_->start();
  });
  connect(&looker_, &SoundLooker::lookedCloser, this, &SoundCharts::takeDetail);
}

void SoundCharts::show(const std::filesystem::path& file, const LogMelConfig& mel,
                       std::shared_ptr<const SoundLook> look) {
  rest_->stop();
  file_ = file;
  mel_ = mel;
  look_ = std::move(look);
  detail_.reset();
  const SoundPicture& whole = look_->picture;
  spectrogram_.setMel(mel);
  waveform_.showClip(whole.envelope, whole.seconds, whole.secondsPerRow);
  spectrogram_.showClip(whole.columns, whole.seconds, whole.secondsPerColumn);
  stack_.setExtent(0.0, whole.seconds);
  stack_.setTimeRange(0.0, whole.seconds);
  stack_.setPlayhead(0.0);
  stack_.alignMargins();
}

void SoundCharts::clear(const QString& sentence) {
  rest_->stop();
  look_.reset();
  detail_.reset();
  waveform_.clear();
  spectrogram_.clear();
  spectrogram_.setEmptyText(sentence);
}

void SoundCharts::lookCloser() {
  if (!look_) return;
  const double finest = static_cast<double>(mel_.hop) / mel_.sample_rate;
  const auto stretch = closerStretch(look_->picture, detail_ ? *detail_ : SoundPicture(), spectrogram_.rangeFrom(),
                                     spectrogram_.rangeTo(), finest);
  if (stretch) looker_.lookCloser(file_, mel_, stretch->first, stretch->second);
}

void SoundCharts::takeDetail(const std::shared_ptr<const SoundPicture>& detail) {
  if (!look_ || detail->columns.empty()) return;
  detail_ = detail;
  waveform_.showDetail(detail->envelope, detail->from, detail->secondsPerRow);
  spectrogram_.showDetail(detail->columns, detail->from, detail->secondsPerColumn);
}

}  // namespace hearsay::ui
