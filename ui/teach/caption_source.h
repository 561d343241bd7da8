#pragma once
// Where Teach takes its sentences from.

#include <QString>

#include <optional>
#include <string>

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

/// A choice as it is kept beside an unfinished tuning, and back; nothing where the text is not a window's.
std::string choiceToText(const CaptionChoice& choice);
std::optional<CaptionChoice> choiceFromText(const std::string& text);

}  // namespace hearsay::ui
