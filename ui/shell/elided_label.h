#pragma once
// Lines of text that give way where there is little room: names lose their middle, what is said of them stays.

#include <QLabel>
#include <QStyledItemDelegate>

namespace hearsay::ui {

/// `text` in this width. What does not fit is cut with "…": names (see isolated()) in their middle, all of them to the
/// same length at most; text without names at its end. The signs around names stay where one is from right to left.
QString elidedNames(const QString& text, const QFontMetrics& metrics, int width);

/// One plain line from left to right, whatever script its names are in. It asks for no width; what does not fit is in
/// its tooltip.
class ElidedLabel : public QLabel {
 public:
  explicit ElidedLabel(QWidget* parent = nullptr);
  [[nodiscard]] QString shownText() const;
  [[nodiscard]] QSize minimumSizeHint() const override;

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
};

/// Cells of a name and a number.
class ElidedNames : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;

 protected:
  void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override;
};

}  // namespace hearsay::ui
