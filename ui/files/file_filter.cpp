#include "ui/files/file_filter.h"

#include <algorithm>

#include "ui/files/file_table_model.h"

namespace hearsay::ui {

namespace {

constexpr double kUnsure = 0.5;  // below this probability the best class is a guess

bool belongs(const FileTableModel& model, const FileRow& row, FileFilter::Show show) {
  switch (show) {
    case FileFilter::Show::All:
      return true;
    case FileFilter::Show::Done:
      return row.state == FileState::Done;
    case FileFilter::Show::Unsure:
      return row.best >= 0 && row.probability < kUnsure;
    case FileFilter::Show::Wrong:
      return model.isWrong(row);
    case FileFilter::Show::Failed:
      return row.state == FileState::Failed;
    case FileFilter::Show::Unfinished:
      return row.state != FileState::Done && row.state != FileState::Failed;
  }
  return true;
}

}  // namespace

FileFilter::FileFilter(QObject* parent) : QSortFilterProxyModel(parent) {
  setSortRole(FileTableModel::kSortRole);
}

void FileFilter::setText(const QString& text) {
  const QStringList words = text.simplified().split(QLatin1Char(' '), Qt::SkipEmptyParts);
  if (words == words_) return;
  words_ = words;
  invalidateFilter();
}

void FileFilter::setShow(Show show) {
  if (show == show_) return;
  show_ = show;
  invalidateFilter();
}

bool FileFilter::filterAcceptsRow(int row, const QModelIndex& /*parent*/) const {
  const auto& model = *static_cast<const FileTableModel*>(sourceModel());
  if (!belongs(model, model.at(row), show_)) return false;
  return std::all_of(words_.begin(), words_.end(), [&](const QString& word) {
    if (model.at(row).error.contains(word, Qt::CaseInsensitive)) return true;
    for (const int column : {FileTableModel::Name, FileTableModel::Folder, FileTableModel::Best, FileTableModel::Label,
                             FileTableModel::State}) {
      if (model.data(model.index(row, column), Qt::DisplayRole).toString().contains(word, Qt::CaseInsensitive)) {
        return true;
      }
    }
    return false;
  });
}

bool FileFilter::lessThan(const QModelIndex& left, const QModelIndex& right) const {
  const QVariant a = sourceModel()->data(left, sortRole());
  const QVariant b = sourceModel()->data(right, sortRole());
  if (a == b) return left.row() < right.row();
  if (a.typeId() == QMetaType::QString) return QString::localeAwareCompare(a.toString(), b.toString()) < 0;
  return QSortFilterProxyModel::lessThan(left, right);
}

}  // namespace hearsay::ui
