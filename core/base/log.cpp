#include "base/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <memory>
#include <mutex>

#include "base/error.h"
#include "base/files.h"

namespace hearsay {
namespace {

constexpr std::size_t kFileBytes = 1000 * 1000;
constexpr std::size_t kOlderFiles = 2;  // besides the one being written

/// The log in use. Replaced as a whole, so that a thread in the middle of a line keeps its own.
struct Log {
  std::mutex mutex;
  std::shared_ptr<spdlog::logger> logger = make({std::make_shared<spdlog::sinks::stderr_sink_mt>()});

  static std::shared_ptr<spdlog::logger> make(spdlog::sinks_init_list sinks) {
    auto made = std::make_shared<spdlog::logger>("hearsay", sinks);
    made->set_pattern("%H:%M:%S.%e %l  %v");
    made->flush_on(spdlog::level::info);
    return made;
  }
};

Log& log() {
  static Log instance;
  return instance;
}

void write(spdlog::level::level_enum level, const std::string& message) {
  std::shared_ptr<spdlog::logger> logger;
  {
    const std::lock_guard lock(log().mutex);
    logger = log().logger;
  }
  logger->log(level, spdlog::string_view_t(message));
}

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return spdlog::level::debug;
    case LogLevel::Info:
      return spdlog::level::info;
    case LogLevel::Warn:
      return spdlog::level::warn;
    case LogLevel::Error:
      return spdlog::level::err;
    case LogLevel::Off:
      break;
  }
  return spdlog::level::off;
}

}  // namespace

void set_log_level(LogLevel level) {
  const std::lock_guard lock(log().mutex);
  log().logger->set_level(to_spdlog(level));
}

void log_to_file(const std::filesystem::path& path) {
  std::shared_ptr<spdlog::sinks::rotating_file_sink_mt> file;
  try {
    file = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(path.string(), kFileBytes, kOlderFiles);
  } catch (const spdlog::spdlog_ex& error) {
    throw Error(ErrorKind::NoSpace, "The log file " + quoted(path) + " cannot be written: " + error.what() + ".");
  }
  auto made = Log::make({std::make_shared<spdlog::sinks::stderr_sink_mt>(), file});
  file->set_pattern("%Y-%m-%d %H:%M:%S.%e %z %l  %v");  // it is read days later
  const std::lock_guard lock(log().mutex);
  made->set_level(log().logger->level());
  log().logger = made;
}

void log_debug(const std::string& message) {
  write(spdlog::level::debug, message);
}
void log_info(const std::string& message) {
  write(spdlog::level::info, message);
}
void log_warn(const std::string& message) {
  write(spdlog::level::warn, message);
}

}  // namespace hearsay
