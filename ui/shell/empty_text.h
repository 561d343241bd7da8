#pragma once
// What a list or table says in place of its rows.

#include <QLabel>

class QAbstractItemView;

namespace hearsay::ui {

/// Over the whole view, which owns it; the mouse does not notice it. Without a text it is hidden.
class EmptyText : public QLabel {
 public:
  explicit EmptyText(QAbstractItemView& view);
  void say(const QString& text);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;
};

}  // namespace hearsay::ui
