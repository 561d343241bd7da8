#pragma once
// One event: a class that was above its threshold for a while.

#include <QColor>
#include <QDateTime>
#include <QString>
#include <filesystem>
#include <memory>
#include <vector>

namespace hearsay::ui {

using SoundClip = std::shared_ptr<const std::vector<float>>;

struct EventRecord {
  std::int64_t id = 0;  ///< of the stream
  int session = 0;      ///< which Start it belongs to; 0: of an earlier run of the program
  QString name;
  QColor colour;
  QDateTime since;     ///< when that Start was, by the clock on the wall
  QDateTime began;     ///< likewise
  double start = 0.0;  ///< seconds since that Start
  double end = 0.0;
  double score = 0.0;          ///< highest smoothed probability
  bool open = true;            ///< still going on
  bool brokenOff = false;      ///< the program was ended meanwhile: the rest is as it was known by then
  SoundClip sound;             ///< null: still going on, in `file` alone, or not kept
  double rate = 0.0;           ///< of the sound, Hz
  double kept = -1.0;          ///< seconds of it, the last ones of the event; negative: not known, or none
  QString key;                 ///< in the store; empty: not there (yet)
  std::filesystem::path file;  ///< where the store keeps the sound; empty: nowhere

  [[nodiscard]] bool hasSound() const { return (sound && !sound->empty()) || !file.empty(); }
  /// The event is longer than the sound that is kept of it.
  [[nodiscard]] bool isCut() const { return hasSound() && kept >= 0.0 && kept < end - start - 0.5; }
};

}  // namespace hearsay::ui
