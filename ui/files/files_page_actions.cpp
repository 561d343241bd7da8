// What the Files page writes, asks for and offers in menus.

#include <QDesktopServices>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QLocale>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QTableView>
#include <QUrl>
#include <algorithm>

#include "ui/charts/format.h"
#include "ui/files/file_detail_view.h"
#include "ui/files/file_filter.h"
#include "ui/files/files_page.h"
#include "ui/shell/app_context.h"
#include "ui/shell/icons.h"
#include "ui/shell/remembered_folder.h"

namespace hearsay::ui {

namespace {

const QString kFolderSetting = QStringLiteral("files/folder");
const QString kExportSetting = QStringLiteral("files/exportFolder");

}  // namespace

// --- Export

std::vector<ExportItem> FilesPage::exportItems() const {
  const QSet<qint64> selected = selectedIds();
  std::vector<ExportItem> items;
  for (int i = 0; i < filter_->rowCount(); ++i) {  // in the order shown
    const FileRow& row = model_->at(filter_->mapToSource(filter_->index(i, 0)).row());
    if (selected.size() > 1 && !selected.contains(row.id)) continue;
    if (row.state == FileState::Failed) {
      items.push_back({row.path, nullptr, row.prompts, row.error.toStdString()});
    } else if (row.result) {  // also of a row that waits to be named again: it is what the table shows
      items.push_back({row.path, row.result, row.prompts, {}});
    }
  }
  return items;
}

void FilesPage::exportTo(const QString& format, bool perWindow, const QString& target) {
  if (target.isEmpty()) return;
  ExportOptions options;
  options.format = format.toStdString();
  options.kind = model_->kind();
  options.perWindow = perWindow;
  if (format == QStringLiteral("audacity") || format == QStringLiteral("raven")) options.top = 1;
  const auto items = std::make_shared<const std::vector<ExportItem>>(exportItems());
  const auto hasResult = [](const ExportItem& item) { return item.result != nullptr; };
  const auto named = static_cast<int>(std::ranges::count_if(*items, hasResult));
  const int failed = static_cast<int>(items->size()) - named;
  QString said = named == model_->rowCount()
                     ? tr("Exported %1 to \"%2\".").arg(filesText(named))
                     : tr("Exported %1 of %2 to \"%3\".").arg(QLocale().toString(named), filesText(model_->rowCount()));
  said = said.arg(QDir::toNativeSeparators(target));
  if (failed > 0 && format != QStringLiteral("jsonl")) {
    said += QLatin1Char(' ') + tr("Those that could not be read are left out: %1.").arg(filesText(failed));
  }
  // Beside the job line: hours of naming are no reason to wait with what is there.
  app_.runQuietly(
      this, [items, options, target] { exportResults(*items, options, std::filesystem::path(target.toStdString())); },
      [this, said](const QString& error) {
        if (!error.isEmpty()) return app_.notify(error, AppContext::NoticeLevel::Error);
        app_.notify(said);
      });
}

bool FilesPage::mayReplace(const QString& folder) {
  QStringList there;
  for (const auto& file : labelFiles(exportItems(), std::filesystem::path(folder.toStdString()))) {
    const QFileInfo info(QString::fromStdString(file.string()));
    if (!file.empty() && info.exists()) there << info.fileName();
  }
  if (there.isEmpty()) return true;
  constexpr int kNamed = 5;
  const QString names =
      there.mid(0, kNamed).join(QStringLiteral(", ")) + (there.size() > kNamed ? QStringLiteral(", …") : QString());
  QMessageBox question(
      QMessageBox::Question, tr("Replace files"),
      tr("%1 in this folder would be replaced: %2").arg(filesText(static_cast<int>(there.size())), names),
      QMessageBox::Cancel, this);
  const QAbstractButton* replace = question.addButton(tr("Replace"), QMessageBox::AcceptRole);
  question.exec();
  return question.clickedButton() == replace;
}

void FilesPage::askExport(const QString& format, bool perWindow) {
  const QString folder = rememberedFolder(app_.settings(), kExportSetting, QStandardPaths::DocumentsLocation);
  const QString suffix = format == QStringLiteral("raven") ? QStringLiteral("txt") : format;
  QString target;
  if (format == QStringLiteral("audacity")) {
    target = QFileDialog::getExistingDirectory(this, tr("A folder for the label tracks"), folder);
  } else {
    target = QFileDialog::getSaveFileName(this, tr("Export the results"),
                                          QDir(folder).filePath(QStringLiteral("results.") + suffix),
                                          QStringLiteral("*.") + suffix);
  }
  if (target.isEmpty()) return;
  const bool folders = format == QStringLiteral("audacity");
  app_.settings().setValue(kExportSetting, folders ? target : QFileInfo(target).absolutePath());
  if (folders && !mayReplace(target)) return;
  if (!folders && QFileInfo(target).suffix().isEmpty()) target += QLatin1Char('.') + suffix;
  exportTo(format, perWindow, target);
}

// --- Dialogs and menu

void FilesPage::askFiles() {
  const QStringList files = QFileDialog::getOpenFileNames(
      this, tr("Add sound files"), rememberedFolder(app_.settings(), kFolderSetting, QStandardPaths::MusicLocation),
      tr("Sound, video and manifests (*.wav *.flac *.ogg *.oga *.opus *.mp3 *.aif *.aiff *.m4a *.aac *.wma *.mp4 *.mkv "
         "*.webm *.mov *.csv);;All files (*)"));
  if (files.isEmpty()) return;
  app_.settings().setValue(kFolderSetting, QFileInfo(files.front()).absolutePath());
  if (!openPaths(files)) app_.notify(tr("None of these files looks like sound."), AppContext::NoticeLevel::Warning);
}

void FilesPage::askFolder() {
  const QString folder = QFileDialog::getExistingDirectory(
      this, tr("Add a folder"), rememberedFolder(app_.settings(), kFolderSetting, QStandardPaths::MusicLocation));
  if (folder.isEmpty()) return;
  app_.settings().setValue(kFolderSetting, folder);
  openPaths({folder});
}

void FilesPage::showMenu(const QPoint& at) {
  const QModelIndex index = table_->indexAt(at);
  if (!index.isValid()) return;
  const FileRow& row = model_->at(filter_->mapToSource(index).row());
  auto* menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  menu->addAction(icon(QStringLiteral("play")), tr("Play"), detail_, &FileDetailView::togglePlaying);
  menu->addAction(icon(QStringLiteral("retry")), tr("Name again"), this, [this] {
    const QSet<qint64> ids = selectedIds();
    classify(QVector<qint64>(ids.begin(), ids.end()));
  });
  menu->addAction(icon(QStringLiteral("folder")), tr("Show in folder"), this,
                  [folder = row.folder] { QDesktopServices::openUrl(QUrl::fromLocalFile(folder)); });
  menu->addAction(icon(QStringLiteral("remove")), tr("Remove"), this, &FilesPage::removeSelected);
  menu->popup(table_->viewport()->mapToGlobal(at));
}

}  // namespace hearsay::ui
