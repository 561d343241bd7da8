#pragma once
// What Help shows. Neither dialog blocks the window.

class QWidget;

namespace hearsay::ui {

void showShortcuts(QWidget* window);
void showAbout(QWidget* window);

}  // namespace hearsay::ui
