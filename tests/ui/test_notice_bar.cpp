// The line below the pages that says what happened.

#include <QLabel>
#include <QTest>
#include <QTextDocument>
#include <QToolButton>

#include "test_home.h"
#include "ui/pictures.h"
#include "ui/shell/app_context.h"
#include "ui/shell/main_window.h"
#include "ui/shell/notice_bar.h"

using hearsay::ui::AppContext;
using hearsay::ui::MainWindow;

class TestNoticeBar : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void noticesWaitForEachOtherAndGo() {
    AppContext app;
    MainWindow window(app);
    window.show();
    auto* bar = window.findChild<hearsay::ui::NoticeBar*>();
    QVERIFY(!bar->isVisible());
    const QWidget* page = window.page("teach");
    QCoreApplication::processEvents();
    const QPoint before = page->mapTo(&window, QPoint());  // nothing on a page moves from under the mouse
    app.notify("The disk is full.", AppContext::NoticeLevel::Error);
    app.notify("No microphone was found.", AppContext::NoticeLevel::Warning);
    app.notify("No microphone was found.", AppContext::NoticeLevel::Warning);
    QVERIFY(bar->isVisible());
    QCoreApplication::processEvents();
    QCOMPARE(page->mapTo(&window, QPoint()), before);
    const auto* text = window.findChild<QLabel*>("noticeText");
    const auto* count = window.findChild<QLabel*>("noticeCount");
    QCOMPARE(text->text(), QString("No microphone was found."));
    QVERIFY(count->text().startsWith("1"));
    app.notify("Saved as mine.safetensors.");  // what has just been done is seen at once; the rest comes back
    QCOMPARE(text->text(), QString("Saved as mine.safetensors."));
    window.findChild<QToolButton*>("noticeClose")->click();
    QCOMPARE(text->text(), QString("No microphone was found."));
    // What is said again answers something again: it comes to the front, and is not counted twice.
    app.notify("The disk is full.", AppContext::NoticeLevel::Error);
    QCOMPARE(text->text(), QString("The disk is full."));
    QVERIFY(count->isVisible() && count->text().startsWith("1"));
    window.findChild<QToolButton*>("noticeClose")->click();
    QCOMPARE(text->text(), QString("No microphone was found."));
    QVERIFY(!count->isVisible());
    window.findChild<QToolButton*>("noticeClose")->click();
    QVERIFY(!bar->isVisible());
  }

  void aLongNameBreaksAtTheEdge() {
    AppContext app;
    MainWindow window(app);
    window.show();
    window.resize(1024, 700);
    const QString sentence = "Saved as " + QString(180, 'x') + ".safetensors in the folder of prompt sets.";
    app.notify(sentence);
    QTest::qWait(50);
    auto* text = window.findChild<QLabel*>("noticeText");
    const auto* lines = text->findChild<QTextDocument*>();
    QCOMPARE(window.width(), 1024);
    QVERIFY2(lines->idealWidth() <= text->width(), qPrintable(QString::number(lines->idealWidth())));
    QVERIFY2(lines->size().height() <= text->height() + 8, qPrintable(QString::number(text->height())));
    QCOMPARE(text->text(), sentence);  // and can be copied as it is
    keepPicture(window, "long-notice");
  }

 private:
  TestHome home_;
};

QTEST_MAIN(TestNoticeBar)
#include "test_notice_bar.moc"
