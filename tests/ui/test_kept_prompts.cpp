// What is remembered between starts: a set that was tuned and not saved, the folder that a dialog begins in.

#include <QDir>
#include <QFileInfo>
#include <QGuiApplication>
#include <QMenu>
#include <QScreen>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

#include "base/files.h"
#include "tuned_prompts.h"
#include "ui/shell/app_context.h"
#include "ui/shell/ask_file.h"
#include "ui/shell/class_state.h"
#include "ui/shell/main_window.h"
#include "ui/test_home.h"

using namespace hearsay;
using hearsay::ui::AppContext;
using hearsay::ui::MainWindow;
using hearsay::ui::rememberedFolder;

namespace {

constexpr int kLong = 80000;
const QString kTiny = QStringLiteral(HEARSAY_TEST_DATA "/starter-tiny");

}  // namespace

class TestKeptPrompts : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void aTunedSetThatNobodySavedComesBackAtEveryStart() {
    for (int start = 0; start < 4; ++start) {
      AppContext app;
      QSignalSpy notices(&app, &AppContext::noticed);
      app.restore();
      app.loadModel(kTiny);
      QTRY_VERIFY_WITH_TIMEOUT(app.prompts() != nullptr, kLong);
      if (start == 0) {
        app.usePrompts(tunedPrompts(app));
      }
      QVERIFY2(notices.isEmpty(), qPrintable(notices.value(0).value(0).toString()));
      QVERIFY(app.prompts()->tuned && app.promptsUnsaved());
      const MainWindow window(app);
      QCOMPARE(window.windowTitle(), QString("Prompts not saved[*] - Hearsay"));
      QVERIFY(window.isWindowModified());
      const QDir kept(QString::fromStdString((data_folder() / "tuned").string()));
      QCOMPARE(kept.entryList(QDir::Files).size(), 1);
    }
  }

  void theOneInUseIsNotAmongThoseThatGo() {
    const TestHome home;
    AppContext app;
    ready(app);
    app.usePrompts(tunedPrompts(app));
    const QString mine = app.promptsKept();
    QVERIFY(QFile::rename(mine, keptFolder().filePath("20200101T000000Z-00000000.safetensors")));
    const QString oldest = app.keptPrompts().front();
    QVERIFY(app.openPrompts(oldest));
    QCOMPARE(app.promptsKept(), oldest);
    for (int i = 1; i <= 22; ++i) app.keepTuned(tunedPrompts(app, static_cast<float>(i)));
    QCoreApplication::processEvents();
    QCOMPARE(app.keptPrompts().size(), 21);
    QVERIFY(app.keptPrompts().contains(oldest));
    app.useZeroShot();
    QTRY_VERIFY_WITH_TIMEOUT(app.prompts() && !app.prompts()->tuned, kLong);
    app.keepTuned(tunedPrompts(app, 100.0F));
    QCoreApplication::processEvents();
    QCOMPARE(app.keptPrompts().size(), 20);
    QVERIFY(!app.keptPrompts().contains(oldest));
  }

  void menusHaveRoomForFilesAndForKeptTunings() {
    const TestHome home;
    AppContext app;
    ready(app);
    MainWindow window(app);
    for (int i = 0; i < 7; ++i) app.keepTuned(tunedPrompts(app, static_cast<float>(i)));
    QStringList files;
    for (int i = 0; i < 12; ++i) files << home.dir.filePath(QStringLiteral("s&%1/b%2.safetensors").arg(i).arg(i / 2));
    for (const QString& file : files) {
      QDir().mkpath(QFileInfo(file).path());
      save_prompts(*app.prompts(), file.toStdString());
      QVERIFY(app.openPrompts(file));
    }
    QCOMPARE(app.recentPrompts().size(), 12);
    for (QMenu* menu : {window.findChild<QToolButton*>("promptsButton")->menu(), recentMenu(window)}) {
      for (int shown = 0; shown < 2; ++shown) Q_EMIT menu->aboutToShow();
      QVERIFY(menu->toolTipsVisible());
      QHash<QString, QString> entries;  // by the file
      for (const QAction* action : menu->actions()) entries.insert(action->toolTip(), action->text());
      QCOMPARE(entries[files[10]], QString("b5.safetensors in s&&10"));
      QCOMPARE(entries[files[11]], QString("b5.safetensors in s&&11"));
      const QStringList kept = app.keptPrompts();
      for (int i = 0; i < 5; ++i) QVERIFY(entries[kept[i]].startsWith("Tuned "));
      const QList<QMenu*> below = menu->findChildren<QMenu*>();
      QCOMPARE(below.size(), 1);
      QCOMPARE(below[0]->actions().size(), 2);
      QCOMPARE(below[0]->actions()[1]->toolTip(), kept[6]);
      below[0]->actions()[1]->trigger();
      QCOMPARE(app.promptsKept(), kept[6]);
      QVERIFY(app.openPrompts(files[11]));
    }
  }

  void twoWindowsLoseNoList() {
    const TestHome home;
    const auto start = [] {
      auto app = std::make_unique<AppContext>();
      app->restore();
      return app;
    };
    auto one = start();
    auto other = start();
    one->setClasses(parse_classes("dog | hound\nrain"));
    one.reset();
    ready(*other);  // which writes what is in use
    other.reset();
    one = start();
    QCOMPARE(one->classes().size(), std::size_t{2});  // the one that was typed, not the other window's preset
    other = start();
    QSignalSpy later(other.get(), &AppContext::noticed);
    one->setClasses(parse_classes("owl | barn owl\nwren\nrobin"));
    one.reset();
    other->setClasses(parse_classes("siren"));
    other->shutDown();
    QCOMPARE(later.size(), 1);
    const std::filesystem::path file = data_folder() / "other-window.txt";
    QVERIFY2(later[0][0].toString().contains(QString::fromStdString(file.string())),
             qPrintable(later[0][0].toString()));
    QVERIFY(ui::sameClasses(read_classes(file), parse_classes("owl | barn owl\nwren\nrobin")));
    QCOMPARE(start()->classes().size(), std::size_t{1});
  }

  void aWindowFitsASmallerScreenThanTheLast() {
    const QRect screen = QGuiApplication::primaryScreen()->availableGeometry();
    {
      AppContext app;
      MainWindow window(app);
      window.show();
      window.resize(screen.width() + 500, screen.height() + 20);
      window.close();
    }
    AppContext app;
    MainWindow window(app);
    window.show();
    QVERIFY(window.width() <= std::max(screen.width(), window.minimumWidth()));
    QVERIFY(window.height() < screen.height());
    QVERIFY(screen.contains(window.pos()));
  }

  void aFolderThatIsGoneIsNotWhereADialogBegins() {
    AppContext app;
    const QString key = QStringLiteral("files/folder");
    const auto begins = [&] { return rememberedFolder(app.settings(), key, QStandardPaths::MusicLocation); };
    const QString music = QStandardPaths::writableLocation(QStandardPaths::MusicLocation);
    QCOMPARE(begins(), QFileInfo(music).isDir() ? music : QDir::homePath());
    const QString own = home_.dir.filePath("recordings");
    app.settings().setValue(key, own);
    QCOMPARE(begins(), QFileInfo(music).isDir() ? music : QDir::homePath());  // nobody has made it yet
    QVERIFY(QDir().mkpath(own));
    QCOMPARE(begins(), own);
  }

 private:
  static void ready(AppContext& app) {
    if (app.classes().empty()) app.setClasses(parse_classes("dog\nrain"));
    app.loadModel(kTiny);
    QTRY_VERIFY_WITH_TIMEOUT(app.prompts() != nullptr, kLong);
  }
  static QDir keptFolder() { return QDir(QString::fromStdString((data_folder() / "tuned").string())); }
  /// File > Recent prompt sets.
  static QMenu* recentMenu(const MainWindow& window) {
    for (auto* menu : window.findChildren<QMenu*>()) {
      if (menu->title().contains("Recent")) return menu;
    }
    return nullptr;
  }

  TestHome home_;
};

QTEST_MAIN(TestKeptPrompts)
#include "test_kept_prompts.moc"
