#include "ui/listen/event_panel.h"

#include <QDir>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>

#include "audio/decode.h"
#include "base/files.h"
#include "ui/charts/format.h"
#include "ui/shell/app_context.h"
#include "ui/shell/ask_file.h"
#include "ui/shell/icons.h"

namespace hearsay::ui {

namespace {

const QString kFolderSetting = QStringLiteral("listen/saveFolder");

constexpr int kSecondPressMs = 4000;
constexpr int kBetweenUpdatesMs = 10'000;

std::filesystem::path pathOf(const QString& file) {
  return std::filesystem::path(file.toStdString());
}

/// From memory or from the store. Errors: NotFound (the store has let it go), BadAudio.
std::vector<float> soundOf(const EventRecord& event) {
  if (event.sound && !event.sound->empty()) return *event.sound;
  return decode_file(event.file, static_cast<int>(event.rate));
}

}  // namespace

EventPanel::EventPanel(AppContext& app, QWidget* parent) : QWidget(parent), app_(app) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  auto* row = new QHBoxLayout;
  row->setSpacing(8);
  auto* title = new QLabel(tr("Events"));
  QFont bold = title->font();
  bold.setBold(true);
  title->setFont(bold);
  row->addWidget(title);
  row->addStretch(1);
  column->addLayout(row);
  buildTable();
  column->addWidget(table_, 1);
  play_ = addButton("playEvent", QStringLiteral("play"), tr("Play"), tr("Play the chosen event (Enter)"));
  save_ = addButton("saveEvent", QStringLiteral("save"), tr("Save WAV…"),
                    tr("Save the sound of the chosen event (Ctrl+S)"));
  export_ = addButton("exportEvents", QStringLiteral("export"), tr("Export"), tr("Write events for other programs"));
  auto* formats = new QMenu(export_);
  formats->addAction(tr("CSV, all events…"), this, [this] { askExport(false); });
  formats->addAction(tr("Audacity labels, one time of listening…"), this, [this] { askExport(true); });
  export_->setMenu(formats);
  clear_ = addButton("clearEvents", QStringLiteral("remove"), tr("Delete all"), {});
  for (QPushButton* button : {play_, save_, export_, clear_}) row->addWidget(button);
  connect(play_, &QPushButton::clicked, this, [this] { app_.playing() ? app_.stopPlaying() : play(currentRow()); });
  connect(save_, &QPushButton::clicked, this, &EventPanel::askSave);
  connect(clear_, &QPushButton::clicked, this, &EventPanel::clearPressed);
  clearTimer_.setSingleShot(true);
  clearTimer_.setInterval(kSecondPressMs);
  connect(&clearTimer_, &QTimer::timeout, this, &EventPanel::refreshButtons);
  for (auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved}) {
    connect(model_, signal, this, &EventPanel::refreshButtons);
  }
  connect(model_, &QAbstractItemModel::modelReset, this, &EventPanel::refreshButtons);
  connect(model_, &QAbstractItemModel::dataChanged, this, &EventPanel::refreshButtons);
  buildStore();
  refreshButtons();
}

void EventPanel::buildStore() {
  store_ = new EventStore(data_folder() / "events", this);
  connect(store_, &EventStore::failed, this,
          [this](const QString& sentence) { app_.notify(sentence, AppContext::NoticeLevel::Warning); });
  std::vector<EventRecord> kept = store_->load();  // those of two windows one after the other
  std::stable_sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) { return a.began < b.began; });
  for (const EventRecord& record : kept) model_->put(record);
  connect(store_, &EventStore::recovered, this, [this](const QString& sentence) { app_.notify(sentence); });
  connect(model_, &EventModel::toKeep, this, [this](int row) {
    EventRecord record = model_->at(row);
    store_->add(record);
    model_->setKept(row, record);
  });
  connect(&openTimer_, &QTimer::timeout, this, &EventPanel::keepOpenEvents);
  openTimer_.start(kBetweenUpdatesMs);
}

// After a crash they are there as they were known then.
void EventPanel::keepOpenEvents() {
  std::vector<EventRecord> open;
  for (int row = 0; row < model_->rowCount(); ++row) {
    if (model_->at(row).open) open.push_back(model_->at(row));
  }
  store_->bringUpToDate(std::move(open));
}

void EventPanel::shutDown() {
  openTimer_.stop();
  store_->bringUpToDate({});  // what could not be kept before
  store_->flush();
}

QPushButton* EventPanel::addButton(const char* name, const QString& iconName, const QString& text, const QString& tip) {
  auto* button = new QPushButton(icon(iconName), text);
  button->setObjectName(QString::fromLatin1(name));
  button->setToolTip(tip);
  button->setAccessibleName(text);
  return button;
}

