#include "ui/label/clip_table_model.h"

#include <QPalette>
#include <QStringList>
#include <algorithm>

#include "ui/charts/colours.h"
#include "ui/charts/format.h"
#include "ui/label/label_controller.h"

namespace hearsay::ui {

QString clipNameText(const Clip& clip) {
  constexpr char16_t kPictures = 0x2400;  // Unicode's pictures of the control characters, in their order
  constexpr char16_t kNewLine = 0x2424;
  QString name = QString::fromStdString(clip.name);
  for (QChar& c : name) {
    if (c.unicode() < 0x20) {
      c = QChar(static_cast<char16_t>(kPictures + c.unicode()));
    } else if (c.category() == QChar::Other_Control || c.category() == QChar::Separator_Line ||
               c.category() == QChar::Separator_Paragraph) {
      c = QChar(kNewLine);
    }
  }
  return name;
}

QString clipStateText(const Clip& clip) {
  if (clip.missing) return ClipTableModel::tr("Missing");
  switch (clip.state) {
    case ClipState::Labelled:
      return ClipTableModel::tr("Labelled");
    case ClipState::Skipped:
      return ClipTableModel::tr("Skipped");
    case ClipState::Unseen:
      break;
  }
  return ClipTableModel::tr("Not done");
}

ClipTableModel::ClipTableModel(LabelController& controller, QObject* parent)
    : QAbstractTableModel(parent), controller_(controller) {
  connect(&controller_, &LabelController::sessionChanged, this, &ClipTableModel::reload);
  connect(&controller_, &LabelController::changed, this, &ClipTableModel::refresh);
}

int ClipTableModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int ClipTableModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : ColumnCount;
}

int ClipTableModel::rowOf(ClipId clip) const {
  const auto found = row_of_.find(clip);
  return found == row_of_.end() ? -1 : found->second;
}

ClipId ClipTableModel::clipAt(int row) const {
  return row < 0 || row >= rowCount() ? 0 : rows_[static_cast<std::size_t>(row)].clip.id;
}

ClipTableModel::Row ClipTableModel::makeRow(ClipId id) const {
  const LabelSession& session = controller_.session();
  Row row;
  row.clip = session.clip(id);
  for (const ClipLabel& label : session.labels(id)) row.labels << class_names_.at(label.class_id);
  for (const Region& region : session.regions(id)) {
    const QString& name = class_names_.at(region.class_id);
    if (!row.labels.contains(name)) row.labels << name;
  }
  const Suggestions suggestions = session.suggestions(id);
  if (!suggestions.items.empty()) {
    row.suggested = class_names_.at(suggestions.items.front().class_id);
    row.score = suggestions.items.front().score;
  }
  return row;
}

void ClipTableModel::reload() {
  beginResetModel();
  rows_.clear();
  row_of_.clear();
  class_names_.clear();
  if (controller_.isOpen()) {
    for (const SessionClass& c : controller_.session().classes()) class_names_[c.id] = QString::fromStdString(c.name);
    for (const Clip& clip : controller_.session().clips()) {
      row_of_[clip.id] = static_cast<int>(rows_.size());
      rows_.push_back(makeRow(clip.id));
    }
  }
  endResetModel();
}

void ClipTableModel::refresh(const Change& change) {
  const bool grown = std::any_of(change.clips.begin(), change.clips.end(), [this](ClipId id) { return rowOf(id) < 0; });
  if (change.classes || grown) {
    reload();
    return;
  }
  for (const ClipId id : change.clips) {
    const int row = rowOf(id);
    rows_[static_cast<std::size_t>(row)] = makeRow(id);
    Q_EMIT dataChanged(index(row, 0), index(row, ColumnCount - 1));
  }
}

QVariant ClipTableModel::text(const Row& row, int column) const {
  switch (column) {
    case Name:
      return clipNameText(row.clip);
    case Labels:
      if (row.labels.isEmpty() && (row.clip.missing || row.clip.state == ClipState::Skipped)) {
        return clipStateText(row.clip).toLower();
      }
      return row.labels.join(QStringLiteral(", "));
    case Suggested:
      return row.score < 0 ? QString() : tr("%1 %2").arg(isolated(row.suggested), percentText(row.score));
    case State:
      return clipStateText(row.clip);
    default:
      return {};
  }
}

QVariant ClipTableModel::sortKey(const Row& row, int column) const {
  switch (column) {
    case Suggested:
      return row.score;
    case State:
      return row.clip.missing ? 3 : static_cast<int>(row.clip.state);
    default:
      return text(row, column).toString().toLower();
  }
}

QVariant ClipTableModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const Row& row = rows_[static_cast<std::size_t>(index.row())];
  switch (role) {
    case Qt::DisplayRole:
      return text(row, index.column());
    case Qt::ToolTipRole:
      return index.column() == Name ? QString::fromStdString(row.clip.file.string()) : text(row, index.column());
    case Qt::ForegroundRole:
      if (row.clip.missing || row.clip.state == ClipState::Skipped) {
        return mutedText(QPalette());
      }
      return {};
    case FilterRole:
      return text(row, index.column()).toString().remove(kNameBegins).remove(kNameEnds);
    case ClipIdRole:
      return QVariant::fromValue<qint64>(row.clip.id);
    case SortRole:
      return sortKey(row, index.column());
    case ScoreRole:
      return row.score;
    default:
      return {};
  }
}

QVariant ClipTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
  switch (section) {
    case Name:
      return tr("Clip");
    case Labels:
      return tr("Labels");
    case Suggested:
      return tr("Suggested");
    case State:
      return tr("State");
    default:
      return {};
  }
}

}  // namespace hearsay::ui
