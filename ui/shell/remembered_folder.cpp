#include "ui/shell/remembered_folder.h"

#include <QDir>
#include <QFileInfo>

namespace hearsay::ui {

QString rememberedFolder(const QSettings& settings, const QString& key, QStandardPaths::StandardLocation otherwise) {
  for (const QString& folder : {settings.value(key).toString(), QStandardPaths::writableLocation(otherwise)}) {
    if (!folder.isEmpty() && QFileInfo(folder).isDir()) return folder;
  }
  return QDir::homePath();
}

}  // namespace hearsay::ui
