// Prompt sets that were in use: each comes back with its own file and thresholds, and what was told of them is
// withdrawn once it is no longer so.

#include <QFileDialog>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSpinBox>
#include <QTest>
#include <QToolButton>

#include "base/files.h"
#include "notices.h"
#include "tuned_prompts.h"
#include "ui/charts/curve_plot.h"
#include "ui/charts/similarity_bars.h"
#include "ui/other_model.h"
#include "ui/shell/notice_bar.h"
#include "ui/shell/recent_prompts.h"
#include "ui/teach/teach_page.h"
#include "ui/window_fixture.h"

using namespace hearsay;
using namespace hearsay::ui;

class TestUsedPrompts : public QObject, protected WindowFixture {
  Q_OBJECT
 private Q_SLOTS:
  void init() { QVERIFY(openFresh()); }
  void cleanup() { close(); }

  void everySetHasItsOwnThresholds_data() {
    QTest::addColumn<bool>("tuned");
    QTest::newRow("tuned") << true;
    QTest::newRow("zero-shot") << false;
  }
  void everySetHasItsOwnThresholds() {
    QFETCH(const bool, tuned);
    const QString alarms = path("alarms.safetensors");
    const QString other = path("other.safetensors");
    if (tuned) app_->usePrompts(tunedPrompts(*app_));
    QVERIFY(app_->savePrompts(alarms));
    QVERIFY(!window_->isWindowModified());
    moveMark(1, 3);
    QVERIFY(app_->promptsEdited() && window_->isWindowModified());
    QVERIFY2(inUse().endsWith("3 classes: alarms.safetensors, edited"), qPrintable(inUse()));
    moveMark(1, -3);
    QVERIFY(!app_->promptsEdited() && !window_->isWindowModified());
    QVERIFY2(inUse().endsWith("3 classes: alarms.safetensors"), qPrintable(inUse()));
    moveMark(1, 3);
    QVERIFY(app_->savePrompts(other));
    QVERIFY(!window_->isWindowModified());
    QVERIFY(app_->openPrompts(alarms));
    QCOMPARE(marks(), QVector<double>({0.5, 0.5, 0.5}));
    QVERIFY(!window_->isWindowModified());
    window_->findChild<QAction*>("savePrompts")->trigger();
    QVERIFY(load_prompts(alarms.toStdString()).thresholds.empty());
    QVERIFY(app_->openPrompts(other));
    QCOMPARE(marks(), QVector<double>({0.5, 0.53, 0.5}));
    QVERIFY(startAgain());
    const auto asBefore = [&] { return inUse().endsWith("3 classes: other.safetensors"); };
    QTRY_VERIFY2_WITH_TIMEOUT(asBefore(), qPrintable(inUse()), kLong);
    QCOMPARE(marks(), QVector<double>({0.5, 0.53, 0.5}));
  }

  void undoAndRedoBringSetsBackAsTheyWere() {
    moveMark(0, 4);  // of the typed list
    saveTuned("pets.safetensors", "cat, rain", 1.0F);
    moveMark(1, 10);
    QVERIFY(app_->savePrompts(path("pets.safetensors")));
    saveTuned("alarms.safetensors", "siren, rain", 2.0F);
    moveMark(1, -5);
    QVERIFY(app_->savePrompts(path("alarms.safetensors")));
    QVERIFY(app_->openPrompts(path("pets.safetensors")));
    QCOMPARE(marks(), QVector<double>({0.5, 0.6}));
    moveMark(0, 1);  // in use: not saved
    Notices notices(*app_);
    QVERIFY(app_->openPrompts(path("alarms.safetensors")));
    QCOMPARE(marks(), QVector<double>({0.5, 0.55}));  // "rain" began with what it had before
    QTest::qWait(300);
    find<QToolButton>("undoButton")->click();
    QCOMPARE(inUse(), QString("Tuned, 2 classes: pets.safetensors, edited"));
    QCOMPARE(marks(), QVector<double>({0.51, 0.6}));
    find<QToolButton>("redoButton")->click();
    QCOMPARE(inUse(), QString("Tuned, 2 classes: alarms.safetensors"));
    QVERIFY(marks()[1] < 0.6);
    QTest::qWait(400);  // when a list that is another is read
    QVERIFY(app_->prompts()->tuned);
    QVERIFY2(!notices.said("class names alone"), qPrintable(notices.all()));
  }

