// How the Label page is laid out: what is where, and which signal goes to which act.

#include "ui/label/label_page.h"

#include <QAction>
#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QProgressBar>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <map>

#include "ui/charts/colours.h"
#include "ui/charts/format.h"
#include "ui/label/clip_table_model.h"
#include "ui/label/clip_view.h"
#include "ui/label/new_session_dialog.h"
#include "ui/listen/page_notice.h"
#include "ui/shell/app_context.h"
#include "ui/shell/column_shares.h"
#include "ui/shell/elided_label.h"
#include "ui/shell/empty_edit.h"
#include "ui/shell/empty_text.h"
#include "ui/shell/icons.h"

namespace hearsay::ui {
namespace {

QPushButton* namedButton(const QString& text, const QString& objectName, const QString& toolTip, QWidget* parent) {
  auto* button = new QPushButton(text, parent);
  button->setObjectName(objectName);
  button->setToolTip(toolTip);
  button->setAccessibleName(text);
  return button;
}

/// Letters are the page's keys here: one that means nothing must not jump to another clip.
class ClipTable : public QTableView {
 public:
  using QTableView::QTableView;
  void keyboardSearch(const QString& /*search*/) override {}
};

}  // namespace

void LabelPage::makeActions() {
  undo_ = new QAction(icon(QStringLiteral("undo")), tr("Undo"), this);
  undo_->setShortcut(QKeySequence::Undo);
  undo_->setObjectName(QStringLiteral("labelUndo"));
  connect(undo_, &QAction::triggered, this, [this] {
    keepNote();  // what is being typed is what goes first
    controller_.undo();
  });
  redo_ = new QAction(icon(QStringLiteral("redo")), tr("Redo"), this);
  redo_->setShortcuts({QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Z), QKeySequence(Qt::CTRL | Qt::Key_Y)});
  redo_->setObjectName(QStringLiteral("labelRedo"));
  connect(redo_, &QAction::triggered, this, [this] {
    keepNote();  // it may show another clip; what is typed counts more than what could be done again
    controller_.redo();
  });
  for (QAction* action : {undo_, redo_}) {
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    addAction(action);
  }
}

QWidget* LabelPage::makeEmptyState() {
  auto* page = new PageNotice(this);
  page->say(
      QStringLiteral("label"), tr("Label a folder of sounds"),
      tr("The model in use proposes a label for every clip; you accept or correct by key. Everything is kept in one "
         "file, act by act."),
      tr("New session from a folder…"));
  page->button().setObjectName(QStringLiteral("newSession"));
  page->button().setToolTip(tr("Choose a folder of sounds to label, or drop one here"));
  page->button().setDefault(true);
  auto* open = namedButton(tr("Open a session…"), QStringLiteral("openSession"), tr("Go on with a session file"), page);
  page->addButton(open);
  connect(page, &PageNotice::pressed, this, [this] { newSession({}); });
  connect(open, &QPushButton::clicked, this, &LabelPage::openSession);
  return page;
}