void EventPanel::buildTable() {
  model_ = new EventModel(this);
  sorted_ = new QSortFilterProxyModel(this);
  sorted_->setSourceModel(model_);
  sorted_->setSortRole(EventModel::kSortRole);
  table_ = new QTableView;
  table_->setObjectName(QStringLiteral("eventTable"));
  table_->setAccessibleName(tr("Events heard"));
  table_->setToolTip(
      tr("Enter plays the chosen event, Ctrl+S saves its sound, Delete deletes it, Ctrl+Z brings it back"));
  table_->setModel(sorted_);
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table_->setShowGrid(false);
  table_->setAlternatingRowColors(true);
  table_->setTabKeyNavigation(false);
  table_->setSortingEnabled(true);
  table_->sortByColumn(EventModel::Time, Qt::DescendingOrder);
  table_->verticalHeader()->hide();
  table_->verticalHeader()->setDefaultSectionSize(table_->fontMetrics().height() + 8);
  table_->horizontalHeader()->setSectionResizeMode(EventModel::Class, QHeaderView::Stretch);
  table_->horizontalHeader()->setHighlightSections(false);
  table_->setColumnWidth(EventModel::Length,
                         table_->fontMetrics().horizontalAdvance(tr("%1 so far").arg(durationText(754.0))) + 16);
  table_->setContextMenuPolicy(Qt::CustomContextMenu);
  table_->installEventFilter(this);
  empty_ = new QLabel(tr("What is heard above its threshold is listed here, with its sound. It stays on this computer: "
                         "the newest 500 events, or 200 MB of sound."),
                      table_->viewport());
  empty_->setAlignment(Qt::AlignCenter);
  empty_->setWordWrap(true);
  empty_->setForegroundRole(QPalette::PlaceholderText);
  auto* over = new QVBoxLayout(table_->viewport());
  over->addWidget(empty_);
  connect(table_, &QWidget::customContextMenuRequested, this, &EventPanel::showMenu);
  connect(table_, &QAbstractItemView::doubleClicked, this, [this](const QModelIndex& index) { play(index.row()); });
  connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex& index) {
    refreshButtons();
    if (!index.isValid()) return;
    const EventRecord& event = record(index.row());
    Q_EMIT chosen(event.session, event.start, event.end);
  });
}

int EventPanel::currentRow() const {
  return table_->currentIndex().row();
}

const EventRecord& EventPanel::record(int row) const {
  return model_->at(sorted_->mapToSource(sorted_->index(row, 0)).row());
}

void EventPanel::refreshButtons() {
  const int row = currentRow();
  const bool sound = row >= 0 && row < sorted_->rowCount() && record(row).hasSound();
  play_->setEnabled(sound);
  save_->setEnabled(sound);
  export_->setEnabled(model_->rowCount() > 0);
  clear_->setEnabled(model_->rowCount() > 0);
  empty_->setVisible(model_->rowCount() == 0);
  const bool sure = clearTimer_.isActive() && model_->rowCount() > 0;
  clear_->setText(sure ? tr("Really?") : tr("Delete all"));
  clear_->setAccessibleName(sure ? tr("Really delete all events?") : tr("Delete all events"));
  clear_->setToolTip(sure ? tr("Press again to delete all events and their sounds for good")
                          : tr("Delete all events and their sounds, here and on disk"));
}

void EventPanel::clearPressed() {
  if (clearTimer_.isActive()) {
    deleteAll();
  } else {
    clearTimer_.start();
  }
  refreshButtons();
}

void EventPanel::deleteAll() {
  clearTimer_.stop();
  store_->removeAll();
  model_->clear();
}

void EventPanel::removeCurrent() {
  const int row = currentRow();
  if (row < 0) return;
  const EventRecord event = record(row);
  std::shared_ptr<std::vector<float>> sound;  // from disk, where it is not in memory
  if (!event.key.isEmpty()) {
    if (!event.sound && !event.file.empty()) sound = std::make_shared<std::vector<float>>();
    store_->remove(event, sound);
  }
  model_->remove(sorted_->mapToSource(table_->currentIndex()).row(), std::move(sound));
  app_.notify(tr("Deleted the event \"%1\". Ctrl+Z on this page brings it back.").arg(event.name));
}

void EventPanel::undoDelete() {
  store_->flush();  // its sound has been read by then
  const int row = model_->restoreLast();
  if (row >= 0) app_.notify(tr("The event \"%1\" is back.").arg(model_->at(row).name));
}

void EventPanel::play(int row) {
  if (row < 0 || row >= sorted_->rowCount()) return;
  const EventRecord event = record(row);
  if (event.sound && !event.sound->empty()) return playSound(event.sound, event);
  if (!event.hasSound()) {
    app_.notify(event.open ? tr("This event is still going on; it can be played once it has ended.")
                           : tr("The sound of this event is no longer kept."));
    return;
  }
  auto sound = std::make_shared<std::vector<float>>();
  app_.runQuietly(
      this, [event, sound] { *sound = soundOf(event); },
      [this, event, sound](const QString& error) {
        if (error.isEmpty()) return playSound(sound, event);
        app_.notify(tr("The sound of this event is no longer kept."));
      });
}

void EventPanel::playSound(const SoundClip& sound, const EventRecord& event) {
  const double length = static_cast<double>(sound->size()) / event.rate;  // it may be the last part alone
  Q_EMIT playing(event.session, event.end - length, app_.play(sound, event.rate));
  if (event.isCut()) app_.notify(cutText(event));
}

