#pragma once
// The events heard, newest first, with their sound while there is room for it.

#include <QAbstractTableModel>
#include <vector>

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
  void remove(int row);
  void clear();
  [[nodiscard]] const EventRecord& at(int row) const { return records_[static_cast<std::size_t>(row)]; }
  /// CSV of all events, oldest first: time, start, end, duration, class, score.
  [[nodiscard]] std::string csv() const;
  /// Audacity labels (seconds since Start) of the events that were heard in the same go as this row.
  [[nodiscard]] std::string audacity(int row) const;
  /// Rows that the store keeps: their key and file.
  void setKept(int row, const EventRecord& kept);

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 Q_SIGNALS:
  void ended(int row);  ///< an event is over: it can be kept

 private:
  void letOldSoundsGo();

  std::vector<EventRecord> records_;  ///< newest first
};

}  // namespace hearsay::ui
