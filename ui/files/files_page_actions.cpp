// What the Files page writes, asks for and offers in menus.

#include <QDesktopServices>
#include <QDir>
#include <QFileInfo>
#include <QLocale>
#include <QMenu>
#include <QTableView>
#include <QUrl>
#include <algorithm>
#include <map>

#include "ui/charts/format.h"
#include "ui/files/file_detail_view.h"
#include "ui/files/file_filter.h"
#include "ui/files/files_page.h"
#include "ui/shell/app_context.h"
#include "ui/shell/ask_file.h"
#include "ui/shell/icons.h"
#include "ui/shell/notice_bar.h"

namespace hearsay::ui {

namespace {

const QString kFolderSetting = QStringLiteral("files/folder");

}  // namespace

// --- Export

std::vector<ExportItem> FilesPage::exportItems(ExportRows rows) const {
  const QSet<qint64> selected = selectedIds();
  std::vector<ExportItem> items;
  std::map<const PromptSet*, std::vector<double>> thresholds;  // of few sets many rows may be
  for (int i = 0; i < filter_->rowCount(); ++i) {              // in the order shown
    const FileRow& row = model_->at(filter_->mapToSource(filter_->index(i, 0)).row());
    if (selected.size() > 1 && !selected.contains(row.id)) continue;
    if (row.state == FileState::Failed) {
      items.push_back({row.path, nullptr, row.prompts, row.error.toStdString()});
    } else if (row.result) {  // also of a row that waits to be named again: it is what the table shows
      items.push_back({row.path, row.result, row.prompts, {}});
      if (rows != ExportRows::Events) continue;
      const auto [found, fresh] = thresholds.try_emplace(row.prompts.get());
      if (fresh) found->second = app_.thresholds(*row.prompts);
      items.back().thresholds = found->second;
    }
  }
  return items;
}

void FilesPage::exportTo(const QString& format, ExportRows rows, const QString& target) {
  if (target.isEmpty()) return;
  ExportOptions options;
  options.format = format.toStdString();
  options.kind = model_->kind();
  options.rows = rows;
  if (format == QStringLiteral("audacity") || format == QStringLiteral("raven")) options.top = 1;
  const auto items = std::make_shared<const std::vector<ExportItem>>(exportItems(rows));
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
  const auto isSilent = [](const ExportItem& item) { return item.result && item.result->doubts.silent; };
  if (const auto silent = static_cast<int>(std::ranges::count_if(*items, isSilent)); silent > 0) {
    said += QLatin1Char(' ');
    said += rows == ExportRows::Files
                ? tr("Silent ones are among them, whose classes mean nothing: %1.").arg(filesText(silent))
                : tr("Silent ones have no rows: %1.").arg(filesText(silent));
  }
  // Beside the job line: hours of naming are no reason to wait with what is there.
  app_.runQuietly(
      this, [items, options, target] { exportResults(*items, options, std::filesystem::path(target.toStdString())); },
      [this, said](const QString& error) {
        if (!error.isEmpty()) return app_.notify(error, AppContext::NoticeLevel::Error);
        app_.notify(said);
      });
}

QStringList FilesPage::wouldReplace(const QString& folder) const {
  QStringList there;
  for (const auto& file : labelFiles(exportItems(ExportRows::Windows), std::filesystem::path(folder.toStdString()))) {
    const QFileInfo info(QString::fromStdString(file.string()));
    if (!file.empty() && info.exists()) there << info.fileName();
  }
  return there;
}

void FilesPage::askExport(const QString& format, ExportRows rows) {
  FileQuestion question;
  question.key = QStringLiteral("files/exportFolder");
  question.place = QStandardPaths::DocumentsLocation;
  question.folder = format == QStringLiteral("audacity");
  question.title = question.folder ? tr("A folder for the label tracks") : tr("Export the results");
  if (!question.folder) {
    question.save = true;
    question.suffix = format == QStringLiteral("raven") ? QStringLiteral("txt") : format;
    question.name =
        (rows == ExportRows::Events ? QStringLiteral("events.") : QStringLiteral("results.")) + question.suffix;
    question.filter = QStringLiteral("*.") + question.suffix;
  }
  askFile(app_, this, question, [this, format, rows, tracks = question.folder](const QStringList& files) {
    const QString& target = files.front();
    askReplace(this, tracks ? wouldReplace(target) : QStringList(),
               [this, format, rows, target] { exportTo(format, rows, target); });
  });
}

// --- Taking out, and putting back

void FilesPage::removeSelected() {
  const QSet<qint64> ids = selectedIds();
  if (ids.isEmpty()) return;
  const int row = table_->currentIndex().row();
  keepRemoved(model_->removeRowsById(ids));
  const int left = filter_->rowCount();
  if (left > 0) table_->selectRow(std::clamp(row, 0, left - 1));
  currentChanged();
  refreshState();
  refreshEvaluation();
}

void FilesPage::clearAll() {
  for (FileBatch* batch : batches_) {
    batch->disconnect(this);  // rows that come back are named anew
    app_.jobs().cancelJob(batch->job());
  }
  batches_.clear();
  refreshTimer_.stop();
  keepRemoved(model_->clear());
  detail_->clear();
  optionsChanged_ = false;
  refreshState();
  refreshEvaluation();
}

void FilesPage::keepRemoved(std::vector<FileTableModel::PlacedRow>&& rows) {
  constexpr std::size_t kKept = 20;
  if (rows.empty()) return;
  withdrawNotice(*this, removedNotice_);
  removedNotice_ = tr("Taken out of the table: %1. Ctrl+Z on this page brings back rows and results.")
                       .arg(filesText(static_cast<int>(rows.size())));
  app_.notify(removedNotice_);
  removed_.push_back(std::move(rows));
  if (removed_.size() > kKept) removed_.erase(removed_.begin());
}

void FilesPage::undoRemoving() {
  if (removed_.empty()) return;
  withdrawNotice(*this, removedNotice_);
  const qint64 first = removed_.back().front().second.id;
  const int back = model_->putBack(std::move(removed_.back()));
  removed_.pop_back();
  app_.notify(back > 0 ? tr("Back in the table: %1.").arg(filesText(back))
                       : tr("These files are in the table already."));
  if (const int row = model_->rowOf(first); row >= 0) {
    table_->selectRow(filter_->mapFromSource(model_->index(row, 0)).row());
  }
  showLabels();
  classifyWaiting();
  currentChanged();
  refreshState();
  refreshEvaluation();
}

// --- Dialogs and menu

void FilesPage::askFiles() {
  FileQuestion question;
  question.title = tr("Add sound files");
  question.key = kFolderSetting;
  question.place = QStandardPaths::MusicLocation;
  question.many = true;
  question.filter =
      tr("Sound, video and manifests (*.wav *.flac *.ogg *.oga *.opus *.mp3 *.aif *.aiff *.m4a *.aac *.wma *.mp4 *.mkv "
         "*.webm *.mov *.csv *.tsv);;All files (*)");
  askFile(app_, this, question, [this](const QStringList& files) {
    if (!openPaths(files)) app_.notify(tr("None of these files looks like sound."), AppContext::NoticeLevel::Warning);
  });
}

void FilesPage::askFolder() {
  FileQuestion question;
  question.title = tr("Add a folder");
  question.key = kFolderSetting;
  question.place = QStandardPaths::MusicLocation;
  question.folder = true;
  askFile(app_, this, question, [this](const QStringList& folders) { openPaths(folders); });
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
