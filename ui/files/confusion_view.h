#pragma once
// Which class was taken for which: rows are the labels, columns what was named, colour the share of the row.

#include <QStringList>
#include <QWidget>
#include <vector>

namespace hearsay::ui {

class ConfusionView : public QWidget {
  Q_OBJECT
 public:
  explicit ConfusionView(QWidget* parent = nullptr);
  /// counts [label][named].
  void setCounts(const QStringList& names, const std::vector<std::vector<int>>& counts);
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override { return {200, 160}; }

 Q_SIGNALS:
  void cellChosen(int label, int named);

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;

 private:
  struct Cell {
    int label = -1;
    int named = -1;
  };
  [[nodiscard]] QRectF gridRect() const;
  [[nodiscard]] Cell cellAt(const QPointF& point) const;
  [[nodiscard]] int nameWidth() const;
  [[nodiscard]] double share(int label, int named) const;
  void paintCells(QPainter& painter, const QRectF& grid) const;
  void paintNames(QPainter& painter, const QRectF& grid) const;

  QStringList names_;
  std::vector<std::vector<int>> counts_;
  std::vector<int> sums_;
};

}  // namespace hearsay::ui
