#pragma once
// Where Teach takes its sentences from.

#include <QString>

#include "prompts/captions.h"

namespace hearsay::ui {

enum class TextSource { Names, Captions, Both };

struct CaptionChoice {
  TextSource source = TextSource::Names;
  QString file;  ///< of the person's captions
  bool multiLabel = false;
  std::uint64_t seed = 0;
};

/// Sentences for tuning, from the grammar, the person's file, or both. Errors as captions_from_bank and
/// captions_from_file; Usage when captions are wanted and no file is named.
CaptionSet makeCaptions(const ClassList& classes, const CaptionChoice& choice);

}  // namespace hearsay::ui
