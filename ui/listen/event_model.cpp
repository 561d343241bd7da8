#include "ui/listen/event_model.h"

#include <QLocale>
#include <QPixmap>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "base/csv.h"
#include "ui/charts/colours.h"
#include "ui/charts/format.h"

namespace hearsay::ui {

namespace {

constexpr std::size_t kMostEvents = 5000;
constexpr std::int64_t kSameStart = 20;           // ms that times of one Start may differ by in earlier versions
constexpr std::size_t kMostRemoved = 10;          // held for bringing back, with their sounds
constexpr std::size_t kMostSamples = 24'000'000;  // 96 MB of sound in all: about 12 minutes at 32 kHz

QString decimal(double value, int places) {
  return QString::number(value, 'f', places);
}

auto sameAs(const EventRecord& record) {
  return [session = record.session, id = record.id](const EventRecord& other) {
    return other.session == session && other.id == id;
  };
}

// What it is called, and where it is kept, stay.
void update(EventRecord& record, const EventRecord& news) {
  record.end = news.end;
  record.score = news.score;
  record.open = news.open;
  record.sound = news.sound;
  record.kept = news.kept;
}

QString tipOf(const EventRecord& record) {
  if (record.open) return EventModel::tr("Still going on: the length and the best score so far.");
  if (record.brokenOff) return EventModel::tr("Kept while it still went on: its end and its sound are not known.");
  if (!record.hasSound()) return EventModel::tr("The sound of this event is not kept.");
  const QString tip = EventModel::tr("%1 s after Start. Enter plays it, Ctrl+S saves it as a WAV file.")
                          .arg(QLocale().toString(record.start, 'f', 1));
  const QString cut = cutText(record);
  return cut.isEmpty() ? tip : tip + QLatin1Char('\n') + cut;
}

}  // namespace

QString timeText(const QDateTime& time) {
  return time.toOffsetFromUtc(time.offsetFromUtc()).toString(Qt::ISODateWithMs);
}

QDateTime timeOf(const QString& text) {
  return QDateTime::fromString(text, Qt::ISODateWithMs).toLocalTime();
}

QString wallText(const QDateTime& time) {
  const bool today = time.date() == QDate::currentDate();
  return QLocale().toString(time, today ? QStringLiteral("HH:mm:ss") : QStringLiteral("d MMM HH:mm:ss"));
}

QDateTime wallTime(WallTime time) {
  return QDateTime::fromMSecsSinceEpoch(
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count());
}

QString cutText(const EventRecord& record) {
  if (!record.isCut()) return {};
  return EventModel::tr("Only the last %1 s of its sound are kept.").arg(std::lround(record.kept));
}

EventModel::EventModel(QObject* parent) : QAbstractTableModel(parent) {}

void EventModel::put(const EventRecord& record) {
  const auto same = std::find_if(records_.begin(), records_.end(), sameAs(record));
  if (same != records_.end()) {
    bringUpToDate(static_cast<int>(same - records_.begin()), record);
  } else if (!putOutOfSight(record)) {
    if (records_.size() >= kMostEvents) {
      forget(records_.back());
      take(static_cast<int>(records_.size()) - 1);
    }
    beginInsertRows({}, 0, 0);
    records_.insert(records_.begin(), record);
    endInsertRows();
    if (record.key.isEmpty()) Q_EMIT toKeep(0);
  }
  letOldSoundsGo();
}

void EventModel::bringUpToDate(int row, const EventRecord& record) {
  EventRecord& same = records_[static_cast<std::size_t>(row)];
  const bool over = same.open && !record.open;
  update(same, record);
  Q_EMIT dataChanged(index(row, 0), index(row, Columns - 1));
  if (over) Q_EMIT toKeep(row);
}

// True: the event was removed, so it is not listed again.
bool EventModel::putOutOfSight(const EventRecord& record) {
  const auto same = std::find_if(removed_.begin(), removed_.end(), sameAs(record));
  if (same != removed_.end()) {
    update(*same, record);
    return true;
  }
  const auto unwanted = unwanted_.find({record.session, record.id});
  if (unwanted == unwanted_.end()) return false;
  if (!record.open) unwanted_.erase(unwanted);
  return true;
}

void EventModel::forget(const EventRecord& record) {
  if (record.open) unwanted_.insert({record.session, record.id});
}

void EventModel::letOldSoundsGo() {
  std::size_t samples = 0;
  for (EventRecord& record : records_) {
    if (record.sound) samples += record.sound->size();
    if (samples > kMostSamples) record.sound.reset();
  }
}

void EventModel::take(int row) {
  beginRemoveRows({}, row, row);
  records_.erase(records_.begin() + row);
  endRemoveRows();
}

void EventModel::remove(int row, SoundClip sound) {
  if (row < 0 || row >= rowCount()) return;
  EventRecord record = at(row);
  if (!record.sound) record.sound = std::move(sound);
  record.key.clear();
  record.file.clear();
  removed_.insert(removed_.begin(), std::move(record));
  if (removed_.size() > kMostRemoved) {
    forget(removed_.back());
    removed_.pop_back();
  }
  take(row);
}

int EventModel::restoreLast() {
  if (removed_.empty()) return -1;
  EventRecord record = std::move(removed_.front());
  removed_.erase(removed_.begin());
  const auto place = std::find_if(records_.begin(), records_.end(),
                                  [&record](const EventRecord& other) { return other.began <= record.began; });
  const int row = static_cast<int>(place - records_.begin());
  beginInsertRows({}, row, row);
  records_.insert(place, std::move(record));
  endInsertRows();
  Q_EMIT toKeep(row);
  return row;
}

void EventModel::clear() {
  for (const std::vector<EventRecord>* all : {&records_, &removed_}) {
    for (const EventRecord& record : *all) forget(record);
  }
  removed_.clear();
  beginResetModel();
  records_.clear();
  endResetModel();
}

std::string EventModel::csv() const {
  std::string text = "time,start,end,duration,class,score\n";
  for (auto record = records_.rbegin(); record != records_.rend(); ++record) {
    const QString row = QStringList{timeText(record->began), decimal(record->start, 3), decimal(record->end, 3),
                                    decimal(record->end - record->start, 3)}
                            .join(QLatin1Char(','));
    text += row.toStdString() + "," + csv_field(record->name.toStdString()) + "," +
            decimal(record->score, 4).toStdString() + "\n";
  }
  return text;
}

std::string EventModel::audacity(int row) const {
  const auto startOf = [](const EventRecord& record) { return record.since.toMSecsSinceEpoch(); };
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

void EventModel::setColours(const ClassList& classes) {
  colours_.clear();
  for (std::size_t k = 0; k < classes.size(); ++k) {
    colours_.insert(QString::fromStdString(classes[k].name), classColour(classes, k));
  }
  if (!records_.empty()) Q_EMIT dataChanged(index(0, Class), index(rowCount() - 1, Class), {Qt::DecorationRole});
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
        return wallText(record.began);
      case Class:
        return record.name;
      case Score:
        return percentText(record.score);
      case Length:
        return record.open ? tr("%1 so far").arg(durationText(record.end - record.start))
                           : durationText(record.end - record.start);
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
  if (role == Qt::DecorationRole && index.column() == Class) return swatch(colours_.value(record.name, record.colour));
  if (role == Qt::TextAlignmentRole && index.column() >= Score) return QVariant(Qt::AlignRight | Qt::AlignVCenter);
  if (role == Qt::ToolTipRole) return tipOf(record);
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
