#pragma once
// A class list as JSON, colours included (the text form of core/prompts/class_list.h leaves them out), and how lists
// compare.

#include <QJsonArray>

#include "prompts/class_list.h"

namespace hearsay::ui {

QJsonArray classesToJson(const ClassList& classes);
/// What is not a class is left out.
ClassList classesFromJson(const QJsonArray& array);

/// The same names, aliases and descriptions, in whatever order and colours.
bool sameWords(const ClassList& a, const ClassList& b);
/// Everything equal.
bool sameClasses(const ClassList& a, const ClassList& b);
/// The first names of a list, to tell it by: "dog, rain, siren…".
QString firstNames(const ClassList& classes);
/// The sentence of check_classes, empty when the list is good for work.
QString classProblem(const ClassList& classes);

}  // namespace hearsay::ui
