#pragma once
// One file that other programs may write anew while it is shown: in place, or by putting another one there.

#include <QDateTime>
#include <QFileSystemWatcher>
#include <QObject>

namespace hearsay::ui {

class WatchedFile : public QObject {
  Q_OBJECT
 public:
  explicit WatchedFile(QObject* parent = nullptr);
  void watch(const QString& file);  ///< in place of the one before; empty: none

 Q_SIGNALS:
  void changed();  ///< its content, or it is gone, or there again

 private:
  struct State {
    bool there = false;
    qint64 size = 0;
    QDateTime written;
    bool operator==(const State&) const = default;
  };
  [[nodiscard]] State look() const;
  void compare();
  void attend();

  QString file_;
  State seen_;
  QFileSystemWatcher watcher_;
};

}  // namespace hearsay::ui
