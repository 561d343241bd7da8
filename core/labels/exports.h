#pragma once
// A labelling session written for other programs. All files are written atomically; clips that are Unseen or Skipped
// give no labels, but their notes go where a format has them for clips (CSV, JSON, Label Studio). "by" is `person` or
// `model` (a suggestion that was accepted).

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "labels/session.h"

namespace hearsay {

enum class LabelFormat {
  Csv,         ///< one file: file,start,end,label,by,score,note; a label of the whole clip has empty start and end; a
               ///< clip that has only a note is a row of file and note
  Json,        ///< one file: {"classes":[..],"clips":[{"file","seconds","state","note","labels":[..],"regions":[..]}]}
  Audacity,    ///< a folder: one label track (.txt, tab-separated start, end, label) for every labelled clip
  Raven,       ///< a folder: one selection table (.selections.txt) for every labelled clip, from 0 Hz to half the
               ///< file's rate, at most 20 kHz
  LabelStudio  ///< one file: JSON tasks to import (labels as `choices`, regions as `labels`, suggestions as
               ///< predictions)
};

/// Does the format go into a folder (made when missing) rather than one file?
bool writes_folder(LabelFormat format);

/// Returns the files written, sorted. A label of the whole clip spans it in Audacity and Raven (0 to its length, which
/// the file is asked for where the session does not know it; 0 to 0 where neither does). In a folder, files are named
/// as track_names says. Files that are there already are replaced: see export_files.
/// Errors: NoSpace, naming the file.
std::vector<std::filesystem::path> export_labels(const LabelSession& session, LabelFormat format,
                                                 const std::filesystem::path& to);

/// How long a clip is: as its file says where the session does not know it; 0 where neither does.
double length_of(const Clip& clip);
/// What the clips' files are named in an exported folder, but for the ending, whether they are labelled or not: by
/// their names with `_` for `/` and for what some systems refuse. Where clips would get the same name (in any case), it
/// goes to the first that lies in no folder, or else the first; the others have their ids added, and a number where
/// that is taken as well.
std::map<ClipId, std::string> track_names(std::span<const Clip> clips);

/// The files export_labels would write now, sorted; nothing is written.
std::vector<std::filesystem::path> export_files(const LabelSession& session, LabelFormat format,
                                                const std::filesystem::path& to);

}  // namespace hearsay
