#include "ui/shell/readable_fusion.h"

#include <QPainter>
#include <QStyleOption>
#include <QToolButton>

#include "ui/charts/colours.h"

namespace hearsay::ui {
namespace {

constexpr QRgb kDarkOutline = 0xff8f969e;  // Fusion makes it darker by a third
constexpr int kCellMargin = 6;             // left and right of the text in a table, in its header as in its cells
constexpr int kArrow = 8;                  // of a sorted column
constexpr int kButtonRoom = 8;             // more than Fusion leaves beside a button's text

/// Draws with outlines that can be seen on a dark background: Fusion's own are a darker shade of the window.
template <typename Option, typename Draw>
void withVisibleOutline(const Option* option, Draw&& draw) {
  const QPalette before = option->palette;
  auto* changed = const_cast<Option*>(option);  // a copy would lose what kind of option it is
  changed->palette.setColor(QPalette::Window, QColor::fromRgb(kDarkOutline));
  draw(changed);
  changed->palette = before;
}

}  // namespace

ReadableFusion::ReadableFusion() : QProxyStyle(QStringLiteral("Fusion")) {
  setObjectName(QStringLiteral("fusion"));
}

void ReadableFusion::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                                   const QWidget* widget) const {
  const bool outlined = element == PE_IndicatorCheckBox || element == PE_IndicatorItemViewItemCheck ||
                        element == PE_IndicatorRadioButton || element == PE_FrameLineEdit;
  if (outlined && option != nullptr && isDark(option->palette)) {
    withVisibleOutline(
        option, [&](const QStyleOption* changed) { QProxyStyle::drawPrimitive(element, changed, painter, widget); });
    return;
  }
  const auto* button = qobject_cast<const QToolButton*>(widget);
  if (element == PE_IndicatorArrowDown && option != nullptr && button != nullptr &&
      button->popupMode() == QToolButton::InstantPopup) {
    QStyleOption centred = *option;  // Fusion hangs the arrow of a button with a menu into its corner
    centred.rect.moveCenter({centred.rect.center().x() - 2, button->rect().center().y() + 1});
    QProxyStyle::drawPrimitive(element, &centred, painter, widget);
    return;
  }
  if (const auto* header = qstyleoption_cast<const QStyleOptionHeader*>(option);
      element == PE_IndicatorHeaderArrow && header != nullptr && widget != nullptr) {
    QStyleOptionHeader centred = *header;  // Fusion keeps it at the top of the header
    centred.rect.setSize({kArrow, kArrow});
    centred.rect.moveCenter({header->rect.center().x(), widget->rect().center().y() + 1});
    QProxyStyle::drawPrimitive(element, &centred, painter, widget);
    return;
  }
  QProxyStyle::drawPrimitive(element, option, painter, widget);
  const bool chosen = element == PE_PanelButtonTool && option != nullptr && option->state.testFlag(State_On);
  if (!chosen || button == nullptr || !button->icon().isNull()) return;
  painter->save();  // one of two words: on a dark page Fusion's shades of the two are hardly told apart
  painter->setPen(QPen(option->palette.color(QPalette::Highlight), 2));
  painter->drawRect(option->rect.adjusted(1, 1, -1, -1));
  painter->restore();
}

void ReadableFusion::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
                                        const QWidget* widget) const {
  if (control == CC_SpinBox && isDark(option->palette)) {
    withVisibleOutline(option, [&](const QStyleOptionComplex* changed) {
      QProxyStyle::drawComplexControl(control, changed, painter, widget);
    });
    return;
  }
  QProxyStyle::drawComplexControl(control, option, painter, widget);
}

int ReadableFusion::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const {
  if (metric == PM_FocusFrameHMargin) return kCellMargin - 1;  // a cell's text lies one pixel further in
  if (metric == PM_HeaderMargin) return kCellMargin;
  return QProxyStyle::pixelMetric(metric, option, widget);
}

QSize ReadableFusion::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size,
                                       const QWidget* widget) const {
  QSize result = QProxyStyle::sizeFromContents(type, option, size, widget);
  const auto* button = qstyleoption_cast<const QStyleOptionButton*>(option);
  if (type == CT_PushButton && button != nullptr && button->icon.isNull()) result.rwidth() += kButtonRoom;
  const auto* tool = qstyleoption_cast<const QStyleOptionToolButton*>(option);
  if (type == CT_ToolButton && tool != nullptr && (tool->features & QStyleOptionToolButton::HasMenu) != 0 &&
      tool->toolButtonStyle == Qt::ToolButtonTextOnly) {
    result.rwidth() += 2 * kButtonRoom;  // the arrow of its menu stands beside the text, not on it
  }
  return result;
}

int ReadableFusion::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                              QStyleHintReturn* answer) const {
  if (hint == SH_DialogButtonBox_ButtonsHaveIcons) return 0;
  return QProxyStyle::styleHint(hint, option, widget, answer);
}

}  // namespace hearsay::ui
