// Where unfinished tunings lie, who holds them, and when they are written.
#include "prompts/tuning_checkpoint.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "prompts/tuning_state.h"

namespace hearsay {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int kPlaces = 8;  // programs that may run the same tuning at once, each with a file of its own
constexpr std::size_t kMostKept = 20;
constexpr std::string_view kSuffix = ".safetensors";

fs::path lock_of(const fs::path& file) {
  return file.string() + ".lock";
}

struct flock whole_file() {
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

bool held(const fs::path& file) {
  const int fd = ::open(lock_of(file).c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return false;
  struct flock lock = whole_file();
  const bool locked = ::fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  ::close(fd);
  return locked;
}

/// The lock beside a file, while this lives.
class Lock {
 public:
  enum class Answer { Taken, Held, Impossible };
  Lock() = default;
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  ~Lock() { release(); }

  Answer take(const fs::path& file) {
    release();
    path_ = lock_of(file);
    for (int attempt = 0; attempt < 10; ++attempt) {
      fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
      if (fd_ < 0) return Answer::Impossible;
      struct flock lock = whole_file();
      if (::fcntl(fd_, F_OFD_SETLK, &lock) != 0) {
        const bool busy = errno == EAGAIN || errno == EACCES;
        ::close(std::exchange(fd_, -1));
        return busy ? Answer::Held : Answer::Impossible;
      }
      if (still_there()) return Answer::Taken;
      ::close(std::exchange(fd_, -1));  // who held it before removed it in between
    }
    return Answer::Held;
  }
  void release() {
    if (fd_ < 0) return;
    ::unlink(path_.c_str());
    ::close(std::exchange(fd_, -1));
  }

 private:
  [[nodiscard]] bool still_there() const {
    struct stat mine = {};
    struct stat there = {};
    return ::fstat(fd_, &mine) == 0 && ::stat(path_.c_str(), &there) == 0 && mine.st_ino == there.st_ino &&
           mine.st_dev == there.st_dev;
  }
  fs::path path_;
  int fd_ = -1;
};

fs::path place(const fs::path& folder, const TuningIdentity& identity, int number) {
  const std::string name = identity.digest().substr(0, 24) + (number > 0 ? "-" + std::to_string(number) : "");
  return folder / (name + std::string(kSuffix));
}

/// Newest first.
std::vector<fs::path> files_in(const fs::path& folder, std::string_view suffix) {
  std::vector<std::pair<fs::file_time_type, fs::path>> found;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    if (!entry.path().string().ends_with(suffix)) continue;
    const auto time = entry.last_write_time(code);
    if (!code) found.emplace_back(time, entry.path());
  }
  std::ranges::sort(found, std::greater{});
  std::vector<fs::path> files;
  files.reserve(found.size());
  for (auto& [time, path] : found) files.push_back(std::move(path));
  return files;
}

/// The oldest of too many, and what killed programs left: half-written files, and locks of states never written.
void tidy(const fs::path& folder) {
  std::error_code ignored;
  const std::vector<fs::path> files = files_in(folder, kSuffix);
  for (std::size_t i = kMostKept; i < files.size(); ++i) {
    log_info("The unfinished tuning " + quoted(files[i]) + " is dropped: " + std::to_string(kMostKept) +
             " newer ones are there.");
    discard_unfinished(files[i]);
  }
  for (const fs::path& lock : files_in(folder, ".lock")) {  // taking and releasing it removes it
    const fs::path file = lock.parent_path() / lock.stem();
    if (!fs::exists(file, ignored)) discard_unfinished(file);
  }
  const auto long_ago = fs::file_time_type::clock::now() - std::chrono::hours(1);
  for (const fs::path& part : files_in(folder, ".part")) {
    if (fs::last_write_time(part, ignored) < long_ago) fs::remove(part, ignored);
  }
}

[[noreturn]] void refuse(ErrorKind kind, const fs::path& file, const std::string& why) {
  throw Error(kind, quoted(file) + " " + why);
}

/// Refuses the state of another tuning, naming what is different.
void check_same(const UnfinishedTuning& there, const UnfinishedTuning& wanted) {
  const TuningIdentity& a = there.identity;
  const TuningIdentity& b = wanted.identity;
  if (a == b) return;
  if (a.model != b.model) {
    refuse(ErrorKind::WrongModel, there.file,
           "is a tuning with the model \"" + there.model_name + "\" (fingerprint " + a.model + "), not with \"" +
               wanted.model_name + "\" (fingerprint " + b.model +
               "). Choose that model, or begin again with this one.");
  }
  const char* what = a.classes != b.classes ? "classes" : a.captions != b.captions ? "captions" : "settings";
  refuse(ErrorKind::Usage, there.file,
         std::string("is a tuning with other ") + what + ". Go on with the " + what +
             " it was begun with, or begin again.");
}

}  // namespace

fs::path unfinished_folder() {
  fs::path folder = data_folder() / "unfinished";
  std::error_code code;
  fs::create_directories(folder, code);
  if (code)
    throw Error(ErrorKind::NoSpace, "Could not make the folder " + quoted(folder) + ": " + code.message() + ".");
  return folder;
}

std::vector<UnfinishedTuning> unfinished_tunings() {
  std::vector<UnfinishedTuning> found;
  try {
    for (const fs::path& file : files_in(unfinished_folder(), kSuffix)) {
      if (held(file)) continue;
      try {
        found.push_back(read_unfinished(file));
      } catch (const Error& error) {
        log_warn(error.what());
      }
    }
  } catch (const Error& error) {
    log_warn(error.what());
  }
  return found;
}

UnfinishedTuning read_unfinished(const fs::path& file) {
  return read_state(file).run;
}

void discard_unfinished(const fs::path& file) {
  Lock lock;
  std::error_code ignored;
  if (lock.take(file) == Lock::Answer::Taken) fs::remove(file, ignored);
}

struct TuningCheckpoint::Place {
  Settings settings;
  Lock lock;
  fs::path file;
  UnfinishedTuning run;
  std::string problem;
  Clock::time_point last = Clock::now();
  std::optional<Clock::time_point> asked;  ///< when due() was called last: a step ago
  int further = -1;                        ///< the step of a state that this run has not reached yet

