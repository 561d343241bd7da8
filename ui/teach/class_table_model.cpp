#include "ui/teach/class_table_model.h"

#include <QColor>
#include <QMimeData>
#include <QUndoCommand>
#include <algorithm>
#include <deque>
#include <map>

#include "ui/charts/colours.h"
#include "ui/charts/format.h"
#include "ui/shell/class_state.h"

namespace hearsay::ui {
namespace {

constexpr auto kRowsType = "application/x-hearsay-class-rows";

class ListCommand : public QUndoCommand {
 public:
  ListCommand(AppContext& app, bool& own, ClassList before, ClassList after, const QString& text)
      : QUndoCommand(text), app_(app), own_(own), before_(std::move(before)), after_(std::move(after)) {}
  void undo() override { set(before_); }
  void redo() override { set(after_); }

 private:
  void set(const ClassList& list) {
    own_ = true;
    app_.setClasses(list);
    own_ = false;
  }

  AppContext& app_;
  bool& own_;
  ClassList before_;
  ClassList after_;
};

QString joined(const std::vector<std::string>& words) {
  QStringList list;
  for (const std::string& word : words) list.append(QString::fromStdString(word));
  return list.join(QStringLiteral(", "));
}

std::vector<std::string> split(const QString& text) {
  std::vector<std::string> words;
  static const QRegularExpression separators(QStringLiteral("[,;|]"));
  for (const QString& part : text.split(separators, Qt::SkipEmptyParts)) {
    if (!part.trimmed().isEmpty()) words.push_back(part.trimmed().toStdString());
  }
  return words;
}

QList<int> sortedRows(QList<int> rows) {
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

/// Where each class is in the new list, by its name, where that is the old one in another order. Empty otherwise.
std::vector<int> newPlaces(const ClassList& before, const ClassList& now) {
  const bool inOrder = std::ranges::equal(before, now, {}, &SoundClass::name, &SoundClass::name);
  if (before.size() != now.size() || inOrder) return {};
  std::map<std::string, std::deque<int>> left;  // of a name that stands there more than once the first is the first
  for (std::size_t i = 0; i < now.size(); ++i) left[now[i].name].push_back(static_cast<int>(i));
  std::vector<int> places;
  for (const SoundClass& one : before) {
    const auto found = left.find(one.name);
    if (found == left.end() || found->second.empty()) return {};
    places.push_back(found->second.front());
    found->second.pop_front();
  }
  return places;
}

}  // namespace

ClassTableModel::ClassTableModel(AppContext& app, QObject* parent)
    : QAbstractTableModel(parent), app_(app), shown_(app.classes()) {
  undo_.setUndoLimit(200);
  connect(&app_, &AppContext::classesChanged, this, &ClassTableModel::listChanged);
}

int ClassTableModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(shown_.size());
}

int ClassTableModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : ColumnCount;
}

QVariant ClassTableModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) return {};
  const auto row = static_cast<std::size_t>(index.row());
  const SoundClass& one = shown_[row];
  if (index.column() == Colour) {
    if (role == Qt::DecorationRole || role == Qt::BackgroundRole) return classColour(shown_, row);
    if (role == Qt::ToolTipRole) return tr("Colour of this class in every chart: double-click or Enter to change it");
    if (role == Qt::AccessibleTextRole) return classColour(shown_, row).name();
    return {};
  }
  if (role == Qt::DisplayRole || role == Qt::EditRole) {
    if (index.column() == Name) return QString::fromStdString(one.name);
    if (index.column() == Aliases) return joined(one.aliases);
    return QString::fromStdString(one.description);
  }
  if (role == Qt::ToolTipRole) return data(index, Qt::DisplayRole);
  return {};
}

QVariant ClassTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation == Qt::Vertical) return role == Qt::DisplayRole ? QVariant(section + 1) : QVariant();
  if (role == Qt::DisplayRole) {
    const QString titles[] = {QString(), tr("Sound"), tr("Also called"), tr("How it sounds")};
    return titles[section];
  }
  if (role == Qt::ToolTipRole) {
    const QString tips[] = {tr("Colour in every chart"), tr("The name of the class, in plain words"),
                            tr("Other words for it, with commas between them; used for sentences and matching"),
                            tr("One sentence on how it sounds (optional)")};
    return tips[section];
  }
  if (role == Qt::TextAlignmentRole) return int(Qt::AlignLeft | Qt::AlignVCenter);
  return {};
}

Qt::ItemFlags ClassTableModel::flags(const QModelIndex& index) const {
  if (!index.isValid()) return Qt::ItemIsDropEnabled;
  Qt::ItemFlags flags = Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsDragEnabled;
  if (index.column() != Colour) flags |= Qt::ItemIsEditable;
  return flags;
}

bool ClassTableModel::edit(SoundClass& one, int column, const QString& text) const {
  if (column == Name) {
    if (text.isEmpty()) return false;
    one.name = text.toStdString();
  } else if (column == Aliases) {
    one.aliases = split(text);
  } else {
    one.description = text.toStdString();
  }
  return true;
}

bool ClassTableModel::setData(const QModelIndex& index, const QVariant& value, int role) {
  if (role != Qt::EditRole || !index.isValid() || index.column() == Colour) return false;
  ClassList after = shown_;
  SoundClass& one = after[static_cast<std::size_t>(index.row())];
  const QString before = QString::fromStdString(one.name);
  if (!edit(one, index.column(), value.toString().simplified())) return false;
  change(after, tr("Edit %1").arg(before));
  return true;
}

