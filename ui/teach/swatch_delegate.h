#pragma once
// The swatch of a class in the list: a rounded square in its colour, the row's selection behind it.

#include <QStyledItemDelegate>

namespace hearsay::ui {

class SwatchDelegate : public QStyledItemDelegate {
  Q_OBJECT
 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

}  // namespace hearsay::ui
