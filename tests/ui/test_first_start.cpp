// The very first start, with a microphone: the window as main() opens it, one press of a button before the model is
// even there, and what is played has a name.

#include <QApplication>
#include <QLabel>
#include <QPushButton>
#include <QTableView>
#include <QTest>

#include "base/files.h"
#include "support/pulse_fixture.h"
#include "ui/listen/listen_page.h"
#include "ui/listen/now_label.h"
#include "ui/shell/main_window.h"
#include "ui/tiny_app.h"

using namespace hearsay;
using namespace hearsay::ui;

class TestFirstStart : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QLocale::setDefault(QLocale::c());
    QCoreApplication::setOrganizationName(QStringLiteral("hearsay-test"));
    QCoreApplication::setApplicationName(QStringLiteral("first-start"));
    if (!PulseFixture::installed()) QSKIP("PulseAudio is not installed: no microphone can be made here.");
    QString why;
    QVERIFY2(pulse_.start(&why), qPrintable(why));
  }

  void oneButtonLeadsToALivePrediction() {
    AppContext app;
    MainWindow window(app);
    window.show();
    app.restore();
    QVERIFY(app.firstStart());
    QVERIFY2(app.classes().size() >= 5, "a preset of classes is there");
    app.loadModel(QStringLiteral("starter"));
    QCOMPARE(window.currentPage(), QStringLiteral("teach"));
    auto* listen = window.findChild<QPushButton*>(QStringLiteral("listenNowButton"));
    QVERIFY(listen->isVisible());
    QVERIFY(app.modelLoading());  // pressed by someone in a hurry
    QTest::mouseClick(listen, Qt::LeftButton);
    QCOMPARE(window.currentPage(), QStringLiteral("listen"));
    auto* page = qobject_cast<ListenPage*>(window.page(QStringLiteral("listen")));
    QTRY_VERIFY_WITH_TIMEOUT(page->listening(), kPatience);
    QStringList names;
    for (const SoundClass& sound : app.classes()) names << QString::fromStdString(sound.name);
    const auto* now = page->findChild<NowLabel*>();
    QTRY_COMPARE_WITH_TIMEOUT(now->words(), QStringLiteral("quiet"), kPatience);  // nothing is played yet
    pulse_.play(QString::fromStdString((resources_folder() / "sounds" / "rain.flac").string()), false);
    QTRY_VERIFY_WITH_TIMEOUT(names.contains(now->words()), kPatience);
    QVERIFY2(now->number().endsWith(QStringLiteral(" %")), qPrintable(now->number()));
    QVERIFY(QApplication::focusWidget() != nullptr);  // the keyboard is where it should be: on Stop
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Space);
    QTRY_VERIFY_WITH_TIMEOUT(!page->listening(), kPatience);
    window.close();
  }

  void theSecondStartIsWhereTheFirstEnded() {
    AppContext app;
    MainWindow window(app);
    window.show();
    app.restore();
    QVERIFY(!app.firstStart());
    QCOMPARE(window.currentPage(), QStringLiteral("listen"));
    const auto* page = qobject_cast<ListenPage*>(window.page(QStringLiteral("listen")));
    QVERIFY(!page->listening());  // nobody asked for it this time
    window.close();
  }

  void cleanupTestCase() { pulse_.kill(); }

 private:
  TestHome home_;
  PulseFixture pulse_;
};

QTEST_MAIN(TestFirstStart)
#include "test_first_start.moc"
