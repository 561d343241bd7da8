#pragma once
// One line of log: to stderr for the command line, to a file as well for the window. Thin over spdlog so that only one
// .cpp includes it.

#include <filesystem>
#include <string>

namespace hearsay {

enum class LogLevel { Debug, Info, Warn, Error, Off };
void set_log_level(LogLevel level);
void log_to_file(const std::filesystem::path& path);  ///< rotating, 1 MB, 3 files; Error: NoSpace
void log_debug(const std::string& message);
void log_info(const std::string& message);
void log_warn(const std::string& message);

}  // namespace hearsay
