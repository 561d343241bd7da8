// What Teach says of the sentences and settings of a tuning, through its widgets.

#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QDialog>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSpinBox>
#include <QTest>
#include <QThread>
#include <QToolButton>
#include <cmath>

#include "teach_fixture.h"
#include "ui/charts/curve_plot.h"

using hearsay::ui::CurvePlot;
using hearsay::ui::JobService;

class TestTeachSettings : public QObject, TeachFixture {
  Q_OBJECT
 private Q_SLOTS:
  void init() { open(true); }
  void cleanup() { close(); }

  void allWarningsCanBeRead() {
    app_->setClasses(hearsay::parse_classes("dog, rain, siren"));
    QByteArray text = "caption,label\na dog barks,dog\na cow <b>moos</b>,<b>cow\n,dog\n";
    for (int i = 0; i < 1500; ++i) text += "dog ";
    writeCaptions(text + ",dog\n");
    const auto* label = find<QLabel>("captionWarnings");
    QTRY_VERIFY2_WITH_TIMEOUT(label->text().contains("and 1 more"), qPrintable(label->text()), kLong);
    QCOMPARE(label->text().count('\n'), 4);
    const QString last = QStringLiteral("longer than a model reads");
    QVERIFY(label->text().contains("Fewer than 5 captions for 'dog'"));  // classes come first
    QVERIFY2(!label->text().contains(last), qPrintable(label->text()));
    for (const QString& all : {label->toolTip().simplified(), label->accessibleDescription()}) {
      QVERIFY2(all.contains("without words") && all.contains("siren") && all.contains(last), qPrintable(all));
    }
    QVERIFY2(label->toolTip().contains("<b>cow"), qPrintable(label->toolTip()));
    writeCaptions("caption,label\na dog barks,dog\nit rains,rain\n");
    QTRY_VERIFY2_WITH_TIMEOUT(!label->text().contains("more"), qPrintable(label->text()), kLong);
    QVERIFY(label->toolTip().isEmpty() && label->accessibleDescription().isEmpty());
  }

  void manySoundsAreAddedByKeysAlone() {
    for (const Qt::Key key : {Qt::Key_Return, Qt::Key_Enter}) {
      app_->setClasses({});
      find<QToolButton>("pasteButton")->click();
      auto* dialog = find<QDialog>("pasteDialog");
      dialog->activateWindow();
      QTRY_COMPARE(QApplication::activeWindow(), dialog);
      auto* text = dialog->findChild<QPlainTextEdit*>("pasteText");
      text->setPlainText("dog\nrain");
      QTest::keyClick(text, Qt::Key_Tab);  // on to the buttons
      QVERIFY(!text->hasFocus());
      QCOMPARE(text->toPlainText(), "dog\nrain");
      text->setFocus();
      QTRY_VERIFY2(text->hasFocus(), qPrintable(QApplication::activeWindow()->objectName()));
      QTest::keyClick(text, key, Qt::ControlModifier);
      QCOMPARE(app_->classes().size(), std::size_t(2));
      QTRY_VERIFY(find<QDialog>("pasteDialog") == nullptr);
    }
  }

  void moreSentencesThanATuningTakesAreTold() {
    loadTiny();
    app_->setClasses(hearsay::parse_classes("dog, rain, siren"));
    const auto* count = find<QLabel>("captionSummary");
    const auto shows = [&](int sentences, bool bounded) {
      const QString most = "at most " + QLocale().toString(20000);
      const bool told = count->text().contains(most) && said().contains(most) && !count->toolTip().isEmpty();
      const bool silent = !count->text().contains(most) && !said().contains(most) && count->toolTip().isEmpty();
      const QString all = QLocale().toString(sentences) + " sentences";
      return count->text().startsWith(all) && said().contains(all) && (bounded ? told : silent);
    };
    writeCaptions(rows(20100));
    QTRY_VERIFY2_WITH_TIMEOUT(shows(20100, true), qPrintable(count->text() + " | " + said()), kLong);
    writeCaptions(rows(20000));
    QTRY_VERIFY2_WITH_TIMEOUT(shows(20000, false), qPrintable(count->text() + " | " + said()), kLong);
  }