QWidget* LabelPage::makeTopRow() {
  auto* row = new QWidget(this);
  auto* layout = new QHBoxLayout(row);
  layout->setContentsMargins(0, 0, 0, 0);
  progress_text_ = new QLabel(row);
  progress_text_->setObjectName(QStringLiteral("labelProgressText"));
  progress_ = new QProgressBar(row);
  progress_->setTextVisible(false);
  progress_->setFixedSize(200, 6);  // a line: nothing that could be typed into
  progress_->setAccessibleName(tr("Clips done"));

  auto* session = new QToolButton(row);
  session->setText(tr("Session"));
  session->setObjectName(QStringLiteral("sessionMenu"));
  session->setToolTip(tr("New, open, close, look for new and for moved files, import labels"));
  session->setPopupMode(QToolButton::InstantPopup);
  auto* menu = new QMenu(session);
  connect(menu, &QMenu::aboutToShow, this, &LabelPage::keepNote);  // a menu does not end the typing
  menu->addAction(tr("New from a folder…"), this, [this] { newSession({}); });
  menu->addAction(tr("Open…"), this, &LabelPage::openSession);
  menu->addAction(tr("Look for new files"), &controller_, &LabelController::rescan);
  menu->addAction(tr("Find moved clips…"), this, &LabelPage::findMoved);
  menu->addAction(tr("Import labels…"), this, &LabelPage::importLabels);
  menu->addAction(tr("Accept all suggestions of 90 % or more"), &controller_,
                  [this] { controller_.acceptAllAbove(0.9); });
  menu->addSeparator();
  menu->addAction(tr("Close"), this, [this] {
    controller_.close();
    app_.settings().remove(kLabelSessionKey);
  });
  session->setMenu(menu);

  auto* exports = new QToolButton(row);
  exports->setText(tr("Export"));
  exports->setObjectName(QStringLiteral("exportMenu"));
  exports->setToolTip(tr("Write the labels for other programs"));
  exports->setPopupMode(QToolButton::InstantPopup);
  auto* formats = new QMenu(exports);
  connect(formats, &QMenu::aboutToShow, this, &LabelPage::keepNote);
  const std::pair<QString, LabelFormat> entries[] = {{tr("CSV…"), LabelFormat::Csv},
                                                     {tr("JSON…"), LabelFormat::Json},
                                                     {tr("Audacity label tracks…"), LabelFormat::Audacity},
                                                     {tr("Raven selection tables…"), LabelFormat::Raven},
                                                     {tr("Label Studio tasks…"), LabelFormat::LabelStudio}};
  for (const auto& [text, format] : entries) {
    formats->addAction(text, this, [this, f = format] { exportSession(f); });
  }
  exports->setMenu(formats);

  auto* undo = new QToolButton(row);
  undo->setDefaultAction(undo_);
  auto* redo = new QToolButton(row);
  redo->setDefaultAction(redo_);
  layout->addWidget(progress_text_);
  layout->addWidget(progress_);
  layout->addStretch();
  for (QToolButton* button : {undo, redo, session, exports}) layout->addWidget(button);
  return row;
}

QComboBox* LabelPage::makeOrder(QWidget* side) {
  auto* order = new QComboBox(side);
  order->addItems({tr("Next: in order"), tr("Next: random"), tr("Next: least certain")});
  order->setObjectName(QStringLiteral("queueOrder"));
  order->setToolTip(tr("Which clip comes after this one"));
  order->setAccessibleName(tr("Queue order"));
  connect(order, &QComboBox::currentIndexChanged, this, [this](int index) {
    controller_.setOrder(static_cast<QueueOrder>(index));
    app_.settings().setValue(kLabelOrderKey, index);
  });
  return order;
}

void LabelPage::makeTable(QWidget* side) {
  table_ = new ClipTable(side);
  // Before the table hears of it: it chooses another row by itself when the chosen one goes.
  connect(proxy_, &QAbstractItemModel::rowsAboutToBeRemoved, this, [this] { table_moves_ = true; });
  connect(proxy_, &QAbstractItemModel::modelAboutToBeReset, this, [this] { table_moves_ = true; });
  table_->setModel(proxy_);
  table_->setObjectName(QStringLiteral("clipTable"));
  table_->setAccessibleName(tr("Clips"));
  table_->setToolTip(tr("The clips of this session; keys here label the chosen one (F1 lists them)"));
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->setSortingEnabled(true);
  table_->sortByColumn(ClipTableModel::Name, Qt::AscendingOrder);
  table_->verticalHeader()->hide();
  table_->setShowGrid(false);
  table_->setAlternatingRowColors(true);
  table_->setWordWrap(false);
  table_->setTabKeyNavigation(false);
  table_->setTextElideMode(Qt::ElideMiddle);
  table_->verticalHeader()->setDefaultSectionSize(table_->fontMetrics().height() + 8);
  QHeaderView* header = table_->horizontalHeader();
  header->setHighlightSections(false);
  header->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  header->setMinimumSectionSize(56);
  table_->setItemDelegateForColumn(ClipTableModel::Suggested, new ElidedNames(table_));
  table_->hideColumn(ClipTableModel::State);  // the labels column tells it as well; sorting by it is not missed
  shareColumns(
      *table_,
      {{ClipTableModel::Labels, 0.26, 88}, {ClipTableModel::Suggested, 0.36, 120}, {ClipTableModel::Name, 0.38, 88}});
}

