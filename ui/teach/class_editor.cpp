#include "ui/teach/class_editor.h"

#include <QClipboard>
#include <QColorDialog>
#include <QDialog>
#include <QDialogButtonBox>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QShortcut>
#include <QStyle>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "base/error.h"
#include "base/words.h"
#include "prompts/class_table.h"
#include "ui/shell/class_state.h"
#include "ui/shell/column_shares.h"
#include "ui/shell/empty_edit.h"
#include "ui/shell/icons.h"
#include "ui/shell/prompt_actions.h"
#include "ui/teach/class_hints.h"
#include "ui/teach/class_search.h"
#include "ui/teach/swatch_delegate.h"

namespace hearsay::ui {
namespace {

/// What of a pasted text was not added, and why.
QString notAdded(const QString& text, const QStringList& known, int nameless) {
  QStringList said;
  if (!known.isEmpty()) {
    said.append(ClassEditor::tr("In the list already: %1.").arg(known.mid(0, 8).join(QStringLiteral(", "))));
  }
  if (nameless > 0 && !text.trimmed().contains('\n')) {
    said.append(ClassEditor::tr("\"%1\" holds no name that can be read.").arg(text.trimmed().left(60)));
  } else if (nameless > 0) {
    said.append(ClassEditor::tr("Lines without a name that can be read, not added: %1.").arg(nameless));
  }
  return said.join(' ');
}

}  // namespace

ClassEditor::ClassEditor(AppContext& app, QWidget* parent)
    : QWidget(parent), app_(app), model_(new ClassTableModel(app, this)) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(8);
  title_ = new QLabel;
  title_->setObjectName(QStringLiteral("classTitle"));
  QFont bold = title_->font();
  bold.setBold(true);
  title_->setFont(bold);
  add_ = new QLineEdit;
  leaveUndoWhenEmpty(add_);
  add_->setObjectName(QStringLiteral("addClassEdit"));
  add_->setPlaceholderText(tr("Add a sound, for example: dog barking"));
  add_->setToolTip(tr("Type a sound and press Enter; several with commas between them"));
  add_->setAccessibleName(tr("Add a sound"));
  add_->setClearButtonEnabled(true);
  connect(add_, &QLineEdit::returnPressed, this, &ClassEditor::addTyped);
  makeTable();
  search_ = new ClassSearch(table_);
  hint_ = new QLabel;
  hint_->setObjectName(QStringLiteral("classHint"));
  hint_->setWordWrap(true);
  column->addWidget(title_);
  column->addWidget(makeTools());
  column->addWidget(add_);
  column->addWidget(search_);
  column->addWidget(table_, 1);
  column->addWidget(hint_);
  makeShortcuts();
  connect(&app_, &AppContext::classesChanged, this, &ClassEditor::listChanged);
  connect(&app_, &AppContext::modelChanged, this, &ClassEditor::listChanged);
  listChanged();
}

QToolButton* ClassEditor::addTool(QLayout* row, const QString& name, const QString& picture, const QString& tip,
                                  std::function<void()> act) {
  auto* button = new QToolButton;
  button->setObjectName(name);
  button->setIcon(icon(picture));
  button->setAutoRaise(true);
  button->setToolTip(tip);
  button->setAccessibleName(tip);
  button->setFocusPolicy(Qt::TabFocus);
  if (act) connect(button, &QToolButton::clicked, this, std::move(act));
  row->addWidget(button);
  return button;
}

