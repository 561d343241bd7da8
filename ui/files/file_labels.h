#pragma once
// Labels that files bring along: the name of the folder they lie in, or a manifest CSV.

#include <QColor>
#include <QHash>
#include <QString>
#include <QStringList>
#include <filesystem>
#include <vector>

#include "prompts/class_list.h"

namespace hearsay::ui {

/// Finds classes by name or alias, compared as fold_name does.
class ClassFinder {
 public:
  explicit ClassFinder(const ClassList& classes);
  /// -1: no such class.
  [[nodiscard]] int find(const QString& name) const;
  /// Of several names those that are classes, ascending, each once.
  [[nodiscard]] std::vector<int> find(const QStringList& names) const;

 private:
  QHash<QString, int> byName_;
};

/// Of a class of an earlier set: what `today`'s list (which `finder` looks through) gives a class of that name, so that
/// a name has one colour on every page; its own where the name is not listed any more.
QColor colourToday(const ClassList& classes, std::size_t index, const ClassList& today, const ClassFinder& finder);

struct FoundFile {
  std::filesystem::path path;
  QStringList labels;  ///< class names from a manifest, or the name of the file's folder; may name no class
  bool byManifest = false;
};

struct FoundFiles {
  std::vector<FoundFile> files;
  QStringList problems;  ///< sentences
};

/// By its name: a table (`.csv`, `.tsv`) of files and their labels.
bool isManifest(const QString& path);

/// Files, folders and manifests (paths in them relative to it) -> sound files with the labels they bring.
/// Slow for large folders: not for the UI thread. A path that cannot be used is a sentence in `problems`.
FoundFiles findFiles(const QStringList& paths, const ClassList& classes);

}  // namespace hearsay::ui