QString EventPanel::suggestedName(const EventRecord& event) const {
  QString name = event.name;
  for (QChar& letter : name) {
    if (!letter.isLetterOrNumber()) letter = QLatin1Char('-');
  }
  return QStringLiteral("%1 %2.wav").arg(name, event.began.toString(QStringLiteral("yyyy-MM-dd HH-mm-ss")));
}

void EventPanel::save(int row, const QString& file) {
  if (row >= 0 && row < sorted_->rowCount()) saveSound(record(row), file);
}

void EventPanel::saveSound(const EventRecord& event, const QString& file) {
  if (file.isEmpty()) return;
  if (!event.hasSound()) {
    app_.notify(tr("The sound of this event is not kept, so it cannot be saved."));
    return;
  }
  app_.runQuietly(
      this, [event, file] { write_wav(pathOf(file), soundOf(event), static_cast<int>(event.rate)); },
      [this, file, cut = cutText(event)](const QString& error) {
        if (error.isEmpty()) {
          app_.notify(tr("Saved \"%1\". %2").arg(QDir::toNativeSeparators(file), cut).trimmed());
        } else {
          app_.notify(error, AppContext::NoticeLevel::Error);
        }
      });
}

void EventPanel::exportCsv(const QString& file) {
  write(file, model_->csv());
}

void EventPanel::exportAudacity(const QString& file) {
  if (model_->rowCount() == 0) return;
  const int row = currentRow();
  write(file, model_->audacity(row < 0 ? 0 : sorted_->mapToSource(sorted_->index(row, 0)).row()));
}

void EventPanel::write(const QString& file, std::string text) {
  if (file.isEmpty()) return;
  app_.runQuietly(
      this, [text = std::move(text), file] { write_file_atomically(pathOf(file), text); },
      [this, file](const QString& error) {
        if (error.isEmpty()) {
          app_.notify(tr("Exported the events to \"%1\".").arg(QDir::toNativeSeparators(file)));
        } else {
          app_.notify(error, AppContext::NoticeLevel::Error);
        }
      });
}

void EventPanel::askSave() {
  const int row = currentRow();
  if (row < 0) return;
  FileQuestion question;
  question.title = tr("Save the event's sound");
  question.key = kFolderSetting;
  question.filter = tr("WAV files (*.wav)");
  question.suffix = QStringLiteral("wav");
  question.name = suggestedName(record(row));
  question.save = true;
  question.place = QStandardPaths::MusicLocation;
  askFile(app_, this, question,
          [this, event = record(row)](const QStringList& files) { saveSound(event, files.front()); });
}

void EventPanel::askExport(bool audacity) {
  FileQuestion question;
  question.title = tr("Export the events");
  question.key = kFolderSetting;
  question.filter = audacity ? tr("Audacity labels (*.txt)") : tr("CSV files (*.csv)");
  question.suffix = audacity ? QStringLiteral("txt") : QStringLiteral("csv");
  question.name = QStringLiteral("events.") + question.suffix;
  question.save = true;
  question.place = QStandardPaths::DocumentsLocation;
  askFile(app_, this, question, [this, audacity](const QStringList& files) {
    audacity ? exportAudacity(files.front()) : exportCsv(files.front());
  });
}

void EventPanel::showMenu(const QPoint& at) {
  const QModelIndex index = table_->indexAt(at);
  if (!index.isValid()) return;
  table_->setCurrentIndex(index);
  auto* menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  const bool sound = record(index.row()).hasSound();
  menu->addAction(icon(QStringLiteral("play")), tr("Play"), this, [this] { play(currentRow()); })->setEnabled(sound);
  menu->addAction(icon(QStringLiteral("save")), tr("Save WAV…"), this, &EventPanel::askSave)->setEnabled(sound);
  menu->addAction(icon(QStringLiteral("remove")), tr("Delete"), this, &EventPanel::removeCurrent);
  menu->popup(table_->viewport()->mapToGlobal(at));
}

bool EventPanel::eventFilter(QObject* watched, QEvent* event) {
  const bool press = event->type() == QEvent::KeyPress;
  if (watched != table_ || (!press && event->type() != QEvent::ShortcutOverride)) {
    return QWidget::eventFilter(watched, event);
  }
  auto* key = static_cast<QKeyEvent*>(event);
  if (!press) {  // Ctrl+S in this table is not the window's
    if (key->matches(QKeySequence::Save)) key->accept();
    return key->isAccepted();
  }
  if (key->key() == Qt::Key_Space && key->modifiers() == Qt::NoModifier) {
    key->ignore();  // the page's: starts and stops
    return true;
  }
  if (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) {
    play(currentRow());
    return true;
  }
  if (key->matches(QKeySequence::Save)) {
    askSave();
    return true;
  }
  if (key->matches(QKeySequence::Delete)) {
    removeCurrent();
    return true;
  }
  return QWidget::eventFilter(watched, event);
}

}  // namespace hearsay::ui