QWidget* ClassEditor::makeTools() {
  auto* tools = new QWidget;
  auto* row = new QHBoxLayout(tools);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(2);
  auto* presets = new QToolButton;
  presets->setObjectName(QStringLiteral("presetsButton"));
  presets->setText(tr("Presets"));
  presets->setIcon(icon(QStringLiteral("list")));
  presets->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  presets->setPopupMode(QToolButton::InstantPopup);
  presets->setAutoRaise(true);
  presets->setToolTip(tr("Take one of the lists that come with Hearsay; undo brings yours back"));
  presets->setFocusPolicy(Qt::TabFocus);
  auto* menu = new QMenu(presets);
  connect(menu, &QMenu::aboutToShow, this, [this, menu] { fillPresets(menu); });
  presets->setMenu(menu);
  row->addWidget(presets);
  addTool(row, "pasteButton", "paste", tr("Paste many sounds, one a line or cells of a spreadsheet"),
          [this] { showPasteDialog(); });
  addTool(row, "importButton", "import", tr("Import a class list from a file"),
          [this] { askImportClasses(app_, window()); });
  addTool(row, "exportListButton", "export", tr("Export the class list to a file"),
          [this] { askExportClasses(app_, window()); });
  row->addStretch(1);
  needChoice_.append(
      addTool(row, "upButton", "up", tr("Move the chosen classes up (Alt+Up)"), [this] { moveChosen(-1); }));
  needChoice_.append(
      addTool(row, "downButton", "down", tr("Move the chosen classes down (Alt+Down)"), [this] { moveChosen(1); }));
  needChoice_.append(addTool(row, "colourButton", "colour", tr("Change the colour of the chosen class"), [this] {
    if (const QList<int> rows = chosenRows(); !rows.isEmpty()) chooseColour(rows.front());
  }));
  needChoice_.append(
      addTool(row, "removeButton", "remove", tr("Remove the chosen classes (Delete)"), [this] { removeChosen(); }));
  undo_ = addTool(row, "undoButton", "undo", tr("Undo (Ctrl+Z)"), [this] { model_->undoStack().undo(); });
  redo_ = addTool(row, "redoButton", "redo", tr("Redo (Ctrl+Shift+Z)"), [this] { model_->undoStack().redo(); });
  QUndoStack& stack = model_->undoStack();
  connect(&stack, &QUndoStack::canUndoChanged, undo_, &QWidget::setEnabled);
  connect(&stack, &QUndoStack::canRedoChanged, redo_, &QWidget::setEnabled);
  // The stack speaks once more while this editor's parts are taken down: the slot must not need the editor.
  connect(&stack, &QUndoStack::undoTextChanged, undo_, [button = undo_](const QString& text) {
    button->setToolTip(text.isEmpty() ? tr("Undo (Ctrl+Z)") : tr("Undo: %1 (Ctrl+Z)").arg(text));
  });
  undo_->setEnabled(false);
  redo_->setEnabled(false);
  return tools;
}

void ClassEditor::makeTable() {
  table_ = new QTableView;
  table_->setObjectName(QStringLiteral("classTable"));
  table_->setAccessibleName(tr("Sounds to tell apart"));
  table_->setToolTip(
      tr("Enter or F2 edits, Delete removes, Ctrl+C and Ctrl+V copy and paste, Ctrl+F finds, Alt+Up and "
         "Alt+Down move"));
  table_->setModel(model_);
  table_->setItemDelegateForColumn(ClassTableModel::Colour, new SwatchDelegate(table_));
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed |
                          QAbstractItemView::AnyKeyPressed);
  table_->setDragDropMode(QAbstractItemView::InternalMove);
  table_->setDragDropOverwriteMode(false);
  table_->setDefaultDropAction(Qt::MoveAction);
  table_->setDropIndicatorShown(true);
  table_->setAlternatingRowColors(true);
  table_->setShowGrid(false);
  table_->setTabKeyNavigation(false);
  table_->verticalHeader()->hide();
  table_->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  QHeaderView* header = table_->horizontalHeader();
  header->setHighlightSections(false);
  header->setMinimumSectionSize(28);
  connect(header, &QHeaderView::sectionResized, this, &ClassEditor::fitRows);
  table_->setColumnWidth(ClassTableModel::Colour, 30);
  shareColumns(*table_, {{ClassTableModel::Name, 0.29, 100},
                         {ClassTableModel::Aliases, 0.24, 80},
                         {ClassTableModel::Description, 0.47, 120}});
  table_->setMinimumHeight(120);
  table_->installEventFilter(this);
  connect(table_, &QTableView::doubleClicked, this, [this](const QModelIndex& index) {
    if (index.column() == ClassTableModel::Colour) chooseColour(index.row());
  });
  const auto chosen = [this] {
    const bool some = table_->selectionModel()->hasSelection();
    for (QToolButton* button : needChoice_) button->setEnabled(some);
  };
  connect(table_->selectionModel(), &QItemSelectionModel::selectionChanged, this, chosen);
}

