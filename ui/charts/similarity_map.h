#pragma once
// How alike classes are to each other: a square of cosines, one row and one column a class.

#include <QImage>
#include <QStringList>
#include <QWidget>

#include "base/matrix.h"

namespace hearsay::ui {

class SimilarityMap : public QWidget {
  Q_OBJECT
 public:
  explicit SimilarityMap(QWidget* parent = nullptr);
  /// `values` [K, K]; colours run from the lowest to the highest value outside the diagonal, or a little further: what
  /// hardly differs gets colours that hardly differ.
  void setData(const QStringList& names, const Matrix& values);
  /// "Most alike: rain and wind (0.93)."; empty for fewer than two classes.
  [[nodiscard]] QString mostAlike() const;
  /// What the colours show, for a person.
  [[nodiscard]] QString inWords() const;

  [[nodiscard]] QSize sizeHint() const override { return {420, 360}; }
  [[nodiscard]] QSize minimumSizeHint() const override { return {240, 200}; }

 Q_SIGNALS:
  void pointedAt(int row, int column);  ///< -1, -1: nothing

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;

 private:
  struct Layout {
    QRectF square;
    double cell = 0.0;
    bool columnNames = false;  ///< the square is large enough for them
    bool values = false;       ///< cells are large enough for numbers
  };
  [[nodiscard]] Layout layOut() const;
  [[nodiscard]] QRectF cellRect(const Layout& layout, int row, int column) const;
  void fitScale();
  void paintDiagonal(QPainter& painter, const Layout& layout) const;
  void paintValues(QPainter& painter, const Layout& layout) const;
  [[nodiscard]] QPoint cellAt(const QPointF& place) const;
  void pointAt(QPoint cell);
  [[nodiscard]] QString words(QPoint cell) const;
  [[nodiscard]] int size() const { return static_cast<int>(names_.size()); }

  QStringList names_;
  Matrix values_;
  QImage picture_;
  double lowest_ = 0.0;  ///< outside the diagonal
  double highest_ = 0.0;
  double low_ = 0.0;  ///< ends of the colours
  double high_ = 1.0;
  QPoint cell_{-1, -1};  ///< column, row
};

}  // namespace hearsay::ui
