#pragma once
// Labels that were made elsewhere: Audacity's label tracks, and the CSV that export_labels writes.

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "labels/session.h"

namespace hearsay {

/// Reads these files and adds what they hold to the session, as one act; sentences on what was left out, and why, go to
/// `left_out`. A file whose first line begins with two numbers between tabs is a label track: start, end, name. It is
/// of the sound beside it with its name, or else of the clip that would be exported under it, or else of the only clip
/// with its name; the sound's ending may be part of it (rain.wav.txt). What could be of several clips is left out. Any
/// other is CSV with the columns `file` and `label`, and where they are there `start`, `end`, `by`, `score` and `note`;
/// `file` is a clip's name, a path from the CSV's own folder, or a file name that only one clip has. A label without
/// times, and in a track one that spans the clip, is of the whole clip. A file that cannot be read is left out too.
/// Clips with regions get their length where the session does not know it.
Change import_labels(LabelSession& session, std::span<const std::filesystem::path> files,
                     std::vector<std::string>& left_out);

}  // namespace hearsay
