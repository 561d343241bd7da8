#pragma once
// Asking for files and folders. The dialogs are not modal for the program, only for their window.

#include <QSettings>
#include <QStandardPaths>
#include <QString>
#include <QStringList>
#include <functional>

class QWidget;

namespace hearsay::ui {

class AppContext;

/// The folder kept under `key`, else the system's place for such files, else home: the first that exists.
[[nodiscard]] QString rememberedFolder(const QSettings& settings, const QString& key,
                                       QStandardPaths::StandardLocation otherwise);

struct FileQuestion {
  QString title;
  QString key;     ///< of the settings, for the folder that was chosen or chosen from
  QString filter;  ///< "Prompt sets (*.safetensors)"
  QString suffix;  ///< saving: added when the person types none
  QString name;    ///< saving: proposed name
  bool save = false;
  bool folder = false;                                                    ///< asks for a folder
  bool many = false;                                                      ///< several files
  QStandardPaths::StandardLocation place = QStandardPaths::HomeLocation;  ///< where the first such question begins
};
/// Opens a file dialog; `then` gets what was chosen.
void askFile(AppContext& app, QWidget* window, const FileQuestion& question,
             std::function<void(const QStringList&)> then);

/// Asks whether these files of a folder may be replaced, and does `then` if they may; at once where there are none.
void askReplace(QWidget* window, const QStringList& names, std::function<void()> then);

}  // namespace hearsay::ui
