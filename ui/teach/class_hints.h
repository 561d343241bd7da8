#pragma once
// What is wrong or doubtful about a list of sounds, in words.

#include <QString>

#include "prompts/class_list.h"

namespace hearsay {
class ClapModel;
}

namespace hearsay::ui {

/// One sentence a line; empty when nothing is to be said. With a model also what it cannot read; may be null.
QString classHints(const ClassList& classes, const ClapModel* model);

}  // namespace hearsay::ui
