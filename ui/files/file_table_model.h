#pragma once
// The files and what was heard in them; fills as results come. Made for tens of thousands of rows.

#include <QAbstractTableModel>
#include <QHash>
#include <QSet>
#include <filesystem>
#include <map>
#include <memory>
#include <vector>

#include "classify/file_classifier.h"
#include "ui/files/file_labels.h"

namespace hearsay::ui {

enum class FileState { Waiting, Working, Done, Failed, Stopped };

/// What tells a file that was changed from one that was not.
struct FileStamp {
  qint64 size = -1;    ///< bytes; negative: there is no such file
  qint64 changed = 0;  ///< milliseconds
  bool operator==(const FileStamp&) const = default;
};
FileStamp stampOf(const std::filesystem::path& file);

struct FileRow {
  qint64 id = 0;
  std::filesystem::path path;
  QString name;    ///< of the file
  QString folder;  ///< its folder's path
  QStringList labels;
  bool byManifest = false;  ///< the labels are a table's, and shown whether they name classes or not
  FileState state = FileState::Waiting;
  QString error;                             ///< of Failed
  std::shared_ptr<const FileResult> result;  ///< of Done; also while the row waits to be classified again
  std::shared_ptr<const PromptSet> prompts;  ///< the set the result was made with
  FileStamp stamp;                           ///< of the file that it was made from
  bool changed = false;                      ///< on the disk since it was named; what was heard is gone
  bool gone = false;                         ///< it was not there at the start
  int best = -1;                             ///< class of `prompts`, by the model's kind of score
  int second = -1;
  double probability = 0.0;
  double secondProbability = 0.0;
};

class FileTableModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { Name, Folder, Length, Best, Probability, Second, Label, State, Columns };
  static constexpr int kSortRole = Qt::UserRole + 1;

  explicit FileTableModel(QObject* parent = nullptr);

  /// Files that are in the table already are left out; the ids of the new rows.
  QVector<qint64> add(const std::vector<FoundFile>& files);
  /// Files that are in the table already get the labels that a manifest has for them; how many now have others.
  int relabel(const std::vector<FoundFile>& files);
  /// Rows with what was heard in them, as they were kept; files that are in the table already are left out.
  void restore(std::vector<FileRow>&& rows);
  /// A row with its place among the others.
  using PlacedRow = std::pair<int, FileRow>;
  /// What was taken out, for putBack().
  std::vector<PlacedRow> removeRowsById(const QSet<qint64>& ids);
  std::vector<PlacedRow> clear();
  /// Where they were, with their ids; files that are in the table again are left out. How many came back.
  int putBack(std::vector<PlacedRow>&& rows);
  void setState(qint64 id, FileState state, const QString& error = {});
  void setResult(qint64 id, FileResult&& result, const std::shared_ptr<const PromptSet>& prompts);
  /// Which score the shown class and probability come from; needs no new pass over the files.
  void setKind(ScoreKind kind);
  [[nodiscard]] ScoreKind kind() const { return kind_; }
  /// Results of sets that score as this one does, in whatever order of classes, become this set's.
  void follow(const std::shared_ptr<const PromptSet>& prompts);
  /// Whose classes the labels are looked up in, and whose colours are shown.
  void setClasses(const ClassList& classes);
  [[nodiscard]] std::vector<int> labelsOf(const FileRow& row) const { return finder_.find(row.labels); }
  /// It has labels by a table, none of which is a class of the list.
  [[nodiscard]] bool isUnknown(const FileRow& row) const;
  /// Any row has something to show as its label.
  [[nodiscard]] bool hasLabels() const;
  /// As the confusion map counts it: of several labels the best class, else the first; empty without a label.
  [[nodiscard]] QString labelledAs(const FileRow& row) const;
  [[nodiscard]] static QString namedAs(const FileRow& row);  ///< the best class; empty without a result
  /// A label is known and the best class is none of the labels.
  [[nodiscard]] bool isWrong(const FileRow& row) const;

  [[nodiscard]] const std::vector<FileRow>& rows() const { return rows_; }
  [[nodiscard]] const FileRow& at(int row) const { return rows_[static_cast<std::size_t>(row)]; }
  [[nodiscard]] int rowOf(qint64 id) const { return places_.value(id, -1); }
  [[nodiscard]] int count(FileState state) const { return counts_.value(state); }

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  [[nodiscard]] static QString className(const FileRow& row, int k);  ///< of the row's set; empty: none
  [[nodiscard]] QVariant text(const FileRow& row, int column) const;
  [[nodiscard]] QVariant sortKey(const FileRow& row, int column) const;
  void rank(FileRow& row) const;
  void adopt(FileRow& row);
  void changeState(FileRow& row, FileState state);
  void findPlaces();
  void changed(int row);

  std::vector<FileRow> rows_;
  QHash<qint64, int> places_;  ///< id -> row
  QSet<QString> known_;        ///< paths
  QHash<FileState, int> counts_;
  ClassFinder finder_;
  ClassList classes_;
  std::shared_ptr<const PromptSet> followed_;
  std::map<std::shared_ptr<const PromptSet>, std::vector<std::size_t>> places_of_;  ///< of the others, in followed_
  ScoreKind kind_ = ScoreKind::Fused;
  qint64 nextId_ = 1;
};

[[nodiscard]] QString stateText(FileState state);

}  // namespace hearsay::ui