/// One line a class, or two where a text does not fit into its column.
void ClassEditor::fitRows() {
  const QFontMetrics metrics = table_->fontMetrics();
  const int margins = 2 * (style()->pixelMetric(QStyle::PM_FocusFrameHMargin, nullptr, table_) + 1);
  bool fits = true;
  for (int row = 0; row < model_->rowCount() && fits; ++row) {
    for (int column = ClassTableModel::Name; column < ClassTableModel::ColumnCount && fits; ++column) {
      const QString text = model_->index(row, column).data().toString();
      fits = metrics.horizontalAdvance(text) + margins <= table_->columnWidth(column);
    }
  }
  table_->verticalHeader()->setDefaultSectionSize(metrics.height() * (fits ? 1 : 2) + 12);
}

void ClassEditor::makeShortcuts() {
  const auto add = [this](const QKeySequence& keys, std::function<void()> act) {
    auto* shortcut = new QShortcut(keys, this);
    shortcut->setContext(Qt::WidgetWithChildrenShortcut);
    connect(shortcut, &QShortcut::activated, this, std::move(act));
  };
  add(QKeySequence(Qt::ALT | Qt::Key_Up), [this] { moveChosen(-1); });
  add(QKeySequence(Qt::ALT | Qt::Key_Down), [this] { moveChosen(1); });
  add(QKeySequence::Undo, [this] { model_->undoStack().undo(); });
  add(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Z), [this] { model_->undoStack().redo(); });
  auto* find = new QShortcut(QKeySequence::Find, this);  // wherever the focus is while the page is shown
  connect(find, &QShortcut::activated, search_, &ClassSearch::begin);
  for (QToolButton* button : needChoice_) button->setEnabled(false);
}

bool ClassEditor::eventFilter(QObject* watched, QEvent* event) {
  if (watched != table_ || event->type() != QEvent::KeyPress) return QWidget::eventFilter(watched, event);
  auto* key = static_cast<QKeyEvent*>(event);
  if (key->matches(QKeySequence::Paste)) {
    paste(QGuiApplication::clipboard()->text());
    return true;
  }
  if (key->matches(QKeySequence::Copy)) {
    copyChosen();
    return true;
  }
  if (key->key() == Qt::Key_Delete) {
    removeChosen();
    return true;
  }
  const QModelIndex current = table_->currentIndex();
  const bool enter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
  if (enter && key->modifiers() == Qt::NoModifier && current.isValid()) {
    if (current.column() == ClassTableModel::Colour) {
      chooseColour(current.row());
    } else {
      table_->edit(current);
    }
    return true;
  }
  return QWidget::eventFilter(watched, event);
}

void ClassEditor::fillPresets(QMenu* menu) {
  menu->clear();
  try {
    for (const Preset& preset : bundled_presets()) {
      const QString name = QString::fromStdString(preset.name);
      const QString text = tr("%1 (%2)").arg(name, QString::number(preset.classes.size()));
      menu->addAction(text, this, [this, preset, name] {
        model_->replace(preset.classes, tr("Preset %1").arg(name));
        table_->clearSelection();
        table_->scrollToTop();
      });
    }
  } catch (const Error& error) {
    app_.notify(QString::fromUtf8(error.what()), AppContext::NoticeLevel::Warning);
  }
  if (menu->isEmpty()) menu->addAction(tr("No presets found"))->setEnabled(false);
}

void ClassEditor::addTyped() {
  const QString text = add_->text().trimmed();
  if (text.isEmpty()) return;
  paste(text);
  add_->clear();
}

void ClassEditor::paste(const QString& text) {
  if (text.trimmed().isEmpty()) return;
  try {
    ClassList fresh;
    QStringList known;
    int nameless = 0;
    for (const SoundClass& one : pasted_classes(text.toStdString())) {
      if (fold_name(one.name).empty()) {
        ++nameless;
        continue;
      }
      const auto same = [&](const SoundClass& other) { return fold_name(other.name) == fold_name(one.name); };
      const ClassList& now = app_.classes();
      if (std::any_of(now.begin(), now.end(), same) || std::any_of(fresh.begin(), fresh.end(), same)) {
        known.append(QString::fromStdString(one.name));
      } else {
        fresh.push_back(one);
      }
    }
    const int first = model_->rowCount();
    if (!fresh.empty()) model_->append(fresh);
    choose(first, static_cast<int>(fresh.size()));
    app_.notify(notAdded(text, known, nameless));
  } catch (const Error& error) {
    app_.notify(QString::fromUtf8(error.what()), AppContext::NoticeLevel::Warning);
  }
}

