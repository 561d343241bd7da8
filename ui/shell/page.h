#pragma once
// What the main window knows of a page.

#include <QStringList>
#include <QWidget>

namespace hearsay::ui {

class AppContext;

class Page : public QWidget {
  Q_OBJECT
 public:
  explicit Page(AppContext& app, QWidget* parent = nullptr) : QWidget(parent), app_(app) {}
  /// Paths dropped anywhere on the window while this page is shown; false: not for me (the window then tries Files).
  virtual bool openPaths(const QStringList& paths) {
    Q_UNUSED(paths)
    return false;
  }
  /// Starts what the page is for, when asked from elsewhere (Listen: begin listening). The page is shown already.
  virtual void startMainAct() {}
  /// Once, when the program has started: what was there when it ended.
  virtual void bringBack() {}
  /// Before the window closes: stop threads, remember settings.
  virtual void shutDown() {}

 protected:
  AppContext& app_;
};

}  // namespace hearsay::ui
