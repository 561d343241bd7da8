// What is remembered between starts: a set that was tuned and not saved, the folder that a dialog begins in.

#include <QDir>
#include <QFileInfo>
#include <QGuiApplication>
#include <QScreen>
#include <QSignalSpy>
#include <QTest>

#include "base/files.h"
#include "ui/shell/app_context.h"
#include "ui/shell/ask_file.h"
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
        PromptSet tuned = *app.prompts();
        tuned.tuned = true;
        tuned.coarse = tuned.fine = tuned.zero_shot;
        tuned.coarse_context = tuned.fine_context = Matrix(4, app.model()->info().text_width);
        app.usePrompts(tuned);
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
  TestHome home_;
};

QTEST_MAIN(TestKeptPrompts)
#include "test_kept_prompts.moc"
