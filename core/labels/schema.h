#pragma once
// The tables of a session file. Private to core/labels.

#include <cstdint>
#include <filesystem>

#include "labels/sqlite.h"

namespace hearsay {

/// In the file's header, so that `file` and Hearsay know what it is: "HsLb".
constexpr std::int64_t kSessionApplicationId = 0x48734C62;

/// Makes the tables in an empty file. Nothing is in WAL yet, so that the header is on the disk.
void create_schema(Database& database);

/// Checks that an opened file is a session that this program can work with. Errors: BadFormat.
void check_schema(Database& database);

/// WAL, foreign keys, full sync, and the lock that keeps a second program out. Errors: Unreadable (open elsewhere).
void prepare_for_work(Database& database);

/// Do the first bytes of the file carry the session's mark?
bool has_session_header(const std::filesystem::path& file);

}  // namespace hearsay
