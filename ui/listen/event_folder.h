#pragma once
// The folder of kept events: a list with a line of JSON each, and a WAV file each. Several windows may have it at once,
// so a change is read, made and written while a lock is held, and nobody's events are lost.

#include <QString>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <string>

namespace hearsay::ui {

class EventFolder {
 public:
  /// Makes the folder, waits for its lock, which is held while this lives, and reads the list. Errors: NoSpace,
  /// Unreadable.
  explicit EventFolder(std::filesystem::path folder);
  ~EventFolder();
  EventFolder(const EventFolder&) = delete;
  EventFolder& operator=(const EventFolder&) = delete;

  /// Adds the line, or puts it in the place of the one with this key.
  void put(const QString& key, const std::string& line);
  /// The line and its sound.
  void remove(const QString& key);
  void removeAll();
  /// The oldest go until these limits are kept; first of all, sounds that have been in no list for an hour.
  void makeRoom(std::size_t events, std::int64_t bytes);
  /// Error: NoSpace; the list on disk is then as it was.
  void save() const;

  [[nodiscard]] static std::filesystem::path list(const std::filesystem::path& folder) {
    return folder / "events.jsonl";
  }
  [[nodiscard]] static std::filesystem::path soundOf(const std::filesystem::path& folder, const QString& key);

 private:
  struct Entry {
    QString key;
    std::string line;
  };
  void lock();
  void read();
  void dropSound(const QString& key) const;

  std::filesystem::path folder_;
  std::deque<Entry> entries_;  ///< oldest first
  int fd_ = -1;                ///< of the lock
};

}  // namespace hearsay::ui
