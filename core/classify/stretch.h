#pragma once
// A part of a long recording, moment by moment, for charts.

#include <filesystem>
#include <vector>

#include "base/job.h"
#include "classify/file_classifier.h"

namespace hearsay {

/// The windows of `seconds` of a file from `from` (seconds, 0 or later) on, without overlap, as a sound of that length
/// has them; each with its frames' similarities (`kind` as in score_window). Times are the file's. None where the file
/// has ended before. `control` may be null. Errors: as AudioReader::open; WrongModel, Usage (no classes); Cancelled.
std::vector<WindowResult> classify_stretch(const ClapModel& model, const PromptSet& prompts,
                                           const std::filesystem::path& file, double from, double seconds,
                                           ScoreKind kind, JobControl* control = nullptr);

}  // namespace hearsay
