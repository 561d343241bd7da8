#pragma once
// The events heard, newest first, with their sound while there is room for it.

#include <QAbstractTableModel>
#include <QColor>
#include <QDateTime>
#include <memory>
#include <vector>

#include "classify/stream_classifier.h"

namespace hearsay::ui {

using SoundClip = std::shared_ptr<const std::vector<float>>;

struct EventRecord {
  std::int64_t id = 0;  ///< of the stream
  int session = 0;      ///< which Start it belongs to
  QString name;
  QColor colour;
  QDateTime began;     ///< by the clock on the wall
  double start = 0.0;  ///< seconds since that Start
  double end = 0.0;
  double score = 0.0;  ///< highest smoothed probability
  bool open = true;    ///< still going on
  SoundClip sound;     ///< null: still going on, or given up for newer ones
  double rate = 0.0;   ///< of the sound, Hz
};

class EventModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { Time, Class, Score, Length, Columns };
  static constexpr int kSortRole = Qt::UserRole + 1;

  explicit EventModel(QObject* parent = nullptr);
  /// Adds the event, or brings the one with the same session and id up to date.
  void put(const EventRecord& record);
  /// Events of that session that are still open are marked as ended.
  void closeAll(int session);
  void remove(int row);
  void clear();
  [[nodiscard]] const EventRecord& at(int row) const { return records_[static_cast<std::size_t>(row)]; }
  /// CSV of all events, oldest first: time, start, end, duration, class, score.
  [[nodiscard]] std::string csv() const;

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  void letOldSoundsGo();

  std::vector<EventRecord> records_;  ///< newest first
};

}  // namespace hearsay::ui
