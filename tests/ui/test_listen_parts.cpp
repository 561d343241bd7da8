// Keys, focus, boxes and notices of the Listen page.

#include <QComboBox>
#include <QFileDialog>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>
#include <QToolButton>
#include <QVBoxLayout>

#include "base/error.h"
#include "ui/charts/colours.h"
#include "ui/charts/similarity_bars.h"
#include "ui/charts/spectrogram_view.h"
#include "ui/listen_fixture.h"
#include "ui/pictures.h"
#include "ui/shell/notice_bar.h"

using namespace hearsay;
using namespace hearsay::ui;

class TestListenParts : public QObject, protected ListenFixture {
  Q_OBJECT

  void listenToTheEnd(int seconds) {
    replay(testing::noise(static_cast<std::size_t>(rate_) * static_cast<std::size_t>(seconds), 0.2));
    page_->start();
    QTRY_VERIFY_WITH_TIMEOUT(!page_->listening() && view().end() > seconds - 0.5, kPatience);
  }
  QComboBox* spanBox() { return page_->findChild<QComboBox*>(QStringLiteral("spanBox")); }

 private Q_SLOTS:
  void initTestCase() { QVERIFY2(open("listen-parts"), "the model does not load"); }
  void cleanupTestCase() { close(); }
  void init() { QVERIFY(openPage()); }
  void cleanup() { closePage(); }

