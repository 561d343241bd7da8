#include "ui/label/new_session_dialog.h"

#include <QDialogButtonBox>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include "labels/session.h"

namespace hearsay::ui {
namespace {

/// A form row of a field and a button; the label's key leads to the field.
void addRow(QFormLayout* form, const QString& text, QLineEdit* edit, QPushButton* button) {
  auto* row = new QHBoxLayout;
  row->addWidget(edit, 1);
  row->addWidget(button);
  auto* label = new QLabel(text);
  label->setBuddy(edit);
  form->addRow(label, row);
}

}  // namespace

NewSessionDialog::NewSessionDialog(const QString& folder, const QStringList& classNames, QWidget* parent)
    : QDialog(parent) {
  setWindowTitle(tr("New labelling session"));
  folder_ = new QLineEdit(this);
  folder_->setObjectName(QStringLiteral("sessionFolder"));
  folder_->setToolTip(tr("The folder whose sounds are to be labelled; folders inside it count too"));
  file_ = new QLineEdit(this);
  file_->setObjectName(QStringLiteral("sessionFile"));
  file_->setToolTip(tr("Everything you decide is kept in this one file"));
  classes_ = new QPlainTextEdit(classNames.join(QLatin1Char('\n')), this);
  classes_->setObjectName(QStringLiteral("sessionClasses"));
  classes_->setToolTip(tr("One class a line; more can be added later"));
  classes_->setTabChangesFocus(true);
  hint_ = new QLabel(this);
  hint_->setWordWrap(true);

  auto* browseFolder = new QPushButton(tr("Choose…"), this);
  auto* browseFile = new QPushButton(tr("Choose…"), this);
  browseFolder->setObjectName(QStringLiteral("browseFolder"));
  browseFolder->setToolTip(tr("Choose the folder of sounds"));
  browseFile->setObjectName(QStringLiteral("browseFile"));
  browseFile->setToolTip(tr("Choose where the session is kept"));
  for (QPushButton* button : {browseFolder, browseFile}) button->setAccessibleName(button->toolTip());
  folder_->setAccessibleName(tr("Folder of sounds"));
  file_->setAccessibleName(tr("Session file"));
  classes_->setAccessibleName(tr("Classes"));
  auto* form = new QFormLayout;
  addRow(form, tr("&Sounds in"), folder_, browseFolder);
  addRow(form, tr("Session &file"), file_, browseFile);
  form->addRow(tr("&Classes"), classes_);
  buttons_ = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
  buttons_->button(QDialogButtonBox::Ok)->setText(tr("Start labelling"));
  auto* layout = new QVBoxLayout(this);
  layout->addLayout(form, 1);
  layout->addWidget(hint_);
  layout->addWidget(buttons_);
  resize(560, 420);

  connect(browseFolder, &QPushButton::clicked, this, &NewSessionDialog::chooseFolder);
  connect(browseFile, &QPushButton::clicked, this, &NewSessionDialog::chooseFile);
  connect(folder_, &QLineEdit::textChanged, this, &NewSessionDialog::check);
  connect(file_, &QLineEdit::textEdited, this, [this] { file_chosen_ = true; });
  connect(file_, &QLineEdit::textChanged, this, &NewSessionDialog::check);
  connect(buttons_, &QDialogButtonBox::accepted, this, &QDialog::accept);
  connect(buttons_, &QDialogButtonBox::rejected, this, &QDialog::reject);
  folder_->setText(folder);
  check();
}

QString NewSessionDialog::folder() const {
  return QDir::cleanPath(folder_->text().trimmed());
}

QString NewSessionDialog::sessionFile() const {
  return QDir::cleanPath(file_->text().trimmed());
}

QStringList NewSessionDialog::classNames() const {
  QStringList names;
  for (const QString& line : classes_->toPlainText().split(QLatin1Char('\n'))) {
    if (!line.trimmed().isEmpty()) names << line.trimmed();
  }
  return names;
}

void NewSessionDialog::chooseFolder() {
  const QString from = folder_->text().isEmpty() ? start_ : folder_->text();
  const QString chosen = QFileDialog::getExistingDirectory(this, tr("Folder of sounds"), from);
  if (!chosen.isEmpty()) folder_->setText(chosen);
}

void NewSessionDialog::chooseFile() {
  const QString chosen =
      QFileDialog::getSaveFileName(this, tr("Session file"), file_->text(),
                                   tr("Labelling sessions (*%1)").arg(QLatin1String(LabelSession::kSuffix)));
  if (chosen.isEmpty()) return;
  file_chosen_ = true;
  file_->setText(chosen);
}

void NewSessionDialog::check() {
  const QFileInfo folder_info(folder_->text().trimmed());
  if (!file_chosen_ && folder_info.isDir()) {
    const QSignalBlocker blocker(file_);
    const QDir dir(folder_info.absoluteFilePath());
    file_->setText(dir.filePath(dir.dirName() + QLatin1String(LabelSession::kSuffix)));
  }
  const QFileInfo file_info(file_->text().trimmed());
  QString hint;
  if (!folder_info.isDir()) {
    hint = tr("Choose a folder that holds sounds.");
  } else if (file_info.exists()) {
    hint = tr("This session file exists already: cancel and open it, or choose another name.");
  } else if (!file_info.absoluteDir().exists()) {
    hint = tr("The folder for the session file does not exist.");
  }
  hint_->setText(hint);
  buttons_->button(QDialogButtonBox::Ok)->setEnabled(hint.isEmpty());
}

}  // namespace hearsay::ui
