#include "ui/teach/class_search.h"

#include <QKeyEvent>
#include <QTableView>

#include "ui/teach/class_table_model.h"

namespace hearsay::ui {
namespace {

bool holds(const QAbstractItemModel& model, int row, const QString& text) {
  for (const int column : {ClassTableModel::Name, ClassTableModel::Aliases, ClassTableModel::Description}) {
    if (model.index(row, column).data().toString().contains(text, Qt::CaseInsensitive)) return true;
  }
  return false;
}

}  // namespace

ClassSearch::ClassSearch(QTableView* table, QWidget* parent) : QLineEdit(parent), table_(table) {
  setObjectName(QStringLiteral("findClassEdit"));
  setPlaceholderText(tr("Find a sound; Enter: the next one, Escape: back to the list"));
  setToolTip(tr("Finds names, other names and descriptions (Ctrl+F); Shift+Enter goes back"));
  setAccessibleName(tr("Find a sound in the list"));
  setClearButtonEnabled(true);
  hide();
  connect(this, &QLineEdit::textEdited, this, [this] { find(std::max(0, table_->currentIndex().row()), 1); });
}

void ClassSearch::begin() {
  show();
  setFocus();
  selectAll();
}

void ClassSearch::keyPressEvent(QKeyEvent* event) {
  const int now = table_->currentIndex().row();
  switch (event->key()) {
    case Qt::Key_Escape:
      hide();
      table_->setFocus();
      return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (event->modifiers() & Qt::ControlModifier) break;  // starts the tuning
      event->modifiers() & Qt::ShiftModifier ? find(now - 1, -1) : find(now + 1, 1);
      return;
    case Qt::Key_Up:
      return find(now - 1, -1);
    case Qt::Key_Down:
      return find(now + 1, 1);
    default:
      break;
  }
  QLineEdit::keyPressEvent(event);
}

void ClassSearch::find(int start, int by) {
  const QAbstractItemModel& model = *table_->model();
  const int rows = model.rowCount();
  const QString text = this->text().simplified();
  bool found = text.isEmpty();
  for (int i = 0; i < rows && !found; ++i) {
    const int row = ((start + by * i) % rows + rows) % rows;
    found = holds(model, row, text);
    if (!found) continue;
    const QModelIndex there = model.index(row, ClassTableModel::Name);
    table_->selectionModel()->setCurrentIndex(there, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    table_->scrollTo(there);
  }
  QPalette pale;
  if (!found) pale.setColor(QPalette::Text, palette().color(QPalette::PlaceholderText));
  setPalette(pale);
  setAccessibleDescription(found ? QString() : tr("Nothing in the list holds this text"));
}

}  // namespace hearsay::ui
