#pragma once
// Ctrl-C in the terminal that started the window, a logout, `kill`: the window closes as by its own button, so that
// nothing it remembers is lost.

#include <QObject>

namespace hearsay::ui {

/// Takes SIGINT, SIGTERM and SIGHUP while it lives, but none that is ignored (nohup); one at a time in a program. A
/// second signal of a kind ends the program at once. Programs that this one starts get the signals as ever (a handler
/// does not outlive exec, a blocked signal would stay blocked).
class EndingSignals : public QObject {
  Q_OBJECT

 public:
  explicit EndingSignals(QObject* parent = nullptr);
  ~EndingSignals() override;

 Q_SIGNALS:
  void asked();
};

}  // namespace hearsay::ui
