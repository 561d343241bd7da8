#include "ui/shell/empty_edit.h"

#include <QKeyEvent>
#include <QLineEdit>

namespace hearsay::ui {
namespace {

class UndoPasser : public QObject {
 public:
  explicit UndoPasser(QLineEdit* edit) : QObject(edit), edit_(edit) {}

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override {
    if (event->type() != QEvent::ShortcutOverride || !edit_->text().isEmpty())
      return QObject::eventFilter(watched, event);
    const auto* key = static_cast<QKeyEvent*>(event);
    // Unseen by the line of text, which would take the keys for itself.
    return key->matches(QKeySequence::Undo) || key->matches(QKeySequence::Redo);
  }

 private:
  QLineEdit* edit_;
};

}  // namespace

void leaveUndoWhenEmpty(QLineEdit* edit) {
  edit->installEventFilter(new UndoPasser(edit));
}

}  // namespace hearsay::ui
