#pragma once
// What paths dropped on the window, or named on the command line, are.

#include <QStringList>

namespace hearsay::ui {

struct DroppedPaths {
  QStringList prompts;   ///< .safetensors files that are no model's weights
  QStringList captions;  ///< .csv, .tsv and .txt: text to learn from, or class lists
  QStringList models;    ///< model folders; .safetensors beside a config.json; .pth, .pt and .bin files
  QStringList sessions;  ///< labelling sessions
  QStringList sounds;    ///< sound files, folders, and tables that name sound files
  QStringList others;    ///< nothing Hearsay opens, or absent
};

/// Looks at names, at what lies in a folder, and at the first line of tables.
DroppedPaths sortPaths(const QStringList& paths);

}  // namespace hearsay::ui
