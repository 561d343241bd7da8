#include "ui/listen/level_meter.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

#include "ui/charts/colours.h"

namespace hearsay::ui {

namespace {

constexpr double kLowest = -60.0;
constexpr double kHot = -3.0;        // from here samples are close to clipping
constexpr double kFall = 1.5;        // dB a frame, so that the bar can be followed
constexpr std::size_t kWarning = 5;  // vermilion in the series

double shareOf(double db) {
  return std::clamp((db - kLowest) / -kLowest, 0.0, 1.0);
}

}  // namespace

LevelMeter::LevelMeter(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  setAccessibleName(tr("Microphone level"));
  setToolTip(tr("Microphone level, from −60 to 0 dB; the mark shows the highest of the last second"));
}

QSize LevelMeter::sizeHint() const {
  return {120, 16};
}

void LevelMeter::setLevel(double rmsDb, double peakDb) {
  rmsDb_ = std::max(rmsDb, std::max(rmsDb_ - kFall, -100.0));
  if (peakDb >= heldDb_ || !held_.isValid() || held_.elapsed() > 1000) {
    heldDb_ = peakDb;
    held_.start();
  }
  update();
}

void LevelMeter::clear() {
  rmsDb_ = heldDb_ = -100.0;
  update();
}

void LevelMeter::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  QColor track = palette().color(QPalette::WindowText);
  track.setAlpha(36);
  const QRectF whole(rect());
  painter.fillRect(whole, track);
  const double bar = shareOf(rmsDb_) * whole.width();
  painter.fillRect(QRectF(0, 0, bar, whole.height()), palette().color(QPalette::Highlight));
  if (heldDb_ <= kLowest) return;
  const QColor mark = heldDb_ >= kHot ? seriesColour(kWarning) : palette().color(QPalette::WindowText);
  painter.fillRect(
      QRectF(std::max(0.0, shareOf(heldDb_) * whole.width() - 2.0), 0, heldDb_ >= kHot ? 4 : 2, whole.height()), mark);
}

}  // namespace hearsay::ui
