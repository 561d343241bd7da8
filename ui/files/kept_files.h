#pragma once
// The table of Files on disk: what is in it and what was heard, so that it is there again at the next start, after a
// crash too. One file for the rows, beside it the prompt sets their results were made with.

#include <filesystem>
#include <vector>

#include "ui/files/file_table_model.h"

namespace hearsay::ui {

/// data_folder()/files, made when missing. Errors: NotFound (no home folder), NoSpace.
std::filesystem::path keptFilesFolder();

/// Writes the rows (atomically), or removes what is there when there are none. What is under way is kept as stopped,
/// or with what an earlier pass heard. Results beyond kMostKeptBytes are left out: their rows are kept as stopped too.
/// Errors: NoSpace.
void keepFiles(const std::filesystem::path& folder, const std::vector<FileRow>& rows);
inline constexpr std::size_t kMostKeptBytes = std::size_t{256} << 20;

/// The rows without ids and ranks; none where nothing was kept. Sounds that changed since have lost their result and
/// are stopped; those that are not there keep it. Errors: BadFormat (damaged, or of another version), Unreadable.
std::vector<FileRow> keptFiles(const std::filesystem::path& folder);
/// What cannot be read is put aside, so that nothing takes its place.
void putAside(const std::filesystem::path& folder);

}  // namespace hearsay::ui
