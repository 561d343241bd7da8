// What the Label page opens and writes: sessions, folders to make them of, exports.

#include <QFileInfo>
#include <QMessageBox>
#include <QPushButton>
#include <algorithm>

#include "ui/label/label_page.h"
#include "ui/label/new_session_dialog.h"
#include "ui/shell/app_context.h"
#include "ui/shell/prompt_actions.h"

namespace hearsay::ui {

bool LabelPage::openPaths(const QStringList& paths) {
  for (const QString& path : paths) {
    if (!QFileInfo(path).isFile() || !LabelSession::looks_like_session(path.toStdString())) continue;
    controller_.open(path);
    return true;
  }
  // A folder among sounds is more sounds: those are for Files.
  if (paths.size() != 1 || !QFileInfo(paths.front()).isDir()) return false;
  newSession(paths.front());
  return true;
}

void LabelPage::newSession(const QString& folder) {
  QStringList names;
  for (const SoundClass& c : app_.classes()) names << QString::fromStdString(c.name);
  NewSessionDialog dialog(folder, names, this);
  dialog.browseFrom(app_.settings().value(kLabelFolderKey).toString());
  if (dialog.exec() != QDialog::Accepted) return;
  app_.settings().setValue(kLabelFolderKey, dialog.folder());
  controller_.create(dialog.sessionFile(), dialog.folder(), dialog.classNames());
}

void LabelPage::openSession() {
  FileQuestion question;
  question.title = tr("Open a labelling session");
  question.key = kLabelFolderKey;
  question.filter = tr("Labelling sessions (*%1)").arg(QLatin1String(LabelSession::kSuffix));
  askFile(app_, this, question, [this](const QStringList& files) { controller_.open(files.front()); });
}

void LabelPage::findMoved() {
  FileQuestion question;
  question.title = tr("Where the missing clips may be");
  question.key = kLabelFolderKey;
  question.folder = true;
  askFile(app_, this, question, [this](const QStringList& files) { controller_.findMoved(files.front()); });
}

void LabelPage::exportSession(LabelFormat format) {
  FileQuestion question;
  question.key = QStringLiteral("label/exportFolder");
  question.folder = writes_folder(format);
  question.title = question.folder ? tr("Export into this folder") : tr("Export to");
  if (!question.folder) {
    question.save = true;
    question.suffix = format == LabelFormat::Csv ? QStringLiteral("csv") : QStringLiteral("json");
    question.name = QStringLiteral("labels.") + question.suffix;
    question.filter = QStringLiteral("*.") + question.suffix;
  }
  askFile(app_, this, question, [this, format, key = question.key](const QStringList& files) {
    // The folder that was chosen, not the one it is in, is where the next export begins.
    if (writes_folder(format)) app_.settings().setValue(key, QFileInfo(files.front()).absoluteFilePath());
    exportTo(format, files.front());
  });
}

void LabelPage::exportTo(LabelFormat format, const QString& path) {
  constexpr qsizetype kNamed = 5;
  const QStringList files = controller_.wouldReplace(format, path);
  if (files.isEmpty()) {
    controller_.exportTo(format, path);
    return;
  }
  QString names = files.first(std::min(kNamed, files.size())).join(QStringLiteral(", "));
  if (files.size() > kNamed) names = tr("%1 and %2 more").arg(names, QString::number(files.size() - kNamed));
  auto* question = new QMessageBox(this);
  question->setObjectName(QStringLiteral("replaceQuestion"));
  question->setAttribute(Qt::WA_DeleteOnClose);
  question->setIcon(QMessageBox::Question);
  question->setWindowTitle(tr("Replace files?"));
  question->setTextFormat(Qt::PlainText);
  question->setText(files.size() == 1
                        ? tr("1 file of this folder would be replaced: %1").arg(names)
                        : tr("%1 files of this folder would be replaced: %2").arg(files.size()).arg(names));
  const auto* replace = question->addButton(tr("Replace"), QMessageBox::AcceptRole);
  question->setDefaultButton(question->addButton(QMessageBox::Cancel));
  connect(question, &QMessageBox::buttonClicked, this, [this, replace, format, path](const QAbstractButton* pressed) {
    if (pressed == replace) controller_.exportTo(format, path);
  });
  question->open();
}

}  // namespace hearsay::ui
