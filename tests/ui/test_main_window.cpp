// The window: pages and keys, notices, jobs, drops, and what comes back at the next start.

#include <QAction>
#include <QApplication>
#include <QDoubleSpinBox>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFile>
#include <QFileDialog>
#include <QLabel>
#include <QMenu>
#include <QMimeData>
#include <QProgressBar>
#include <QSignalSpy>
#include <QSpinBox>
#include <QSplitter>
#include <QTest>
#include <QToolButton>

#include "test_home.h"
#include "ui/shell/app_context.h"
#include "ui/shell/class_state.h"
#include "ui/shell/dropped_paths.h"
#include "ui/shell/icons.h"
#include "ui/shell/main_window.h"

using hearsay::ClassList;
using hearsay::JobControl;
using hearsay::ProgressFn;
using hearsay::ui::AppContext;
using hearsay::ui::DroppedPaths;
using hearsay::ui::MainWindow;
using hearsay::ui::sortPaths;

namespace {

constexpr int kLong = 60000;
const QString kTiny = QStringLiteral(HEARSAY_TEST_DATA "/starter-tiny");

ClassList three() {
  return {{"dog", {}, "", ""}, {"rain", {"rainfall"}, "", ""}, {"siren", {}, "It wails.", ""}};
}

bool write(const QString& path, const QByteArray& text) {
  QFile file(path);
  return file.open(QIODevice::WriteOnly) && file.write(text) == text.size();
}

template <typename T>
T* find(QWidget& window, const char* name) {
  return window.findChild<T*>(QString::fromLatin1(name));
}

void drop(QWidget* target, const QString& path) {
  QMimeData data;
  data.setUrls({QUrl::fromLocalFile(path)});
  QDragEnterEvent enter(QPoint(10, 10), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(target, &enter);
  QVERIFY(enter.isAccepted());
  QDropEvent event(QPointF(10, 10), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(target, &event);
  QVERIFY(event.isAccepted());
}

}  // namespace

class TestMainWindow : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init() { home_ = std::make_unique<TestHome>(); }

  void allFivePagesByKey() {
    AppContext app;
    MainWindow window(app);
    window.show();
    QVERIFY(QTest::qWaitForWindowActive(&window));
    const QStringList ids = {"teach", "listen", "files", "label", "models"};
    for (int i = 0; i < ids.size(); ++i) {
      QTest::keyClick(&window, static_cast<Qt::Key>(Qt::Key_1 + i), Qt::ControlModifier);
      QCOMPARE(window.currentPage(), ids[i]);
      QVERIFY(find<QToolButton>(window, qPrintable(ids[i] + "Button"))->isChecked());
      QVERIFY(window.page(ids[i])->isVisible());
    }
    find<QToolButton>(window, "filesButton")->click();
    QCOMPARE(window.currentPage(), QString("files"));
  }

  void smallScreensAreLargeEnough() {
    AppContext app;
    MainWindow window(app);
    window.resize(1024, 700);
    window.show();
    for (const QString id : {"teach", "listen", "files", "label", "models"}) {
      window.showPage(id);
      QCoreApplication::processEvents();
      QVERIFY2(window.width() == 1024 && window.height() == 700, qPrintable(id + " does not fit 1024x700"));
    }
  }

  void everyControlHasATooltipAndAName() {
    AppContext app;
    MainWindow window(app);
    QStringList bare;
    for (const auto* button : window.findChildren<QAbstractButton*>()) {
      if (button->objectName().startsWith("qt_") || button->parentWidget()->inherits("QTabBar") ||
          button->parentWidget()->inherits("QAbstractItemView") || button->parentWidget()->inherits("QLineEdit")) {
        continue;
      }
      const bool named = !button->text().isEmpty() || !button->accessibleName().isEmpty();
      if (!named || button->toolTip().isEmpty()) bare.append(button->objectName() + "/" + button->text());
    }
    QVERIFY2(bare.isEmpty(), qPrintable(bare.join(", ")));
  }

  void everyIconIsThere() {
    for (const QString name : {"teach", "listen", "files", "label", "models", "add", "play", "microphone", "hearsay"}) {
      const QImage drawn = hearsay::ui::icon(name).pixmap(32, 32).toImage();
      bool painted = false;
      for (int y = 0; y < drawn.height(); ++y) {
        for (int x = 0; x < drawn.width(); ++x) painted = painted || qAlpha(drawn.pixel(x, y)) > 100;
      }
      QVERIFY2(painted, qPrintable(name));
    }
    QVERIFY(hearsay::ui::icon("no such icon").isNull());
  }

  void theRunningJobShowsPausesAndStops() {
    AppContext app;
    MainWindow window(app);
    window.show();
    std::atomic<int> turns = 0;
    bool cancelled = false;
    app.jobs().submit(
        "Counting",
        [&](JobControl& control, const ProgressFn& progress) {
          for (;; ++turns) {
            control.checkpoint();
            progress({"sheep", 0.5, 12.0});
            QThread::msleep(5);
          }
        },
        [&](const auto& outcome) { cancelled = outcome.cancelled; });
    auto* bar = find<QProgressBar>(window, "jobProgress");
    QTRY_VERIFY_WITH_TIMEOUT(bar->isVisible() && bar->value() == 500, kLong);
    QCOMPARE(find<QLabel>(window, "jobTitle")->text(), QString("Counting: sheep"));
    QCOMPARE(find<QLabel>(window, "jobTimeLeft")->text(), QString("12 s left"));
    find<QToolButton>(window, "jobPause")->click();
    QVERIFY(app.jobs().paused());
    find<QToolButton>(window, "jobPause")->click();
    QVERIFY(!app.jobs().paused());
    find<QToolButton>(window, "jobCancel")->click();
    QTRY_VERIFY_WITH_TIMEOUT(cancelled, kLong);
    QVERIFY(!bar->isVisible());
  }

  void modelAndPromptsAreNamedAbove() {
    AppContext app;
    MainWindow window(app);
    app.setClasses(three());
    app.loadModel(kTiny);
    QVERIFY(app.modelLoading());
    QVERIFY(find<QToolButton>(window, "modelButton")->text().contains("Loading"));
    QTRY_VERIFY_WITH_TIMEOUT(app.prompts() != nullptr, kLong);
    QVERIFY(find<QToolButton>(window, "modelButton")->text().contains("starter-tiny"));
    const QString shown = find<QToolButton>(window, "promptsButton")->text();
    QVERIFY2(shown.contains("Zero-shot") && shown.contains("3"), qPrintable(shown));
    QCOMPARE(find<QLabel>(window, "deviceLabel")->text(),
             "Runs on " + QString::fromStdString(app.model()->device().name));
    QCOMPARE(app.prompts()->size(), std::size_t(3));
  }

  void tuningStartsByKeyWhereverTheFocusIs() {
    AppContext app;
    MainWindow window(app);
    window.show();
    QVERIFY(QTest::qWaitForWindowActive(&window));
    QSignalSpy notices(&app, &AppContext::noticed);
    find<QToolButton>(window, "promptsButton")->setFocus();
    window.showPage("files");
    QTest::keyClick(&window, Qt::Key_Return, Qt::ControlModifier);
    QVERIFY(notices.isEmpty());  // another page is shown
    window.showPage("teach");
    QTest::keyClick(&window, Qt::Key_Return, Qt::ControlModifier);
    QCOMPARE(notices.size(), 1);
    QVERIFY2(notices[0][0].toString().contains("no model"), qPrintable(notices[0][0].toString()));
  }

  void aModelThatIsNotThereIsASentence() {
    AppContext app;
    QSignalSpy notices(&app, &AppContext::noticed);
    app.loadModel("/nowhere/model");
    QTRY_VERIFY_WITH_TIMEOUT(!notices.isEmpty(), kLong);
    QVERIFY2(notices[0][0].toString().contains("/nowhere/model"), qPrintable(notices[0][0].toString()));
    QTRY_VERIFY_WITH_TIMEOUT(app.model() != nullptr, kLong);  // the starter, so that work goes on
    QCOMPARE(app.model()->info().name, std::string("starter"));
  }

  void promptsAreSavedOpenedAndRemembered() {
    const QString file = home_->dir.filePath("mine.safetensors");
    {
      AppContext app;
      app.setClasses(three());
      app.loadModel(kTiny);
      QTRY_VERIFY_WITH_TIMEOUT(app.prompts() != nullptr, kLong);
      QVERIFY(app.savePrompts(file));
      QCOMPARE(app.promptsFile(), file);
      for (const QString format : {"json", "csv", "npz"}) {
        const QString out = home_->dir.filePath("mine." + format);
        QVERIFY(app.exportPrompts(*app.prompts(), format, out));
        QVERIFY(QFile(out).size() > 0);
      }
      QCOMPARE(app.recentPrompts().value(0), file);
    }
    AppContext app;
    MainWindow window(app);
    app.loadModel(kTiny);
    QTRY_VERIFY_WITH_TIMEOUT(app.model() != nullptr, kLong);
    drop(window.page("listen"), file);
    QTRY_VERIFY_WITH_TIMEOUT(app.prompts() && app.promptsFile() == file, kLong);
    QVERIFY(hearsay::ui::sameClasses(app.classes(), app.prompts()->classes));
    QCOMPARE(window.windowTitle(), QString("mine.safetensors[*] - Hearsay"));
  }

  void aBrokenPromptSetChangesNothing() {
    AppContext app;
    app.setClasses(three());
    QSignalSpy notices(&app, &AppContext::noticed);
    const QString file = home_->dir.filePath("broken.safetensors");
    QVERIFY(write(file, "this is no prompt set"));
    QVERIFY(!app.openPrompts(file));
    QVERIFY(notices[0][0].toString().contains("broken.safetensors"));
    QCOMPARE(app.classes().size(), std::size_t(3));
  }

  void theClassListComesBack() {
    ClassList changed = three();
    changed[0].colour = "#123456";
    {
      AppContext app;
      app.restore();
      QVERIFY(app.firstStart());
      QVERIFY2(app.classes().size() > 2, "a preset is there at the first start");
      app.setClasses(changed);
      QTest::qWait(700);  // kept soon after the change, not only at the end: a crash loses nothing
      QVERIFY(QFile::exists(home_->dir.filePath("xdg_data_home/hearsay/window.json")));
    }
    AppContext app;
    app.restore();
    QVERIFY(!app.firstStart());
    QVERIFY(hearsay::ui::sameClasses(app.classes(), changed));
  }

  void pathsAreSorted() {
    const QDir dir(home_->dir.path());
    QVERIFY(write(dir.filePath("a.wav"), "x") && write(dir.filePath("p.safetensors"), "x"));
    QVERIFY(write(dir.filePath("c.csv"), "caption,label\na dog barks,dog\n"));
    QVERIFY(write(dir.filePath("m.csv"), "file,label\na.wav,dog\n") && write(dir.filePath("odd.xyz"), "x"));
    const DroppedPaths sorted = sortPaths({dir.filePath("a.wav"), dir.filePath("p.safetensors"), dir.filePath("c.csv"),
                                           dir.filePath("m.csv"), kTiny, kTiny + "/model.safetensors", dir.path(),
                                           dir.filePath("odd.xyz"), dir.filePath("absent.wav")});
    QCOMPARE(sorted.prompts, QStringList(dir.filePath("p.safetensors")));
    QCOMPARE(sorted.captions, QStringList(dir.filePath("c.csv")));
    QCOMPARE(sorted.models, QStringList({kTiny, kTiny + "/model.safetensors"}));
    QCOMPARE(sorted.sounds, QStringList({dir.filePath("a.wav"), dir.filePath("m.csv"), dir.path()}));
    QCOMPARE(sorted.others, QStringList({dir.filePath("odd.xyz"), dir.filePath("absent.wav")}));
  }

  void dropsGoWhereTheyBelong() {
    AppContext app;
    MainWindow window(app);
    window.show();
    QSignalSpy notices(&app, &AppContext::noticed);
    const QDir dir(home_->dir.path());
    QVERIFY(write(dir.filePath("c.csv"), "caption,label\na dog barks,dog\n"));
    window.showPage("models");
    drop(window.page("models"), dir.filePath("c.csv"));
    QTRY_COMPARE_WITH_TIMEOUT(window.currentPage(), QString("teach"), kLong);
    drop(window.page("teach"), kTiny);
    QTRY_COMPARE_WITH_TIMEOUT(window.currentPage(), QString("models"), kLong);
    QVERIFY(write(dir.filePath("odd.xyz"), "x"));
    notices.clear();
    drop(window.page("models"), dir.filePath("odd.xyz"));
    QTRY_VERIFY_WITH_TIMEOUT(!notices.isEmpty() && notices.last()[0].toString().contains("odd.xyz"), kLong);
  }

  void darkAndLight() {
    AppContext app;
    MainWindow window(app);
    window.show();
    window.findChild<QAction*>("theme2")->trigger();
    QTRY_VERIFY(window.palette().color(QPalette::Window).lightness() < 100);
    QVERIFY(window.palette().color(QPalette::WindowText).lightness() > 180);
    window.findChild<QAction*>("theme1")->trigger();
    QTRY_VERIFY(window.palette().color(QPalette::Window).lightness() > 180);
    window.findChild<QAction*>("theme0")->trigger();
    QCOMPARE(app.settings().value("window/theme").toInt(), 0);
  }

  void everythingIsRemembered() {
    const QStringList pages = {"teach", "listen", "files", "label"};
    QHash<QString, QList<int>> sizes;
    {
      AppContext app;
      MainWindow window(app);
      window.resize(1000, 700);
      window.show();
      for (const QString& id : pages) {
        window.showPage(id);
        QCoreApplication::processEvents();
        for (auto* splitter : window.page(id)->findChildren<QSplitter*>()) {
          if (splitter->count() != 2) continue;
          const int all = splitter->sizes()[0] + splitter->sizes()[1];
          splitter->setSizes({all * 55 / 100, all * 45 / 100});
        }
      }
      window.showPage("listen");
      find<QDoubleSpinBox>(*window.page("listen"), "hop")->setValue(0.7);
      find<QSpinBox>(*window.page("listen"), "threshold")->setValue(35);
      find<QDoubleSpinBox>(*window.page("files"), "fileHop")->setValue(1.5);
      window.showPage("files");
      window.close();
      for (const QString& id : pages) {
        for (const char* key : {"splitter", "across", "down"}) {
          const QByteArray kept = app.settings().value(id + "/" + key).toByteArray();
          QSplitter read;
          for (int i = 0; i < 2; ++i) read.addWidget(new QWidget);
          if (!kept.isEmpty() && read.restoreState(kept)) sizes[id + "/" + key] = read.sizes();
        }
      }
      QVERIFY2(sizes.size() >= 5, qPrintable(QStringList(sizes.keys()).join(", ")));
    }
    AppContext app;
    MainWindow window(app);
    window.show();
    QCOMPARE(window.size(), QSize(800, 700));
    QCOMPARE(window.currentPage(), QString("files"));
    QCOMPARE(find<QDoubleSpinBox>(*window.page("listen"), "hop")->value(), 0.7);
    QCOMPARE(find<QDoubleSpinBox>(*window.page("files"), "fileHop")->value(), 1.5);
    QCoreApplication::processEvents();
    const QList<int> files = find<QSplitter>(*window.page("files"), "filesSplitter")->sizes();
    QVERIFY2(files[0] > files[1], "the splitter of Files is where it was left");
  }

  void foldersAreRemembered() {
    AppContext app;
    MainWindow window(app);
    window.show();
    QDir(home_->dir.path()).mkdir("sounds");
    QVERIFY(write(home_->dir.filePath("sounds/a.wav"), "x"));
    find<QAction>(window, "openSounds")->trigger();
    auto* dialog = window.findChild<QFileDialog*>("fileDialog");
    QVERIFY(dialog != nullptr);
    Q_EMIT dialog->filesSelected({home_->dir.filePath("sounds/a.wav")});
    dialog->reject();
    QTRY_VERIFY(window.findChild<QFileDialog*>("fileDialog") == nullptr);
    find<QAction>(window, "openSounds")->trigger();
    dialog = window.findChild<QFileDialog*>("fileDialog");
    QCOMPARE(dialog->directory().path(), home_->dir.filePath("sounds"));
    dialog->reject();
  }

  void closingStopsTheWork() {
    AppContext app;
    MainWindow window(app);
    window.resize(900, 640);
    window.show();
    std::atomic<bool> inside = false;
    std::atomic<bool> ended = false;
    app.jobs().submit("endless",
                      [&](JobControl& control, const ProgressFn&) {
                        inside = true;
                        while (control.keep_going()) QThread::msleep(2);
                        ended = true;
                      },
                      {});
    QTRY_VERIFY_WITH_TIMEOUT(inside, kLong);
    window.showPage("files");
    window.close();
    QVERIFY(ended);
    QCOMPARE(app.settings().value("window/page").toString(), QString("files"));
    QVERIFY(!app.settings().value("window/geometry").toByteArray().isEmpty());
  }

 private:
  std::unique_ptr<TestHome> home_;
};

QTEST_MAIN(TestMainWindow)
#include "test_main_window.moc"
