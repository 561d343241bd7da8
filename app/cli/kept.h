#pragma once
// Results are never lost to a disk that cannot take them: they go to the data folder instead, and a person is told.

#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/files.h"
#include "cli/console.h"

namespace hearsay::cli {

/// Saves to `out`; where that fails, to data_folder()/`kind` under the same name (a number before it if there is one).
/// Errors: the first failure with the place where `what` ("The tuned prompts were") kept; or both failures.
void save_or_keep(const std::filesystem::path& out, const std::string& kind, const std::string& what,
                  const std::function<void(const std::filesystem::path&)>& save);

/// Does both, the second also where the first failed. Errors: the first one's; of both, both.
void in_any_case(const std::function<void()>& first, const std::function<void()>& second);

/// Standard output, or a file that is written as results come and takes its name at the end. When its disk fills up in
/// the middle the results so far move to data_folder()/results, the rest follows, and the console says so at once.
class ResultFile {
 public:
  /// `out` empty or "-": standard output. Error: NoSpace.
  ResultFile(const std::string& out, Console& console);
  /// Error: NoSpace when no place takes more; the rows so far are then beside `out`, and the error says where.
  void write(std::string_view text);
  /// Error: NoSpace as in write(), or because results are not where they were wanted.
  void finish();

 private:
  /// Does `act`, and where the disk is full does it again in the data folder.
  void where_there_is_room(const std::function<void()>& act);
  [[noreturn]] void leave_beside(const std::string& problem);

  std::filesystem::path place_;  ///< where they go now
  Console& console_;
  std::unique_ptr<FileWriter> file_;  ///< none: standard output
  std::exception_ptr problem_;        ///< of the place that was wanted; set: results are kept elsewhere
};

}  // namespace hearsay::cli
