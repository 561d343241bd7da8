#include "ui/files/file_table_model.h"

#include <QDateTime>
#include <QFileInfo>
#include <QRegularExpression>
#include <algorithm>
#include <iterator>

#include "base/words.h"
#include "ui/files/followed_result.h"

namespace hearsay::ui {

namespace {

QString textOf(const std::filesystem::path& path) {
  return QString::fromStdString(valid_utf8(path.string()));
}

/// A file's name may hold line ends and tabs, of which a row would show nothing.
QString onOneLine(QString text) {
  static const QRegularExpression breaks(QStringLiteral("[\\x00-\\x1f]"));
  return text.replace(breaks, QStringLiteral(" "));
}

void setNames(FileRow& row) {
  row.name = onOneLine(textOf(row.path.filename()));
  row.folder = onOneLine(textOf(row.path.parent_path()));
}

}  // namespace

FileTableModel::FileTableModel(QObject* parent) : QAbstractTableModel(parent), finder_(ClassList()) {}

// --- Rows

FileStamp stampOf(const std::filesystem::path& file) {
  const QFileInfo info(QString::fromStdString(file.string()));
  if (!info.exists()) return {};
  return {info.size(), info.lastModified().toMSecsSinceEpoch()};
}

void FileTableModel::restore(std::vector<FileRow>&& rows) {
  beginResetModel();
  for (FileRow& row : rows) {
    if (known_.contains(textOf(row.path))) continue;
    known_.insert(textOf(row.path));
    setNames(row);
    row.id = nextId_++;
    adopt(row);
    rank(row);
    rows_.push_back(std::move(row));
  }
  findPlaces();
  endResetModel();
}

QVector<qint64> FileTableModel::add(const std::vector<FoundFile>& files) {
  std::vector<FileRow> fresh;
  for (const FoundFile& file : files) {
    const QString key = textOf(file.path);
    if (known_.contains(key)) continue;
    known_.insert(key);
    FileRow row;
    row.id = nextId_++;
    row.path = file.path;
    setNames(row);
    row.labels = file.labels;
    row.byManifest = file.byManifest;
    fresh.push_back(std::move(row));
  }
  QVector<qint64> ids;
  if (fresh.empty()) return ids;
  const int first = rowCount();
  beginInsertRows({}, first, first + static_cast<int>(fresh.size()) - 1);
  for (FileRow& row : fresh) {
    ids.push_back(row.id);
    places_.insert(row.id, static_cast<int>(rows_.size()));
    ++counts_[row.state];
    rows_.push_back(std::move(row));
  }
  endInsertRows();
  return ids;
}

int FileTableModel::relabel(const std::vector<FoundFile>& files) {
  QHash<QString, QStringList> labels;
  for (const FoundFile& file : files) {
    if (file.byManifest && !file.labels.isEmpty()) labels.insert(textOf(file.path), file.labels);
  }
  if (labels.isEmpty()) return 0;
  int relabelled = 0;
  for (int place = 0; place < rowCount(); ++place) {
    FileRow& row = rows_[static_cast<std::size_t>(place)];
    const auto wanted = labels.constFind(textOf(row.path));
    if (wanted == labels.constEnd()) continue;
    const bool same = *wanted == row.labels;
    if (same && row.byManifest) continue;
    row.byManifest = true;
    row.labels = *wanted;
    relabelled += same ? 0 : 1;
    changed(place);
  }
  return relabelled;
}

void FileTableModel::findPlaces() {
  places_.clear();
  counts_.clear();
  known_.clear();
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    places_.insert(rows_[i].id, static_cast<int>(i));
    known_.insert(textOf(rows_[i].path));
    ++counts_[rows_[i].state];
  }
}

std::vector<FileTableModel::PlacedRow> FileTableModel::removeRowsById(const QSet<qint64>& ids) {
  std::vector<PlacedRow> taken;
  for (int place = 0; place < rowCount(); ++place) {
    if (ids.contains(at(place).id)) taken.emplace_back(place, at(place));
  }
  if (taken.empty()) return taken;
  if (taken.size() == 1) {
    const int row = taken.front().first;
    beginRemoveRows({}, row, row);
    rows_.erase(rows_.begin() + row);
    findPlaces();
    endRemoveRows();
    return taken;
  }
  beginResetModel();  // many rows here and there: one reset is quicker than as many removals
  std::erase_if(rows_, [&ids](const FileRow& row) { return ids.contains(row.id); });
  findPlaces();
  endResetModel();
  return taken;
}

std::vector<FileTableModel::PlacedRow> FileTableModel::clear() {
  std::vector<PlacedRow> taken;
  beginResetModel();
  for (FileRow& row : rows_) taken.emplace_back(static_cast<int>(taken.size()), std::move(row));
  rows_.clear();
  findPlaces();
  endResetModel();
  return taken;
}

