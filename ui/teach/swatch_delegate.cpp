#include "ui/teach/swatch_delegate.h"

#include <QPainter>
#include <QStyle>
#include <QWidget>

namespace hearsay::ui {

void SwatchDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  QStyleOptionViewItem plain = option;
  plain.backgroundBrush = {};
  plain.icon = {};
  plain.text.clear();
  option.widget->style()->drawPrimitive(QStyle::PE_PanelItemViewItem, &plain, painter, option.widget);
  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  const bool chosen = option.state & QStyle::State_Selected;
  painter->setPen(chosen ? QPen(option.palette.color(QPalette::HighlightedText), 1.5) : QPen(Qt::NoPen));
  painter->setBrush(index.data(Qt::DecorationRole).value<QColor>());
  QRectF square(0, 0, 14, 14);
  square.moveCenter(QRectF(option.rect).center());
  painter->drawRoundedRect(square, 4, 4);
  if (option.state & QStyle::State_HasFocus) {
    painter->setPen(QPen(option.palette.color(QPalette::WindowText), 1.5));
    painter->setBrush(Qt::NoBrush);
    painter->drawRoundedRect(square.adjusted(-3, -3, 3, 3), 5, 5);
  }
  painter->restore();
}

}  // namespace hearsay::ui
