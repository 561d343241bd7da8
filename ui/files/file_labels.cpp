#include "ui/files/file_labels.h"

#include <algorithm>

#include "audio/decode.h"
#include "base/error.h"
#include "base/words.h"
#include "classify/evaluate.h"

namespace hearsay::ui {

ClassFinder::ClassFinder(const ClassList& classes) {
  const auto add = [this](const std::string& name, std::size_t index) {
    const QString folded = QString::fromStdString(fold_name(name));
    if (!folded.isEmpty() && !byName_.contains(folded)) byName_.insert(folded, static_cast<int>(index));
  };
  for (std::size_t k = 0; k < classes.size(); ++k) add(classes[k].name, k);
  for (std::size_t k = 0; k < classes.size(); ++k) {
    for (const std::string& alias : classes[k].aliases) add(alias, k);
  }
}

int ClassFinder::find(const QString& name) const {
  return byName_.value(QString::fromStdString(fold_name(name.toStdString())), -1);
}

std::vector<int> ClassFinder::find(const QStringList& names) const {
  std::vector<int> found;
  for (const QString& name : names) {
    if (const int k = find(name); k >= 0) found.push_back(k);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

namespace {

void addManifest(const std::filesystem::path& path, const ClassList& classes, FoundFiles& found) {
  Manifest manifest = read_manifest(path, path.parent_path(), classes);
  for (const std::string& problem : manifest.problems) found.problems << QString::fromStdString(problem);
  for (ManifestRow& row : manifest.rows) {
    QStringList names;
    for (const int k : row.labels) names << QString::fromStdString(classes[static_cast<std::size_t>(k)].name);
    found.files.push_back({std::move(row.file), names, true});
  }
}

void addSounds(const std::filesystem::path& path, FoundFiles& found) {
  std::vector<std::string> problems;
  for (std::filesystem::path& file : collect_audio({path}, &problems, &problems)) {
    const QString folder = QString::fromStdString(valid_utf8(file.parent_path().filename().string()));
    found.files.push_back({std::move(file), {folder}});
  }
  for (const std::string& problem : problems) found.problems << QString::fromStdString(problem);
}

}  // namespace

bool isManifest(const QString& path) {
  return path.endsWith(QStringLiteral(".csv"), Qt::CaseInsensitive) ||
         path.endsWith(QStringLiteral(".tsv"), Qt::CaseInsensitive);
}

FoundFiles findFiles(const QStringList& paths, const ClassList& classes) {
  FoundFiles found;
  for (const QString& text : paths) {
    const std::filesystem::path path(text.toStdString());
    try {
      if (isManifest(text)) {
        addManifest(path, classes, found);
      } else {
        addSounds(path, found);
      }
    } catch (const Error& error) {  // the others are looked at all the same
      found.problems << QString::fromUtf8(error.what());
    }
  }
  return found;
}

}  // namespace hearsay::ui
