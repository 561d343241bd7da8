#include "ui/files/file_filter.h"

#include <QRegularExpression>
#include <algorithm>

#include "ui/files/file_table_model.h"

namespace hearsay::ui {

namespace {

constexpr QLatin1Char kQuote('"');
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

/// A name as it can stand between quotation marks.
QString folded(const QString& name) {
  return QString(name).remove(kQuote).simplified().toCaseFolded();
}

/// What stands in `key:"..."`, which is taken out of the text.
std::optional<QString> takeNamed(QString& text, const QString& key) {
  const QRegularExpression pattern(QStringLiteral("\\b%1:\"([^\"]*)\"").arg(key));
  const QRegularExpressionMatch match = pattern.match(text);
  if (!match.hasMatch()) return std::nullopt;
  text.remove(match.capturedStart(), match.capturedLength());
  return folded(match.captured(1));
}

}  // namespace

FileFilter::FileFilter(QObject* parent) : QSortFilterProxyModel(parent) {
  setSortRole(FileTableModel::kSortRole);
}

void FileFilter::setText(const QString& text) {
  QString rest = text;
  const std::optional<QString> label = takeNamed(rest, QStringLiteral("label"));
  const std::optional<QString> best = takeNamed(rest, QStringLiteral("class"));
  const QStringList words = rest.simplified().split(QLatin1Char(' '), Qt::SkipEmptyParts);
  if (words == words_ && label == label_ && best == class_) return;
  words_ = words;
  label_ = label;
  class_ = best;
  invalidateFilter();
}

QString FileFilter::labelledAndNamed(const QString& label, const QString& named) {
  return QStringLiteral("label:\"%1\" class:\"%2\"").arg(QString(label).remove(kQuote), QString(named).remove(kQuote));
}

void FileFilter::setShow(Show show) {
  if (show == show_) return;
  show_ = show;
  invalidateFilter();
}

bool FileFilter::filterAcceptsRow(int row, const QModelIndex& /*parent*/) const {
  const auto& model = *static_cast<const FileTableModel*>(sourceModel());
  const FileRow& file = model.at(row);
  if (!belongs(model, file, show_)) return false;
  if (label_ && folded(model.labelledAs(file)) != *label_) return false;
  if (class_ && folded(FileTableModel::namedAs(file)) != *class_) return false;
  return holdsWords(row);
}

bool FileFilter::holdsWords(int row) const {
  const auto& model = *static_cast<const FileTableModel*>(sourceModel());
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
