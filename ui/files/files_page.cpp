#include "ui/files/files_page.h"
#include "ui/charts/format.h"

#include <QComboBox>
#include <QFileInfo>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <QToolButton>
#include <algorithm>

#include "audio/decode.h"
#include "ui/files/evaluation_view.h"
#include "ui/files/file_controls.h"
#include "ui/files/file_detail_view.h"
#include "ui/files/file_filter.h"
#include "ui/files/file_keeper.h"
#include "ui/listen/page_notice.h"
#include "ui/shell/app_context.h"
#include "ui/shell/column_shares.h"
#include "ui/shell/icons.h"

namespace hearsay::ui {

namespace {

const QString kOutdatedSetting = QStringLiteral("files/optionsChanged");

}  // namespace

FilesPage::FilesPage(AppContext& app, QWidget* parent) : Page(app, parent) {
  buildLayout();
  connectParts();
  refreshTimer_.setInterval(500);
  keeper_ = new FileKeeper(app_, *model_, this);
  connect(keeper_, &FileKeeper::cameBack, this, [this](int rows) {
    if (rows == 0) return;
    optionsChanged_ = app_.settings().value(kOutdatedSetting).toBool();
    showLabels();
    if (!table_->currentIndex().isValid()) table_->selectRow(0);
    refreshState();
    refreshEvaluation();
  });
  promptsChanged();
}

FilesPage::~FilesPage() = default;

void FilesPage::bringBack() {
  keeper_->bringBack();
}

void FilesPage::shutDown() {
  keeper_->keepNow();
  app_.settings().setValue(kOutdatedSetting, optionsChanged_);
  for (const FileBatch* batch : batches_) app_.jobs().cancelJob(batch->job());
  detail_->clear();
  app_.settings().setValue(QStringLiteral("files/splitter"), splitter_->saveState());
  app_.settings().setValue(QStringLiteral("files/header"), table_->horizontalHeader()->saveState());
  app_.settings().setValue(QStringLiteral("files/dragged"), columnsDragged(*table_));
}

// --- Adding and naming

bool FilesPage::openPaths(const QStringList& paths) {
  const auto fits = [](const QString& path) {
    const QFileInfo info(path);
    return info.isDir() || isManifest(path) || looks_like_audio(std::filesystem::path(path.toStdString()));
  };
  if (std::none_of(paths.begin(), paths.end(), fits)) return false;
  ++searching_;
  const auto found = std::make_shared<FoundFiles>();
  app_.runQuietly(
      this, [found, paths, classes = app_.classes()] { *found = findFiles(paths, classes); },
      [this, found](const QString& error) {
        --searching_;
        if (!error.isEmpty()) app_.notify(error, AppContext::NoticeLevel::Error);
        addFound(*found);
      });
  refreshState();
  return true;
}

void FilesPage::addFound(const FoundFiles& found) {
  sayProblems(found.problems);
  const int relabelled = model_->relabel(found.files);
  const QVector<qint64> ids = model_->add(found.files);
  if (relabelled > 0) {
    app_.notify(tr("Labels taken from the CSV file for what is in the table already: %1.").arg(filesText(relabelled)));
    currentChanged();
    refreshEvaluation();
  } else if (ids.isEmpty() && found.problems.isEmpty()) {
    app_.notify(found.files.empty() ? tr("There are no sound files in there.")
                                    : tr("These files are in the table already."));
  }
  showLabels();
  if (!ids.isEmpty() && !table_->currentIndex().isValid()) table_->selectRow(0);
  classifyWaiting();
  refreshState();
}

// The last notice is read first.
void FilesPage::sayProblems(const QStringList& problems) {
  constexpr qsizetype kTold = 3;
  if (problems.size() > kTold) {
    app_.notify(tr("And %1 more problems of this kind.").arg(problems.size() - kTold),
                AppContext::NoticeLevel::Warning);
  }
  for (qsizetype i = std::min(kTold, problems.size()); i > 0; --i) {
    app_.notify(problems[i - 1], AppContext::NoticeLevel::Warning);
  }
}

QSet<qint64> FilesPage::underway() const {
  QSet<qint64> ids;
  for (const FileBatch* batch : batches_) {
    for (const qint64 id : batch->unfinished()) ids.insert(id);
  }
  return ids;
}

void FilesPage::classifyWaiting() {
  if (!app_.model() || !app_.prompts() || app_.prompts()->size() == 0) return;
  const QSet<qint64> taken = underway();
  QVector<qint64> ids;
  for (const FileRow& row : model_->rows()) {
    if (row.state == FileState::Waiting && !taken.contains(row.id)) ids.push_back(row.id);
  }
  classify(ids);
}

void FilesPage::classify(const QVector<qint64>& ids) {
  const auto model = app_.model();
  const auto prompts = app_.prompts();
  if (ids.isEmpty() || !model || !prompts) return;
  std::vector<FileBatch::Item> items;
  for (const qint64 id : ids) {
    items.push_back({id, model_->at(model_->rowOf(id)).path});
    model_->setState(id, FileState::Waiting);
  }
  evaluationStale_ = true;
  // What is missing for the noise correction is read first; promptsChanged() comes back to what waits.
  if (controls_->noiseCorrection() > 0.0 && prompts->noise_drift.empty()) return app_.wantNoiseDrift();
  auto* batch = new FileBatch(app_.jobs(), std::move(items), model, prompts, controls_->options(), this);
  batches_.push_back(batch);
  connect(batch, &FileBatch::arrived, this, [this, batch](const std::vector<FileBatch::Result>& results) {
    for (const FileBatch::Result& one : results) {
      model_->setResult(one.id, FileResult(one.result), batch->prompts());
      if (one.id == currentId()) currentChanged();
    }
    markWorking(batch);
    evaluationStale_ = true;
  });
  connect(batch, &FileBatch::finished, this,
          [this, batch](bool cancelled, const QString& error) { batchFinished(batch, cancelled, error); });
  connect(&app_.jobs(), &JobService::started, batch, [this, batch](int id) {
    if (id == batch->job() && batches_.contains(batch)) markWorking(batch);
  });
  refreshTimer_.start();
  refreshState();
}

void FilesPage::markWorking(const FileBatch* batch) {
  const QVector<qint64> left = batch->unfinished();
  if (!left.isEmpty()) model_->setState(left.front(), FileState::Working);
}

void FilesPage::batchFinished(FileBatch* batch, bool cancelled, const QString& error) {
  batches_.removeOne(batch);
  const QSet<qint64> taken = underway();  // by a later pass over the same files
  for (const qint64 id : batch->unfinished()) {
    if (taken.contains(id)) continue;
    model_->setState(id, cancelled ? FileState::Stopped : FileState::Failed, error);
  }
  if (!error.isEmpty() && !cancelled) app_.notify(error, AppContext::NoticeLevel::Error);
  if (batches_.isEmpty()) refreshTimer_.stop();
  refreshState();
  refreshEvaluation();
}

void FilesPage::classifyAgain() {
  QVector<qint64> ids;
  for (const FileRow& row : model_->rows()) ids.push_back(row.id);
  for (const FileBatch* batch : batches_) app_.jobs().cancelJob(batch->job());
  optionsChanged_ = false;
  classify(ids);
}

void FilesPage::retryFailed() {
  QVector<qint64> ids;
  for (const FileRow& row : model_->rows()) {
    if (row.state == FileState::Failed || row.state == FileState::Stopped) ids.push_back(row.id);
  }
  classify(ids);
}

// --- Model, prompts, choices

void FilesPage::promptsChanged() {
  const auto prompts = app_.prompts();
  if (prompts) {
    controls_->setTuned(prompts->tuned, prompts->preferred);
    model_->setClasses(prompts->classes);
    model_->setKind(controls_->kind());
    model_->follow(prompts);
  }
  showLabels();
  if (const auto model = app_.model()) controls_->setModelWindow(model->info().window_seconds);
  classifyWaiting();
  currentChanged();  // its frames may have waited for the model
  refreshState();
  refreshEvaluation();
}

void FilesPage::showLabels() {
  if (model_->hasLabels()) table_->showColumn(FileTableModel::Label);
}

void FilesPage::kindChanged() {
  model_->setKind(controls_->kind());
  currentChanged();
}

qint64 FilesPage::currentId() const {
  const QModelIndex index = filter_->mapToSource(table_->currentIndex());
  return index.isValid() ? model_->at(index.row()).id : 0;
}

void FilesPage::currentChanged() {
  const int row = model_->rowOf(currentId());
  if (row < 0) return detail_->clear();
  detail_->showRow(model_->at(row), model_->kind());
}

QSet<qint64> FilesPage::selectedIds() const {
  QSet<qint64> ids;
  for (const QModelIndex& index : table_->selectionModel()->selectedRows()) {
    ids.insert(model_->at(filter_->mapToSource(index).row()).id);
  }
  return ids;
}

int FilesPage::outdated() const {
  const auto now = app_.prompts();
  if (!now) return 0;  // nothing to name them with
  return static_cast<int>(std::count_if(model_->rows().begin(), model_->rows().end(), [&](const FileRow& row) {
    return row.state == FileState::Done && (optionsChanged_ || row.prompts != now);
  }));
}

bool FilesPage::sayWhatIsMissing() {
  missing_.clear();
  if (model_->rowCount() > 0) return false;
  if (searching_ > 0) {
    notice_->say(QStringLiteral("folder"), tr("Looking for sound files…"), QString());
  } else if (!app_.model() && !app_.modelLoading()) {
    missing_ = QStringLiteral("models");
    notice_->say(QStringLiteral("models"), tr("There is no model yet"),
                 tr("Naming sounds needs a model that knows them. Choose or add one."), tr("Open Models"));
  } else if (app_.model() && (!app_.prompts() || app_.prompts()->size() == 0)) {
    missing_ = QStringLiteral("teach");
    notice_->say(QStringLiteral("teach"), tr("There are no classes yet"),
                 tr("Type the names of the sounds you want to find."), tr("Open Teach"));
  } else {
    missing_ = QStringLiteral("files");
    notice_->say(QStringLiteral("files"), tr("Drop sound files or folders here"),
                 tr("Every file gets the name of what is heard in it. Folders named after your classes, or a CSV file "
                    "with the columns file and label are evaluated as well."),
                 tr("Add files…"));
  }
  return true;
}

void FilesPage::noticePressed() {
  if (missing_ == QStringLiteral("files")) return askFiles();
  app_.showPage(missing_);
}

void FilesPage::refreshState() {
  content_->setCurrentIndex(sayWhatIsMissing() ? 1 : 0);
  const int retryable = model_->count(FileState::Failed) + model_->count(FileState::Stopped);
  retry_->setEnabled(retryable > 0);
  remove_->setEnabled(table_->selectionModel()->hasSelection());
  clear_->setEnabled(model_->rowCount() > 0);
  undo_->setVisible(!removed_.empty());
  export_->setEnabled(model_->count(FileState::Done) > 0);
  const int old = batches_.isEmpty() ? outdated() : 0;
  again_->setVisible(old > 0);
  again_->setToolTip(tr("named with other prompts, windows or pooling: %1").arg(filesText(old)));
  refreshSummary();
}

void FilesPage::refreshSummary() {
  const int all = model_->rowCount();
  QStringList parts{filesText(all)};
  if (filter_->rowCount() != all) parts << tr("%1 shown").arg(filter_->rowCount());
  const int left = model_->count(FileState::Waiting) + model_->count(FileState::Working);
  if (left > 0) parts << whatIsLeft(left);
  if (const int failed = model_->count(FileState::Failed)) parts << tr("%1 failed").arg(failed);
  if (const int stopped = model_->count(FileState::Stopped)) parts << tr("%1 stopped").arg(stopped);
  if (all > 0 && app_.prompts() && app_.prompts()->size() == 1) {
    parts << tr("with a single class every file gets its name, and 100 %");
  }
  if (again_->isVisibleTo(this)) parts << again_->toolTip();
  summary_->setText(parts.join(QStringLiteral(" · ")));
}

QString FilesPage::whatIsLeft(int files) const {
  if (app_.classes().empty()) return tr("waiting for a list of sounds: Teach has none");
  if (!app_.prompts()) return tr("waiting for the model");
  const QString before = batches_.isEmpty() ? QString() : app_.jobs().waitsFor(batches_.front()->job());
  const QString left = tr("%1 to go").arg(files);
  return before.isEmpty() ? left : tr("%1, waiting for: %2").arg(left, before);
}

void FilesPage::refreshEvaluation() {
  evaluationStale_ = true;
  if (tabs_->currentWidget() != evaluation_) return;
  evaluationStale_ = false;
  const auto prompts = app_.prompts();
  FileCounts files;
  files.all = model_->rowCount();
  std::vector<LabelledResult> results;
  for (const FileRow& row : model_->rows()) {
    files.unknown += model_->isUnknown(row) ? 1 : 0;
    std::vector<int> labels = model_->labelsOf(row);
    if (labels.empty()) continue;
    if (row.result && row.prompts == prompts) {
      results.push_back({row.result, std::move(labels)});
    } else if (row.state == FileState::Failed || row.state == FileState::Stopped) {
      ++files.failed;
    } else {
      ++(prompts && row.state == FileState::Done ? files.outdated : files.waiting);
    }
  }
  evaluation_->setResults(std::move(results), files, prompts);
}

// --- Keys

bool FilesPage::eventFilter(QObject* watched, QEvent* event) {
  if (watched != table_ || event->type() != QEvent::KeyPress) return Page::eventFilter(watched, event);
  const auto* key = static_cast<QKeyEvent*>(event);
  if (key->key() == Qt::Key_Space || key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) {
    detail_->togglePlaying();
    return true;
  }
  if (key->matches(QKeySequence::Delete)) {
    removeSelected();
    return true;
  }
  return Page::eventFilter(watched, event);
}

}  // namespace hearsay::ui
