#pragma once
// Events kept on disk, so that they survive closing the program and its crash: a line of JSON and a WAV file each, in
// one folder that never grows beyond a limit (the oldest go first).

#include <QObject>
#include <QThreadPool>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "ui/listen/event_record.h"

namespace hearsay::ui {

class EventStore : public QObject {
  Q_OBJECT
 public:
  struct Limits {
    std::size_t events = 500;
    std::int64_t bytes = 200'000'000;          ///< of sound
    std::chrono::milliseconds quiet{600'000};  ///< between two words about what cannot be kept
  };
  explicit EventStore(std::filesystem::path folder, QObject* parent = nullptr);
  EventStore(std::filesystem::path folder, Limits limits, QObject* parent = nullptr);
  ~EventStore() override;  ///< writes what is to be written

  /// What is kept, oldest first; lines that cannot be read are passed over.
  std::vector<EventRecord> load();
  /// Keeps an event that has begun or ended, with its sound if it has one; the writing is done on a thread of the
  /// store's own. Gives the record its key and its file. What there is no room for is tried again: the row and its
  /// sound each for itself.
  void add(EventRecord& record);
  /// Rows that are kept and still go on, as they are now; also what could not be kept before.
  void bringUpToDate(std::vector<EventRecord> open);
  /// `sound`: gets what was kept of it, for bringing the event back; it is there after the next flush().
  void remove(const EventRecord& record, const std::shared_ptr<std::vector<float>>& sound = {});
  void removeAll();
  /// Waits until everything asked for so far is on disk.
  void flush();
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 Q_SIGNALS:
  void failed(const QString& sentence);     ///< at once, and then with a count, once in a while
  void recovered(const QString& sentence);  ///< everything that could not be kept is

 private:
  void run(std::function<void()> work);
  void keep(const std::vector<EventRecord>& records);
  void merge(const std::vector<EventRecord>& records);
  [[nodiscard]] std::string writeSounds();
  void writeRows();
  void letSoundsGo();
  void settle(const std::string& rowProblem, const std::string& soundProblem);
  void tell(const QString& sentence);
  [[nodiscard]] std::filesystem::path soundOf(const QString& key) const;

  std::filesystem::path folder_;
  Limits limits_;
  // Of the store's thread alone:
  std::vector<EventRecord> waiting_;  ///< not kept yet, oldest first; `sound` null: it is, or there is none
  int withoutSound_ = 0;              ///< events whose sound was let go because it waited too long
  bool failing_ = false;
  std::chrono::steady_clock::time_point told_;

  std::atomic<bool> anyWaits_{false};
  QThreadPool pool_;  ///< one thread: writes happen in order
};

}  // namespace hearsay::ui
