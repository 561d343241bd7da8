#pragma once
// With HEARSAY_PICTURES=folder the UI tests leave pictures of what they drive, for looking at.

#include <QDir>
#include <QWidget>

inline void keepPicture(QWidget& widget, const QString& name) {
  const QString folder = qEnvironmentVariable("HEARSAY_PICTURES");
  if (!folder.isEmpty()) widget.grab().save(QDir(folder).filePath(name + QStringLiteral(".png")));
}
