#pragma once
// Fingerprints of weights files, remembered so that a large one is read only once.

#include <filesystem>
#include <string>

namespace hearsay {

/// SHA-256 of the file, lower-case hex; remembered in cache_folder()/fingerprints.json by absolute path, size and time
/// of change. A cache that cannot be read or written only costs time. Errors: NotFound, Unreadable.
std::string remembered_fingerprint(const std::filesystem::path& file);

}  // namespace hearsay
