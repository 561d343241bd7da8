#pragma once
// Prompt sets and class lists from and into files, asked for with askFile(): what the File menu and the Teach page
// share. Failures go out as notices.

#include <QString>

#include "ui/shell/app_context.h"

namespace hearsay::ui {

void askOpenPrompts(AppContext& app, QWidget* window);
/// Into the file the set came from; asks where there is none, or with `elsewhere`.
void savePrompts(AppContext& app, QWidget* window, bool elsewhere);
/// `format`: "json", "csv" or "npz".
void askExportPrompts(AppContext& app, QWidget* window, const QString& format);
/// A set that need not be in use (a tuning that did not help): saved as it is, and exported, without being put in use.
void askSaveOther(AppContext& app, QWidget* window, const PromptSet& prompts);
void askExportOther(AppContext& app, QWidget* window, const PromptSet& prompts, const QString& format);

void askImportClasses(AppContext& app, QWidget* window);
void askExportClasses(AppContext& app, QWidget* window);
/// Replaces the class list by the file's; false and a notice when it cannot be read.
bool importClasses(AppContext& app, const QString& file);
bool exportClasses(AppContext& app, const QString& file);

}  // namespace hearsay::ui