void ClassTableModel::change(const ClassList& after, const QString& what) {
  if (sameClasses(after, shown_)) return;
  undo_.push(new ListCommand(app_, own_, shown_, after, what));
}

void ClassTableModel::append(const ClassList& classes) {
  ClassList after = shown_;
  after.insert(after.end(), classes.begin(), classes.end());
  giveFreeColours(after, shown_.size());
  change(after, classes.size() == 1 ? tr("Add %1").arg(QString::fromStdString(classes.front().name))
                                    : tr("Add %1").arg(classesText(static_cast<int>(classes.size()))));
}

void ClassTableModel::replace(const ClassList& classes, const QString& what) {
  change(classes, what);
}

QString ClassTableModel::nameOf(const QList<int>& rows) const {
  if (rows.size() != 1) return classesText(static_cast<int>(rows.size()));
  return QString::fromStdString(shown_[static_cast<std::size_t>(rows.front())].name);
}

void ClassTableModel::remove(QList<int> rows) {
  rows = sortedRows(rows);
  ClassList after = withColours(shown_);
  const QString what = nameOf(rows);
  for (auto at = rows.rbegin(); at != rows.rend(); ++at) after.erase(after.begin() + *at);
  change(withoutSeriesColours(after), tr("Remove %1").arg(what));
}

int ClassTableModel::move(QList<int> rows, int to) {
  rows = sortedRows(rows);
  const ClassList coloured = withColours(shown_);
  ClassList moved;
  ClassList rest;
  int place = 0;  // how many that stay lie before `to`
  for (int row = 0; row < rowCount(); ++row) {
    const SoundClass& one = coloured[static_cast<std::size_t>(row)];
    if (rows.contains(row)) {
      moved.push_back(one);
    } else {
      rest.push_back(one);
      if (row < to) ++place;
    }
  }
  rest.insert(rest.begin() + place, moved.begin(), moved.end());
  change(withoutSeriesColours(rest), tr("Move %1").arg(nameOf(rows)));
  return place;
}

void ClassTableModel::setColour(int row, const QColor& colour) {
  ClassList after = shown_;
  after[static_cast<std::size_t>(row)].colour = colour.isValid() ? colour.name().toStdString() : std::string();
  change(after, tr("Colour of %1").arg(QString::fromStdString(after[static_cast<std::size_t>(row)].name)));
}

// The views are told of rows that came or went in one stretch, and of those that moved, so that what is chosen stays
// chosen and the scroll place too.
void ClassTableModel::listChanged() {
  const ClassList& now = app_.classes();
  // What the list begins with, at the start of the program, is no step; an empty list that was made empty is one.
  const bool begins = shown_.empty() && undo_.count() == 0;
  if (!own_ && !begins && !sameClasses(shown_, now)) {
    // From outside (a prompt set was opened, a list imported): the list before comes back by undo.
    const ClassList before = shown_;
    auto* command = new ListCommand(app_, own_, before, now, tr("Replace the list"));
    undo_.push(command);  // its redo finds the list in place already
  }
  const int was = rowCount();
  const int is = static_cast<int>(now.size());
  const auto same = [](const SoundClass& a, const SoundClass& b) { return a.name == b.name; };
  const int head = static_cast<int>(std::mismatch(shown_.begin(), shown_.end(), now.begin(), now.end(), same).first -
                                    shown_.begin());
  if (const std::vector<int> places = newPlaces(shown_, now); !places.empty()) {
    Q_EMIT layoutAboutToBeChanged({}, VerticalSortHint);
    for (const QModelIndex& one : persistentIndexList()) {
      changePersistentIndex(one, index(places[static_cast<std::size_t>(one.row())], one.column()));
    }
    shown_ = now;
    Q_EMIT layoutChanged({}, VerticalSortHint);
  } else if (was == is) {
    shown_ = now;
  } else if (is > was) {
    beginInsertRows({}, head, head + is - was - 1);
    shown_ = now;
    endInsertRows();
  } else {
    beginRemoveRows({}, head, head + was - is - 1);
    shown_ = now;
    endRemoveRows();
  }
  if (is > 0) Q_EMIT dataChanged(index(0, 0), index(is - 1, ColumnCount - 1));
}

QStringList ClassTableModel::mimeTypes() const {
  return {QString::fromLatin1(kRowsType)};
}

QMimeData* ClassTableModel::mimeData(const QModelIndexList& indexes) const {
  QStringList rows;
  for (const QModelIndex& one : indexes) rows.append(QString::number(one.row()));
  rows.removeDuplicates();
  auto* data = new QMimeData;
  data->setData(QString::fromLatin1(kRowsType), rows.join(' ').toLatin1());
  return data;
}

bool ClassTableModel::dropMimeData(const QMimeData* data, Qt::DropAction action, int row, int,
                                   const QModelIndex& parent) {
  if (action != Qt::MoveAction || !data->hasFormat(QString::fromLatin1(kRowsType))) return false;
  QList<int> rows;
  for (const QByteArray& number : data->data(QString::fromLatin1(kRowsType)).split(' ')) rows.append(number.toInt());
  int to = row;
  if (to < 0) to = parent.isValid() ? parent.row() : rowCount();
  move(rows, to);
  return false;  // the move is done; the view must not remove the rows it thinks were copied
}

}  // namespace hearsay::ui
