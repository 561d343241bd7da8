#pragma once
// The left side of Teach: the list of sounds, and everything that can be done to it.

#include <QWidget>

#include "ui/teach/class_table_model.h"

class QLabel;
class QLineEdit;
class QMenu;
class QTableView;
class QToolButton;

namespace hearsay::ui {

class ClassSearch;

class ClassEditor : public QWidget {
  Q_OBJECT
 public:
  explicit ClassEditor(AppContext& app, QWidget* parent = nullptr);
  [[nodiscard]] ClassTableModel& model() { return *model_; }
  /// Text with one class a line (or commas), or cells of a spreadsheet, as pasted: adds those that are not there yet.
  void paste(const QString& text);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  QWidget* makeTools();
  void makeTable();
  QToolButton* addTool(QLayout* row, const QString& name, const QString& picture, const QString& tip,
                       std::function<void()> act);
  void fitRows();
  void makeShortcuts();
  void fillPresets(QMenu* menu);
  void addTyped();
  void removeChosen();
  void copyChosen();
  void moveChosen(int by);
  void chooseColour(int row);
  void showPasteDialog();
  void listChanged();
  [[nodiscard]] QList<int> chosenRows() const;
  void choose(int first, int count);

  AppContext& app_;
  ClassTableModel* model_ = nullptr;
  QTableView* table_ = nullptr;
  ClassSearch* search_ = nullptr;
  QLineEdit* add_ = nullptr;
  QLabel* title_ = nullptr;
  QLabel* hint_ = nullptr;
  QList<QToolButton*> needChoice_;
  QToolButton* undo_ = nullptr;
  QToolButton* redo_ = nullptr;
};

}  // namespace hearsay::ui
