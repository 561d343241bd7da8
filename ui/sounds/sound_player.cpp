#include "ui/sounds/sound_player.h"

#include <QTimer>
#include <algorithm>
#include <utility>

#include "ui/shell/app_context.h"
#include "ui/sounds/sound_looker.h"

namespace hearsay::ui {

namespace {

constexpr int kTickMs = 33;
constexpr double kNearEnd = 0.3;  // seconds before a piece's end at which it may have been seen last

}  // namespace

SoundPlayer::SoundPlayer(AppContext& app, SoundLooker& looker, QObject* parent, double pieceSeconds)
    : QObject(parent), app_(app), looker_(looker), pieceSeconds_(pieceSeconds), timer_(new QTimer(this)) {
  timer_->setInterval(kTickMs);
  connect(timer_, &QTimer::timeout, this, &SoundPlayer::tick);
  connect(&looker_, &SoundLooker::readyToPlay, this, &SoundPlayer::takePiece);
  connect(&looker_, &SoundLooker::notPlayed, this, [this] { setActive(false); });
}

void SoundPlayer::setSound(const std::filesystem::path& file, std::shared_ptr<const SoundLook> look, int rate) {
  stop();
  file_ = file;
  look_ = std::move(look);
  rate_ = rate;
}

void SoundPlayer::play(double from, double until) {
  if (!look_) return;
  until_ = until < 0.0 ? look_->seconds : std::min(until, look_->seconds);
  if (look_->samples) return begin(look_->samples, 0.0, from, until_);
  if (app_.playedLast(clip_)) app_.stopPlaying();  // what plays is of another place
  clip_ = 0;
  wanted_ = last_ = from;
  setActive(true);
  looker_.readForPlaying(file_, rate_, from, std::min(until_ - from, pieceSeconds_));
}

void SoundPlayer::takePiece(const std::shared_ptr<const std::vector<float>>& samples, double from) {
  if (!active_ || clip_ != 0 || from != wanted_) return;
  const double seconds = static_cast<double>(samples->size()) / rate_;
  begin(samples, from, 0.0, seconds);
}

void SoundPlayer::begin(std::shared_ptr<const std::vector<float>> samples, double offset, double from, double until) {
  offset_ = offset;
  last_ = offset + from;
  pieceEnd_ = offset + until;
  clip_ = app_.play(std::move(samples), rate_, from, until);
  setActive(clip_ > 0);
}

void SoundPlayer::tick() {
  if (clip_ == 0) return;  // a piece is being read
  if (!app_.playedLast(clip_)) return setActive(false);
  if (app_.playing()) {
    last_ = offset_ + app_.playPosition();
    Q_EMIT moved(last_);
    return;
  }
  const bool heardOut = last_ >= pieceEnd_ - kNearEnd;
  if (heardOut && pieceEnd_ < until_ - kNearEnd) return play(pieceEnd_, until_);
  setActive(false);
}

void SoundPlayer::stop() {
  if (!active_) return;
  if (app_.playedLast(clip_)) app_.stopPlaying();
  setActive(false);
}

void SoundPlayer::setActive(bool active) {
  if (!active) {
    clip_ = 0;
    timer_->stop();
  } else if (!timer_->isActive()) {
    timer_->start();
  }
  if (std::exchange(active_, active) != active) Q_EMIT playingChanged(active);
}

}  // namespace hearsay::ui
