// How the Models page is laid out, and what its lower half says of the chosen model.

#include <QComboBox>
#include <QDir>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QShortcut>
#include <QTableView>
#include <QVBoxLayout>

#include "ui/models/caption_cache_line.h"
#include "ui/models/models_page.h"
#include "ui/shell/column_shares.h"
#include "ui/shell/icons.h"

namespace hearsay::ui {

ModelsPage::ModelsPage(AppContext& app, QWidget* parent) : Page(app, parent) {
  setObjectName(QStringLiteral("modelsPage"));
  makeTable();
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(16, 16, 16, 8);
  column->setSpacing(8);
  column->addWidget(makeButtons());
  column->addWidget(table_, 1);
  column->addWidget(makeDetails());  // as high as its lines; the rest is the table's
  column->addWidget(new CaptionCacheLine(app_));
  connect(&app_, &AppContext::modelChanged, this, &ModelsPage::updateInUse);
  connect(&app_, &AppContext::modelLoadingChanged, this, &ModelsPage::showChosen);
  connect(&app_.jobs(), &JobService::started, this, &ModelsPage::showChosen);
  connect(&app_.jobs(), &JobService::pausedChanged, this, &ModelsPage::showChosen);
  showChosen();
  refresh();
  findDevices();
}

void ModelsPage::makeTable() {
  model_ = new ModelTable(this);
  table_ = new QTableView;
  table_->setObjectName(QStringLiteral("modelTable"));
  table_->setToolTip(tr("Installed models; the bold one is in use; a double click, or Use it, takes another"));
  table_->setAccessibleName(tr("Installed models"));
  table_->setModel(model_);
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table_->setAlternatingRowColors(true);
  table_->setShowGrid(false);
  table_->setTabKeyNavigation(false);
  table_->setWordWrap(false);
  table_->verticalHeader()->hide();
  table_->verticalHeader()->setDefaultSectionSize(32);
  QHeaderView* header = table_->horizontalHeader();
  header->setHighlightSections(false);
  const int widths[] = {136, 136, 92, 68, 68, 80, 116};
  for (int i = 0; i < 7; ++i) table_->setColumnWidth(i, widths[i]);
  ModelRow slow;  // as wide as a speed gets, in the bold of the model in use
  slow.info.window_seconds = 999.0;
  slow.windowMs = 1000.0;
  QFont bold = table_->font();
  bold.setBold(true);
  const int speed = QFontMetrics(bold).horizontalAdvance(speedInWords(slow)) + 16;
  shareColumns(*table_,
               {{ModelTable::Name, 0.36, 112}, {ModelTable::Family, 0.3, 110}, {ModelTable::Speed, 0.34, speed}});
  table_->setMinimumHeight(120);
  connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &ModelsPage::showChosen);
  connect(table_, &QTableView::doubleClicked, this, &ModelsPage::useChosen);
  auto* remove = new QShortcut(QKeySequence(Qt::Key_Delete), table_);
  remove->setContext(Qt::WidgetShortcut);
  connect(remove, &QShortcut::activated, this, &ModelsPage::removeChosen);
}

QPushButton* ModelsPage::addButton(QLayout* row, const QString& name, const QString& picture, const QString& text,
                                   const QString& tip, std::function<void()> act) {
  auto* button = new QPushButton(icon(picture), text);
  button->setObjectName(name);
  button->setToolTip(tip);
  connect(button, &QPushButton::clicked, this, std::move(act));
  row->addWidget(button);
  return button;
}

QWidget* ModelsPage::makeButtons() {
  auto* line = new QWidget;
  auto* row = new QHBoxLayout(line);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  use_ = addButton(row, "useModelButton", "check", tr("Use it"), tr("Load the chosen model (double-click)"),
                   [this] { useChosen(); });
  measure_ = addButton(row, "measureButton", "retry", tr("Measure speed"), tr("Times one window on this machine"),
                       [this] { measureChosen(); });
  addButton(
      row, "addFolderButton", "folder", tr("Add folder…"),
      tr("A folder with config.json and weights, as Hugging Face's save_pretrained writes it; it can be dropped on "
         "the window too"),
      [this] { askFolder(); });
  addButton(row, "addFileButton", "add", tr("Add file…"),
            tr("Weights beside their tokenizer files: a Microsoft CLAP .pth, or the model.safetensors of a folder"),
            [this] { askModelFile(); });
  downloadButton_ =
      addButton(row, "downloadButton", "down", tr("Download…"),
                tr("Published checkpoints from Hugging Face, fetched, checked and added"), [this] { openDownloads(); });
  remove_ = addButton(row, "removeModelButton", "remove", tr("Remove"),
                      tr("Takes the model off this list (Delete); its files stay"), [this] { removeChosen(); });
  row->addStretch(1);
  row->addWidget(makeDevice());
  return line;
}