  void aTypedListComesBackWithItsThresholds() {
    moveMark(1, 20);
    saveTuned("pets.safetensors", "cat, rain", 1.0F);  // "rain" is typed anew there
    QCOMPARE(marks(), QVector<double>({0.5, 0.7}));
    moveMark(1, -30);
    QVERIFY(app_->savePrompts(path("pets.safetensors")));
    app_->setClasses(parse_classes("dog\nrain\nbell"));
    QTRY_VERIFY_WITH_TIMEOUT(app_->prompts()->size() == 3, kLong);
    moveMark(1, 15);
    const QVector<double> typed = marks();
    QVERIFY(app_->openPrompts(path("pets.safetensors")));
    QCOMPARE(marks(), QVector<double>({0.5, 0.4}));
    find<QToolButton>("undoButton")->click();
    QCOMPARE(app_->classes().size(), std::size_t{3});
    QCOMPARE(marks(), typed);
    QCOMPARE(inUse(), QString("Zero-shot, 3 classes"));
  }

  void aSavedSetIsStillSavedAfterTheTemplate() {
    app_->usePrompts(tunedPrompts(*app_));
    QVERIFY(app_->savePrompts(path("animals.safetensors")));
    moveMark(2, 2);
    auto* use = find<QPushButton>("useButton");
    use->click();
    QTRY_VERIFY_WITH_TIMEOUT(app_->prompts() && !app_->prompts()->tuned, kLong);
    QVERIFY(app_->promptsFile().isEmpty());
    moveMark(2, -20);
    use->click();
    QCOMPARE(inUse(), QString("Tuned, 3 classes: animals.safetensors, edited"));
    QCOMPARE(marks(), QVector<double>({0.5, 0.5, 0.52}));
    QMenu menu;
    addRecentPrompts(&menu, *app_);
    for (const QAction* action : menu.actions()) {
      QCOMPARE(action->isChecked(), action->toolTip() == path("animals.safetensors"));
    }
    window_->findChild<QAction*>("savePrompts")->trigger();
    QVERIFY(find<QFileDialog>("fileDialog") == nullptr);
    QCOMPARE(load_prompts(path("animals.safetensors").toStdString()).thresholds, (std::vector<double>{0.5, 0.5, 0.52}));
  }

