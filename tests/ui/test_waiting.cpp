// Work that comes in while a job is paused: every page says for what it waits.

#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QThread>
#include <QToolButton>
#include <atomic>

#include "audio/decode.h"
#include "support/sounds.h"
#include "ui/files/files_page.h"
#include "ui/label/label_page.h"
#include "ui/notices.h"
#include "ui/shell/main_window.h"
#include "ui/tiny_app.h"

using namespace hearsay;
using hearsay::ui::AppContext;
using hearsay::ui::MainWindow;

class TestWaiting : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() {
    app_ = startTinyApp("waiting", "dog, rain");
    QVERIFY2(app_, "the model does not load");
  }
  void cleanupTestCase() { app_.reset(); }

  void init() {
    window_ = std::make_unique<MainWindow>(*app_);
    window_->show();
    write_wav(sound().toStdString(), testing::noise(20000, 0.3), app_->model()->info().sample_rate);
    app_->jobs().submit("Tuning 2 classes",
                        [](JobControl& control, const ProgressFn&) {
                          while (true) {
                            control.checkpoint();
                            QThread::msleep(2);
                          }
                        },
                        {});
    QTRY_VERIFY_WITH_TIMEOUT(app_->jobs().currentJob() >= 0, kPatience);
    find<QToolButton>("jobPause")->click();
    QVERIFY(app_->jobs().paused());
    notices_ = std::make_unique<Notices>(*app_);
  }
  void cleanup() {
    app_->jobs().cancel();
    QTRY_VERIFY_WITH_TIMEOUT(!app_->jobs().busy(), kPatience);
    window_.reset();
  }

  /// Whatever is said beside them, and however long it is.
  void theButtonsOfTheJobStayWhereTheyAre() {
    const auto places = [this] {
      QCoreApplication::processEvents();
      QList<QPoint> all;
      for (const char* name : {"jobPause", "jobCancel"}) {
        all.append(find<QToolButton>(name)->mapTo(find<QWidget>("jobBar"), QPoint()));
      }
      return all;
    };
    const QList<QPoint> before = places();
    find<QToolButton>("jobCancel")->click();
    QTRY_VERIFY_WITH_TIMEOUT(!app_->jobs().busy(), kPatience);
    std::atomic<int> stage = 0;
    app_->jobs().submit("Tuning 50 classes",
                        [&stage](JobControl& control, const ProgressFn& progress) {
                          while (true) {
                            control.checkpoint();
                            progress({stage == 0 ? "encoding captions" : "tuning", 0.5, stage == 0 ? 70.0 : 1.0});
                            QThread::msleep(2);
                          }
                        },
                        {});
    const auto* left = find<QLabel>("jobTimeLeft");
    QTRY_COMPARE_WITH_TIMEOUT(left->text(), QString("70 s left"), kPatience);
    QCOMPARE(places(), before);
    stage = 1;
    QTRY_COMPARE_WITH_TIMEOUT(left->text(), QString("a moment left"), kPatience);
    QCOMPARE(places(), before);
  }

  void filesSayWhatTheyWaitFor() {
    auto* files = qobject_cast<ui::FilesPage*>(window_->page("files"));
    window_->showPage("files");
    window_->openPaths({sound()});
    const auto* summary = files->findChild<QLabel*>("fileSummary");
    QTRY_VERIFY2_WITH_TIMEOUT(summary->text().contains("1 to go, waiting for: Tuning 2 classes (paused)"),
                              qPrintable(summary->text()), kPatience);
    QCOMPARE(find<QLabel>("jobTimeLeft")->text(), QString("paused, 1 waiting behind it"));
    QVERIFY2(said("Naming 1 file waits for Tuning 2 classes, which is paused"), qPrintable(all()));
    find<QToolButton>("jobCancel")->click();
    QTRY_COMPARE_WITH_TIMEOUT(files->model().count(ui::FileState::Done), 1, kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(!summary->text().contains("waiting"), kPatience);
  }

  void whatWaitsInFilesCanBeGivenUp() {
    auto* files = qobject_cast<ui::FilesPage*>(window_->page("files"));
    window_->showPage("files");
    window_->openPaths({sound()});
    QTRY_COMPARE_WITH_TIMEOUT(app_->jobs().waiting(), 1, kPatience);
    files->clearAll();
    QTRY_COMPARE_WITH_TIMEOUT(app_->jobs().waiting(), 0, kPatience);
    QCOMPARE(find<QLabel>("jobTimeLeft")->text(), QString("paused"));
  }

  void measuringWaitsAndCanBeGivenUp() {
    window_->showPage("models");
    auto* measure = find<QPushButton>("measureButton");
    QTRY_VERIFY_WITH_TIMEOUT(measure->isEnabled(), kPatience);
    measure->click();
    QCOMPARE(find<QLabel>("modelSpeed")->text(), QString("waits for: Tuning 2 classes (paused)"));
    QCOMPARE(measure->text(), QString("Stop measuring"));
    QVERIFY(measure->isEnabled());
    QVERIFY2(said("Measuring "), qPrintable(all()));
    measure->click();
    QTRY_COMPARE_WITH_TIMEOUT(measure->text(), QString("Measure speed"), kPatience);
    QCOMPARE(find<QLabel>("modelSpeed")->text(), QString("not measured yet"));
    QVERIFY(app_->jobs().paused());
  }

  void labelSaysWhatItsSuggestionsWaitFor() {
    auto* label = qobject_cast<ui::LabelPage*>(window_->page("label"));
    window_->showPage("label");
    const QString session = home_.dir.filePath("all.hearsay-labels");
    QVERIFY(label->controller().create(session, home_.dir.path(), {"dog", "rain"}));
    const auto* suggestion = label->findChild<QLabel*>("suggestionText");
    QTRY_VERIFY2_WITH_TIMEOUT(suggestion->text().contains("It waits for: Tuning 2 classes (paused)."),
                              qPrintable(suggestion->text()), kPatience);
    QVERIFY2(said("Suggesting labels waits for Tuning 2 classes"), qPrintable(all()));
    find<QToolButton>("jobPause")->click();
    QVERIFY2(suggestion->text().contains("It waits for: Tuning 2 classes."), qPrintable(suggestion->text()));
    find<QToolButton>("jobCancel")->click();
    QTRY_VERIFY_WITH_TIMEOUT(suggestion->text().startsWith("Suggested: "), kPatience);
    label->controller().close();
  }

 private:
  template <typename T>
  T* find(const char* name) {
    return window_->findChild<T*>(QString::fromLatin1(name));
  }
  [[nodiscard]] QString sound() const { return home_.dir.filePath("noise.wav"); }
  [[nodiscard]] bool said(const char* words) const { return notices_->said(words); }
  [[nodiscard]] QString all() const { return notices_->all(); }

  TestHome home_;
  std::unique_ptr<AppContext> app_;
  std::unique_ptr<MainWindow> window_;
  std::unique_ptr<Notices> notices_;
};

QTEST_MAIN(TestWaiting)
#include "test_waiting.moc"
