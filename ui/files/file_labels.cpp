#include "ui/files/file_labels.h"

#include <QCoreApplication>
#include <algorithm>
#include <iterator>

#include "audio/decode.h"
#include "base/error.h"
#include "base/files.h"
#include "base/words.h"
#include "classify/evaluate.h"
#include "ui/charts/colours.h"

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

QColor colourToday(const ClassList& classes, std::size_t index, const ClassList& today, const ClassFinder& finder) {
  const int now = finder.find(QString::fromStdString(classes[index].name));
  return now >= 0 ? classColour(today, static_cast<std::size_t>(now)) : classColour(classes, index);
}

namespace {

/// Up to three of what is in these rows and is no class, in quotation marks.
QString someUnknown(const std::vector<ManifestRow>& rows) {
  constexpr qsizetype kTold = 3;
  QStringList labels;
  for (const ManifestRow& row : rows) {
    for (const std::string& label : row.unknown) {
      const QString quotedLabel = QStringLiteral("\"%1\"").arg(QString::fromStdString(label));
      if (!labels.contains(quotedLabel)) labels << quotedLabel;
    }
  }
  const bool more = labels.size() > kTold;
  return labels.mid(0, kTold).join(QStringLiteral(", ")) + (more ? QStringLiteral(", …") : QString());
}

/// What of a table is not evaluated, and why: a sentence for every reason.
void tellOfLeftOut(const Manifest& manifest, const QString& name, QStringList& problems) {
  const auto say = [](const char* words) { return QCoreApplication::translate("hearsay::ui", words); };
  const auto hasLabel = [](const ManifestRow& row) { return !row.unknown.empty(); };
  const std::ptrdiff_t others = std::ssize(manifest.others);
  const std::ptrdiff_t unknown = std::ranges::count_if(manifest.others, hasLabel);
  const std::ptrdiff_t nameless = std::ssize(manifest.problems) - others;
  const QString all = QString::number(std::ssize(manifest.rows) + others);
  if (unknown > 0) {
    problems
        << say("%1: labels that are no classes of the list: %2 of %3 (%4). These files are named, but not evaluated.")
               .arg(name, QString::number(unknown), all, someUnknown(manifest.others));
  }
  if (unknown < others) {
    problems << say("%1: files without a label: %2 of %3.").arg(name, QString::number(others - unknown), all);
  }
  if (nameless > 0) problems << say("%1: lines that name no file: %2.").arg(name, QString::number(nameless));
}

void addManifest(const std::filesystem::path& path, const ClassList& classes, FoundFiles& found) {
  const Manifest manifest = read_manifest_rows(path, path.parent_path(), classes);
  tellOfLeftOut(manifest, QString::fromStdString(quoted(path.filename())), found.problems);
  for (const auto* rows : {&manifest.rows, &manifest.others}) {
    for (const ManifestRow& row : *rows) {
      QStringList names;
      for (const int k : row.labels) names << QString::fromStdString(classes[static_cast<std::size_t>(k)].name);
      for (const std::string& label : row.unknown) names << QString::fromStdString(label);
      found.files.push_back({row.file, names, true});
    }
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
