#pragma once
// The prompt sets that were in use, each with its file and its thresholds: they come back when their list does (undo,
// redo), when their model does, or when a person asks for them.

#include <QJsonObject>
#include <QString>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "prompts/prompt_set.h"

namespace hearsay::ui {

/// From which probability on a class counts as heard, by its name.
using Marks = std::map<std::string, double>;

/// The set's own; the usual one for each class where it has none.
Marks marksOf(const PromptSet& prompts);
/// Of these classes alone.
QJsonObject marksToJson(const Marks& marks, const ClassList& classes);
/// What is not a number from 0 to 1 is left out.
Marks marksFromJson(const QJsonObject& object);

struct UsedSet {  ///< a prompt set with what belongs to it
  std::shared_ptr<const PromptSet> prompts;
  QString file;              ///< empty: none
  bool unsaved = false;      ///< tuned, and in no file of the person's
  QString kept;              ///< where such a set is kept; empty: it could not be
  ClassList written;         ///< the classes as they are in `file`
  Marks marks;               ///< as they are now; may know more classes than the set
  Marks writtenMarks;        ///< as they are in `file`, or in `kept`
  bool toldOfWords = false;  ///< that new words for its classes wait for a tuning
  bool putAside = false;     ///< a person went on without it: it does not come back by itself

  /// Tuned or in a file: what a person would miss.
  [[nodiscard]] bool worthKeeping() const { return prompts && (prompts->tuned || !file.isEmpty()); }
  [[nodiscard]] bool marksEdited() const;  ///< other ones than are written
  void saved(const QString& as);           ///< as it is now
};

class UsedPrompts {
 public:
  /// As the newest, in place of what was known of it. The oldest of many go.
  void remember(const UsedSet& set);
  void forget(const UsedSet& set);
  /// The newest that is good for this list and that `fits` accepts, among those that come back by themselves; null:
  /// none. A set that is not tuned is good for the same words alone. Stays valid until something is remembered.
  using Fits = std::function<bool(const PromptSet&)>;
  [[nodiscard]] const UsedSet* forList(const ClassList& classes, const Fits& fits) const;
  /// The newest with these names, put aside or not.
  [[nodiscard]] const UsedSet* withNames(const ClassList& classes) const;
  /// The newest of the same tuning, put aside or not.
  [[nodiscard]] const UsedSet* ofTuning(const PromptSet& prompts) const;
  void putAside(const std::function<bool(const UsedSet&)>& which);
  /// Whether one that comes back by itself is kept in this file.
  [[nodiscard]] bool needs(const QString& kept) const;

 private:
  std::vector<UsedSet> sets_;  ///< the newest first
};

}  // namespace hearsay::ui
