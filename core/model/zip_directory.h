#pragma once
// Where the files of a zip archive lie, when they are stored as they are (as torch.save writes them). zip64 included.
// (PKWARE's APPNOTE.TXT, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16, 4.5.3.)

#include <cstddef>
#include <map>
#include <span>
#include <string>

#include "model/memory_budget.h"

namespace hearsay {

/// Name -> content, which lies in `archive`. Error: BadFormat (compressed or encrypted entries, offsets outside the
/// archive, more entries than `budget` pays for); `file` is named in the sentence.
std::map<std::string, std::span<const std::byte>> read_zip_directory(std::span<const std::byte> archive,
                                                                     MemoryBudget& budget, const std::string& file);

}  // namespace hearsay