QWidget* ModelsPage::makeDevice() {
  auto* holder = new QWidget;
  auto* row = new QHBoxLayout(holder);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  device_ = new QComboBox;
  device_->setObjectName(QStringLiteral("deviceBox"));
  device_->addItem(tr("Automatic"), "auto");
  device_->addItem(tr("Processor (CPU)"), "cpu");
  device_->setCurrentIndex(app_.device() == QLatin1String("cpu") ? 1 : 0);
  device_->setToolTip(tr("What models run on; the model in use is loaded again"));
  device_->setAccessibleName(tr("Device"));
  auto* label = new QLabel(tr("Run on"));
  label->setBuddy(device_);
  row->addWidget(label);
  row->addWidget(device_);
  connect(device_, &QComboBox::currentIndexChanged, this, &ModelsPage::deviceChosen);
  return holder;
}

void ModelsPage::addRow(QFormLayout* form, const QString& title, QLabel*& value, const QString& name) {
  value = new QLabel;
  value->setObjectName(name);
  value->setWordWrap(true);
  value->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  form->addRow(title, value);
}

QWidget* ModelsPage::makeDetails() {
  auto* frame = new QFrame;
  frame->setFrameShape(QFrame::StyledPanel);
  frame->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
  auto* column = new QVBoxLayout(frame);
  column->setContentsMargins(16, 8, 16, 8);
  problem_ = new QLabel;
  problem_->setObjectName(QStringLiteral("modelProblem"));
  problem_->setWordWrap(true);
  column->addWidget(problem_);
  auto* form = new QFormLayout;
  form->setHorizontalSpacing(16);
  form->setVerticalSpacing(8);
  addRow(form, tr("Place"), path_, "modelPath");
  addRow(form, tr("Towers"), towers_, "modelTowers");
  addRow(form, tr("Sound"), sound_, "modelSound");
  addRow(form, tr("Embeddings"), space_, "modelSpace");
  fingerprint_ = new QLabel;
  fingerprint_->setObjectName(QStringLiteral("modelFingerprint"));
  fingerprint_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  fingerprint_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  copy_ = new QPushButton(icon(QStringLiteral("copy")), tr("Copy"));
  copy_->setObjectName(QStringLiteral("copyFingerprintButton"));
  copy_->setToolTip(tr("Copy the whole fingerprint (SHA-256 of the weights)"));
  connect(copy_, &QPushButton::clicked, this, &ModelsPage::copyFingerprint);
  auto* row = new QHBoxLayout;
  row->addWidget(fingerprint_, 1);
  row->addWidget(copy_);
  form->addRow(tr("Fingerprint"), row);
  addRow(form, tr("Speed here"), speed_, "modelSpeed");
  column->addLayout(form);
  return frame;
}

void ModelsPage::showChosen() {
  const ModelRow* row = chosen();
  const bool good = row != nullptr && row->error.isEmpty();
  const bool used = row != nullptr && model_->inUse(table_->currentIndex().row());
  use_->setEnabled(good && !used && !app_.modelLoading());
  const bool measuring = !measuring_.empty();
  measure_->setEnabled(good || measuring);
  measure_->setText(measuring ? tr("Stop measuring") : tr("Measure speed"));
  measure_->setToolTip(measuring ? tr("Give up timing %1").arg(QString::fromStdString(measuring_))
                                 : tr("Times one window on this machine"));
  remove_->setEnabled(row != nullptr && !row->installed.bundled && !used);
  copy_->setEnabled(row != nullptr && row->fingerprint.size() > 16);
  problem_->setVisible(!good);
  if (row == nullptr) problem_->setText(tr("No model is installed. Add a folder, or drop one on the window."));
  if (row != nullptr) problem_->setText(row->error);
  path_->setText(row != nullptr ? QDir::toNativeSeparators(QString::fromStdString(row->installed.path.string()))
                                : QString());
  if (!good) {
    for (QLabel* label : {towers_, sound_, space_, fingerprint_, speed_}) label->clear();
    return;
  }
  const ModelInfo& info = row->info;
  towers_->setText(tr("%1 for sound, %2 for text; %3 parameters, %4 on disk")
                       .arg(towerInWords(info.audio_tower), towerInWords(info.text_tower),
                            countInWords(info.parameters), sizeInWords(info.bytes)));
  sound_->setText(tr("%1 Hz, windows of %2 s, a frame every %3 ms, %4 mel bands from %5 to %6 Hz")
                      .arg(info.sample_rate)
                      .arg(info.window_seconds)
                      .arg(info.frame_seconds * 1000.0, 0, 'f', 0)
                      .arg(info.mel.n_mels)
                      .arg(info.mel.f_min)
                      .arg(info.mel.f_max));
  space_->setText(tr("%1 numbers, logit scale %2, texts of up to %3 tokens")
                      .arg(info.embedding_dim)
                      .arg(info.logit_scale, 0, 'f', 1)
                      .arg(info.max_text_tokens));
  fingerprint_->setText(row->fingerprint.isEmpty() ? tr("being computed…") : row->fingerprint);
  fingerprint_->setToolTip(row->fingerprint);
  if (row->installed.name == measuring_) {
    const QString before = app_.jobs().waitsFor(measureJob_);
    speed_->setText(before.isEmpty() ? tr("being measured…") : tr("waits for: %1").arg(before));
  } else {
    speed_->setText(row->windowMs < 0.0 ? tr("not measured yet")
                                        : tr("%1, one window on %2").arg(speedInWords(*row), row->measuredOn));
  }
}

}  // namespace hearsay::ui
