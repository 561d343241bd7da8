#include "ui/shell/ask_file.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QMessageBox>
#include <QPushButton>
#include <algorithm>

#include "ui/shell/app_context.h"

namespace hearsay::ui {

QString rememberedFolder(const QSettings& settings, const QString& key, QStandardPaths::StandardLocation otherwise) {
  for (const QString& folder : {settings.value(key).toString(), QStandardPaths::writableLocation(otherwise)}) {
    if (!folder.isEmpty() && QFileInfo(folder).isDir()) return folder;
  }
  return QDir::homePath();
}

void askFile(AppContext& app, QWidget* window, const FileQuestion& question,
             std::function<void(const QStringList&)> then) {
  auto* dialog = new QFileDialog(window, question.title);
  dialog->setObjectName(QStringLiteral("fileDialog"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setNameFilter(question.filter);
  dialog->setDirectory(rememberedFolder(app.settings(), question.key, question.place));
  if (question.save) {
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(question.suffix);
    dialog->selectFile(question.name);
  } else if (question.folder) {
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
  } else {
    dialog->setFileMode(question.many ? QFileDialog::ExistingFiles : QFileDialog::ExistingFile);
  }
  QObject::connect(
      dialog, &QFileDialog::filesSelected, window,
      [&app, key = question.key, folder = question.folder, then = std::move(then)](const QStringList& files) {
        if (files.isEmpty()) return;
        const QFileInfo chosen(files.front());
        app.settings().setValue(key, folder ? chosen.absoluteFilePath() : chosen.absolutePath());
        then(files);
      });
  dialog->open();
}

void askReplace(QWidget* window, const QStringList& names, std::function<void()> then) {
  constexpr qsizetype kNamed = 5;
  if (names.isEmpty()) return then();
  QString few = names.first(std::min(kNamed, names.size())).join(QStringLiteral(", "));
  if (names.size() > kNamed) few = QObject::tr("%1 and %2 more").arg(few, QString::number(names.size() - kNamed));
  auto* question = new QMessageBox(window);
  question->setObjectName(QStringLiteral("replaceQuestion"));
  question->setAttribute(Qt::WA_DeleteOnClose);
  question->setIcon(QMessageBox::Question);
  question->setWindowTitle(QObject::tr("Replace files?"));
  question->setTextFormat(Qt::PlainText);
  const QString count = QString::number(names.size());
  question->setText(names.size() == 1 ? QObject::tr("1 file of this folder would be replaced: %1").arg(few)
                                      : QObject::tr("%1 files of this folder would be replaced: %2").arg(count, few));
  const auto* replace = question->addButton(QObject::tr("Replace"), QMessageBox::AcceptRole);
  question->setDefaultButton(question->addButton(QMessageBox::Cancel));
  QObject::connect(question, &QMessageBox::buttonClicked, window,
                   [replace, then = std::move(then)](const QAbstractButton* pressed) {
                     if (pressed == replace) then();
                   });
  question->open();
}

}  // namespace hearsay::ui
