// A tuning that was cut off comes back on Teach: both buttons, through the widgets.

#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QSpinBox>
#include <QTest>
#include <chrono>
#include <cmath>

#include "pictures.h"
#include "prompts/tuning_checkpoint.h"
#include "test_home.h"
#include "ui/charts/curve_plot.h"
#include "ui/shell/app_context.h"
#include "ui/teach/caption_source.h"
#include "ui/teach/teach_page.h"

using namespace hearsay;
using hearsay::ui::AppContext;
using hearsay::ui::CaptionChoice;
using hearsay::ui::CurvePlot;
using hearsay::ui::TeachPage;
using hearsay::ui::TextSource;

namespace {

constexpr int kLong = 80000;
const QString kTiny = QStringLiteral(HEARSAY_TEST_DATA "/starter-tiny");

TunerOptions twelveSteps() {
  TunerOptions options = recipe("fast");
  options.context_length = 6;
  options.seed = 7;
  options.steps = 12;
  return options;
}

}  // namespace

class TestUnfinishedTuning : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init() {
    home_ = std::make_unique<TestHome>();
    file_ = home_->dir.filePath("mine.csv");
    writeCaptions("the hound howls");
    choice_ = {TextSource::Both, file_, false, 7};
  }
  void cleanup() {
    page_.reset();
    app_.reset();
  }

  void goOnBringsEverythingBackAndEndsTheSame() {
    const PromptSet whole = cutOff(5);
    open();
    auto* bar = find<QFrame>("unfinishedBar");
    QVERIFY(!bar->isVisible());  // there is no model yet
    loadTiny();
    QTRY_VERIFY_WITH_TIMEOUT(bar->isVisible(), kLong);
    const QString text = find<QLabel>("unfinishedText")->text();
    QVERIFY2(text.contains("3 classes") && text.contains("step 5 of at most 12"), qPrintable(text));
    keepPicture(*page_, QStringLiteral("teach-unfinished"));
    for (const char* name : {"unfinishedGoOn", "unfinishedDiscard"}) {
      QVERIFY(!find<QPushButton>(name)->toolTip().isEmpty());
      QVERIFY(find<QPushButton>(name)->focusPolicy() & Qt::TabFocus);
    }
    find<QPushButton>("unfinishedGoOn")->setFocus();
    QTest::keyClick(find<QPushButton>("unfinishedGoOn"), Qt::Key_Space);
    QVERIFY(page_->tuning());
    QVERIFY(!bar->isVisible());
    QCOMPARE(app_->classes().size(), classes_.size());
    QCOMPARE(app_->classes()[0].aliases, classes_[0].aliases);
    QCOMPARE(find<QSpinBox>("stepsSpin")->value(), 12);
    QCOMPARE(find<QSpinBox>("contextSpin")->value(), 6);
    QCOMPARE(find<QSpinBox>("seedSpin")->value(), 7);
    QCOMPARE(find<QLineEdit>("templateEdit")->text(), QString("a noise of {}"));
    QCOMPARE(find<QComboBox>("sourceBox")->currentIndex(), 2);
    QCOMPARE(find<QLineEdit>("captionFileEdit")->text(), file_);
    QTRY_VERIFY_WITH_TIMEOUT(!page_->tuning(), kLong);
    QCOMPARE(find<CurvePlot>("lossPlot")->points(0), 12);
    const QDir kept(home_->dir.filePath("xdg_data_home/hearsay/tuned"));
    const QStringList sets = kept.entryList({"*.safetensors"});
    QCOMPARE(sets.size(), 1);
    const PromptSet rest = load_prompts(kept.filePath(sets[0]).toStdString());
    QCOMPARE(rest.coarse_context.data, whole.coarse_context.data);
    QCOMPARE(rest.fine_context.data, whole.fine_context.data);
    QVERIFY(unfinished_tunings().empty());
    settle();
    QVERIFY(!bar->isVisible());
  }

  void discardThrowsItAway() {
    cutOff(3);
    open();
    loadTiny();
    auto* bar = find<QFrame>("unfinishedBar");
    QTRY_VERIFY_WITH_TIMEOUT(bar->isVisible(), kLong);
    const QString text = find<QLabel>("unfinishedText")->text();
    QVERIFY2(text.contains("3 classes (dog, rain, siren)"), qPrintable(text));
    answerDiscard("Cancel");
    QVERIFY(bar->isVisible());
    QCOMPARE(unfinished_tunings().size(), std::size_t(1));
    answerDiscard("Discard");
    QVERIFY(!bar->isVisible());
    QVERIFY(unfinished_tunings().empty());
    QVERIFY(app_->classes().empty());
    settle();
    QVERIFY(!bar->isVisible());
  }

  void othersAreNotOffered() {
    cutOff(3, "");  // hearsay-cli's: the window does not know where its captions are
    open();
    loadTiny();
    settle();
    QVERIFY(!find<QFrame>("unfinishedBar")->isVisible());
    QCOMPARE(unfinished_tunings().size(), std::size_t{1});
    QVERIFY(!hearsay::ui::choiceFromText("{\"window\":\"teach\",\"source\":9}"));
  }

  void changedCaptionsAreRefusedInWords() {
    cutOff(5);
    writeCaptions("the wolf howls");
    open();
    loadTiny();
    QTRY_VERIFY_WITH_TIMEOUT(find<QFrame>("unfinishedBar")->isVisible(), kLong);
    find<QPushButton>("unfinishedGoOn")->click();
    QTRY_VERIFY_WITH_TIMEOUT(!page_->tuning(), kLong);
    const QString said = find<QLabel>("tuningStatus")->text();
    QVERIFY2(said.contains("other captions") && said.contains("mine.csv"), qPrintable(said));
    QVERIFY2(!said.contains(".safetensors"), qPrintable(said));
    QTRY_VERIFY_WITH_TIMEOUT(find<QFrame>("unfinishedBar")->isVisible(), kLong);  // nothing is lost
  }

  /// A kill loses ten seconds; closing the window must not lose more.
  void aTuningThatTheClosedWindowEndsIsOfferedAgain() {
    const QString mine = home_->dir.filePath("mine.safetensors");
    startEndless(mine);
    QTRY_VERIFY_WITH_TIMEOUT(find<CurvePlot>("lossPlot")->points(0) > 3, kLong);
    QCOMPARE(app_->promptsFile(), mine);
    closeAndOpenAgain();
    if (QTest::currentTestFailed()) return;
    loadTiny();
    QTRY_VERIFY_WITH_TIMEOUT(find<QFrame>("unfinishedBar")->isVisible(), kLong);
    QTRY_COMPARE_WITH_TIMEOUT(app_->promptsFile(), mine, kLong);  // what was in use, not what was cut short
    QCOMPARE(app_->recentPrompts(), QStringList{mine});
  }

  /// Before the first state is due, and while it is paused: the state is written as the window closes.
  void oneThatIsEndedSoonIsOfferedAgain_data() {
    QTest::addColumn<bool>("paused");
    QTest::newRow("running") << false;
    QTest::newRow("paused") << true;
  }
  void oneThatIsEndedSoonIsOfferedAgain() {
    QFETCH(bool, paused);
    startEndless({}, 1000.0);
    QTRY_VERIFY_WITH_TIMEOUT(find<CurvePlot>("lossPlot")->points(0) > 3, kLong);
    if (paused) find<QPushButton>("pauseButton")->click();
    QCOMPARE(app_->jobs().paused(), paused);
    QTest::qWait(paused ? 300 : 0);  // until it stands
    closeAndOpenAgain();
    if (QTest::currentTestFailed()) return;
    QVERIFY(app_->keptPrompts().isEmpty());
    loadTiny();
    QTRY_VERIFY_WITH_TIMEOUT(find<QFrame>("unfinishedBar")->isVisible(), kLong);
  }

  /// Where no state can be written there is nothing to go on with: then the best so far is kept, but not used.
  void oneThatCannotBeGoneOnWithIsKeptAndNotUsed() {
    const QString mine = home_->dir.filePath("mine.safetensors");
    const QString folder = QString::fromStdString(unfinished_folder().string());
    QVERIFY(QDir(folder).removeRecursively());
    QFile inTheWay(folder);
    QVERIFY(inTheWay.open(QIODevice::WriteOnly));
    startEndless(mine);
    QTRY_VERIFY_WITH_TIMEOUT(find<CurvePlot>("lossPlot")->points(0) > 3, kLong);
    page_->shutDown();
    app_->shutDown();
    page_.reset();
    app_.reset();
    QVERIFY(unfinished_tunings().empty());
    open();
    app_->restore();
    loadTiny();
    QTRY_COMPARE_WITH_TIMEOUT(app_->promptsFile(), mine, kLong);
    QCOMPARE(app_->recentPrompts(), QStringList{mine});
    QCOMPARE(app_->keptPrompts().size(), 1);
  }

  /// While captions are read there are no steps yet, but what was asked for must come back.
  void oneThatIsEndedWhileCaptionsAreReadIsOfferedAgain() {
    const auto many = [this] {
      QFile file(file_);
      QVERIFY(file.open(QIODevice::WriteOnly));
      for (int i = 0; i < 12000; ++i)
        file.write("a dog howls " + QByteArray::number(i * 7919) + " times at the moon\n");
    };
    many();
    open();
    loadTiny();
    app_->setClasses(classes_);
    find<QSpinBox>("stepsSpin")->setValue(12);
    QVERIFY(page_->openPaths({file_}));
    QTRY_VERIFY_WITH_TIMEOUT(find<QPushButton>("startButton")->isEnabled(), kLong);
    find<QPushButton>("startButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(find<QLabel>("tuningStatus")->text().contains("encoding captions", Qt::CaseInsensitive),
                             kLong);
    page_->shutDown();
    app_->shutDown();
    QCOMPARE(find<CurvePlot>("lossPlot")->points(0), 0);
    page_.reset();
    app_.reset();
    const auto kept = unfinished_tunings();
    QCOMPARE(kept.size(), std::size_t{1});
    QCOMPARE(kept[0].step, 0);
    open();
    loadTiny();
    QTRY_VERIFY_WITH_TIMEOUT(find<QFrame>("unfinishedBar")->isVisible(), kLong);
    const QString text = find<QLabel>("unfinishedText")->text();
    QVERIFY2(text.contains("before its first step"), qPrintable(text));
    find<QPushButton>("unfinishedGoOn")->click();
    QCOMPARE(app_->classes().size(), classes_.size());
    QTRY_VERIFY_WITH_TIMEOUT(!page_->tuning(), kLong);
    QCOMPARE(find<CurvePlot>("lossPlot")->points(0), 12);
    QVERIFY(unfinished_tunings().empty());
  }

  void theWindowKeepsItsStateAndStopRemovesIt() {
    startEndless();
    const QDir folder(QString::fromStdString(unfinished_folder().string()));
    QTRY_VERIFY_WITH_TIMEOUT(!folder.entryList({"*.safetensors"}).isEmpty(), kLong);
    QTRY_VERIFY_WITH_TIMEOUT(find<CurvePlot>("lossPlot")->points(0) > 2, kLong);
    const auto kept = read_unfinished(folder.filePath(folder.entryList({"*.safetensors"})[0]).toStdString());
    const auto choice = hearsay::ui::choiceFromText(kept.origin);
    QVERIFY(choice.has_value());
    QCOMPARE(choice->source, TextSource::Names);
    QVERIFY(unfinished_tunings().empty());  // it is not offered to another window meanwhile
    find<QPushButton>("stopButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(!page_->tuning(), kLong);
    QVERIFY(folder.entryList(QDir::Files | QDir::Hidden).isEmpty());
    settle();
    QVERIFY(!find<QFrame>("unfinishedBar")->isVisible());
  }

 private:
  template <typename T>
  T* find(const char* name) {
    return page_->findChild<T*>(QString::fromLatin1(name));
  }
  void writeCaptions(const QByteArray& first) const {
    QFile file(file_);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QVERIFY(file.write("caption,label\n" + first + ",dog\nit rains hard,rain\n") > 0);
  }
  void open() {
    app_ = std::make_unique<AppContext>();
    app_->setDevice(QStringLiteral("cpu"));  // where cutOff() begins: another device ends a little elsewhere
    page_ = std::make_unique<TeachPage>(*app_);
    page_->resize(940, 600);
    page_->show();
    QVERIFY(QTest::qWaitForWindowActive(page_.get()));
  }
  /// The window is closed while a tuning runs: its state is there, and another window opens.
  void closeAndOpenAgain() {
    page_->shutDown();
    app_->shutDown();
    page_.reset();
    app_.reset();
    const auto kept = unfinished_tunings();
    QCOMPARE(kept.size(), std::size_t{1});
    QVERIFY(kept[0].step >= 3);
    open();
    app_->restore();
  }
  /// A tuning that is kept after every step and does not end by itself.
  void startEndless(const QString& inUse = {}, double keepEvery = 0.0) {
    open();
    app_->settings().setValue("teach/keepEverySeconds", keepEvery);
    loadTiny();
    app_->setClasses(classes_);
    if (!inUse.isEmpty()) {
      const auto captions = makeCaptions(classes_, choice_);
      save_prompts(tune(*app_->model(), classes_, captions, twelveSteps(), "a noise of {}").prompts,
                   inUse.toStdString());
      QVERIFY(app_->openPrompts(inUse));
    }
    find<QSpinBox>("stepsSpin")->setValue(100000);
    QTRY_VERIFY_WITH_TIMEOUT(find<QPushButton>("startButton")->isEnabled(), kLong);
    find<QPushButton>("startButton")->click();
  }
  /// Presses Discard, and this button of the question that comes.
  void answerDiscard(const QString& button) {
    QTest::mouseClick(find<QPushButton>("unfinishedDiscard"), Qt::LeftButton);
    auto* question = find<QMessageBox>("discardQuestion");
    QVERIFY(question != nullptr && question->text().contains("dog, rain, siren"));
    for (QAbstractButton* one : question->buttons()) {
      if (one->text().remove('&') == button) one->click();
    }
    QTRY_VERIFY(find<QMessageBox>("discardQuestion") == nullptr);
  }
  void loadTiny() {
    app_->loadModel(kTiny);
    QTRY_VERIFY_WITH_TIMEOUT(app_->model() != nullptr, kLong);
  }
  /// Waits until what was handed in to run quietly has run.
  void settle() {
    bool done = false;
    app_->runQuietly(
        page_.get(), [] {}, [&done](const QString&) { done = true; });
    QTRY_VERIFY_WITH_TIMEOUT(done, kLong);
  }
  /// Leaves a tuning behind as a crash after `step` would; returns what it would have come to.
  PromptSet cutOff(int step) { return cutOff(step, hearsay::ui::choiceToText(choice_)); }
  PromptSet cutOff(int step, const std::string& origin) {
    const auto model = ClapModel::load(kTiny.toStdString(), {"cpu", {}, nullptr});
    const CaptionSet captions = makeCaptions(classes_, choice_);
    JobControl control;
    TuningCheckpoint checkpoint({.every = std::chrono::seconds(0), .origin = origin, .saved = [&](int done) {
                                   if (done == step) control.cancel();
                                 }});
    tune(*model, classes_, captions, twelveSteps(), "a noise of {}", &control, {}, {}, &checkpoint);
    return tune(*model, classes_, captions, twelveSteps(), "a noise of {}").prompts;
  }

  std::unique_ptr<TestHome> home_;
  std::unique_ptr<AppContext> app_;
  std::unique_ptr<TeachPage> page_;
  ClassList classes_ = parse_classes("dog | hound\nrain\nsiren");
  QString file_;
  CaptionChoice choice_;
};

QTEST_MAIN(TestUnfinishedTuning)
#include "test_unfinished_tuning.moc"
