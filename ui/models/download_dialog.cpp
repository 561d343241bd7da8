#include "ui/models/download_dialog.h"

#include <QDir>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>
#include <utility>

#include "ui/charts/format.h"
#include "ui/models/model_table.h"
#include "ui/shell/icons.h"

namespace hearsay::ui {

DownloadDialog::DownloadDialog(QUrl hub, QString folder, QWidget* parent)
    : QDialog(parent), hub_(std::move(hub)), folder_(std::move(folder)) {
  setObjectName(QStringLiteral("downloadDialog"));
  setWindowTitle(tr("Download a model"));
  resize(720, 420);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(16, 16, 16, 16);
  column->setSpacing(8);
  auto* words = new QLabel(
      tr("Published checkpoints, from %1. Their files go to %2.").arg(hub_.host(), QDir::toNativeSeparators(folder_)));
  words->setWordWrap(true);
  column->addWidget(words);
  makeTable();
  column->addWidget(table_, 1);
  bar_ = new QProgressBar;
  bar_->setObjectName(QStringLiteral("downloadBar"));
  bar_->setAccessibleName(tr("Progress of the download"));
  bar_->setRange(0, 1000);
  bar_->hide();
  column->addWidget(bar_);
  state_ = new QLabel;
  state_->setObjectName(QStringLiteral("downloadState"));
  state_->setWordWrap(true);
  state_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  column->addWidget(state_);
  auto* row = new QHBoxLayout;
  row->setSpacing(8);
  row->addStretch(1);
  begin_ = new QPushButton(icon(QStringLiteral("down")), tr("Download"));
  begin_->setObjectName(QStringLiteral("beginDownloadButton"));
  begin_->setDefault(true);
  cancel_ = new QPushButton(tr("Cancel"));
  cancel_->setObjectName(QStringLiteral("cancelDownloadButton"));
  cancel_->setToolTip(tr("Stop; what has come so far is kept, and gone on with the next time"));
  auto* close = new QPushButton(tr("Close"));
  close->setObjectName(QStringLiteral("closeDownloadButton"));
  close->setToolTip(tr("Close this window; a download goes on behind it"));
  for (QPushButton* button : {begin_, cancel_, close}) row->addWidget(button);
  column->addLayout(row);
  connect(begin_, &QPushButton::clicked, this, &DownloadDialog::begin);
  connect(cancel_, &QPushButton::clicked, this, &DownloadDialog::cancel);
  connect(close, &QPushButton::clicked, this, &QDialog::close);
  table_->setCurrentCell(0, 0);
  showState();
}

void DownloadDialog::makeTable() {
  const auto& models = publishedModels();
  table_ = new QTableWidget(static_cast<int>(models.size()), 5);
  table_->setObjectName(QStringLiteral("publishedTable"));
  table_->setAccessibleName(tr("Published models"));
  table_->setToolTip(tr("A double click downloads"));
  table_->setHorizontalHeaderLabels({tr("Model"), tr("Towers"), tr("Size"), tr("Licence"), tr("Here")});
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table_->setAlternatingRowColors(true);
  table_->setShowGrid(false);
  table_->setTabKeyNavigation(false);
  table_->verticalHeader()->hide();
  table_->horizontalHeader()->setHighlightSections(false);
  table_->horizontalHeader()->setStretchLastSection(true);
  const int widths[] = {232, 136, 80, 88};
  for (int i = 0; i < 4; ++i) table_->setColumnWidth(i, widths[i]);
  for (int i = 0; i < table_->rowCount(); ++i) {
    const PublishedModel& model = models[static_cast<std::size_t>(i)];
    const QString texts[] = {model.folder, model.towers, sizeInWords(static_cast<std::uintmax_t>(model.bytes)),
                             model.licence, QString()};
    for (int k = 0; k < 5; ++k) table_->setItem(i, k, new QTableWidgetItem(texts[k]));
    table_->item(i, 0)->setToolTip(tr("From %1").arg(model.sources.front().repository));
  }
  connect(table_, &QTableWidget::currentCellChanged, this, &DownloadDialog::showState);
  connect(table_, &QTableWidget::cellDoubleClicked, this, &DownloadDialog::begin);
}

void DownloadDialog::setInstalled(const QStringList& folders) {
  installed_.clear();
  for (const QString& folder : folders) {
    // Of what is not there the path is empty.
    if (const QString there = QFileInfo(folder).canonicalFilePath(); !there.isEmpty()) installed_ << there;
  }
  showState();
}

QString DownloadDialog::folderOf(int row) const {
  return QDir(folder_).filePath(publishedModels()[static_cast<std::size_t>(row)].folder);
}

int DownloadDialog::chosen() const {
  return table_->currentRow();
}

void DownloadDialog::begin() {
  const int row = chosen();
  if (download_ || row < 0 || !begin_->isEnabled()) return;
  download_ =
      std::make_unique<ModelDownload>(hub_, publishedModels()[static_cast<std::size_t>(row)].sources, folderOf(row));
  // Queued: the download is not destroyed while it speaks.
  connect(download_.get(), &ModelDownload::progressed, this, &DownloadDialog::showProgress);
  connect(
      download_.get(), &ModelDownload::finished, this,
      [this] {
        const QString folder = download_->folder();
        end();
        state_->setText(tr("%1 is here and was checked.").arg(QFileInfo(folder).fileName()));
        Q_EMIT arrived(folder);
      },
      Qt::QueuedConnection);
  connect(
      download_.get(), &ModelDownload::failed, this,
      [this](const QString& sentence) {
        end();
        state_->setText(sentence.isEmpty() ? tr("Stopped. What has come so far is kept.") : sentence);
        if (!sentence.isEmpty()) Q_EMIT failed(sentence);
      },
      Qt::QueuedConnection);
  percent_ = 0;
  bar_->setValue(0);
  bar_->show();
  showState();
  Q_EMIT progressed();
  download_->start();
}

void DownloadDialog::cancel() {
  if (download_) download_->cancel();
}

void DownloadDialog::showProgress(qint64 done, qint64 total, double secondsLeft, const QString& what) {
  const double part = total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 0.0;
  bar_->setValue(static_cast<int>(1000.0 * part));
  QStringList words{what};
  if (total > 0) {
    words << tr("%1 of %2")
                 .arg(sizeInWords(static_cast<std::uintmax_t>(done)), sizeInWords(static_cast<std::uintmax_t>(total)));
  }
  if (secondsLeft >= 0.0) words << tr("%1 left").arg(durationText(secondsLeft));
  state_->setText(words.join(QStringLiteral(", ")));
  if (const int now = static_cast<int>(100.0 * part); now != percent_) {
    percent_ = now;
    Q_EMIT progressed();
  }
}

void DownloadDialog::end() {
  download_.reset();
  percent_ = -1;
  bar_->hide();
  showState();
  Q_EMIT progressed();
}

void DownloadDialog::showState() {
  for (int i = 0; i < table_->rowCount(); ++i) {
    const QDir folder(folderOf(i));
    const bool known = installed_.contains(QFileInfo(folder.path()).canonicalFilePath());
    const bool begun = !folder.entryList({QStringLiteral("*.part")}, QDir::Files).isEmpty();
    const bool now = download_ && download_->folder() == folder.path();
    const QString words = now ? tr("coming") : known ? tr("installed") : begun ? tr("begun") : QString();
    if (table_->item(i, 4) != nullptr) table_->item(i, 4)->setText(words);
  }
  if (begin_ == nullptr) return;  // the table is made first
  const int row = chosen();
  const bool known = row >= 0 && installed_.contains(QFileInfo(folderOf(row)).canonicalFilePath());
  begin_->setEnabled(!download_ && row >= 0 && !known);
  begin_->setToolTip(known ? tr("This model is installed") : tr("Fetch the chosen model and add it to the list"));
  cancel_->setEnabled(download_ != nullptr);
}

}  // namespace hearsay::ui
