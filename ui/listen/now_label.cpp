#include "ui/listen/now_label.h"

#include <QPainter>
#include <algorithm>

namespace hearsay::ui {

namespace {

const QString kBetween = QStringLiteral(", ");  // the entries of the line below
constexpr double kLarge = 2.6;                  // times the ordinary font
constexpr double kSmallest = 1.4;
constexpr int kStripe = 4;  // the class's colour, left of the words
constexpr int kGap = 4;     // the words begin where the names beside the bars do
constexpr int kBeforeNumber = 10;

}  // namespace

NowLabel::NowLabel(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  setAccessibleName(tr("Heard now"));
}

void NowLabel::say(const QString& words, const QString& number, const QString& below, const QColor& colour, bool sure) {
  if (words == words_ && number == number_ && below == below_ && colour == colour_ && sure == sure_) return;
  const bool otherWords = words != words_;
  words_ = words;
  number_ = number;
  below_ = below;
  colour_ = colour;
  sure_ = sure;
  if (otherWords) setAccessibleDescription(words);
  update();
}

QSize NowLabel::sizeHint() const {
  QFont font = this->font();
  font.setPointSizeF(font.pointSizeF() * kLarge);
  return {280, QFontMetrics(font).height() + fontMetrics().height() + 8};
}

QSize NowLabel::minimumSizeHint() const {
  return {180, sizeHint().height()};
}

QFont NowLabel::largeFont(int width) const {
  QFont font = this->font();
  font.setBold(true);
  for (double size = kLarge; size >= kSmallest; size -= 0.1) {
    font.setPointSizeF(this->font().pointSizeF() * size);
    if (QFontMetrics(font).horizontalAdvance(words_) <= width) break;
  }
  return font;
}

QString NowLabel::belowIn(int room) const {
  QString text = below_;  // a list loses its last entries whole: half a number would be another number
  while (fontMetrics().horizontalAdvance(text) > room && text.contains(kBetween)) {
    text.truncate(text.lastIndexOf(kBetween));
  }
  return fontMetrics().elidedText(text, Qt::ElideRight, room);
}

void NowLabel::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  if (colour_.isValid()) painter.fillRect(QRect(0, 4, kStripe, height() - 8), colour_);
  const int left = kStripe + kGap;
  QFont numberFont = font();
  numberFont.setPointSizeF(numberFont.pointSizeF() * 1.8);
  const int numberWide = number_.isEmpty() ? 0 : QFontMetrics(numberFont).horizontalAdvance(number_) + kBeforeNumber;
  const int room = std::max(40, width() - left - numberWide);
  const QFont large = largeFont(room);
  const int lineHeight = height() - fontMetrics().height() - 8;
  QColor text = palette().color(QPalette::WindowText);
  QColor muted = text;
  muted.setAlpha(150);
  painter.setPen(sure_ ? text : muted);
  painter.setFont(large);
  painter.drawText(QRect(left, 2, room, lineHeight), Qt::AlignLeft | Qt::AlignVCenter,
                   QFontMetrics(large).elidedText(words_, Qt::ElideRight, room));
  painter.setFont(numberFont);
  painter.drawText(QRect(width() - numberWide, 2, numberWide, lineHeight), Qt::AlignRight | Qt::AlignVCenter, number_);
  painter.setFont(font());
  painter.setPen(muted);
  painter.drawText(QRect(left, lineHeight + 2, width() - left, fontMetrics().height() + 2),
                   Qt::AlignLeft | Qt::AlignVCenter, belowIn(width() - left));
}

}  // namespace hearsay::ui
