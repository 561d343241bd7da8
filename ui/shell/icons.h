#pragma once
// The program's own icons (resources/icons/*.svg), drawn in the palette's colour at any size and scale.

#include <QIcon>
#include <QString>

namespace hearsay::ui {

/// "teach", "listen", "files", "label", "models", "add", "remove", "up", "down", "undo", "redo", "paste", "list",
/// "import", "export", "open", "save", "play", "pause", "stop", "record", "close", "info", "warning", "error",
/// "microphone", "device", "copy", "more", "search", "retry", "next", "previous", "check", "skip", "folder",
/// "settings", "tune", "colour". The colour follows the palette (disabled and selected ones too), also when it changes
/// later. An unknown name gives a null icon.
QIcon icon(const QString& name);
/// The program's icon, in its own colours.
QIcon programIcon();

}  // namespace hearsay::ui