QList<int> ClassEditor::chosenRows() const {
  QList<int> rows;
  for (const QModelIndex& index : table_->selectionModel()->selectedRows()) rows.append(index.row());
  std::sort(rows.begin(), rows.end());
  return rows;
}

void ClassEditor::choose(int first, int count) {
  if (count <= 0) return;
  table_->clearSelection();
  QItemSelection selection(model_->index(first, 0), model_->index(first + count - 1, ClassTableModel::ColumnCount - 1));
  table_->selectionModel()->setCurrentIndex(model_->index(first, ClassTableModel::Name), QItemSelectionModel::NoUpdate);
  table_->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
  table_->scrollTo(model_->index(first + count - 1, ClassTableModel::Name));
}

void ClassEditor::removeChosen() {
  const QList<int> rows = chosenRows();
  if (rows.isEmpty()) return;
  model_->remove(rows);
  if (model_->rowCount() > 0) choose(std::min(rows.front(), model_->rowCount() - 1), 1);
}

/// As a class file has them, so that they can be pasted into one, or into this list in another window.
void ClassEditor::copyChosen() {
  ClassList chosen;
  for (const int row : chosenRows()) chosen.push_back(app_.classes()[static_cast<std::size_t>(row)]);
  if (!chosen.empty()) QGuiApplication::clipboard()->setText(QString::fromStdString(format_classes(chosen)));
}

void ClassEditor::moveChosen(int by) {
  const QList<int> rows = chosenRows();
  if (rows.isEmpty()) return;
  const int to = by < 0 ? rows.front() - 1 : rows.back() + 2;
  if (to < 0 || to > model_->rowCount()) return;
  choose(model_->move(rows, to), static_cast<int>(rows.size()));
}

void ClassEditor::chooseColour(int row) {
  auto* dialog = new QColorDialog(model_->index(row, 0).data(Qt::DecorationRole).value<QColor>(), window());
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setWindowTitle(tr("Colour of %1").arg(model_->index(row, ClassTableModel::Name).data().toString()));
  connect(dialog, &QColorDialog::colorSelected, this, [this, row](const QColor& colour) {
    if (row < model_->rowCount()) model_->setColour(row, colour);
  });
  dialog->open();
}

void ClassEditor::showPasteDialog() {
  auto* dialog = new QDialog(window());
  dialog->setObjectName(QStringLiteral("pasteDialog"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setWindowTitle(tr("Add many sounds"));
  auto* column = new QVBoxLayout(dialog);
  column->setContentsMargins(16, 16, 16, 16);
  auto* explanation =
      new QLabel(tr("One sound a line. Other words for it after |, how it sounds after a colon:\n"
                    "dog barking | dog: A dog barks with short, rough calls.\n"
                    "Or cells of a spreadsheet, with titles: name, aliases, description."));
  auto* text = new QPlainTextEdit(QGuiApplication::clipboard()->text());
  text->setObjectName(QStringLiteral("pasteText"));
  text->setAccessibleName(tr("Sounds, one a line"));
  text->setMinimumSize(440, 260);
  text->setTabChangesFocus(true);
  text->selectAll();
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel);
  buttons->button(QDialogButtonBox::Ok)->setText(tr("Add"));
  buttons->button(QDialogButtonBox::Ok)->setToolTip(tr("Ctrl+Enter"));
  column->addWidget(explanation);
  column->addWidget(text, 1);
  column->addWidget(buttons);
  connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
  connect(buttons, &QDialogButtonBox::accepted, dialog, &QDialog::accept);
  for (const Qt::Key key : {Qt::Key_Return, Qt::Key_Enter}) {  // Enter alone begins a new line
    new QShortcut(QKeySequence(Qt::CTRL | key), dialog, dialog, &QDialog::accept);
  }
  connect(dialog, &QDialog::accepted, this, [this, text] { paste(text->toPlainText()); });
  dialog->open();
}

void ClassEditor::listChanged() {
  const ClassList& classes = app_.classes();
  title_->setText(tr("Sounds to tell apart (%1)").arg(classes.size()));
  const QString hints = classHints(classes, app_.model().get());
  hint_->setText(hints);
  hint_->setVisible(!hints.isEmpty());
  fitRows();
}

}  // namespace hearsay::ui