  /// Throws what takes more than going without.
  std::shared_ptr<const TuningState> take_named() {
    switch (lock.take(settings.file)) {
      case Lock::Answer::Taken:
        break;
      case Lock::Answer::Held:
        refuse(ErrorKind::Usage, settings.file, "belongs to a tuning that is running now. Name another file.");
      case Lock::Answer::Impossible:
        if (settings.resume) break;
        problem = "The state of the tuning could not be kept: there is no way to write to " + quoted(settings.file) +
                  ". A crash would lose it.";
        return nullptr;
    }
    file = settings.file;
    std::error_code code;
    if (!settings.resume && !fs::exists(file, code)) return nullptr;
    return look(read_state(file));
  }

  /// The first place that no running program holds; with `resume` the first with something in it.
  std::shared_ptr<const TuningState> take_own() {
    const fs::path folder = unfinished_folder();
    tidy(folder);
    bool running = false;
    for (int number = 0; number < kPlaces; ++number) {
      const fs::path candidate = place(folder, run.identity, number);
      const Lock::Answer answer = lock.take(candidate);
      running = running || answer == Lock::Answer::Held;
      if (answer != Lock::Answer::Taken) continue;
      file = candidate;
      std::error_code code;
      if (!fs::exists(file, code)) {
        if (!settings.resume) return nullptr;
        continue;
      }
      if (settings.resume) return look(read_state(file));
      try {
        return look(read_state(file));
      } catch (const Error&) {  // damaged: this run writes over it
        return nullptr;
      }
    }
    lock.release();
    file.clear();
    if (settings.resume) {
      throw Error(ErrorKind::NotFound,
                  running ? "This tuning is running in another program now."
                          : "There is no unfinished tuning of these classes, captions and settings "
                            "with this model. Start it anew (on the command line: leave out --resume).");
    }
    problem =
        "The state of the tuning is not kept: " + quoted(folder) + " cannot be written to. A crash would lose it.";
    return nullptr;
  }

  std::shared_ptr<const TuningState> look(StoredState stored) {
    check_same(stored.run, run);
    if (settings.resume) return std::make_shared<TuningState>(std::move(stored.state));
    further = stored.state.step > 0 ? stored.state.step : -1;  // one that had not begun holds nothing
    return nullptr;
  }
};

TuningCheckpoint::TuningCheckpoint(Settings settings) : place_(std::make_unique<Place>()) {
  place_->settings = std::move(settings);
}

TuningCheckpoint::~TuningCheckpoint() = default;

std::shared_ptr<const TuningState> TuningCheckpoint::begin(const UnfinishedTuning& run) {
  Place& at = *place_;
  at.run = run;
  at.run.origin = at.settings.origin;
  at.last = Clock::now();
  if (!at.settings.file.empty()) return at.take_named();
  try {
    return at.take_own();
  } catch (const std::exception& error) {
    if (at.settings.resume) throw;
    at.file.clear();
    at.problem = std::string("The state of the tuning is not kept, and a crash would lose it. ") + error.what();
  }
  return nullptr;
}

bool TuningCheckpoint::due() {
  Place& at = *place_;
  const Clock::time_point now = Clock::now();
  const Clock::duration step = now - at.asked.value_or(now);
  at.asked = now;
  const auto closing = [&at] { return at.settings.closing && at.settings.closing(); };
  return !at.file.empty() && (now - at.last + step >= at.settings.every || closing());
}

void TuningCheckpoint::save(const TuningState& state) {
  Place& at = *place_;
  at.last = Clock::now();
  if (at.file.empty() || state.step < at.further) return;
  try {
    write_state(at.file, at.run, state);
    at.further = -1;
    if (at.settings.saved) at.settings.saved(state.step);
  } catch (const std::exception& error) {
    if (!at.problem.empty()) return;
    at.problem = std::string("The state of the tuning could not be kept, and a crash would lose it. ") + error.what();
    log_warn(at.problem);
  }
}

bool TuningCheckpoint::keep_unbegun() {
  Place& at = *place_;
  if (at.file.empty() || !at.settings.closing || !at.settings.closing()) return false;
  std::error_code ignored;
  if (!fs::exists(at.file, ignored)) save(TuningState{});  // what is there already is no worse
  return fs::exists(at.file, ignored);
}

void TuningCheckpoint::finish(const TunerReport& report) {
  Place& at = *place_;
  if (at.file.empty()) return;
  std::error_code ignored;
  if (!report.cancelled || at.further < 0) fs::remove(at.file, ignored);
  at.file.clear();
  at.lock.release();
}

const fs::path& TuningCheckpoint::file() const {
  return place_->file;
}

const std::string& TuningCheckpoint::problem() const {
  return place_->problem;
}

}  // namespace hearsay
