#pragma once
// Asking for a file and doing something with it: what the File menu and the Teach page share. The dialogs are not
// modal for the program, only for their window; failures go out as notices.

#include <QString>

#include "ui/shell/app_context.h"

namespace hearsay::ui {

void askOpenPrompts(AppContext& app, QWidget* window);
/// Into the file the set came from; asks where there is none, or with `elsewhere`.
void savePrompts(AppContext& app, QWidget* window, bool elsewhere);
/// `format`: "json", "csv" or "npz".
void askExportPrompts(AppContext& app, QWidget* window, const QString& format);
/// A set that is not in use (a tuning that did not help): saved as it is.
void askSaveOther(AppContext& app, QWidget* window, const PromptSet& prompts);

void askImportClasses(AppContext& app, QWidget* window);
void askExportClasses(AppContext& app, QWidget* window);
/// Replaces the class list by the file's; false and a notice when it cannot be read.
bool importClasses(AppContext& app, const QString& file);
bool exportClasses(AppContext& app, const QString& file);

/// Opens a file dialog; `then` gets the chosen file. The folder is remembered under `key`.
struct FileQuestion {
  QString title;
  QString key;     ///< of the settings
  QString filter;  ///< "Prompt sets (*.safetensors)"
  QString suffix;  ///< saving: added when the person types none
  QString name;    ///< saving: proposed name
  bool save = false;
  bool folder = false;  ///< asks for a folder
  bool many = false;    ///< several files
};
void askFile(AppContext& app, QWidget* window, const FileQuestion& question,
             std::function<void(const QStringList&)> then);

}  // namespace hearsay::ui
