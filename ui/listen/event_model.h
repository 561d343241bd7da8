#pragma once
// The events heard, newest first, with their sound while there is room for it.

#include <QAbstractTableModel>
#include <QColor>
#include <QHash>
#include <set>
#include <utility>
#include <vector>

#include "classify/stream_classifier.h"
#include "prompts/class_list.h"
#include "ui/listen/event_record.h"

namespace hearsay::ui {

class EventModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { Time, Class, Score, Length, Columns };
  static constexpr int kSortRole = Qt::UserRole + 1;

  explicit EventModel(QObject* parent = nullptr);
  /// Adds the event, or brings the one with the same session and id up to date.
  void put(const EventRecord& record);
  /// Until restoreLast(). `sound`: what the record does not hold itself. One that still goes on is followed out of
  /// sight.
  void remove(int row, SoundClip sound = {});
  /// Brings back what was removed last; its row, or -1 when there is nothing.
  int restoreLast();
  /// For good.
  void clear();
  [[nodiscard]] const EventRecord& at(int row) const { return records_[static_cast<std::size_t>(row)]; }
  /// CSV of all events, oldest first: time, start, end, duration, class, score.
  [[nodiscard]] std::string csv() const;
  /// Audacity labels (seconds since Start) of the events that were heard in the same go as this row.
  [[nodiscard]] std::string audacity(int row) const;
  /// A class that is listed has its colour of today in every row, whenever it was heard.
  void setColours(const ClassList& classes);
  /// Rows that the store keeps: their key and file.
  void setKept(int row, const EventRecord& kept);

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 Q_SIGNALS:
  void toKeep(int row);  ///< an event has begun or is over

 private:
  void bringUpToDate(int row, const EventRecord& record);
  bool putOutOfSight(const EventRecord& record);
  void forget(const EventRecord& record);
  void take(int row);
  void letOldSoundsGo();

  std::vector<EventRecord> records_;                 ///< newest first
  QHash<QString, QColor> colours_;                   ///< by the name of the class, of those listed
  std::vector<EventRecord> removed_;                 ///< can be brought back, the last one first
  std::set<std::pair<int, std::int64_t>> unwanted_;  ///< session and id: still going on, and removed for good
};

/// By the clock, with its distance from UTC (ISO 8601); times without it, of earlier versions, are this place's.
[[nodiscard]] QString timeText(const QDateTime& time);
[[nodiscard]] QDateTime timeOf(const QString& text);
/// For a person: without the day where it is today.
[[nodiscard]] QString wallText(const QDateTime& time);
[[nodiscard]] QDateTime wallTime(WallTime time);
/// Says that only the end of the event's sound is kept; empty: all of it is.
[[nodiscard]] QString cutText(const EventRecord& record);

}  // namespace hearsay::ui
