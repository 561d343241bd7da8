#include "ui/shell/spare_folders.h"

#include <QCoreApplication>
#include <QDir>
#include <QTemporaryDir>
#include <array>
#include <utility>

#include "base/error.h"
#include "base/files.h"

namespace hearsay::ui {

QString useSpareFolders() {
  using Folder = std::filesystem::path (*)();
  constexpr std::array<std::pair<const char*, Folder>, 2> kFolders = {
      {{"XDG_CACHE_HOME", &cache_folder}, {"XDG_DATA_HOME", &data_folder}}};
  QString said;
  for (const auto& [variable, folder] : kFolders) {
    try {
      (void)folder();
    } catch (const Error& error) {
      QTemporaryDir spare(QDir::temp().filePath(QStringLiteral("hearsay-XXXXXX")));
      if (!spare.isValid()) throw;
      spare.setAutoRemove(false);  // what is made in it must be there afterwards
      qputenv(variable, spare.path().toLocal8Bit());
      said = QCoreApplication::translate("hearsay::ui", "%1 Until then, what you make is kept in %2.")
                 .arg(QString::fromStdString(error.what()), spare.path());
    }
  }
  return said;
}

}  // namespace hearsay::ui
