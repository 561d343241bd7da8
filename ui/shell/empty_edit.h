#pragma once
// Undo and redo where a line of text has nothing to undo.

class QLineEdit;

namespace hearsay::ui {

/// While `edit` is empty the keys of undo and redo are the page's: after Enter has added what was typed, Ctrl+Z takes
/// the addition back, not the typing.
void leaveUndoWhenEmpty(QLineEdit* edit);

}  // namespace hearsay::ui
