#include "ui/listen/event_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <map>
#include <set>
#include <thread>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "ui/listen/event_line.h"

namespace hearsay::ui {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kPatience{5};        // for another window that writes
constexpr std::chrono::hours kOldWhenNotListed{1};  // until then another window may be about to list it

struct Sound {
  std::int64_t bytes = 0;
  bool old = false;
};

std::map<QString, Sound> soundsIn(const fs::path& folder) {
  std::map<QString, Sound> sounds;
  const auto now = fs::file_time_type::clock::now();
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    const QString key = QString::fromStdString(entry.path().stem().string());
    if (entry.path().extension() != ".wav" || !isKey(key)) continue;
    std::error_code gone;
    const auto bytes = entry.file_size(gone);
    const auto time = entry.last_write_time(gone);
    if (!gone) sounds[key] = {static_cast<std::int64_t>(bytes), now - time > kOldWhenNotListed};
  }
  return sounds;
}

}  // namespace

EventFolder::EventFolder(fs::path folder) : folder_(std::move(folder)) {
  std::error_code problem;
  fs::create_directories(folder_, problem);
  if (problem) throw Error(ErrorKind::NoSpace, "The folder " + quoted(folder_) + " cannot be made.");
  lock();
  try {
    read();
  } catch (...) {
    ::close(fd_);
    throw;
  }
}

EventFolder::~EventFolder() {
  if (fd_ >= 0) ::close(fd_);  // the lock goes with it
}

fs::path EventFolder::soundOf(const fs::path& folder, const QString& key) {
  return folder / (key.toStdString() + ".wav");
}

// Where the disk knows no locks there is one window's word against the other's, as before.
void EventFolder::lock() {
  fd_ = ::open((folder_ / "events.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd_ < 0) throw Error(ErrorKind::NoSpace, "The folder " + quoted(folder_) + " cannot be written to.");
  struct flock whole = {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (::fcntl(fd_, F_OFD_SETLK, &whole) != 0 && (errno == EAGAIN || errno == EACCES || errno == EINTR)) {
    if (std::chrono::steady_clock::now() > until) {
      ::close(std::exchange(fd_, -1));
      throw Error(ErrorKind::NoSpace, "Another window of Hearsay holds the folder " + quoted(folder_) + ".");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

void EventFolder::read() {
  std::error_code absent;
  if (!fs::exists(list(folder_), absent)) return;
  for (const std::string& line : split_lines(read_file(list(folder_)))) {
    if (const auto record = recordOf(line)) entries_.push_back({record->key, line + "\n"});
  }
}

void EventFolder::put(const QString& key, const std::string& line) {
  const auto same = std::find_if(entries_.begin(), entries_.end(), [&key](const Entry& e) { return e.key == key; });
  if (same == entries_.end()) {
    entries_.push_back({key, line});
  } else {
    same->line = line;
  }
}

void EventFolder::remove(const QString& key) {
  std::erase_if(entries_, [&key](const Entry& e) { return e.key == key; });
  dropSound(key);
}

void EventFolder::removeAll() {
  entries_.clear();
  for (const auto& [key, sound] : soundsIn(folder_)) dropSound(key);
}

void EventFolder::makeRoom(std::size_t events, std::int64_t bytes) {
  std::map<QString, Sound> sounds = soundsIn(folder_);
  std::set<QString> listed;
  for (const Entry& entry : entries_) listed.insert(entry.key);
  std::int64_t taken = 0;
  for (const auto& [key, sound] : sounds) {
    if (listed.contains(key) || !sound.old) {
      taken += sound.bytes;
    } else {
      dropSound(key);
    }
  }
  while (!entries_.empty() && (entries_.size() > events || taken > bytes)) {
    taken -= sounds[entries_.front().key].bytes;
    dropSound(entries_.front().key);
    entries_.pop_front();
  }
}

void EventFolder::dropSound(const QString& key) const {
  std::error_code ignored;  // a sound that is gone already is what was wanted
  fs::remove(soundOf(folder_, key), ignored);
}

void EventFolder::save() const {
  std::string text;
  for (const Entry& entry : entries_) text += entry.line;
  write_file_atomically(list(folder_), text);
}

}  // namespace hearsay::ui
