#pragma once
// An event as a line of JSON in the store's list.

#include <optional>
#include <string>

#include "ui/listen/event_record.h"

namespace hearsay::ui {

/// With its line end.
[[nodiscard]] std::string lineOf(const EventRecord& record);
/// Without its file. Nothing for a line that is none of ours; one that still went on is broken off.
[[nodiscard]] std::optional<EventRecord> recordOf(const std::string& line);
/// A key is also a file's name: nothing but what we write ourselves is taken.
[[nodiscard]] bool isKey(const QString& key);

}  // namespace hearsay::ui
