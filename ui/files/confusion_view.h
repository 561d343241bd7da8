#pragma once
// Which class was taken for which: rows are the labels, columns what was named, colour the share of the row.

#include <QAbstractScrollArea>
#include <QStringList>
#include <vector>

namespace hearsay::ui {

/// Classes without files have no row, and classes that no file was named as either have no column. No cell is lower
/// than a line of text: where they do not all fit, the view scrolls and the names stay at its edges.
class ConfusionView : public QAbstractScrollArea {
  Q_OBJECT
 public:
  explicit ConfusionView(QWidget* parent = nullptr);
  /// counts [label][named].
  void setCounts(const QStringList& names, const std::vector<std::vector<int>>& counts);
  [[nodiscard]] QSize sizeHint() const override { return {420, 360}; }
  [[nodiscard]] QSize minimumSizeHint() const override { return {200, 160}; }

 Q_SIGNALS:
  void cellChosen(int label, int named);

 protected:
  bool viewportEvent(QEvent* event) override;
  void changeEvent(QEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;

 private:
  struct Cell {
    int label = -1;
    int named = -1;
  };
  struct Layout {
    QRectF window;  ///< where cells are seen
    double side = 0.0;
    QPointF scrolled;  ///< pixels of the cells that are left of the window, and above it
    QRectF words;      ///< below
  };
  [[nodiscard]] Layout layOut() const;
  void fitScrollBars();
  [[nodiscard]] Cell cellAt(const QPointF& point) const;
  [[nodiscard]] int nameWidth() const;
  [[nodiscard]] int count(Cell cell) const;
  [[nodiscard]] double share(Cell cell) const;
  [[nodiscard]] QString words() const;
  [[nodiscard]] QString tipAt(const QPointF& point) const;
  void paintCells(QPainter& painter, const Layout& layout) const;
  void paintCell(QPainter& painter, const QRectF& place, Cell cell) const;
  void paintNames(QPainter& painter, const Layout& layout) const;

  QStringList names_;
  std::vector<std::vector<int>> counts_;
  std::vector<int> sums_;
  std::vector<int> rows_;     ///< the classes that have one
  std::vector<int> columns_;  ///< the same
};

}  // namespace hearsay::ui
