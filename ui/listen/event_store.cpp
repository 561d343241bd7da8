#include "ui/listen/event_store.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include "audio/decode.h"
#include "base/error.h"
#include "base/files.h"
#include "classify/stream_classifier.h"
#include "ui/listen/event_model.h"

namespace hearsay::ui {

namespace {

std::string lineOf(const EventRecord& record) {
  const QJsonObject object{{"key", record.key},
                           {"class", record.name},
                           {"colour", record.colour.name()},
                           {"began", timeText(record.began)},
                           {"start", record.start},
                           {"end", record.end},
                           {"score", record.score},
                           {"rate", record.rate},
                           {"kept", record.kept}};
  return QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString() + "\n";
}

/// A key is also a file's name: nothing but what we write ourselves is taken.
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
  if (!isKey(record.key) || record.name.isEmpty() || !record.began.isValid()) return std::nullopt;
  return record;
}

std::int64_t sizeOf(const std::filesystem::path& file) {
  std::error_code absent;
  const auto size = std::filesystem::file_size(file, absent);
  return absent ? 0 : static_cast<std::int64_t>(size);
}

}  // namespace

EventStore::EventStore(std::filesystem::path folder, QObject* parent)
    : EventStore(std::move(folder), Limits(), parent) {}

EventStore::EventStore(std::filesystem::path folder, Limits limits, QObject* parent)
    : QObject(parent), folder_(std::move(folder)), limits_(limits) {
  pool_.setMaxThreadCount(1);
}

EventStore::~EventStore() {
  flush();
}

void EventStore::flush() {
  pool_.waitForDone();
}

std::filesystem::path EventStore::soundOf(const QString& key) const {
  return folder_ / (key.toStdString() + ".wav");
}

std::vector<EventRecord> EventStore::load() {
  std::vector<EventRecord> records;
  std::error_code absent;
  if (!std::filesystem::exists(index(), absent)) return records;
  std::vector<std::string> lines;
  try {
    lines = split_lines(read_file(index()));
  } catch (const Error& error) {
    Q_EMIT failed(QString::fromUtf8(error.what()));
  }
  for (const std::string& line : lines) {
    std::optional<EventRecord> record = recordOf(line);
    if (!record) continue;
    const std::int64_t bytes = sizeOf(soundOf(record->key));
    if (bytes > 0) record->file = soundOf(record->key);
    record->id = static_cast<std::int64_t>(records.size());
    entries_.push_back({record->key, line + "\n", bytes});
    records.push_back(std::move(*record));
  }
  return records;
}

// --- What the store's thread does

void EventStore::run(std::function<void()> work) {
  pool_.start([this, work = std::move(work)] {
    try {
      work();
      failing_ = false;
    } catch (const std::exception& error) {
      if (std::exchange(failing_, true)) return;
      Q_EMIT failed(tr("This event is not kept after closing: %1").arg(QString::fromUtf8(error.what())));
    }
  });
}

void EventStore::add(EventRecord& record) {
  record.key = QStringLiteral("%1-%2-%3")
                   .arg(record.began.toUTC().toString(QStringLiteral("yyyyMMdd-HHmmss-zzz")))
                   .arg(record.session)
                   .arg(record.id);
  if (record.hasSound()) record.file = soundOf(record.key);
  run([this, record] { keep(record); });
}

void EventStore::keep(const EventRecord& record) {
  std::error_code problem;
  std::filesystem::create_directories(folder_, problem);
  if (problem) throw Error(ErrorKind::NoSpace, "The folder " + quoted(folder_) + " cannot be made.");
  if (record.sound && !record.sound->empty()) {
    write_wav(soundOf(record.key), *record.sound, static_cast<int>(record.rate));
  }
  entries_.push_back({record.key, lineOf(record), sizeOf(soundOf(record.key))});
  makeRoom();
  writeIndex();
}

void EventStore::makeRoom() {
  std::int64_t bytes = 0;
  for (const Entry& entry : entries_) bytes += entry.bytes;
  while (!entries_.empty() && (entries_.size() > limits_.events || bytes > limits_.bytes)) {
    bytes -= entries_.front().bytes;
    drop(entries_.front().key);
    entries_.pop_front();
  }
}

void EventStore::drop(const QString& key) {
  std::error_code ignored;  // a sound that is gone already is what was wanted
  std::filesystem::remove(soundOf(key), ignored);
}

void EventStore::writeIndex() const {
  std::string text;
  for (const Entry& entry : entries_) text += entry.line;
  write_file_atomically(index(), text);
}

void EventStore::remove(const EventRecord& record, const std::shared_ptr<std::vector<float>>& sound) {
  run([this, key = record.key, rate = static_cast<int>(record.rate), sound] {
    const auto gone = std::remove_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.key == key; });
    if (gone == entries_.end()) return;
    if (sound && gone->bytes > 0) {
      try {
        *sound = decode_file(soundOf(key), rate);
      } catch (const Error&) {  // it cannot be brought back with its sound then; deleting goes on
      }
    }
    entries_.erase(gone, entries_.end());
    drop(key);
    writeIndex();
  });
}

void EventStore::removeAll() {
  run([this] {
    for (const Entry& entry : entries_) drop(entry.key);
    entries_.clear();
    std::error_code absent;
    if (std::filesystem::exists(index(), absent)) writeIndex();
  });
}

}  // namespace hearsay::ui
