// What the Label page opens and writes: sessions, folders to make them of, labels from elsewhere, exports.

#include <QFileInfo>

#include "ui/label/label_page.h"
#include "ui/label/new_session_dialog.h"
#include "ui/shell/app_context.h"
#include "ui/shell/ask_file.h"
#include "ui/shell/notice_bar.h"

namespace hearsay::ui {

bool LabelPage::openPaths(const QStringList& paths) {
  keepNote();  // a drop does not end the typing
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
  askFile(app_, this, question, [this](const QStringList& files) {
    withdrawNotice(*this, controller_.missingNotice());
    controller_.findMoved(files.front());
  });
}

void LabelPage::importLabels() {
  FileQuestion question;
  question.title = tr("Import labels");
  question.key = QStringLiteral("label/importFolder");
  question.filter = tr("Audacity label tracks and CSV (*.txt *.csv);;All files (*)");
  question.many = true;
  askFile(app_, this, question, [this](const QStringList& files) { controller_.importFrom(files); });
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
  askFile(app_, this, question, [this, format](const QStringList& files) { exportTo(format, files.front()); });
}

void LabelPage::exportTo(LabelFormat format, const QString& path) {
  askReplace(this, controller_.wouldReplace(format, path),
             [this, format, path] { controller_.exportTo(format, path); });
}

}  // namespace hearsay::ui