  void fromMixedAStepLeadsToTheUsualThreshold() {
    auto* spin = page_->findChild<QSpinBox*>(QStringLiteral("threshold"));
    auto* bars = page_->findChild<SimilarityBars*>();
    QTest::keyClick(bars, Qt::Key_Right);
    QCOMPARE(spin->text(), QStringLiteral("mixed"));
    spin->stepBy(1);
    QCOMPARE(bars->thresholds(), QVector<double>({0.5, 0.5, 0.5}));
    QTest::keyClick(bars, Qt::Key_Right);
    spin->stepBy(-1);
    QCOMPARE(spin->value(), 50);
    spin->setValue(3);
    spin->stepBy(-10);
    QCOMPARE(spin->value(), 0);
    spin->stepBy(-1);
    QCOMPARE(spin->text(), QStringLiteral("0 %"));
    QTest::keyClick(spin, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(spin, QStringLiteral("-1"));  // the minus is not taken
    QTest::keyClick(spin, Qt::Key_Return);
    QCOMPARE(spin->value(), 1);
  }

  void aFailedStartCostsNothing() {
    listenToTheEnd(9);
    const std::size_t drawn = view().timeline().count();
    page_->setSourceFactory([]() -> std::unique_ptr<SampleSource> {
      throw Error(ErrorKind::Device, "The microphone is in use by another program.");
    });
    page_->start();
    QTRY_VERIFY_WITH_TIMEOUT(!page_->listening(), kPatience);
    QCOMPARE(view().timeline().count(), drawn);
    QVERIFY(view().end() > 8.5);
    QSignalSpy notices(app_.get(), &AppContext::noticed);
    Q_EMIT view().playWanted(7.0, 8.0);  // its sound is there as well
    for (const auto& notice : notices) QVERIFY(!notice[0].toString().contains(QStringLiteral("no longer kept")));
  }

  void theBarsFollowTheClassesWhileThePageIsHidden() {
    auto* bars = page_->findChild<SimilarityBars*>();
    const int three = bars->height();
    page_->hide();
    QStringList names;
    for (int k = 0; k < 50; ++k) names << QStringLiteral("class number %1").arg(k);
    app_->setClasses(parse_classes(names.join(QLatin1Char('\n')).toStdString()));
    QTRY_COMPARE_WITH_TIMEOUT(bars->rows(), 50, kPatience);
    page_->show();
    QVERIFY(QTest::qWaitForWindowExposed(page_.get()));
    QCOMPARE(bars->height(), three / 3 * 50);
    QScrollArea* area = nullptr;
    for (QWidget* up = bars; up && !area; up = up->parentWidget()) area = qobject_cast<QScrollArea*>(up);
    QVERIFY(area);
    QTRY_VERIFY(area->verticalScrollBar()->maximum() > 0);
    keepPicture(*page_, QStringLiteral("listen-fifty"));
    page_->hide();
    app_->setClasses(parse_classes("dog, rain, bell"));
    QTRY_COMPARE_WITH_TIMEOUT(bars->rows(), 3, kPatience);
    page_->show();
    QVERIFY(QTest::qWaitForWindowExposed(page_.get()));
    QCOMPARE(bars->height(), three);
    QTRY_COMPARE(area->verticalScrollBar()->maximum(), 0);
  }

  void startTakesTheFocusOnceItCan() {
    AppContext app;
    app.setClasses(parse_classes("dog, rain, bell"));
    {
      QWidget window;
      auto* column = new QVBoxLayout(&window);
      auto* other = new QPushButton(QStringLiteral("Teach"));
      column->addWidget(other);
      auto* page = new ListenPage(app);
      page->setSourceFactory([rate = rate_] { return replay_samples(testing::noise(8000, 0.1), rate, true); });
      column->addWidget(page);
      other->setFocus();
      window.show();
      QVERIFY(QTest::qWaitForWindowActive(&window));
      auto* start = page->findChild<QPushButton*>(QStringLiteral("startButton"));
      QVERIFY(!start->isEnabled());
      QCOMPARE(window.focusWidget(), other);
      QVERIFY(page->findChild<NowLabel*>()->below() != QStringLiteral("Press Start, or the space bar"));
      app.loadModel(QStringLiteral(HEARSAY_TEST_DATA "/starter-tiny"));
      QTRY_VERIFY_WITH_TIMEOUT(start->isEnabled(), kPatience);
      QCOMPARE(window.focusWidget(), start);
      QCOMPARE(page->findChild<NowLabel*>()->below(), QStringLiteral("Press Start, or the space bar"));
    }
    app.shutDown();
  }

  void theKeyOfPauseStaysWithIt() {
    listenToTheEnd(4);
    QVERIFY(QTest::qWaitForWindowActive(page_.get()));
    QTest::keyClick(page_.get(), Qt::Key_P);
    QTRY_VERIFY(view().paused());
    QTest::keyClick(page_.get(), Qt::Key_P);
    QTRY_VERIFY(!view().paused());
  }

  void spaceInTheEventsStartsAndStops() {
    setThreshold(10);
    listenToTheEnd(4);
    auto* table = page_->findChild<QTableView*>(QStringLiteral("eventTable"));
    table->selectRow(0);
    table->setFocus();
    replay(testing::noise(static_cast<std::size_t>(rate_) * 20, 0.2), true);
    QTest::keyClick(table, Qt::Key_Space);
    QVERIFY(page_->listening());
    QTRY_VERIFY_WITH_TIMEOUT(view().end() > 0.5, kPatience);
    QTest::keyClick(table, Qt::Key_Space);
    QTRY_VERIFY_WITH_TIMEOUT(!page_->listening(), kPatience);
  }

  void aWarningGoesOnceItIsSettled() {
    QWidget window;
    auto* bar = underNotices(window);
    const auto failToStart = [this] {
      page_->setSourceFactory([]() -> std::unique_ptr<SampleSource> {
        throw Error(ErrorKind::Device, "The microphone is in use by another program.");
      });
      page_->start();
      QTRY_VERIFY_WITH_TIMEOUT(!page_->listening(), kPatience);
    };
    failToStart();
    QVERIFY(bar->sentence().startsWith(QStringLiteral("The microphone is in use")));
    replay(testing::noise(static_cast<std::size_t>(rate_) * 20, 0.2), true);
    page_->start();
    QTRY_VERIFY_WITH_TIMEOUT(bar->sentence().isEmpty(), kPatience);
    page_->stop();
    QTRY_VERIFY_WITH_TIMEOUT(!page_->listening(), kPatience);
    const QString other = QStringLiteral("Something else was wrong.");  // whichever of the two shows
    app_->notify(other, AppContext::NoticeLevel::Error);
    failToStart();
    replay(testing::noise(static_cast<std::size_t>(rate_) * 20, 0.2), true);
    page_->start();
    QTRY_VERIFY_WITH_TIMEOUT(status() == QStringLiteral("Listening."), kPatience);
    QCOMPARE(bar->sentence(), other);
    bar->dismiss();
    QVERIFY2(bar->sentence().isEmpty(), qPrintable(bar->sentence()));
    page_->setParent(nullptr);
  }

  void theSpanBoxSaysWhatIsShown() {
    listenToTheEnd(40);
    QCOMPARE(spanBox()->currentText(), QStringLiteral("30 s"));
    const int entries = spanBox()->count();
    auto* chart = page_->findChild<SpectrogramView*>();
    QTest::keyClick(chart, Qt::Key_Plus);
    QCOMPARE(spanBox()->currentText(), QStringLiteral("24.0 s"));
    QTest::keyClick(chart, Qt::Key_Plus);
    QCOMPARE(spanBox()->currentText(), QStringLiteral("19.2 s"));
    QCOMPARE(spanBox()->count(), entries + 1);
    view().setPaused(false);
    QCOMPARE(spanBox()->currentText(), QStringLiteral("19.2 s"));
    QVERIFY(std::abs(chart->rangeTo() - chart->rangeFrom() - 19.2) < 0.01);
    const int half = spanBox()->findText(QStringLiteral("30 s"));
    spanBox()->setCurrentIndex(half);
    Q_EMIT spanBox()->activated(half);
    QCOMPARE(spanBox()->currentText(), QStringLiteral("30 s"));
    QCOMPARE(spanBox()->count(), entries);
  }

  void aStretchIsSavedWithItsEndingAndSaid() {
    listenToTheEnd(9);
    QTemporaryDir folder;
    QSignalSpy notices(app_.get(), &AppContext::noticed);
    Q_EMIT view().saveWanted(3.0, 5.0);
    auto* dialog = page_->findChild<QFileDialog*>(QStringLiteral("fileDialog"));
    QVERIFY(dialog);
    dialog->setDirectory(folder.path());
    dialog->selectFile(folder.filePath(QStringLiteral("mine")));
    QMetaObject::invokeMethod(dialog, "accept");
    QTRY_VERIFY_WITH_TIMEOUT(QFileInfo::exists(folder.filePath(QStringLiteral("mine.wav"))), kPatience);
    QTRY_VERIFY(!notices.isEmpty());
    QVERIFY2(notices.last()[0].toString().startsWith(QStringLiteral("Saved")),
             qPrintable(notices.last()[0].toString()));
  }

  void aSingleClassIsNeverAnnounced() {
    app_->setClasses(parse_classes("rain"));
    QTRY_VERIFY_WITH_TIMEOUT(app_->prompts() && app_->prompts()->size() == 1, kPatience);
    QSet<QString> numbers;
    QSet<QString> below;
    page_->start();
    QVERIFY(QTest::qWaitFor(
        [&] {
          if (now()->words() != QStringLiteral("rain")) return !page_->listening();
          numbers << now()->number();
          below << now()->below();
          return !page_->listening();
        },
        kPatience));
    QVERIFY(below.contains(
        QStringLiteral("With a single class there is nothing to tell apart: every sound gets its name.")));
    QCOMPARE(numbers, QSet<QString>{QString()});
    app_->setClasses(parse_classes("dog, rain, bell"));
    QTRY_VERIFY_WITH_TIMEOUT(app_->prompts() && app_->prompts()->size() == 3, kPatience);
  }

  void theNumbersBesideTheBarsHaveAHeading() {
    auto* heading = page_->findChild<QLabel*>(QStringLiteral("barsHeading"));
    auto* bars = page_->findChild<SimilarityBars*>();
    for (const int width : {952, 1848, 952}) {
      page_->resize(width, 900);
      QTest::qWait(20);
      QCOMPARE(heading->isVisible(), bars->cosinesFit());
    }
    page_->resize(1848, 900);
    QTRY_VERIFY(heading->isVisible());
    QVERIFY(heading->toolTip().contains(QStringLiteral("cosine")));
  }

  void aMarkIsThinAgainOnceTheMouseHasLeft() {
    SimilarityBars bars;
    bars.setClasses({QStringLiteral("dog")}, {seriesColour(0)});
    bars.resize(400, bars.height());
    const QImage before = bars.grab().toImage();
    const QPoint mark = bars.thresholdPoint(0);
    QMouseEvent move(QEvent::MouseMove, mark, bars.mapToGlobal(mark), Qt::NoButton, Qt::NoButton, {});
    QCoreApplication::sendEvent(&bars, &move);
    QVERIFY(bars.grab().toImage() != before);
    QEvent leave(QEvent::Leave);
    QCoreApplication::sendEvent(&bars, &leave);
    QVERIFY(bars.grab().toImage() == before);
  }

  void fiftyClassesLeaveNoLabelCut() {
    ClassTimeline timeline;
    timeline.resize(500, 190);
    QStringList names;
    QVector<QColor> colours;
    for (int k = 0; k < 50; ++k) {
      names << QStringLiteral("Hg number %1").arg(k);
      colours << seriesColour(static_cast<std::size_t>(k));
    }
    timeline.setClasses(names, colours);
    timeline.append(0.0, 10.0, std::vector<float>(50, 0.3F));
    timeline.setTimeRange(0.0, 10.0);
    const QImage image = timeline.grab().toImage();
    const QRgb back = image.pixel(0, 0);
    for (int x = 0; x < timeline.plotRect().left() - 8; ++x) QCOMPARE(image.pixel(x, 0), back);
    keepPicture(timeline, QStringLiteral("heat-fifty"));
    timeline.setMode(ClassTimeline::Mode::Lines);
    keepPicture(timeline, QStringLiteral("lines-fifty"));
    timeline.setClasses(names, colours);  // the same once more: nothing is forgotten
    QCOMPARE(timeline.count(), std::size_t{1});
    timeline.setClasses(names.mid(1), colours.mid(1));
    QCOMPARE(timeline.count(), std::size_t{0});
  }
};

QTEST_MAIN(TestListenParts)
#include "test_listen_parts.moc"
