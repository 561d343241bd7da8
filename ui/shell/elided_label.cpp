#include "ui/shell/elided_label.h"

#include <QApplication>
#include <QHelpEvent>
#include <QPainter>
#include <QStyle>
#include <QToolTip>
#include <algorithm>
#include <utility>

#include "ui/charts/format.h"
#include "ui/shell/plain_texts.h"

namespace hearsay::ui {
namespace {

/// Of `widths` that have `room` together: the widest that one may be.
int widestOf(QVector<int> widths, int room) {
  std::sort(widths.begin(), widths.end());
  for (qsizetype i = 0; i < widths.size(); ++i) {
    const int share = room / static_cast<int>(widths.size() - i);
    if (widths[i] > share) return share;
    room -= widths[i];
  }
  return widths.isEmpty() ? 0 : widths.back();
}

/// The signs of isolated() come from another font, which sets the line lower: away with them where no name needs them.
QString withoutNeedless(QString text) {
  const auto turns = [](QChar c) { return c.direction() == QChar::DirR || c.direction() == QChar::DirAL; };
  return std::ranges::any_of(std::as_const(text), turns) ? text : text.remove(kNameBegins).remove(kNameEnds);
}

}  // namespace

QString elidedNames(const QString& text, const QFontMetrics& metrics, int width) {
  if (metrics.horizontalAdvance(text) <= width) return withoutNeedless(text);
  // What stands between the names, and every second one a name.
  QString marked = text;
  const QStringList parts = marked.replace(kNameEnds, kNameBegins).split(kNameBegins);
  QVector<int> names;
  int room = width;
  for (qsizetype i = 0; i < parts.size(); ++i) {
    const int wide = metrics.horizontalAdvance(parts[i]);
    if (i % 2 == 1) {
      names << wide;
    } else {
      room -= wide;
    }
  }
  const int widest = widestOf(names, room);
  if (widest < metrics.horizontalAdvance(QStringLiteral("n…n"))) {
    return metrics.elidedText(withoutNeedless(text), Qt::ElideRight, width);
  }
  QString fitting;
  for (qsizetype i = 0; i < parts.size(); ++i) {
    fitting += i % 2 == 0 ? parts[i] : isolated(metrics.elidedText(parts[i], Qt::ElideMiddle, widest));
  }
  return withoutNeedless(fitting);
}

ElidedLabel::ElidedLabel(QWidget* parent) : QLabel(parent) {
  setTextFormat(Qt::PlainText);
  setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
}

QSize ElidedLabel::minimumSizeHint() const {
  return {0, QLabel::minimumSizeHint().height()};
}

QString ElidedLabel::shownText() const {
  return elidedNames(text(), fontMetrics(), contentsRect().width());
}

bool ElidedLabel::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip || fontMetrics().horizontalAdvance(text()) <= contentsRect().width())
    return QLabel::event(event);
  QString words = text();
  if (!toolTip().isEmpty()) words += QLatin1Char('\n') + toolTip();
  QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(), brokenIntoLines(words), this);
  return true;
}

void ElidedLabel::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  constexpr int kFlags = Qt::AlignLeft | Qt::AlignVCenter | Qt::TextForceLeftToRight | Qt::TextSingleLine;
  style()->drawItemText(&painter, contentsRect(), kFlags, palette(), isEnabled(), shownText(), foregroundRole());
}

void ElidedNames::initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const {
  QStyledItemDelegate::initStyleOption(option, index);
  const QStyle* style = option->widget != nullptr ? option->widget->style() : QApplication::style();
  const QRect room = style->subElementRect(QStyle::SE_ItemViewItemText, option, option->widget);
  const int margin = style->pixelMetric(QStyle::PM_FocusFrameHMargin, option, option->widget) + 1;
  option->text = elidedNames(option->text, option->fontMetrics, room.width() - 2 * margin);
}

}  // namespace hearsay::ui
