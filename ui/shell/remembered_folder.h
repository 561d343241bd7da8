#pragma once
// Where a file dialog begins.

#include <QSettings>
#include <QStandardPaths>
#include <QString>

namespace hearsay::ui {

/// The folder kept under `key`, else the system's place for such files, else home: the first that exists.
[[nodiscard]] QString rememberedFolder(const QSettings& settings, const QString& key,
                                       QStandardPaths::StandardLocation otherwise);

}  // namespace hearsay::ui
