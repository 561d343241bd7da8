#pragma once
// One bar a class in a fixed order: how probable it is now, its cosine beside it, and a threshold mark to drag.
// Shift while dragging (or with the arrow keys) moves all thresholds together. As high as its rows: put it in a scroll
// area.

#include <QColor>
#include <QStringList>
#include <QVector>
#include <QWidget>
#include <span>

namespace hearsay::ui {

class SimilarityBars : public QWidget {
  Q_OBJECT
 public:
  explicit SimilarityBars(QWidget* parent = nullptr);

  /// Values go, unless the names stay; thresholds are kept for as many classes as before, 0.5 for new ones.
  void setClasses(const QStringList& names, const QVector<QColor>& colours);
  /// Shares 0..1 (the bars) and cosines (numbers; may be empty), one a class. Only rows that look different are
  /// painted.
  void setValues(std::span<const float> shares, std::span<const float> cosines);
  void clearValues();
  void setThresholds(const QVector<double>& thresholds);
  [[nodiscard]] const QVector<double>& thresholds() const { return thresholds_; }
  void setThresholdsVisible(bool visible);
  void setCurrent(int row);
  [[nodiscard]] int current() const { return current_; }
  [[nodiscard]] int rows() const { return static_cast<int>(names_.size()); }

  /// Where a row's bar, and its threshold mark, are: for tests and hints.
  [[nodiscard]] QRect barRect(int row) const;
  [[nodiscard]] QPoint thresholdPoint(int row) const;
  [[nodiscard]] bool cosinesFit() const;  ///< beside bars that can still be read
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

 Q_SIGNALS:
  void thresholdsEdited();  ///< by the person; thresholds() has them
  void currentChanged(int row);
  void resized();

 protected:
  bool event(QEvent* event) override;
  void changeEvent(QEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void fitHeight();
  [[nodiscard]] int rowHeight() const;
  [[nodiscard]] int rowAt(int y) const;
  [[nodiscard]] QRect rowRect(int row) const;
  [[nodiscard]] int nameWidth() const;
  [[nodiscard]] int numberWidth() const;
  [[nodiscard]] int onMark(const QPoint& point) const;  ///< the row whose mark is here, or -1
  void paintRow(QPainter& painter, int row) const;
  void moveThreshold(int row, double value, bool all);

  QStringList names_;
  QVector<QColor> colours_;
  QVector<float> shares_;
  QVector<float> cosines_;
  QVector<double> thresholds_;
  bool thresholdsVisible_ = true;
  int current_ = 0;
  int dragged_ = -1;
  int hovered_ = -1;
};

}  // namespace hearsay::ui
