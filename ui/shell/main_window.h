#pragma once
// The window: pages on a stack, the bar on the left, the lines above and below, menus, and what is dropped on it.

#include <QMainWindow>
#include <map>
#include <memory>

#include "ui/shell/app_context.h"
#include "ui/shell/pages.h"
#include "ui/shell/theme.h"

class QButtonGroup;
class QFrame;
class QLabel;
class QMenu;
class QStackedWidget;

namespace hearsay::ui {

class NoticeBar;

class MainWindow : public QMainWindow {
  Q_OBJECT
 public:
  explicit MainWindow(AppContext& app, QWidget* parent = nullptr);
  ~MainWindow() override;

  void showPage(const QString& id);
  /// What the pages held when the program ended.
  void bringBack();
  [[nodiscard]] QString currentPage() const;
  [[nodiscard]] Page* page(const QString& id) const;
  /// Files and folders of any kind, dropped or named on the command line: each goes where it belongs.
  void openPaths(const QStringList& paths);
  /// How small the window may be made where `room` is what the screen has for windows: no page is cut, but the window
  /// never is larger than a small screen either.
  [[nodiscard]] static QSize smallest(const QSize& room);

 protected:
  void closeEvent(QCloseEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  QWidget* makeNavigation();
  void makeMenus();
  void makeFileMenu();
  void makeViewMenu();
  void makeHelpMenu();
  QAction* addTo(QMenu* menu, const QString& name, const QString& picture, const QString& text,
                 const QKeySequence& keys, std::function<void()> act);
  void fillRecent();
  void askSounds();
  void updateTitle();
  void updateActions();
  void restoreWindow();
  void fitScreen();
  void chooseTheme(ThemeChoice choice);
  void giveTo(const QString& id, const QStringList& paths);
  void openSounds(const QStringList& paths);
  bool acceptDrag(QObject* target, QEvent* event);
  void showDropHint(bool shown);

  AppContext& app_;
  Theme theme_;
  std::vector<PageEntry> pages_;
  std::map<QString, QAction*> actions_;
  QStackedWidget* stack_ = nullptr;
  QButtonGroup* navigation_ = nullptr;
  NoticeBar* notices_ = nullptr;
  QMenu* recent_ = nullptr;
  QLabel* dropHint_ = nullptr;
};

}  // namespace hearsay::ui
