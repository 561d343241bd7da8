#pragma once
// What a LabelSession holds: the open file and where its sounds are. Private to core/labels.

#include <filesystem>
#include <string>
#include <string_view>

#include "labels/journal.h"
#include "labels/session.h"
#include "labels/sqlite.h"

namespace hearsay {

class LabelSession::Store {
 public:
  Store(const std::filesystem::path& session_file, Database::Mode mode)
      : database(session_file, mode), file(session_file) {}

  Database database;
  std::filesystem::path file;  ///< absolute

  [[nodiscard]] std::filesystem::path audio_folder();
  /// Within a transaction; where that is rolled back, read_folder_again().
  void set_audio_folder(const std::filesystem::path& folder);
  void read_folder_again() { folder_.clear(); }

  /// How a sound's path is kept: relative to the audio folder where it is below it, with '/'.
  [[nodiscard]] std::string stored_path(const std::filesystem::path& sound);
  [[nodiscard]] std::filesystem::path sound_path(const std::string& stored);

  /// Adds what is new and fills in lengths; ids of the clips concerned go to `changed`. Within a transaction.
  void add_files(std::span<const SessionFile> files, std::vector<ClipId>& changed);
  /// Brings `missing` up to date; ids of the clips where it changed go to `changed`. Within a transaction.
  void look_for_files(std::vector<ClipId>& changed);

  void require_clip(ClipId id);
  [[nodiscard]] std::string class_name(ClassId id);  ///< Usage if there is no such class
  [[nodiscard]] std::string clip_name(ClipId id);    ///< Usage if there is no such clip
  void require_new_name(std::string_view name, ClassId except);
  /// The id for a new row of `table`: one that no row ever had, also none that was removed or undone.
  [[nodiscard]] std::int64_t unused_id(std::string_view table);

 private:
  std::filesystem::path folder_;  ///< of the sounds, absolute; empty: not read yet
};

/// Blanks trimmed, line breaks and control characters to blanks, valid UTF-8. Usage when nothing is left.
std::string tidy_class_name(std::string_view name);
/// Names that differ only in case or the like give the same.
std::string comparable_name(std::string_view name);

}  // namespace hearsay