  void pauseIsForTheTuningAlone() {
    loadTiny();
    app_->setClasses(hearsay::parse_classes("dog, rain, siren"));
    find<QSpinBox>("stepsSpin")->setValue(100000);
    QTRY_VERIFY_WITH_TIMEOUT(find<QPushButton>("startButton")->isEnabled(), kLong);
    JobService& jobs = app_->jobs();
    const auto endless = [](hearsay::JobControl& control, const hearsay::ProgressFn&) {
      while (true) {
        control.checkpoint();
        QThread::msleep(2);
      }
    };
    const int other = jobs.submit("other work", endless, {});
    QTRY_COMPARE_WITH_TIMEOUT(jobs.currentJob(), other, kLong);
    find<QPushButton>("startButton")->click();
    auto* pause = find<QPushButton>("pauseButton");
    QVERIFY(page_->tuning() && pause->isVisible() && !pause->isEnabled());
    QVERIFY2(pause->toolTip().contains("other work"), qPrintable(pause->toolTip()));
    pause->click();
    QVERIFY(!jobs.paused());
    jobs.pause();  // the other one, as the bottom line's button does
    QVERIFY(jobs.paused());
    const auto* status = find<QLabel>("tuningStatus");
    QCOMPARE(status->text(), QString("Waiting for its turn"));
    QCOMPARE(pause->text(), QString("Pause"));
    jobs.cancelJob(other);
    QTRY_VERIFY_WITH_TIMEOUT(pause->isEnabled(), kLong);
    QTRY_VERIFY_WITH_TIMEOUT(find<CurvePlot>("lossPlot")->points(0) > 2, kLong);
    pause->click();
    QVERIFY(jobs.paused());
    QCOMPARE(status->text(), QString("Paused"));
    QCOMPARE(pause->text(), QString("Go on"));
    pause->click();
    QVERIFY(!jobs.paused());
    QCOMPARE(pause->text(), QString("Pause"));
    find<QPushButton>("stopButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(!page_->tuning(), kLong);
  }

  /// On the page, and in the bottom line, which goes by what the job says.
  void thereIsOneProgressOfATuning() {
    loadTiny();
    app_->setClasses(hearsay::parse_classes("dog, rain, siren"));
    double told = 0.0;
    connect(&app_->jobs(), &hearsay::ui::JobService::progressed, this,
            [&told](int, const QString&, double fraction) { told = fraction; });
    find<QSpinBox>("stepsSpin")->setValue(2000);
    QTRY_VERIFY_WITH_TIMEOUT(find<QPushButton>("startButton")->isEnabled(), kLong);
    find<QPushButton>("startButton")->click();
    const auto* bar = find<QProgressBar>("tuningProgress");
    QTRY_VERIFY_WITH_TIMEOUT(bar->value() > 100, kLong);
    find<QPushButton>("pauseButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(std::abs(bar->value() - told * 1000.0) < 1.5, kLong);
    find<QPushButton>("stopButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(!page_->tuning(), kLong);
  }

  void fewClassesHoldOutTheLast_data() {
    QTest::addColumn<QString>("classes");
    QTest::addColumn<QString>("proposed");
    QTest::newRow("3") << "dog, rain, siren"
                       << "siren";
    QTest::newRow("4") << "dog, rain, siren, bell"
                       << "bell";
    QTest::newRow("6") << "dog, rain, siren, bell, wind, clock"
                       << "wind";
    QTest::newRow("10") << "a1, b2, c3, d4, e5, f6, g7, h8, i9, j0"
                        << "e5, j0";
  }
  void fewClassesHoldOutTheLast() {
    QFETCH(QString, classes);
    QFETCH(QString, proposed);
    app_->setClasses(hearsay::parse_classes(classes.toStdString()));
    auto* box = find<QCheckBox>("unseenBox");
    QVERIFY(box->isEnabled() && !find<QLineEdit>("unseenEdit")->isEnabled());
    box->click();
    QVERIFY(find<QLineEdit>("unseenEdit")->isEnabled());
    QCOMPARE(find<QLineEdit>("unseenEdit")->text(), proposed);
  }

  void twoClassesHoldOutNone() {
    auto* box = find<QCheckBox>("unseenBox");
    QVERIFY(!box->isEnabled());  // no classes yet
    app_->setClasses(hearsay::parse_classes("dog, rain"));
    QVERIFY(!box->isEnabled());
    QVERIFY2(box->toolTip().contains("at least two"), qPrintable(box->toolTip()));
    app_->setClasses(hearsay::parse_classes("dog, rain, siren"));
    QVERIFY(box->isEnabled());
    QVERIFY2(box->toolTip().contains("reports"), qPrintable(box->toolTip()));
    box->click();
    app_->setClasses(hearsay::parse_classes("dog, siren"));
    QVERIFY(box->isEnabled());  // or it could not be cleared
    box->click();
    QVERIFY(!box->isEnabled() && !box->isChecked());
  }

  void whatCannotBeHeldOutIsSaidBesideStart() {
    loadTiny();
    app_->setClasses(hearsay::parse_classes("dog, rain, siren"));
    auto* start = find<QPushButton>("startButton");
    find<QCheckBox>("unseenBox")->click();
    QTRY_VERIFY_WITH_TIMEOUT(start->isEnabled(), kLong);
    holdOut("rain, siren");
    QVERIFY2(!start->isEnabled() && said().contains("At least two"), qPrintable(said()));
    holdOut("cow");
    QVERIFY2(!start->isEnabled() && said().contains("\"cow\""), qPrintable(said()));
    holdOut(" , ");
    QVERIFY2(!start->isEnabled() && said().contains("No sound is named"), qPrintable(said()));
    find<QCheckBox>("unseenBox")->click();
    QVERIFY2(start->isEnabled(), qPrintable(said()));
  }

  void theRecipeSaysHowManySteps() {
    const auto* line = find<QLabel>("recipeExplanation");
    QVERIFY2(line->text().contains("nothing is gained"), qPrintable(line->text()));
    find<QSpinBox>("stepsSpin")->setValue(30);
    QVERIFY2(line->text().contains("exactly 30 steps"), qPrintable(line->text()));
    find<QComboBox>("recipeBox")->setCurrentIndex(1);
    QVERIFY2(line->text().contains("exactly 30 steps"), qPrintable(line->text()));
    find<QSpinBox>("stepsSpin")->setValue(0);
    QVERIFY2(line->text().contains("ten rounds"), qPrintable(line->text()));
  }

  /// What was ticked some time ago is in force while the settings are closed.
  void theRecipeSaysWhatIsHeldOut() {
    app_->setClasses(hearsay::parse_classes("dog, rain, siren, bell"));
    const auto* line = find<QLabel>("recipeExplanation");
    QVERIFY(!line->text().contains("held out") && !line->text().contains("Settings"));
    find<QCheckBox>("unseenBox")->setChecked(true);
    QVERIFY2(line->text().contains("nothing is gained any more, \"bell\" held out (Settings)"),
             qPrintable(line->text()));
    auto* names = find<QLineEdit>("unseenEdit");
    names->setText("bell, dog");
    Q_EMIT names->editingFinished();
    find<QSpinBox>("stepsSpin")->setValue(30);
    QCOMPARE(line->text(), QString("exactly 30 steps, 2 classes held out (Settings)"));
    find<QCheckBox>("unseenBox")->setChecked(false);
    QCOMPARE(line->text(), QString("exactly 30 steps (Settings)"));
  }

  void stepsAndWhatIsHeldOutAreRemembered() {
    app_->setClasses(hearsay::parse_classes("dog, rain, siren"));
    find<QSpinBox>("stepsSpin")->setValue(30);
    find<QCheckBox>("unseenBox")->click();
    holdOut("rain");
    page_ = std::make_unique<hearsay::ui::TeachPage>(*app_);
    QCOMPARE(find<QSpinBox>("stepsSpin")->value(), 30);
    QVERIFY(find<QLabel>("recipeExplanation")->text().contains("exactly 30 steps"));
    QVERIFY(find<QCheckBox>("unseenBox")->isChecked() && find<QLineEdit>("unseenEdit")->isEnabled());
    QCOMPARE(find<QLineEdit>("unseenEdit")->text(), QString("rain"));
    find<QCheckBox>("unseenBox")->click();
    find<QSpinBox>("stepsSpin")->setValue(0);
    page_ = std::make_unique<hearsay::ui::TeachPage>(*app_);
    QVERIFY(!find<QCheckBox>("unseenBox")->isChecked());
    QCOMPARE(find<QSpinBox>("stepsSpin")->value(), 0);
  }

  void namesWithCommasCanBeHeldOut() {
    loadTiny();
    app_->setClasses(hearsay::parse_classes("dog\nrain\nsiren\nbell\nchild speech, kid speaking"));
    auto* start = find<QPushButton>("startButton");
    find<QCheckBox>("unseenBox")->click();
    QCOMPARE(find<QLineEdit>("unseenEdit")->text(), QString("child speech, kid speaking"));
    QTRY_VERIFY2_WITH_TIMEOUT(start->isEnabled(), qPrintable(said()), kLong);
    holdOut("bell, Child Speech, kid speaking");
    QVERIFY2(start->isEnabled(), qPrintable(said()));
    holdOut("child speech, dog");
    QVERIFY2(!start->isEnabled() && said().contains("\"child speech\""), qPrintable(said()));
  }

 private:
  QString said() { return find<QLabel>("startSummary")->text(); }
  void holdOut(const QString& names) {
    auto* edit = find<QLineEdit>("unseenEdit");
    edit->setText(names);
    Q_EMIT edit->editingFinished();
  }
  static QByteArray rows(int count) {
    QByteArray text = "caption,label\n";
    for (int i = 0; i < count; ++i) {
      text += "sound " + QByteArray::number(i) + (i % 3 == 0 ? ",dog\n" : i % 3 == 1 ? ",rain\n" : ",siren\n");
    }
    return text;
  }
  [[nodiscard]] QString file() const { return home_->dir.filePath("mine.csv"); }
  /// Writes captions and has them shown.
  void writeCaptions(const QByteArray& text) {
    QFile captions(file());
    QVERIFY(captions.open(QIODevice::WriteOnly));
    QCOMPARE(captions.write(text), text.size());
    captions.close();
    QVERIFY(page_->openPaths({file()}));
  }
};

QTEST_MAIN(TestTeachSettings)
#include "test_teach_settings.moc"
