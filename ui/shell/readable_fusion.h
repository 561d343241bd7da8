#pragma once
// Fusion, where its own drawing is hard to read: outlines on dark backgrounds, room beside the texts of tables, arrows
// of menus.

#include <QProxyStyle>

namespace hearsay::ui {

class ReadableFusion : public QProxyStyle {
  Q_OBJECT
 public:
  ReadableFusion();

  void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                     const QWidget* widget) const override;
  void drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
                          const QWidget* widget) const override;
  int pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const override;
  QSize sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size,
                         const QWidget* widget) const override;
  int styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                QStyleHintReturn* answer) const override;
};

}  // namespace hearsay::ui