  void whatResultSavesIsSavedWhenItIsUsed() {
    app_->usePrompts(tunedPrompts(*app_));
    moveMark(0, 2);
    find<QPushButton>("useButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(app_->prompts() && !app_->prompts()->tuned, kLong);
    find<QPushButton>("saveButton")->click();
    auto* dialog = find<QFileDialog>("fileDialog");
    QVERIFY(dialog != nullptr);
    Q_EMIT dialog->filesSelected({path("mine.safetensors")});
    dialog->reject();
    QCOMPARE(load_prompts(path("mine.safetensors").toStdString()).thresholds, (std::vector<double>{0.52, 0.5, 0.5}));
    QVERIFY(!app_->prompts()->tuned);
    find<QPushButton>("useButton")->click();
    QCOMPARE(inUse(), QString("Tuned, 3 classes: mine.safetensors"));
  }

  void theNextStartHasTheThresholds() {
    PromptSet tuned = tunedPrompts(*app_);
    tuned.created_at = "1999-05-06T07:08:09Z";
    app_->usePrompts(tuned);
    moveMark(0, 7);
    const QString kept = app_->promptsKept();
    saveTuned("pets.safetensors", "cat, rain", 1.0F);
    QCOMPARE(load_prompts(kept.toStdString()).thresholds, (std::vector<double>{0.57, 0.5, 0.5}));
    QVERIFY2(keptInWords(kept).contains("1999"), qPrintable(keptInWords(kept)));  // not when they were kept with it
    moveMark(1, 6);
    QVERIFY(startAgain());
    QTRY_COMPARE_WITH_TIMEOUT(inUse(), QString("Tuned, 2 classes: pets.safetensors, edited"), kLong);
    QCOMPARE(marks(), QVector<double>({0.5, 0.56}));
    QVERIFY(app_->openPrompts(path("pets.safetensors")));
    QCOMPARE(marks(), QVector<double>({0.5, 0.5}));
    QVERIFY(app_->openPrompts(kept));
    QCOMPARE(marks(), QVector<double>({0.57, 0.5, 0.5}));
    // Another window has its own.
    AppContext other;
    other.restore();
    QVERIFY(other.openPrompts(path("pets.safetensors")));
    other.rememberThresholds(other.classes(), {0.1, 0.1});
    QCOMPARE(marks(), QVector<double>({0.57, 0.5, 0.5}));
  }

  /// There marks went by the class's name alone, in whatever set; the set's own held for the others.
  void thresholdsOfAnEarlierVersionComeAlong() {
    saveTuned("pets.safetensors", "cat, rain", 1.0F);
    moveMark(0, 20);
    QVERIFY(app_->savePrompts(path("pets.safetensors")));
    const auto file = data_folder() / "window.json";
    const auto state = [&] { return QJsonDocument::fromJson(QByteArray::fromStdString(read_file(file))).object(); };
    const auto written = [&] { return state().value("prompts").toString() == path("pets.safetensors"); };
    QTRY_VERIFY_WITH_TIMEOUT(std::filesystem::exists(file) && written(), kLong);
    QJsonObject earlier = state();
    QVERIFY(earlier.contains("thresholds"));
    earlier.remove("thresholds");
    write_file_atomically(file, QJsonDocument(earlier).toJson().toStdString());
    app_->settings().setValue("listen/thresholds", QVariantMap{{"rain", 0.3}});
    AppContext next;
    next.restore();
    const PromptSet pets = load_prompts(path("pets.safetensors").toStdString());
    QCOMPARE(next.thresholds(pets), (std::vector<double>{0.7, 0.3}));
  }

  void aTypedListHasItsThresholdsAtTheNextStart() {
    moveMark(1, 20);
    QVERIFY(app_->savePrompts(path("other.safetensors")));
    moveMark(1, 8);
    app_->setClasses(parse_classes("dog\nrain"));
    QTRY_COMPARE_WITH_TIMEOUT(app_->prompts()->size(), std::size_t{2}, kLong);
    QCOMPARE(marks(), QVector<double>({0.5, 0.78}));
    moveMark(0, 1);
    QVERIFY(startAgain());
    QTRY_VERIFY_WITH_TIMEOUT(app_->prompts() != nullptr, kLong);
    QCOMPARE(marks(), QVector<double>({0.51, 0.78}));
    QVERIFY(app_->openPrompts(path("other.safetensors")));
    QCOMPARE(marks(), QVector<double>({0.5, 0.7, 0.5}));
    app_->setClasses(parse_classes("dog\nrain"));  // its own, though another set was listened with meanwhile
    QTRY_COMPARE_WITH_TIMEOUT(app_->prompts()->size(), std::size_t{2}, kLong);
    QCOMPARE(marks(), QVector<double>({0.51, 0.78}));
  }

  void noticesGoOnceTheyAreSettled() {
    auto* bar = window_->findChild<NoticeBar*>();
    app_->usePrompts(tunedPrompts(*app_));
    QVERIFY(app_->savePrompts(path("mine.safetensors")));
    QVERIFY(useModel(otherModel(path("other-model"))));
    QVERIFY2(bar->sentence().contains("Until then the class names alone"), qPrintable(bar->sentence()));
    QTRY_VERIFY_WITH_TIMEOUT(!app_->prompts()->tuned, kLong);
    QVERIFY(!app_->openPrompts(path("mine.safetensors")));
    QVERIFY2(bar->sentence().contains("mine.safetensors"), qPrintable(bar->sentence()));
    QVERIFY(!find<QPushButton>("useButton")->isEnabled());
    QVERIFY(find<QPushButton>("useButton")->toolTip().contains("choose it above"));
    QVERIFY(!find<QPushButton>("tuneAgainButton")->isEnabled());
    QVERIFY(find<QPushButton>("tuneAgainButton")->toolTip().contains("choose it above"));
    QVERIFY(useModel(QStringLiteral(HEARSAY_TEST_DATA "/starter-tiny")));
    QCOMPARE(inUse(), QString("Tuned, 3 classes: mine.safetensors"));
    QCOMPARE(bar->sentence(), QString());
    app_->setClasses(parse_classes("dog, rain"));
    QTRY_VERIFY_WITH_TIMEOUT(bar->sentence().contains("class names alone"), kLong);
    QVERIFY2(bar->sentence().contains("Undo or Redo"), qPrintable(bar->sentence()));
    find<QToolButton>("undoButton")->click();
    QCOMPARE(inUse(), QString("Tuned, 3 classes: mine.safetensors"));
    QCOMPARE(bar->sentence(), QString());
    app_->setClasses({});
    QVERIFY(bar->sentence().contains("list of sounds is empty"));
    find<QToolButton>("undoButton")->click();
    QCOMPARE(bar->sentence(), QString());
    saveTuned("pets.safetensors", "cat, rain", 1.0F);
    bar->dismiss();
    QVERIFY(app_->openPrompts(path("mine.safetensors")));
    QVERIFY2(bar->sentence().contains("brought its own list"), qPrintable(bar->sentence()));
    find<QToolButton>("undoButton")->click();
    QCOMPARE(bar->sentence(), QString());
  }

  void aTuningThatEndsUnderAnotherModelIsKept() {
    const QString other = otherModel(path("other-model"));
    const QDateTime began = QDateTime::currentDateTimeUtc().addSecs(-1);
    auto* teach = qobject_cast<TeachPage*>(window_->page("teach"));
    find<QSpinBox>("contextSpin")->setValue(4);
    find<QSpinBox>("stepsSpin")->setValue(100000);
    auto* start = teach->findChild<QPushButton*>(QStringLiteral("startButton"));  // Listen has one too
    QTRY_VERIFY_WITH_TIMEOUT(start->isEnabled(), kLong);
    start->click();
    QTRY_VERIFY_WITH_TIMEOUT(find<CurvePlot>("lossPlot")->points(0) > 2, kLong);
    QVERIFY(useModel(other));
    Notices notices(*app_);
    find<QPushButton>("stopButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(!teach->tuning(), kLong);
    QVERIFY2(notices.said("the result is kept"), qPrintable(notices.all()));
    QVERIFY2(!notices.said("were made with"), qPrintable(notices.all()));
    QVERIFY(find<QLabel>("otherList")->isVisibleTo(teach));
    QVERIFY(find<QLabel>("otherList")->text().contains("another model"));
    auto* use = find<QPushButton>("useButton");
    QVERIFY(!use->isEnabled() && use->toolTip().contains("choose it above"));
    QCOMPARE(app_->keptPrompts().size(), 1);
    QVERIFY(useModel(QStringLiteral(HEARSAY_TEST_DATA "/starter-tiny")));
    QVERIFY(use->isEnabled());
    use->click();
    QVERIFY(app_->prompts()->tuned && app_->promptsUnsaved());
    // The time is the tuning's, whenever it is saved.
    const QString time = QString::fromStdString(app_->prompts()->created_at);
    QVERIFY2(QDateTime::fromString(time, Qt::ISODate) >= began.addMSecs(-began.time().msec()), qPrintable(time));
    QTest::qWait(1100);
    QVERIFY(app_->savePrompts(path("late.safetensors")));
    QCOMPARE(QString::fromStdString(load_prompts(path("late.safetensors").toStdString()).created_at), time);
  }

 private:
  [[nodiscard]] QString path(const char* name) const { return home_->dir.filePath(QString::fromLatin1(name)); }
  QString inUse() { return find<QToolButton>("promptsButton")->text(); }
  SimilarityBars* bars() { return window_->page("listen")->findChild<SimilarityBars*>(); }
  QVector<double> marks() { return bars()->thresholds(); }
  /// By the keyboard, one per cent each.
  void moveMark(int row, int steps) {
    bars()->setCurrent(row);
    for (int i = 0; i < std::abs(steps); ++i) QTest::keyClick(bars(), steps > 0 ? Qt::Key_Right : Qt::Key_Left);
  }
  /// Types this list, tunes it and saves it.
  void saveTuned(const char* name, const char* classes, float mark) {
    app_->setClasses(parse_classes(classes));
    const auto there = [&] { return app_->prompts() && app_->prompts()->size() == app_->classes().size(); };
    QTRY_VERIFY_WITH_TIMEOUT(there() && !app_->prompts()->tuned, kLong);
    app_->usePrompts(tunedPrompts(*app_, mark));
    QVERIFY(app_->savePrompts(path(name)));
  }
};

QTEST_MAIN(TestUsedPrompts)
#include "test_used_prompts.moc"
