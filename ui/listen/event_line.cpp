#include "ui/listen/event_line.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>
#include <cmath>

#include "ui/listen/event_model.h"

namespace hearsay::ui {

std::string lineOf(const EventRecord& record) {
  QJsonObject object{{"key", record.key},
                     {"class", record.name},
                     {"colour", record.colour.name()},
                     {"since", timeText(record.since)},
                     {"began", timeText(record.began)},
                     {"start", record.start},
                     {"end", record.end},
                     {"score", record.score},
                     {"rate", record.rate},
                     {"kept", record.kept}};
  if (record.open || record.brokenOff) object.insert(QStringLiteral("open"), true);
  return QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString() + "\n";
}

bool isKey(const QString& key) {
  return !key.isEmpty() && key.size() < 64 && std::all_of(key.begin(), key.end(), [](QChar letter) {
    return (letter >= QLatin1Char('0') && letter <= QLatin1Char('9')) || letter == QLatin1Char('-');
  });
}

std::optional<EventRecord> recordOf(const std::string& line) {
  const QJsonObject object = QJsonDocument::fromJson(QByteArray::fromStdString(line)).object();
  EventRecord record;
  record.key = object.value(QStringLiteral("key")).toString();
  record.name = object.value(QStringLiteral("class")).toString();
  record.colour = QColor(object.value(QStringLiteral("colour")).toString());
  record.began = timeOf(object.value(QStringLiteral("began")).toString());
  record.start = object.value(QStringLiteral("start")).toDouble();
  record.end = object.value(QStringLiteral("end")).toDouble();
  record.score = object.value(QStringLiteral("score")).toDouble();
  record.rate = object.value(QStringLiteral("rate")).toDouble();
  record.kept = object.value(QStringLiteral("kept")).toDouble(std::min(kHeardSeconds, record.end - record.start));
  record.open = false;
  record.brokenOff = object.value(QStringLiteral("open")).toBool();
  if (!isKey(record.key) || record.name.isEmpty() || !record.began.isValid()) return std::nullopt;
  record.since = timeOf(object.value(QStringLiteral("since")).toString());
  if (!record.since.isValid()) record.since = record.began.addMSecs(-std::llround(record.start * 1000.0));
  return record;
}

}  // namespace hearsay::ui