int FileTableModel::putBack(std::vector<PlacedRow>&& rows) {
  std::erase_if(rows, [this](const PlacedRow& row) { return known_.contains(textOf(row.second.path)); });
  if (rows.empty()) return 0;
  beginResetModel();
  std::vector<FileRow> merged;
  merged.reserve(rows_.size() + rows.size());
  auto other = rows_.begin();
  for (auto& [place, row] : rows) {
    while (std::ssize(merged) < place && other != rows_.end()) merged.push_back(std::move(*other++));
    if (row.state == FileState::Working) row.state = FileState::Waiting;
    adopt(row);
    rank(row);
    merged.push_back(std::move(row));
  }
  std::move(other, rows_.end(), std::back_inserter(merged));
  rows_ = std::move(merged);
  findPlaces();
  endResetModel();
  return static_cast<int>(rows.size());
}

void FileTableModel::changed(int row) {
  Q_EMIT dataChanged(index(row, 0), index(row, Columns - 1));
}

void FileTableModel::changeState(FileRow& row, FileState state) {
  --counts_[row.state];
  row.state = state;
  ++counts_[state];
}

void FileTableModel::setState(qint64 id, FileState state, const QString& error) {
  const int place = rowOf(id);
  if (place < 0) return;
  FileRow& row = rows_[static_cast<std::size_t>(place)];
  changeState(row, state);
  row.changed = false;
  row.error = error;
  changed(place);
}

void FileTableModel::setResult(qint64 id, FileResult&& result, const std::shared_ptr<const PromptSet>& prompts) {
  const int place = rowOf(id);
  if (place < 0) return;
  FileRow& row = rows_[static_cast<std::size_t>(place)];
  if (!result.error.empty()) {
    row.result.reset();
    row.best = row.second = -1;
    changeState(row, FileState::Failed);
    row.error = QString::fromStdString(result.error);
  } else {
    row.result = std::make_shared<const FileResult>(std::move(result));
    row.prompts = prompts;
    row.stamp = stampOf(row.path);
    row.changed = row.gone = false;
    row.error.clear();
    changeState(row, FileState::Done);
    adopt(row);
    rank(row);
  }
  changed(place);
}

void FileTableModel::follow(const std::shared_ptr<const PromptSet>& prompts) {
  if (prompts == followed_) return;
  followed_ = prompts;
  places_of_.clear();
  for (FileRow& row : rows_) {
    adopt(row);
    rank(row);
  }
  if (!rows_.empty()) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, Columns - 1));
}

void FileTableModel::adopt(FileRow& row) {
  if (!followed_ || !row.result || !row.prompts || row.prompts == followed_) return;
  if (!places_of_.contains(row.prompts)) places_of_.emplace(row.prompts, placesIn(*row.prompts, *followed_));
  const std::vector<std::size_t>& places = places_of_.at(row.prompts);
  if (places.empty()) return;
  row.result = std::make_shared<const FileResult>(inOrder(*row.result, places));
  row.prompts = followed_;
}

void FileTableModel::rank(FileRow& row) const {
  row.best = row.second = -1;
  if (!row.result || !row.prompts) return;
  const auto values = scores_of(row.result->scores, kind_);
  const std::vector<float> probability = softmax(values, row.prompts->logit_scale);
  const std::vector<int> order = ranking(values);
  if (order.empty()) return;
  row.best = order[0];
  row.probability = static_cast<double>(probability[static_cast<std::size_t>(order[0])]);
  if (order.size() < 2) return;
  row.second = order[1];
  row.secondProbability = static_cast<double>(probability[static_cast<std::size_t>(order[1])]);
}

void FileTableModel::setKind(ScoreKind kind) {
  if (kind == kind_) return;
  kind_ = kind;
  for (FileRow& row : rows_) rank(row);
  if (!rows_.empty()) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, Columns - 1));
}

void FileTableModel::setClasses(const ClassList& classes) {
  finder_ = ClassFinder(classes);
  classes_ = classes;
  if (!rows_.empty()) Q_EMIT dataChanged(index(0, Best), index(rowCount() - 1, Label));
}

bool FileTableModel::isUnknown(const FileRow& row) const {
  return row.byManifest && !row.labels.isEmpty() && labelsOf(row).empty();
}

bool FileTableModel::hasLabels() const {
  return std::ranges::any_of(rows_, [this](const FileRow& row) { return row.byManifest || !labelsOf(row).empty(); });
}

QString FileTableModel::labelledAs(const FileRow& row) const {
  const std::vector<int> labels = labelsOf(row);
  if (labels.empty()) return {};
  if (row.best >= 0 && !isWrong(row)) return namedAs(row);
  return QString::fromStdString(classes_[static_cast<std::size_t>(labels.front())].name);
}

QString FileTableModel::className(const FileRow& row, int k) {
  if (k < 0 || !row.prompts) return {};
  return QString::fromStdString(row.prompts->classes[static_cast<std::size_t>(k)].name);
}

QString FileTableModel::namedAs(const FileRow& row) {
  return className(row, row.best);
}

bool FileTableModel::isWrong(const FileRow& row) const {
  if (row.best < 0) return false;
  const std::vector<int> labels = labelsOf(row);
  const int best = finder_.find(className(row, row.best));
  return !labels.empty() && std::find(labels.begin(), labels.end(), best) == labels.end();
}

}  // namespace hearsay::ui
