#include "ui/listen/event_model.h"

#include <QLocale>
#include <QPixmap>
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "base/csv.h"
#include "ui/charts/colours.h"
#include "ui/charts/format.h"

namespace hearsay::ui {

namespace {

constexpr std::size_t kMostEvents = 5000;
constexpr std::int64_t kSameStart = 20;           // ms that the times of one Start may differ by rounding
constexpr std::size_t kMostSamples = 24'000'000;  // 96 MB of sound in all: about 12 minutes at 32 kHz

QString decimal(double value, int places) {
  return QString::number(value, 'f', places);
}

}  // namespace

EventModel::EventModel(QObject* parent) : QAbstractTableModel(parent) {}

void EventModel::put(const EventRecord& record) {
  const auto same = std::find_if(records_.begin(), records_.end(), [&record](const EventRecord& other) {
    return other.session == record.session && other.id == record.id;
  });
  if (same != records_.end()) {
    const EventRecord before = *same;
    *same = record;
    same->began = before.began;
    same->key = before.key;
    same->file = before.file;
    const int row = static_cast<int>(same - records_.begin());
    Q_EMIT dataChanged(index(row, 0), index(row, Columns - 1));
    if (before.open && !record.open) Q_EMIT ended(row);
  } else {
    if (records_.size() >= kMostEvents) remove(static_cast<int>(records_.size()) - 1);
    beginInsertRows({}, 0, 0);
    records_.insert(records_.begin(), record);
    endInsertRows();
    if (!record.open && record.key.isEmpty()) Q_EMIT ended(0);
  }
  letOldSoundsGo();
}

void EventModel::letOldSoundsGo() {
  std::size_t samples = 0;
  for (EventRecord& record : records_) {
    if (record.sound) samples += record.sound->size();
    if (samples > kMostSamples) record.sound.reset();
  }
}

void EventModel::remove(int row) {
  if (row < 0 || row >= rowCount()) return;
  beginRemoveRows({}, row, row);
  records_.erase(records_.begin() + row);
  endRemoveRows();
}

void EventModel::clear() {
  beginResetModel();
  records_.clear();
  endResetModel();
}

std::string EventModel::csv() const {
  std::string text = "time,start,end,duration,class,score\n";
  for (auto record = records_.rbegin(); record != records_.rend(); ++record) {
    const QString row = QStringList{record->began.toString(Qt::ISODateWithMs), decimal(record->start, 3),
                                    decimal(record->end, 3), decimal(record->end - record->start, 3)}
                            .join(QLatin1Char(','));
    text += row.toStdString() + "," + csv_field(record->name.toStdString()) + "," +
            decimal(record->score, 4).toStdString() + "\n";
  }
  return text;
}

std::string EventModel::audacity(int row) const {
  const auto startOf = [](const EventRecord& record) {
    return record.began.toMSecsSinceEpoch() - std::llround(record.start * 1000.0);
  };
  const auto wanted = startOf(at(row));
  QString text;
  for (auto record = records_.rbegin(); record != records_.rend(); ++record) {
    if (std::llabs(startOf(*record) - wanted) > kSameStart) continue;
    QString name = record->name;
    name.replace(QLatin1Char('\t'), QLatin1Char(' '));
    text += decimal(record->start, 6) + QLatin1Char('\t') + decimal(record->end, 6) + QLatin1Char('\t') + name +
            QLatin1Char('\n');
  }
  return text.toStdString();
}

void EventModel::setKept(int row, const EventRecord& kept) {
  EventRecord& record = records_[static_cast<std::size_t>(row)];
  record.key = kept.key;
  record.file = kept.file;
  Q_EMIT dataChanged(index(row, 0), index(row, Columns - 1));
}

int EventModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(records_.size());
}

int EventModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : Columns;
}

QVariant EventModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) return {};
  const EventRecord& record = at(index.row());
  if (role == Qt::DisplayRole) {
    switch (index.column()) {
      case Time:
        return record.began.date() == QDate::currentDate()
                   ? QLocale().toString(record.began.time(), QStringLiteral("HH:mm:ss"))
                   : QLocale().toString(record.began, QStringLiteral("d MMM HH:mm:ss"));
      case Class:
        return record.name;
      case Score:
        return percentText(record.score);
      case Length:
        return record.open ? tr("going on") : durationText(record.end - record.start);
      default:
        return {};
    }
  }
  if (role == kSortRole) {
    switch (index.column()) {
      case Class:
        return record.name;
      case Score:
        return record.score;
      case Length:
        return record.end - record.start;
      default:
        return record.began;
    }
  }
  if (role == Qt::DecorationRole && index.column() == Class) return swatch(record.colour);
  if (role == Qt::TextAlignmentRole && index.column() >= Score) return QVariant(Qt::AlignRight | Qt::AlignVCenter);
  if (role == Qt::ToolTipRole) {
    return record.hasSound() ? tr("%1 s after Start. Enter plays it, Ctrl+S saves it as a WAV file.")
                                   .arg(QLocale().toString(record.start, 'f', 1))
           : record.open ? tr("Still going on.")
                         : tr("The sound of this event is no longer kept.");
  }
  return {};
}

QVariant EventModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole) {
    return QVariant((section >= Score ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  }
  if (role != Qt::DisplayRole) return {};
  switch (section) {
    case Time:
      return tr("Time");
    case Class:
      return tr("Class");
    case Score:
      return tr("Score");
    case Length:
      return tr("Length");
    default:
      return {};
  }
}

}  // namespace hearsay::ui
