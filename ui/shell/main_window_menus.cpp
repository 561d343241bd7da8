// The menus of the window.

#include <QActionGroup>
#include <QMenu>
#include <QMenuBar>

#include "ui/shell/ask_file.h"
#include "ui/shell/help_dialogs.h"
#include "ui/shell/icons.h"
#include "ui/shell/main_window.h"
#include "ui/shell/prompt_actions.h"
#include "ui/shell/recent_prompts.h"

namespace hearsay::ui {

void MainWindow::makeMenus() {
  makeFileMenu();
  makeViewMenu();
  makeHelpMenu();
}

QAction* MainWindow::addTo(QMenu* menu, const QString& name, const QString& picture, const QString& text,
                           const QKeySequence& keys, std::function<void()> act) {
  QAction* action = menu->addAction(icon(picture), text);
  action->setObjectName(name);
  action->setShortcut(keys);
  connect(action, &QAction::triggered, this, std::move(act));
  actions_[name] = action;
  return action;
}

void MainWindow::makeFileMenu() {
  QMenu* menu = menuBar()->addMenu(tr("&File"));
  addTo(menu, "openPrompts", "open", tr("&Open prompt set…"), QKeySequence::Open,
        [this] { askOpenPrompts(app_, this); });
  recent_ = menu->addMenu(tr("&Recent prompt sets"));
  connect(recent_, &QMenu::aboutToShow, this, &MainWindow::fillRecent);
  addTo(menu, "savePrompts", "save", tr("&Save prompt set"), QKeySequence::Save,
        [this] { savePrompts(app_, this, false); });
  addTo(menu, "savePromptsAs", {}, tr("Save prompt set &as…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_S),
        [this] { savePrompts(app_, this, true); });
  QMenu* exports = menu->addMenu(icon("export"), tr("&Export prompt set"));
  for (const QString format : {"json", "csv", "npz"}) {
    addTo(exports, "export" + format.toUpper(), {}, tr("As %1…").arg(format.toUpper()), {},
          [this, format] { askExportPrompts(app_, this, format); });
  }
  menu->addSeparator();
  addTo(menu, "importClasses", "import", tr("&Import class list…"), {}, [this] {
    showPage(QStringLiteral("teach"));
    askImportClasses(app_, this);
  });
  addTo(menu, "exportClasses", {}, tr("Export class &list…"), {}, [this] { askExportClasses(app_, this); });
  menu->addSeparator();
  addTo(menu, "openSounds", "files", tr("Open so&unds…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_O),
        [this] { askSounds(); });
  menu->addSeparator();
  addTo(menu, "quit", {}, tr("&Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q), [this] {
    close();
  })->setMenuRole(QAction::QuitRole);
}

void MainWindow::makeViewMenu() {
  QMenu* menu = menuBar()->addMenu(tr("&View"));
  int number = 0;
  for (const PageEntry& entry : pages_) {
    addTo(menu, entry.id + "Action", entry.id, entry.title, QKeySequence(Qt::CTRL | Qt::Key(Qt::Key_1 + number++)),
          [this, id = entry.id] { showPage(id); });
  }
  menu->addSeparator();
  auto* themes = new QActionGroup(this);
  const std::pair<ThemeChoice, QString> choices[] = {{ThemeChoice::System, tr("Colours of the &system")},
                                                     {ThemeChoice::Light, tr("&Light")},
                                                     {ThemeChoice::Dark, tr("&Dark")}};
  const int chosen = app_.settings().value("window/theme", 0).toInt();
  for (const auto& [choice, text] : choices) {
    const int key = static_cast<int>(choice);
    QAction* action =
        addTo(menu, QStringLiteral("theme%1").arg(key), {}, text, {}, [this, which = choice] { chooseTheme(which); });
    action->setCheckable(true);
    action->setChecked(chosen == key);
    themes->addAction(action);
  }
  menu->addSeparator();
  QAction* full = addTo(menu, "fullScreen", {}, tr("&Full screen"), QKeySequence(Qt::Key_F11),
                        [this] { isFullScreen() ? showNormal() : showFullScreen(); });
  full->setCheckable(true);
}

void MainWindow::makeHelpMenu() {
  QMenu* menu = menuBar()->addMenu(tr("&Help"));
  addTo(menu, "shortcuts", "info", tr("&Keyboard shortcuts"), QKeySequence(Qt::Key_F1),
        [this] { showShortcuts(this); });
  addTo(menu, "about", {}, tr("&About Hearsay"), {}, [this] { showAbout(this); })->setMenuRole(QAction::AboutRole);
}

void MainWindow::chooseTheme(ThemeChoice choice) {
  app_.settings().setValue("window/theme", static_cast<int>(choice));
  theme_.choose(choice);
}

void MainWindow::fillRecent() {
  recent_->clear();
  addRecentPrompts(recent_, app_);
  if (recent_->isEmpty()) recent_->addAction(tr("None yet"))->setEnabled(false);
}

void MainWindow::askSounds() {
  FileQuestion question;
  question.title = tr("Open sounds");
  question.key = QStringLiteral("folders/sounds");
  question.filter =
      tr("Sounds and videos (*.wav *.flac *.ogg *.opus *.mp3 *.aiff *.aif *.m4a *.wma *.mp4 *.mkv *.webm);;"
         "All files (*)");
  question.many = true;
  askFile(app_, this, question, [this](const QStringList& files) { giveTo(QStringLiteral("files"), files); });
}

void MainWindow::updateActions() {
  const bool some = app_.prompts() != nullptr;
  for (const QString name : {"savePrompts", "savePromptsAs", "exportJSON", "exportCSV", "exportNPZ"}) {
    actions_.at(name)->setEnabled(some);
  }
}

}  // namespace hearsay::ui
