#include "ui/listen/event_store.h"

#include <unistd.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include "audio/decode.h"
#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "ui/listen/event_folder.h"
#include "ui/listen/event_line.h"

namespace hearsay::ui {

namespace {

constexpr std::size_t kMostSamples = 24'000'000;  // that wait for room: 96 MB, about 12 minutes at 32 kHz

bool hasSamples(const EventRecord& record) {
  return record.sound && !record.sound->empty();
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
  if (!waiting_.empty()) log_warn(std::to_string(waiting_.size()) + " events are not kept as they should be");
}

void EventStore::flush() {
  pool_.waitForDone();
}

std::filesystem::path EventStore::soundOf(const QString& key) const {
  return EventFolder::soundOf(folder_, key);
}

std::vector<EventRecord> EventStore::load() {
  std::vector<EventRecord> records;
  std::error_code absent;
  if (!std::filesystem::exists(EventFolder::list(folder_), absent)) return records;
  std::vector<std::string> lines;
  try {
    lines = split_lines(read_file(EventFolder::list(folder_)));
  } catch (const Error& error) {
    Q_EMIT failed(QString::fromUtf8(error.what()));
  }
  for (const std::string& line : lines) {
    std::optional<EventRecord> record = recordOf(line);
    if (!record) continue;
    const std::filesystem::path sound = soundOf(record->key);
    if (std::filesystem::exists(sound, absent)) record->file = sound;
    record->id = static_cast<std::int64_t>(records.size());
    records.push_back(std::move(*record));
  }
  return records;
}

void EventStore::add(EventRecord& record) {
  if (record.key.isEmpty()) {
    record.key = QStringLiteral("%1-%2-%3-%4")
                     .arg(record.began.toUTC().toString(QStringLiteral("yyyyMMdd-HHmmss-zzz")))
                     .arg(record.session)
                     .arg(record.id)
                     .arg(::getpid());  // another window may hear the same at the same moment
  }
  if (record.hasSound()) record.file = soundOf(record.key);
  run([this, record] { keep({record}); });
}

void EventStore::bringUpToDate(std::vector<EventRecord> open) {
  std::erase_if(open, [](const EventRecord& record) { return record.key.isEmpty(); });
  if (open.empty() && !anyWaits_) return;
  run([this, open = std::move(open)] { keep(open); });
}

void EventStore::remove(const EventRecord& record, const std::shared_ptr<std::vector<float>>& sound) {
  run([this, key = record.key, rate = static_cast<int>(record.rate), sound] {
    std::erase_if(waiting_, [&key](const EventRecord& other) { return other.key == key; });
    if (sound) {
      try {
        *sound = decode_file(soundOf(key), rate);
      } catch (const Error&) {  // it cannot be brought back with its sound then; deleting goes on
      }
    }
    EventFolder folder(folder_);
    folder.remove(key);
    folder.save();
  });
}

void EventStore::removeAll() {
  run([this] {
    waiting_.clear();
    std::error_code absent;
    if (!std::filesystem::exists(folder_, absent)) return;
    EventFolder folder(folder_);
    folder.removeAll();
    folder.save();
  });
}

// --- What the store's thread does

void EventStore::run(std::function<void()> work) {
  pool_.start([this, work = std::move(work)] {
    try {
      work();
    } catch (const std::exception& error) {
      tell(QString::fromUtf8(error.what()));
    }
    anyWaits_ = !waiting_.empty();
  });
}

// The row comes first in importance, the sound in order: a list that names a sound that is not there is no harm.
void EventStore::keep(const std::vector<EventRecord>& records) {
  merge(records);
  if (waiting_.empty()) return;
  std::string rowProblem;
  const std::string soundProblem = writeSounds();
  try {
    writeRows();
  } catch (const Error& error) {
    rowProblem = error.what();
  }
  if (rowProblem.empty()) std::erase_if(waiting_, [](const EventRecord& record) { return !hasSamples(record); });
  letSoundsGo();
  settle(rowProblem, soundProblem);
}

void EventStore::merge(const std::vector<EventRecord>& records) {
  for (const EventRecord& record : records) {
    const auto same = std::find_if(waiting_.begin(), waiting_.end(),
                                   [&record](const EventRecord& other) { return other.key == record.key; });
    if (same == waiting_.end()) {
      waiting_.push_back(record);
    } else {
      *same = record;
    }
  }
}

/// The first failure ends it: what follows is not smaller by much, and a full disk is slow.
std::string EventStore::writeSounds() {
  std::error_code problem;  // told with the rows
  std::filesystem::create_directories(folder_, problem);
  try {
    for (EventRecord& record : waiting_) {
      if (!hasSamples(record)) continue;
      write_wav(soundOf(record.key), *record.sound, static_cast<int>(record.rate));
      record.sound.reset();
    }
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

void EventStore::writeRows() {
  EventFolder folder(folder_);
  for (const EventRecord& record : waiting_) folder.put(record.key, lineOf(record));
  folder.makeRoom(limits_.events, limits_.bytes);
  folder.save();
}

void EventStore::letSoundsGo() {
  std::size_t samples = 0;
  for (auto record = waiting_.rbegin(); record != waiting_.rend(); ++record) {
    if (!hasSamples(*record)) continue;
    samples += record->sound->size();
    if (samples <= kMostSamples) continue;
    record->sound.reset();
    ++withoutSound_;
  }
}

void EventStore::settle(const std::string& rowProblem, const std::string& soundProblem) {
  if (rowProblem.empty() && soundProblem.empty()) {
    if (!std::exchange(failing_, false)) return;
    const int gone = std::exchange(withoutSound_, 0);
    Q_EMIT recovered(gone == 0 ? tr("What could not be kept of the events before is kept now.")
                               : tr("Events are kept with their sounds again; %n are without.", nullptr, gone));
    return;
  }
  if (!rowProblem.empty()) {
    const int rows = static_cast<int>(waiting_.size());
    const QString reason = QString::fromStdString(rowProblem);
    return tell(rows == 1 ? tr("This event is not kept yet; it is tried again. %1").arg(reason)
                          : tr("%n events are not kept yet; it is tried again. %1", nullptr, rows).arg(reason));
  }
  const auto sounds = withoutSound_ + static_cast<int>(std::count_if(waiting_.begin(), waiting_.end(), &hasSamples));
  const QString reason = QString::fromStdString(soundProblem);
  tell(sounds == 1
           ? tr("This event is kept without its sound so far; it is tried again. %1").arg(reason)
           : tr("%n events are kept without their sounds so far; it is tried again. %1", nullptr, sounds).arg(reason));
}

void EventStore::tell(const QString& sentence) {
  const auto now = std::chrono::steady_clock::now();
  if (std::exchange(failing_, true) && now - told_ < limits_.quiet) return;
  told_ = now;
  Q_EMIT failed(sentence);
}

}  // namespace hearsay::ui
