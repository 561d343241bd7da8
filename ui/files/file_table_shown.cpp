// What the table of Files shows of its rows.

#include <QFont>
#include <QPalette>

#include "base/words.h"
#include "ui/charts/colours.h"
#include "ui/charts/format.h"
#include "ui/files/file_table_model.h"

namespace hearsay::ui {

namespace {

/// Of a file that worked.
QString doneText(const FileRow& row) {
  if (row.gone) return FileTableModel::tr("done, file is gone");
  const SoundDoubts& doubts = row.result->doubts;
  if (doubts.silent) return FileTableModel::tr("done, silent");
  if (doubts.missing > 0.0 || doubts.unread >= 0.0) return FileTableModel::tr("done, cut short");
  if (doubts.bad_samples > 0) return FileTableModel::tr("done, damaged");
  return stateText(FileState::Done);
}

QString doubtsOf(const FileResult& result) {
  QStringList sentences;
  for (const std::string& sentence : sentences_of(result.doubts, result.file)) {
    sentences.append(QString::fromStdString(sentence));
  }
  return sentences.join(QLatin1Char('\n'));
}

}  // namespace

QString stateText(FileState state) {
  switch (state) {
    case FileState::Waiting:
      return FileTableModel::tr("waiting");
    case FileState::Working:
      return FileTableModel::tr("listening");
    case FileState::Done:
      return FileTableModel::tr("done");
    case FileState::Failed:
      return FileTableModel::tr("failed");
    case FileState::Stopped:
      return FileTableModel::tr("stopped");
  }
  return {};
}

int FileTableModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int FileTableModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : Columns;
}

QVariant FileTableModel::text(const FileRow& row, int column) const {
  switch (column) {
    case Name:
      return row.name;
    case Folder:
      return row.folder;
    case Length:
      return row.result ? durationText(row.result->seconds) : QString();
    case Best:
      return namedAs(row);
    case Probability:
      return row.best >= 0 ? percentText(row.probability) : QString();
    case Second:
      return row.second >= 0 ? tr("%1 %2").arg(isolated(className(row, row.second)), percentText(row.secondProbability))
                             : QString();
    case Label:
      return row.byManifest || !labelsOf(row).empty() ? row.labels.join(QStringLiteral(", ")) : QString();
    case State:
      if (row.changed) return tr("changed on disk");
      return row.state == FileState::Done ? doneText(row) : stateText(row.state);
    default:
      return {};
  }
}

QVariant FileTableModel::sortKey(const FileRow& row, int column) const {
  switch (column) {
    case Length:
      return row.result ? row.result->seconds : -1.0;
    case Probability:
      return row.best >= 0 ? row.probability : -1.0;
    case State:  // those of which something is odd together, at the end of their kind
      return QString::number(static_cast<int>(row.state)) + text(row, State).toString();
    default:
      return text(row, column);
  }
}

QVariant FileTableModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) return {};
  const FileRow& row = at(index.row());
  const int column = index.column();
  switch (role) {
    case Qt::DisplayRole:
      return text(row, column);
    case kSortRole:
      return sortKey(row, column);
    case Qt::DecorationRole:
      if (column != Best || row.best < 0) return {};
      return swatch(colourToday(row.prompts->classes, static_cast<std::size_t>(row.best), classes_, finder_));
    case Qt::TextAlignmentRole:
      return QVariant((column == Length || column == Probability ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case Qt::ToolTipRole:
      if (column == Name || column == Folder) return QString::fromStdString(valid_utf8(row.path.string()));
      if (row.state == FileState::Failed) return row.error;
      if (column == Label && isUnknown(row)) return tr("%1: no class of the list").arg(text(row, Label).toString());
      if (column == State && row.changed)
        return tr("The file was changed after it was named. Retry failed names it anew.");
      if (column == State && row.gone)
        return tr("The file was not where it was at the start. What was heard in it is kept.");
      if (column == State && row.result && row.result->doubts.any()) return doubtsOf(*row.result);
      return text(row, column);
    case Qt::ForegroundRole:
      return column == Label && isUnknown(row) ? QVariant(mutedText(QPalette())) : QVariant();
    case Qt::FontRole:
      if (column == Label && isWrong(row)) {
        QFont italic;
        italic.setItalic(true);
        return italic;
      }
      return {};
    default:
      return {};
  }
}

QVariant FileTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole) {
    return QVariant((section == Length || section == Probability ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  }
  if (role == Qt::ToolTipRole && section == Label) {
    return tr(
        "What the folder's name or a manifest says it is; italic where the best class differs, grey where no class is "
        "called so");
  }
  if (role != Qt::DisplayRole) return {};
  switch (section) {
    case Name:
      return tr("File");
    case Folder:
      return tr("Folder");
    case Length:
      return tr("Length");
    case Best:
      return tr("Best class");
    case Probability:
      return tr("Probability");
    case Second:
      return tr("Second");
    case Label:
      return tr("Label");
    case State:
      return tr("State");
    default:
      return {};
  }
}

}  // namespace hearsay::ui
