#include "ui/teach/watched_file.h"

#include <QFileInfo>

namespace hearsay::ui {

WatchedFile::WatchedFile(QObject* parent) : QObject(parent) {
  connect(&watcher_, &QFileSystemWatcher::fileChanged, this, [this] {
    compare();
    attend();
  });
  connect(&watcher_, &QFileSystemWatcher::directoryChanged, this, [this] {
    compare();
    attend();
  });
}

void WatchedFile::watch(const QString& file) {
  if (file == file_) return;
  if (const QStringList before = watcher_.files() + watcher_.directories(); !before.isEmpty()) {
    watcher_.removePaths(before);
  }
  file_ = file;
  seen_ = look();
  attend();
}

/// The folder too: a file that is put in place of another is a new one, which nobody watches yet.
void WatchedFile::attend() {
  if (file_.isEmpty()) return;
  const QFileInfo info(file_);
  for (const QString& path : {info.absoluteFilePath(), info.absolutePath()}) {
    const bool watched = watcher_.files().contains(path) || watcher_.directories().contains(path);
    if (!watched && QFileInfo::exists(path)) watcher_.addPath(path);
  }
}

WatchedFile::State WatchedFile::look() const {
  const QFileInfo info(file_);
  if (file_.isEmpty() || !info.exists()) return {};
  return {true, info.size(), info.lastModified()};
}

void WatchedFile::compare() {
  const State now = look();
  if (now == seen_) return;
  seen_ = now;
  Q_EMIT changed();
}

}  // namespace hearsay::ui