void LabelPage::followTable() {
  connect(table_->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
    const auto rows = table_->selectionModel()->selectedRows();
    if (table_moves_ || rows.size() != 1) return;
    controller_.show(rows.front().data(ClipTableModel::ClipIdRole).toLongLong());
  });
  const auto settled = [this] {
    table_moves_ = false;
    selectCurrent();
  };
  connect(proxy_, &QAbstractItemModel::rowsRemoved, this, settled);
  connect(proxy_, &QAbstractItemModel::rowsInserted, this, settled);
  connect(proxy_, &QAbstractItemModel::modelReset, this, settled);
  auto* none = new EmptyText(*table_);
  none->setObjectName(QStringLiteral("noClips"));
  const auto showIfNone = [this, none] {
    const bool empty = proxy_->rowCount() == 0 && !filter_->text().isEmpty();
    none->say(empty ? tr("No clip has \"%1\" in its name, labels or suggestion.").arg(isolated(filter_->text()))
                    : QString());
  };
  connect(proxy_, &QAbstractItemModel::rowsRemoved, this, showIfNone);
  connect(proxy_, &QAbstractItemModel::rowsInserted, this, showIfNone);
  connect(proxy_, &QAbstractItemModel::modelReset, this, showIfNone);
  connect(filter_, &QLineEdit::textChanged, this, [this, showIfNone](const QString& text) {
    proxy_->setFilterFixedString(text);
    showIfNone();
    if (table_->currentIndex().isValid()) table_->scrollTo(table_->currentIndex());
  });
  controller_.setFilter([this](ClipId clip) {
    const int row = model_->rowOf(clip);
    return row >= 0 && proxy_->mapFromSource(model_->index(row, 0)).isValid();
  });
}

QWidget* LabelPage::makeQueue() {
  auto* side = new QWidget(this);
  auto* layout = new QVBoxLayout(side);
  layout->setContentsMargins(0, 0, 0, 0);
  filter_ = new QLineEdit(side);
  filter_->setPlaceholderText(tr("Filter clips"));
  filter_->setClearButtonEnabled(true);
  filter_->setAccessibleName(tr("Filter clips"));
  filter_->setToolTip(
      tr("Shows the clips with these letters in their name, labels or suggestion; next and back stay among them"));
  filter_->setObjectName(QStringLiteral("clipFilter"));
  order_ = makeOrder(side);
  makeTable(side);
  followTable();
  side->setMinimumWidth(300);
  auto* top = new QHBoxLayout;
  top->addWidget(filter_, 1);
  top->addWidget(order_);
  layout->addLayout(top);
  layout->addWidget(table_, 1);
  return side;
}

QHBoxLayout* LabelPage::makeButtons(QWidget* side) {
  accept_ =
      namedButton(tr("Accept (Enter)"), QStringLiteral("acceptButton"),
                  tr("The best suggestion becomes the label, unless the clip is labelled; on to the next clip"), side);
  skip_ = namedButton(tr("Skip (S)"), QStringLiteral("skipButton"), tr("Pass over this clip"), side);
  clear_ = namedButton(tr("Clear (Backspace)"), QStringLiteral("clearButton"),
                       tr("Take all labels and regions off this clip"), side);
  auto* next = namedButton(tr("Next (N)"), QStringLiteral("nextButton"), tr("On to the next clip of the queue"), side);
  auto* previous = namedButton(tr("Back (B)"), QStringLiteral("previousButton"), tr("The clip shown before"), side);
  connect(accept_, &QPushButton::clicked, &controller_, &LabelController::acceptBest);
  connect(skip_, &QPushButton::clicked, &controller_, &LabelController::skip);
  connect(clear_, &QPushButton::clicked, &controller_, &LabelController::clearLabels);
  connect(next, &QPushButton::clicked, &controller_, &LabelController::showNext);
  connect(previous, &QPushButton::clicked, &controller_, &LabelController::showPrevious);
  auto* buttons = new QHBoxLayout;
  for (QPushButton* button : {accept_, skip_, clear_}) buttons->addWidget(button);
  buttons->addStretch();
  buttons->addWidget(previous);
  buttons->addWidget(next);
  return buttons;
}

