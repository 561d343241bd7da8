// When the Label page's suggestions are made: while it is shown, the clip that is looked at first, and never for
// nobody.

#include <QSignalSpy>
#include <atomic>
#include <thread>

#include "label_fixture.h"
#include "ui/notices.h"

using namespace hearsay;
using namespace hearsay::ui;

class TestLabelSuggestions : public QObject, LabelFixture {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QCoreApplication::setOrganizationName(QStringLiteral("hearsay-test"));
    QCoreApplication::setApplicationName(QStringLiteral("label-suggestions"));
  }
  void init() { open(); }
  void cleanup() { close(); }

  void suggestionsWaitForThePageAndForWhatIsNotDone() {
    useModel();
    page_->hide();
    startSession();
    QVERIFY(!controller().suggesting());
    page_->show();
    QVERIFY(controller().suggesting());
    QTRY_VERIFY_WITH_TIMEOUT(!controller().suggesting() && allSuggested(), 60000);
    const ClipId done = controller().current();
    const auto by = [this](ClipId clip) { return controller().session().suggestions(clip).fingerprint; };
    const std::string first = by(done);
    QTest::keyClick(table(), Qt::Key_1);
    page_->hide();
    const auto before = app_->prompts();
    app_->setClasses({{"dog", {}, {}, {}}, {"rain", {}, {}, {}}, {"siren", {}, {}, {}}});
    QTRY_VERIFY_WITH_TIMEOUT(app_->prompts() != before && !app_->jobs().busy(), 60000);
    QVERIFY(!controller().suggesting());
    page_->show();
    QTRY_VERIFY_WITH_TIMEOUT(!controller().suggesting() && by(done + 1) != first && by(done + 2) != first, 60000);
    QCOMPARE(by(done), first);            // it is labelled: nobody waits for another suggestion
    QTest::keyClick(table(), Qt::Key_1);  // to be done again
    QTRY_COMPARE_WITH_TIMEOUT(by(done), by(done + 1), 60000);
  }

  void theClipThatIsShownIsLookedAtNext() {
    useModel();
    holdJobs();
    startSession();
    std::vector<ClipId> looked;
    connect(&controller(), &LabelController::changed, this, [&](const Change& change) {
      if (change.text.starts_with("Suggestions for")) looked.push_back(change.clips.front());
    });
    const auto clips = controller().session().clips();
    controller().show(clips[1].id);
    controller().show(clips[2].id);
    QTest::qWait(400);
    go_ = true;
    QTRY_COMPARE_WITH_TIMEOUT(looked.size(), clips.size(), 60000);
    QCOMPARE(looked, (std::vector<ClipId>{clips[2].id, clips[0].id, clips[1].id}));
    controller().disconnect(this);
  }

  void whatIsNotShownMakesWay() {
    useModel();
    holdJobs();
    startSession();
    QVERIFY(controller().suggesting());
    QTRY_COMPARE(app_->jobs().waiting(), 1);
    page_->hide();
    QVERIFY(!controller().suggesting());
    QTRY_COMPARE(app_->jobs().waiting(), 0);
    go_ = true;
    page_->show();
    QTRY_VERIFY_WITH_TIMEOUT(!controller().suggesting() && allSuggested(), 60000);
  }

  void acceptingAllSaysHowMany() {
    openSuggestedSession(0.92);
    const Notices notices(*app_);
    controller().acceptAllAbove(0.95);
    QVERIFY2(notices.all().startsWith(QStringLiteral("No clip")), qPrintable(notices.all()));
    controller().acceptAllAbove(0.9);
    QVERIFY2(notices.said("of 3 clips"), qPrintable(notices.all()));
    QCOMPARE(controller().session().progress().labelled, std::int64_t{3});
    controller().undo();
    QVERIFY2(notices.said("Undone: Accept the best suggestion for 3 clips"), qPrintable(notices.all()));
    QCOMPARE(controller().session().progress().labelled, std::int64_t{0});
  }

 private:
  /// Every job waits behind one that ends when it may.
  void holdJobs() {
    go_ = false;
    const auto wait = [this](JobControl& control, const ProgressFn&) {
      while (!go_ && !control.cancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    };
    app_->jobs().submit(QStringLiteral("Holding"), wait, [](const JobService::Outcome&) {});
  }

  std::atomic<bool> go_ = false;
};

QTEST_MAIN(TestLabelSuggestions)
#include "test_label_suggestions.moc"
