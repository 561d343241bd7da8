#pragma once
// Which class a name means.

#include <map>
#include <string>

#include "prompts/class_list.h"

namespace hearsay {

/// Places in the list by folded name or alias (fold_name); a class's name goes before another's alias, what comes first
/// in the list before what comes later. Names without a letter or digit ("!!!") are left out: folded they are all equal.
std::map<std::string, int> classes_by_name(const ClassList& classes);

}  // namespace hearsay
