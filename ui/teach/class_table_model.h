#pragma once
// The class list of AppContext as a table that can be edited; every edit is a step of undo.

#include <QAbstractTableModel>
#include <QUndoStack>

#include "ui/shell/app_context.h"

namespace hearsay::ui {

class ClassTableModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { Colour, Name, Aliases, Description, ColumnCount };

  explicit ClassTableModel(AppContext& app, QObject* parent = nullptr);

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;
  bool setData(const QModelIndex& index, const QVariant& value, int role) override;

  // Reordering by drag: rows are moved inside the list.
  [[nodiscard]] Qt::DropActions supportedDropActions() const override { return Qt::MoveAction; }
  [[nodiscard]] QStringList mimeTypes() const override;
  [[nodiscard]] QMimeData* mimeData(const QModelIndexList& indexes) const override;
  bool dropMimeData(const QMimeData* data, Qt::DropAction action, int row, int column,
                    const QModelIndex& parent) override;

  [[nodiscard]] QUndoStack& undoStack() { return undo_; }
  void append(const ClassList& classes);
  void replace(const ClassList& classes, const QString& what);
  /// The others keep their colours, as with move().
  void remove(QList<int> rows);
  /// Moves these rows so that they begin before row `to` (counted before the move); returns the first row's new place.
  int move(QList<int> rows, int to);
  void setColour(int row, const QColor& colour);

 private:
  [[nodiscard]] QString nameOf(const QList<int>& rows) const;  ///< for undo: the name, or how many
  void change(const ClassList& after, const QString& what);
  void listChanged();
  bool edit(SoundClass& one, int column, const QString& text) const;

  AppContext& app_;
  ClassList shown_;  ///< what the views know of
  QUndoStack undo_;
  bool own_ = false;  ///< the change under way comes from the undo stack
};

}  // namespace hearsay::ui
