#pragma once
// A home of its own for every UI test: settings, data and cache go to a temporary folder.

#include <QDir>
#include <QSettings>
#include <QTemporaryDir>

struct TestHome {
  TestHome() {
    for (const char* name : {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"}) {
      const QString folder = dir.filePath(QString::fromLatin1(name).toLower());
      QDir().mkpath(folder);
      qputenv(name, folder.toLocal8Bit());
    }
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, dir.filePath("xdg_config_home"));
  }
  QTemporaryDir dir;
};
