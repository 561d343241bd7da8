#include "ui/label/label_page.h"

#include <QAbstractItemView>
#include <QAction>
#include <QComboBox>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QProgressBar>
#include <QPushButton>
#include <QScopedValueRollback>
#include <QShowEvent>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <map>

#include "ui/charts/colours.h"
#include "ui/charts/format.h"
#include "ui/label/clip_table_model.h"
#include "ui/label/clip_view.h"
#include "ui/shell/app_context.h"
#include "ui/shell/icons.h"
#include "ui/shell/notice_bar.h"

namespace hearsay::ui {

LabelPage::LabelPage(AppContext& app, QWidget* parent) : Page(app, parent), controller_(app) {
  model_ = new ClipTableModel(controller_, this);
  proxy_ = new QSortFilterProxyModel(this);
  proxy_->setSourceModel(model_);
  proxy_->setFilterKeyColumn(-1);
  proxy_->setFilterRole(ClipTableModel::FilterRole);
  proxy_->setFilterCaseSensitivity(Qt::CaseInsensitive);
  proxy_->setSortRole(ClipTableModel::SortRole);
  makeActions();
  stack_ = new QStackedWidget(this);
  stack_->addWidget(makeEmptyState());
  stack_->addWidget(makeWorkspace());
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(16, 16, 16, 16);
  layout->addWidget(stack_);

  connect(&controller_, &LabelController::sessionChanged, this, &LabelPage::showSession);
  connect(&controller_, &LabelController::currentChanged, this, &LabelPage::showCurrent);
  connect(&app_.jobs(), &JobService::submitted, this, &LabelPage::showSuggestion, Qt::QueuedConnection);
  connect(&app_.jobs(), &JobService::started, this, &LabelPage::showSuggestion);
  connect(&app_.jobs(), &JobService::pausedChanged, this, &LabelPage::showSuggestion);
  connect(&app_.jobs(), &JobService::finished, this, &LabelPage::showSuggestion);
  connect(&app_, &AppContext::promptsChanged, this, &LabelPage::showSuggestion);
  connect(&controller_, &LabelController::changed, this, [this](const Change& change) {
    showProgress();
    showUndo();
    const bool current =
        std::find(change.clips.begin(), change.clips.end(), controller_.current()) != change.clips.end();
    if (change.classes || current) showClasses();
    if (current && change.region) view_->select(*change.region);
    if (current && !note_->isModified()) showNote();  // undo and redo change it too
  });
  controller_.setOrder(static_cast<QueueOrder>(qBound(0, app_.settings().value(kLabelOrderKey, 0).toInt(), 2)));
  order_->setCurrentIndex(static_cast<int>(controller_.order()));
  showSession();
  const QString last = app_.settings().value(kLabelSessionKey).toString();
  if (!last.isEmpty() && QFileInfo::exists(last)) controller_.open(last);
}

LabelPage::~LabelPage() = default;

void LabelPage::shutDown() {
  keepNote();
  view_->stopPlaying();
  app_.settings().setValue(kLabelSplitterKey, splitter_->saveState());
  controller_.disconnect(this);
  controller_.close();
}

void LabelPage::showSession() {
  stack_->setCurrentIndex(controller_.isOpen() ? 1 : 0);
  if (!controller_.isOpen()) {
    filter_->clear();  // it was of that session
    view_->clear();
    return;
  }
  app_.settings().setValue(kLabelSessionKey, controller_.sessionFile());
  showProgress();
  showUndo();
  showCurrent();
  if (isVisible()) table_->setFocus();  // so that the keys label at once
}

void LabelPage::showProgress() {
  if (!controller_.isOpen()) return;
  const SessionProgress p = controller_.session().progress();
  progress_->setRange(0, static_cast<int>(std::max<std::int64_t>(p.total, 1)));
  progress_->setValue(static_cast<int>(p.labelled + p.skipped));
  progress_text_->setText(tr("%1 of %2 labelled, %3 skipped").arg(p.labelled).arg(p.total).arg(p.skipped));
}

void LabelPage::showUndo() {
  const auto undo = controller_.isOpen() ? controller_.session().undo_text() : std::nullopt;
  const auto redo = controller_.isOpen() ? controller_.session().redo_text() : std::nullopt;
  undo_->setEnabled(undo.has_value());
  redo_->setEnabled(redo.has_value());
  undo_->setToolTip(undo ? tr("Undo: %1").arg(QString::fromStdString(*undo)) : tr("Nothing to undo"));
  redo_->setToolTip(redo ? tr("Redo: %1").arg(QString::fromStdString(*redo)) : tr("Nothing to redo"));
}

void LabelPage::showCurrent() {
  if (!controller_.isOpen() || controller_.current() == 0) {
    view_->clear();
    return;
  }
  const Clip clip = controller_.session().clip(controller_.current());
  title_->setText(isolated(clipNameText(clip)));
  find_class_->clear();
  view_->setClip(clip);
  note_->setModified(false);
  showNote();
  class_chosen_ = false;
  showClasses();
  selectCurrent();
}

void LabelPage::selectCurrent() {
  const int row = controller_.isOpen() ? model_->rowOf(controller_.current()) : -1;
  const QModelIndex index = row < 0 ? QModelIndex() : proxy_->mapFromSource(model_->index(row, 0));
  QItemSelectionModel& chosen = *table_->selectionModel();
  if (index.isValid() && chosen.currentIndex().row() == index.row() && chosen.isRowSelected(index.row())) return;
  const QScopedValueRollback quiet(table_moves_, true);
  if (!index.isValid()) {
    chosen.clear();
    return;
  }
  chosen.setCurrentIndex(index, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
  table_->scrollTo(index);
}

void LabelPage::showNote() {
  if (!controller_.isOpen() || controller_.current() == 0) return;
  const QString note = QString::fromStdString(controller_.session().clip(controller_.current()).note);
  if (note_->text() != note) note_->setText(note);
}

void LabelPage::keepNote() {
  if (!note_->isModified() || !controller_.isOpen() || controller_.current() == 0) return;
  controller_.setNote(note_->text());
  // Where it could not be written it is still to be written.
  const std::string kept = controller_.session().clip(controller_.current()).note;
  note_->setModified(kept != note_->text().toStdString());
}

void LabelPage::showSuggestion() {
  if (!controller_.isOpen() || controller_.current() == 0) return;
  const Suggestions suggestions = controller_.session().suggestions(controller_.current());
  const QString before = controller_.suggestionsWaitFor();
  if (!suggestions.items.empty()) {
    const Suggestion& best = suggestions.items.front();
    const auto classes = controller_.session().classes();
    const auto at = std::ranges::find(classes, best.class_id, &SessionClass::id);
    const QString name = at == classes.end() ? QString() : QString::fromStdString(at->name);
    suggestion_->setText(tr("Suggested: %1, %2").arg(isolated(name), percentText(best.score)));
  } else if (!before.isEmpty()) {
    suggestion_->setText(tr("The model has not looked at this clip yet. It waits for: %1.").arg(before));
  } else if (controller_.suggesting()) {
    suggestion_->setText(tr("The model has not looked at this clip yet."));
  } else if (app_.classes().empty()) {
    suggestion_->setText(tr("No suggestion: the list of sounds on the Teach page is empty."));
  } else {
    suggestion_->setText(tr("No suggestion: silence, or the prompt set in use has none of these classes."));
  }
}

bool LabelPage::handleKey(const QKeyEvent& event) {
  if (!controller_.isOpen()) return false;
  const Qt::KeyboardModifiers held = event.modifiers() & ~Qt::KeypadModifier;
  if (event.text() == QStringLiteral("/") && (held == Qt::NoModifier || held == Qt::ShiftModifier)) {
    find_class_->setFocus(Qt::ShortcutFocusReason);
    find_class_->selectAll();
    return true;
  }
  if (held != Qt::NoModifier) return false;
  const int key = event.key();
  if (key >= Qt::Key_0 && key <= Qt::Key_9) return giveClass(key == Qt::Key_0 ? 9 : key - Qt::Key_1);
  switch (key) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
      controller_.acceptBest();
      return true;
    case Qt::Key_S:
      controller_.skip();
      return true;
    case Qt::Key_N:
    case Qt::Key_Right:
      controller_.showNext();
      return true;
    case Qt::Key_B:
    case Qt::Key_Left:
      controller_.showPrevious();
      return true;
    case Qt::Key_Space:
      view_->togglePlaying();
      return true;
    case Qt::Key_Backspace:
      controller_.clearLabels();
      return true;
    case Qt::Key_Escape:
      if (view_->selected() < 0) return false;
      view_->select(-1);
      return true;
    case Qt::Key_Delete:
      if (view_->selected() < 0) return false;
      controller_.removeRegion(view_->selected());
      return true;
    default:
      return false;
  }
}

void LabelPage::keyPressEvent(QKeyEvent* event) {
  // What a line of text has no use for (Enter, after adding a class) must not label anything.
  const bool typing = note_->hasFocus() || new_class_->hasFocus() || filter_->hasFocus() || find_class_->hasFocus();
  if (typing || !handleKey(*event)) Page::keyPressEvent(event);
}

bool LabelPage::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::Hide && watched == order_->view()) {
    // After a choice in the order box the keys label again.
    QTimer::singleShot(0, table_, qOverload<>(&QWidget::setFocus));
  } else if (watched == order_ && event->type() == QEvent::KeyPress) {
    // The box keeps the keys that choose in it; letters mean the same as anywhere on the page.
    const auto* key = static_cast<QKeyEvent*>(event);
    const bool printed = !key->text().isEmpty() && key->text().front().isLetterOrNumber();
    if (printed && handleKey(*key)) return true;
  } else if (watched == find_class_ && event->type() == QEvent::KeyPress) {
    if (leaveFinding(static_cast<QKeyEvent*>(event))) return true;
  } else if (event->type() == QEvent::KeyPress && (watched == table_ || watched == classes_)) {
    const auto* key = static_cast<QKeyEvent*>(event);
    // In the class list the space bar ticks the chosen class, as in every list of check boxes.
    if (!(watched == classes_ && key->key() == Qt::Key_Space) && handleKey(*key)) return true;
  }
  return Page::eventFilter(watched, event);
}

void LabelPage::showEvent(QShowEvent* event) {
  Page::showEvent(event);
  if (!event->spontaneous()) controller_.setShown(true);
}

void LabelPage::hideEvent(QHideEvent* event) {
  Page::hideEvent(event);
  if (event->spontaneous()) return;  // a window made small still shows it
  controller_.setShown(false);
  withdrawNotice(*this, controller_.missingNotice());
}

}  // namespace hearsay::ui