void LabelPage::followView() {
  connect(view_, &ClipView::regionDrawn, this, &LabelPage::drawRegion);
  connect(view_, &ClipView::regionMoved, &controller_, &LabelController::moveRegion);
  connect(view_, &ClipView::timesLeft, this, [this] { table_->setFocus(); });
  connect(view_, &ClipView::measured, &controller_, &LabelController::takeSeconds);
  connect(view_, &ClipView::failed, this,
          [this](const QString& sentence) { app_.notify(sentence, AppContext::NoticeLevel::Warning); });
}

QWidget* LabelPage::makeDecision() {
  auto* side = new QWidget(this);
  auto* layout = new QVBoxLayout(side);
  layout->setContentsMargins(0, 0, 0, 0);
  title_ = new ElidedLabel(side);
  title_->setObjectName(QStringLiteral("clipTitle"));
  QFont large = title_->font();
  large.setPointSizeF(large.pointSizeF() * 1.25);
  title_->setFont(large);
  view_ = new ClipView(app_, side);
  suggestion_ = new ElidedLabel(side);
  suggestion_->setObjectName(QStringLiteral("suggestionText"));
  makeClasses(side);
  new_class_ = new QLineEdit(side);
  leaveUndoWhenEmpty(new_class_);
  new_class_->setObjectName(QStringLiteral("newClass"));
  new_class_->setPlaceholderText(tr("Add a class (Enter)"));
  new_class_->setAccessibleName(tr("New class"));
  new_class_->setToolTip(tr("A class that the session does not have yet"));
  connect(new_class_, &QLineEdit::returnPressed, this, &LabelPage::addClassFromEdit);
  note_ = new QLineEdit(side);
  note_->setObjectName(QStringLiteral("clipNote"));
  note_->setPlaceholderText(tr("Note"));
  note_->setAccessibleName(tr("Note on this clip"));
  note_->setToolTip(
      tr("Anything worth remembering about this clip. It is exported too, except that Audacity's label tracks have no "
         "place for notes, and Raven's tables only beside a label."));
  connect(note_, &QLineEdit::editingFinished, this, &LabelPage::keepNote);
  // Afterwards, so that this Enter is not yet the list's: there it would label.
  connect(
      note_, &QLineEdit::returnPressed, this, [this] { table_->setFocus(); }, Qt::QueuedConnection);

  followView();

  layout->addWidget(title_);
  layout->addWidget(view_, 3);
  layout->addWidget(suggestion_);
  layout->addWidget(classes_, 2);
  auto* edits = new QHBoxLayout;
  edits->addWidget(find_class_, 1);
  edits->addWidget(new_class_, 1);
  edits->addWidget(note_, 1);
  layout->addLayout(edits);
  layout->addLayout(makeButtons(side));
  return side;
}

QWidget* LabelPage::makeWorkspace() {
  auto* page = new QWidget(this);
  auto* layout = new QVBoxLayout(page);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(makeTopRow());
  splitter_ = new QSplitter(page);
  splitter_->setChildrenCollapsible(false);
  splitter_->addWidget(makeQueue());
  splitter_->addWidget(makeDecision());
  splitter_->setHandleWidth(12);
  splitter_->setSizes({420, 500});
  splitter_->setStretchFactor(0, 2);
  splitter_->setStretchFactor(1, 3);
  splitter_->restoreState(app_.settings().value(kLabelSplitterKey).toByteArray());
  layout->addWidget(splitter_, 1);
  // Tables take letters and Enter for themselves; here they mean the same as anywhere on the page.
  table_->installEventFilter(this);
  classes_->installEventFilter(this);
  order_->view()->installEventFilter(this);
  order_->installEventFilter(this);
  return page;
}

}  // namespace hearsay::ui
