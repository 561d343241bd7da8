#pragma once
// Plays one sound file from anywhere in it, piece by piece where it is too long to be kept in memory.

#include <QObject>
#include <filesystem>
#include <memory>
#include <vector>

#include "ui/sounds/sound_look.h"

class QTimer;

namespace hearsay::ui {

class AppContext;
class SoundLooker;

class SoundPlayer : public QObject {
  Q_OBJECT
 public:
  /// `looker` reads the pieces, of so many seconds; both must outlive the player.
  SoundPlayer(AppContext& app, SoundLooker& looker, QObject* parent = nullptr,
              double pieceSeconds = SoundLook::kKeptSeconds);

  /// What play() plays, at the rate it was looked at with; null: nothing. Stops what plays.
  void setSound(const std::filesystem::path& file, std::shared_ptr<const SoundLook> look, int rate);
  /// From there to `until` seconds, or to the end (negative).
  void play(double from, double until = -1.0);
  void stop();
  /// From play() until the end or stop(), while a piece is read too.
  [[nodiscard]] bool playing() const { return active_; }

 Q_SIGNALS:
  void moved(double seconds);  ///< where in the file it plays
  void playingChanged(bool playing);

 private:
  void begin(std::shared_ptr<const std::vector<float>> samples, double offset, double from, double until);
  void takePiece(const std::shared_ptr<const std::vector<float>>& samples, double from);
  void tick();
  void setActive(bool active);

  AppContext& app_;
  SoundLooker& looker_;
  double pieceSeconds_;
  QTimer* timer_ = nullptr;
  std::filesystem::path file_;
  std::shared_ptr<const SoundLook> look_;
  int rate_ = 0;
  bool active_ = false;
  int clip_ = 0;         ///< what AppContext calls the piece; 0: it is being read
  double wanted_ = 0.0;  ///< where the piece begins that is being read
  double offset_ = 0.0;  ///< where the playing piece begins in the file
  double last_ = 0.0;    ///< where it was heard last
  double pieceEnd_ = 0.0;
  double until_ = 0.0;
};

}  // namespace hearsay::ui
