#include "ui/shell/prompt_actions.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "ui/charts/format.h"
#include "ui/shell/ask_file.h"

namespace hearsay::ui {
namespace {

const QString kNameless = QStringLiteral("prompts");

QString setsFilter() {
  return QObject::tr("Prompt sets (*.safetensors);;All files (*)");
}
QString listsFilter() {
  return QObject::tr("Class lists (*.txt);;All files (*)");
}

std::filesystem::path nativePath(const QString& file) {
  return std::filesystem::path(file.toStdString());
}

FileQuestion saveQuestion(const QString& title, const QString& filter, const QString& suffix, const QString& name) {
  FileQuestion question;
  question.title = title;
  question.key = QStringLiteral("folders/prompts");
  question.filter = filter;
  question.suffix = suffix;
  question.name = name;
  question.save = true;
  return question;
}

QString proposedName(const AppContext& app) {
  return app.promptsFile().isEmpty() ? kNameless : QFileInfo(app.promptsFile()).completeBaseName();
}

void askExport(AppContext& app, QWidget* window, const PromptSet& prompts, const QString& format, const QString& name) {
  const FileQuestion question = saveQuestion(QObject::tr("Export the prompt set as %1").arg(format.toUpper()),
                                             QStringLiteral("%1 (*.%2)").arg(format.toUpper(), format), format, name);
  askFile(app, window, question, [&app, prompts, format](const QStringList& files) {
    if (app.exportPrompts(prompts, format, files.front())) {
      app.notify(QObject::tr("Exported to %1.").arg(QDir::toNativeSeparators(files.front())));
    }
  });
}

}  // namespace

void askOpenPrompts(AppContext& app, QWidget* window) {
  FileQuestion question;
  question.title = QObject::tr("Open a prompt set");
  question.key = QStringLiteral("folders/prompts");
  question.filter = setsFilter();
  askFile(app, window, question, [&app](const QStringList& files) { app.openPrompts(files.front()); });
}

void savePrompts(AppContext& app, QWidget* window, bool elsewhere) {
  const auto done = [&app](const QString& file) {
    if (app.savePrompts(file)) app.notify(QObject::tr("Saved as %1.").arg(QDir::toNativeSeparators(file)));
  };
  if (!elsewhere && !app.promptsFile().isEmpty()) {
    done(app.promptsFile());
    return;
  }
  const FileQuestion question =
      saveQuestion(QObject::tr("Save the prompt set"), setsFilter(), QStringLiteral("safetensors"), proposedName(app));
  askFile(app, window, question, [done](const QStringList& files) { done(files.front()); });
}

void askExportPrompts(AppContext& app, QWidget* window, const QString& format) {
  if (const auto prompts = app.prompts()) askExport(app, window, *prompts, format, proposedName(app));
}

void askExportOther(AppContext& app, QWidget* window, const PromptSet& prompts, const QString& format) {
  askExport(app, window, prompts, format, kNameless);
}

void askSaveOther(AppContext& app, QWidget* window, const PromptSet& prompts) {
  const FileQuestion question =
      saveQuestion(QObject::tr("Save the tuned prompt set"), setsFilter(), QStringLiteral("safetensors"), kNameless);
  askFile(app, window, question, [&app, prompts](const QStringList& files) {
    if (app.saveOther(prompts, files.front())) {
      app.notify(QObject::tr("Saved as %1.").arg(QDir::toNativeSeparators(files.front())));
    }
  });
}

bool importClasses(AppContext& app, const QString& file) {
  try {
    const ClassList classes = read_classes(nativePath(file));
    check_classes(classes);
    app.setClasses(classes);
    app.notify(QObject::tr("%1 from %2. Undo brings the earlier list back.")
                   .arg(classesText(static_cast<int>(classes.size())), QFileInfo(file).fileName()));
    return true;
  } catch (const Error& error) {
    app.notify(QString::fromUtf8(error.what()), AppContext::NoticeLevel::Error);
  }
  return false;
}

bool exportClasses(AppContext& app, const QString& file) {
  try {
    write_file_atomically(nativePath(file), format_classes(app.classes()));
    app.notify(QObject::tr("Class list written to %1.").arg(QDir::toNativeSeparators(file)));
    return true;
  } catch (const Error& error) {
    app.notify(QString::fromUtf8(error.what()), AppContext::NoticeLevel::Error);
  }
  return false;
}

void askImportClasses(AppContext& app, QWidget* window) {
  FileQuestion question;
  question.title = QObject::tr("Import a class list");
  question.key = QStringLiteral("folders/classes");
  question.filter = QObject::tr("Class lists and tables (*.txt *.csv *.tsv);;All files (*)");
  askFile(app, window, question, [&app](const QStringList& files) { importClasses(app, files.front()); });
}

void askExportClasses(AppContext& app, QWidget* window) {
  FileQuestion question = saveQuestion(QObject::tr("Export the class list"), listsFilter(), QStringLiteral("txt"),
                                       QStringLiteral("classes"));
  question.key = QStringLiteral("folders/classes");
  askFile(app, window, question, [&app](const QStringList& files) { exportClasses(app, files.front()); });
}

}  // namespace hearsay::ui
