#pragma once
// Another model than the tiny one that the tests begin with.

#include <QDir>
#include <QFile>
#include <QString>

/// The tiny model with one weight a little different, in this folder, which is made unless it is there. Empty when it
/// cannot be.
inline QString otherModel(const QString& folder) {
  const QString tiny = QStringLiteral(HEARSAY_TEST_DATA "/starter-tiny");
  if (QDir(folder).exists()) return folder;
  QDir().mkpath(folder);
  for (const QString& name : QDir(tiny).entryList(QDir::Files)) {
    QFile::copy(tiny + "/" + name, folder + "/" + name);
  }
  QFile weights(folder + "/model.safetensors");
  weights.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
  if (!weights.open(QIODevice::ReadWrite)) return {};
  weights.seek(weights.size() - 4);
  const char low = weights.peek(1)[0];
  weights.putChar(static_cast<char>(low ^ 1));
  return folder;
}
