#pragma once
// Events kept on disk, so that they survive closing the program: a line of JSON and a WAV file each, in one folder that
// never grows beyond a limit (the oldest go first).

#include <QObject>
#include <QStringList>
#include <QThreadPool>
#include <deque>
#include <filesystem>
#include <functional>
#include <vector>

#include "ui/listen/event_record.h"

namespace hearsay::ui {

class EventStore : public QObject {
  Q_OBJECT
 public:
  struct Limits {
    std::size_t events = 500;
    std::int64_t bytes = 200'000'000;  ///< of sound
  };
  explicit EventStore(std::filesystem::path folder, QObject* parent = nullptr);
  EventStore(std::filesystem::path folder, Limits limits, QObject* parent = nullptr);
  ~EventStore() override;  ///< writes what is to be written

  /// What earlier runs kept, oldest first; lines that cannot be read are passed over. Call it before anything else.
  std::vector<EventRecord> load();
  /// Keeps an event that has ended, with its sound if it has one; the writing is done on a thread of the store's own.
  /// Gives the record its key and its file.
  void add(EventRecord& record);
  /// `sound`: gets what was kept of it, for bringing the event back; it is there after the next flush().
  void remove(const EventRecord& record, const std::shared_ptr<std::vector<float>>& sound = {});
  void removeAll();
  /// Waits until everything asked for so far is on disk.
  void flush();
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 Q_SIGNALS:
  void failed(const QString& sentence);  ///< once until something can be kept again

 private:
  struct Entry {
    QString key;
    std::string line;
    std::int64_t bytes = 0;
  };
  void keep(const EventRecord& record);
  void makeRoom();
  void writeIndex() const;
  void drop(const QString& key);
  void run(std::function<void()> work);
  [[nodiscard]] std::filesystem::path index() const { return folder_ / "events.jsonl"; }
  [[nodiscard]] std::filesystem::path soundOf(const QString& key) const;

  std::filesystem::path folder_;
  Limits limits_;
  std::deque<Entry> entries_;  ///< oldest first; after load() only the store's thread touches it
  bool failing_ = false;       ///< likewise
  QThreadPool pool_;           ///< one thread: writes happen in order
};

}  // namespace hearsay::ui
