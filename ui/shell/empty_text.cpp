#include "ui/shell/empty_text.h"

#include <QAbstractItemView>
#include <QEvent>

namespace hearsay::ui {

EmptyText::EmptyText(QAbstractItemView& view) : QLabel(view.viewport()) {
  setTextFormat(Qt::PlainText);
  setAlignment(Qt::AlignCenter);
  setWordWrap(true);
  setMargin(12);
  setForegroundRole(QPalette::PlaceholderText);
  setAttribute(Qt::WA_TransparentForMouseEvents);
  view.viewport()->installEventFilter(this);
  hide();
}

void EmptyText::say(const QString& text) {
  setText(text);
  setGeometry(parentWidget()->rect());
  setVisible(!text.isEmpty());
}

bool EmptyText::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::Resize) setGeometry(parentWidget()->rect());
  return QLabel::eventFilter(watched, event);
}

}  // namespace hearsay::ui
