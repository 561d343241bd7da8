#pragma once
// The clips of a session as rows: name, length, labels, state, best suggestion.

#include <QAbstractTableModel>
#include <map>
#include <unordered_map>
#include <vector>

#include "labels/session.h"

namespace hearsay::ui {

class LabelController;

class ClipTableModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { Name, Labels, Suggested, State, ColumnCount };
  enum Role { ClipIdRole = Qt::UserRole, SortRole, ScoreRole, FilterRole };

  explicit ClipTableModel(LabelController& controller, QObject* parent = nullptr);

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

  [[nodiscard]] int rowOf(ClipId clip) const;  ///< -1: not there
  [[nodiscard]] ClipId clipAt(int row) const;

 private:
  struct Row {
    Clip clip;
    QStringList labels;
    QString suggested;
    double score = -1.0;
  };
  void reload();
  void refresh(const Change& change);
  [[nodiscard]] Row makeRow(ClipId id) const;
  [[nodiscard]] QVariant text(const Row& row, int column) const;
  [[nodiscard]] QVariant sortKey(const Row& row, int column) const;

  LabelController& controller_;
  std::vector<Row> rows_;
  std::unordered_map<ClipId, int> row_of_;
  std::map<ClassId, QString> class_names_;
};

/// The clip's name on one line: a sign stands for a line's end, a tab and the like.
QString clipNameText(const Clip& clip);
/// "Not done", "Labelled", "Skipped", "Missing".
QString clipStateText(const Clip& clip);

}  // namespace hearsay::ui
