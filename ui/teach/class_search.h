#pragma once
// A line to find classes of a long list by: Ctrl+F shows it, Enter goes on, Escape puts it away.

#include <QLineEdit>

class QTableView;

namespace hearsay::ui {

class ClassSearch : public QLineEdit {
  Q_OBJECT
 public:
  /// `table` shows a ClassTableModel. Hidden until begin().
  explicit ClassSearch(QTableView* table, QWidget* parent = nullptr);
  void begin();  ///< shows itself and takes the keys

 protected:
  void keyPressEvent(QKeyEvent* event) override;

 private:
  /// Chooses the next row whose name, other names or description hold the text, from `start` on and around the end.
  void find(int start, int by);

  QTableView* table_;
};

}  // namespace hearsay::ui
