// The Label page's list of clips and what goes with it: filter, order, notes, new files, exports.

#include <QAbstractItemView>
#include <QComboBox>
#include <QFileDialog>
#include <QLineEdit>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QSignalSpy>
#include <QToolButton>
#include <QVBoxLayout>

#include "base/files.h"
#include "label_fixture.h"
#include "ui/charts/waveform_view.h"
#include "ui/label/clip_table_model.h"
#include "ui/shell/notice_bar.h"

using namespace hearsay;
using namespace hearsay::ui;

class TestLabelList : public QObject, LabelFixture {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QCoreApplication::setOrganizationName(QStringLiteral("hearsay-test"));
    QCoreApplication::setApplicationName(QStringLiteral("label-list"));
  }
  void init() { open(); }
  void cleanup() { close(); }

  void nextAndBackStayInTheFilter() {
    writeTone(QStringLiteral("x1.wav"), 500);
    writeTone(QStringLiteral("x2.wav"), 700);
    startSession();
    auto* filter = find<QLineEdit>("clipFilter");
    QCOMPARE(shown(), QStringLiteral("a.wav"));
    filter->setText(QStringLiteral("x"));
    QCOMPARE(table()->model()->rowCount(), 2);
    QCOMPARE(shown(), QStringLiteral("a.wav"));  // typing shows nothing else
    QCOMPARE(chosen(), QString());
    for (const char* name : {"x1.wav", "x2.wav", "x1.wav"}) {
      QTest::keyClick(table(), Qt::Key_N);
      QCOMPARE(shown(), QString::fromLatin1(name));
      QCOMPARE(chosen(), shown());
    }
    for (const char* name : {"x2.wav", "x1.wav", "x1.wav"}) {  // a.wav is outside
      QTest::keyClick(table(), Qt::Key_B);
      QCOMPARE(shown(), QString::fromLatin1(name));
      QCOMPARE(chosen(), shown());
    }
    QTest::keyClick(table(), Qt::Key_S);
    QTest::keyClick(table(), Qt::Key_S);
    QSignalSpy notices(app_.get(), &AppContext::noticed);
    QTest::keyClick(table(), Qt::Key_N);
    QCOMPARE(notices.count(), 1);
    QVERIFY(notices[0][0].toString().contains(QStringLiteral("filter")));
    filter->clear();
    QCOMPARE(chosen(), shown());
    QTest::keyClick(table(), Qt::Key_Up);  // the arrows of the list choose as before
    QCOMPARE(shown(), chosen());
  }

  void aClipThatLeavesTheFilterTakesNoOtherAlong() {
    startSession();
    find<QLineEdit>("clipFilter")->setText(QStringLiteral("not done"));
    QCOMPARE(table()->model()->rowCount(), 3);
    QCOMPARE(chosen(), QStringLiteral("a.wav"));
    QTest::keyClick(table(), Qt::Key_1);
    QCOMPARE(table()->model()->rowCount(), 2);
    QCOMPARE(shown(), QStringLiteral("a.wav"));  // another class may be wanted too
    QCOMPARE(chosen(), QString());
    QTest::keyClick(table(), Qt::Key_N);
    QCOMPARE(shown(), QStringLiteral("b.wav"));
    QTest::keyClick(table(), Qt::Key_S);
    QCOMPARE(shown(), QStringLiteral("c.wav"));
    QCOMPARE(chosen(), QStringLiteral("c.wav"));
    controller().close();
    QVERIFY(find<QLineEdit>("clipFilter")->text().isEmpty());
  }

  void theShownClipIsChosenAgain() {
    for (int i = 10; i < 70; ++i) {
      QVERIFY(
          QFile::copy(folder_->filePath(QStringLiteral("a.wav")), folder_->filePath(QStringLiteral("n%1.wav").arg(i))));
    }
    startSession();
    auto* filter = find<QLineEdit>("clipFilter");
    const auto inSight = [this] {
      return table()->viewport()->rect().contains(table()->visualRect(table()->currentIndex()).center());
    };
    controller().show(controller().session().clips().back().id);
    QVERIFY(inSight());
    filter->setText(QStringLiteral("a.wav"));
    QCOMPARE(chosen(), QString());
    filter->clear();
    QCOMPARE(chosen(), QStringLiteral("n69.wav"));
    QVERIFY(inSight());
    writeTone(QStringLiteral("z.wav"), 500);
    QSignalSpy notices(app_.get(), &AppContext::noticed);
    controller().rescan();
    QCOMPARE(notices.takeFirst()[0].toString(), QStringLiteral("1 new file."));
    QCOMPARE(chosen(), QStringLiteral("n69.wav"));
    QVERIFY(inSight());
    controller().rescan();
    QCOMPARE(notices.takeFirst()[0].toString(), QStringLiteral("No new files."));
    writeTone(QStringLiteral("z2.wav"), 500);
    writeTone(QStringLiteral("z3.wav"), 500);
    QVERIFY(QFile::remove(folder_->filePath(QStringLiteral("b.wav"))));
    controller().rescan();
    QCOMPARE(notices.takeFirst()[0].toString(), QStringLiteral("2 new files, 1 is missing."));
  }

  void missingClipsAreToldOnThisPageAlone() {
    startSession();
    QVERIFY(QFile::remove(folder_->filePath(QStringLiteral("b.wav"))));
    controller().rescan();
    page_->shutDown();
    page_.reset();
    QWidget window;  // as at the next start, with another page shown
    auto* column = new QVBoxLayout(&window);
    auto* bar = new NoticeBar;
    connect(app_.get(), &AppContext::noticed, bar, &NoticeBar::show);
    page_ = std::make_unique<LabelPage>(*app_);
    page_->hide();
    column->addWidget(bar);
    column->addWidget(page_.get());
    page_->hide();
    window.show();
    QVERIFY(controller().isOpen());
    QCOMPARE(bar->sentence(), QString());
    page_->show();
    QVERIFY2(bar->sentence().startsWith(QStringLiteral("Clips of this session that are not where they were: 1.")),
             qPrintable(bar->sentence()));
    page_->hide();
    QCOMPARE(bar->sentence(), QString());
    page_->setParent(nullptr);
  }

  void clipsThatWereMovedAreFoundAgain() {
    startSession();
    QSignalSpy notices(app_.get(), &AppContext::noticed);
    const QTemporaryDir elsewhere;
    controller().findMoved(elsewhere.path());
    QCOMPARE(notices.takeFirst()[0].toString(), QStringLiteral("Every clip is where it was."));
    for (const char* name : {"b.wav", "c.wav"}) {
      QVERIFY(QFile::copy(folder_->filePath(name), elsewhere.filePath(name)));
      QVERIFY(QFile::remove(folder_->filePath(name)));
    }
    QVERIFY(QFile::rename(elsewhere.filePath("c.wav"), elsewhere.filePath("gone.wav")));
    controller().rescan();
    notices.clear();
    controller().findMoved(elsewhere.path());
    QCOMPARE(notices.takeFirst()[0].toString(), QStringLiteral("Found again: 1. Still missing: 1."));
    const auto clips = controller().session().clips();
    const auto found = std::find_if(clips.begin(), clips.end(), [&](const Clip& clip) {
      return clip.file == std::filesystem::path(elsewhere.filePath("b.wav").toStdString());
    });
    QVERIFY(found != clips.end() && !found->missing);
  }

  void aNoteFollowsUndoAndEnterGivesTheKeysBack() {
    startSession();
    auto* note = find<QLineEdit>("clipNote");
    const ClipId clip = controller().current();
    const auto kept = [&] { return QString::fromStdString(controller().session().clip(clip).note); };
    note->setFocus();
    QTest::keyClicks(note, QStringLiteral("wind"));
    QTest::keyClick(note, Qt::Key_Return);
    QTRY_VERIFY(table()->hasFocus());
    QCOMPARE(kept(), QStringLiteral("wind"));
    QCOMPARE(controller().current(), clip);
    QVERIFY(controller().session().clip(clip).state == ClipState::Unseen);
    QTest::keyClick(page_.get(), Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(kept(), QString());
    QCOMPARE(note->text(), QString());
    note->setFocus();
    table()->setFocus();
    QCOMPARE(kept(), QString());  // nothing stale was written
    QTest::keyClick(page_.get(), Qt::Key_Y, Qt::ControlModifier);
    QCOMPARE(note->text(), QStringLiteral("wind"));
    note->setFocus();
    QTest::keyClicks(note, QStringLiteral(", rain"));
    controller().toggleLabel(controller().session().classes()[0].id);  // what is being typed stays
    QCOMPARE(note->text(), QStringLiteral("wind, rain"));
    table()->setFocus();
    QCOMPARE(kept(), QStringLiteral("wind, rain"));
  }

  void whatIsTypedIsKeptWhenAnotherClipOrSessionIsShown() {
    startSession();
    auto* note = find<QLineEdit>("clipNote");
    const auto clips = controller().session().clips();
    const ClipId first = clips[0].id;
    const ClipId second = clips[1].id;
    controller().toggleLabel(controller().session().classes()[0].id);
    find<QAction>("labelUndo")->trigger();
    controller().show(second);
    note->setFocus();
    QTest::keyClicks(note, QStringLiteral("wind"));
    find<QAction>("labelRedo")->trigger();  // the button takes no focus: nothing else ends the typing
    QCOMPARE(QString::fromStdString(controller().session().clip(second).note), QStringLiteral("wind"));
    QVERIFY(controller().session().labels(first).empty());
    QCOMPARE(controller().current(), second);
    QCOMPARE(note->text(), QStringLiteral("wind"));

    const std::string sessionFile = controller().sessionFile().toStdString();
    const QString other = folder_->filePath(QStringLiteral("other.hearsay-labels"));
    {
      const std::vector<SessionFile> files{{folder_->filePath(QStringLiteral("c.wav")).toStdString(), 0.0}};
      LabelSession::create(other.toStdString(), folder_->path().toStdString(), files, std::vector<std::string>{"dog"});
    }
    note->setFocus();
    QTest::keyClicks(note, QStringLiteral(", rain"));
    QVERIFY(page_->openPaths({other}));
    QCOMPARE(controller().sessionFile(), other);
    QCOMPARE(LabelSession::open(sessionFile).clip(second).note, std::string("wind, rain"));
  }

  void theOrderBoxGivesTheKeysBack() {
    startSession();
    auto* order = find<QComboBox>("queueOrder");
    order->setFocus();
    order->showPopup();
    QTRY_VERIFY(order->view()->isVisible());
    QTest::keyClick(order->view(), Qt::Key_Down);
    QTest::keyClick(order->view(), Qt::Key_Return);
    QCOMPARE(order->currentIndex(), 1);
    QTRY_COMPARE(page_->focusWidget(), table());
    order->setFocus();
    const ClipId clip = controller().current();
    QTest::keyClick(order, Qt::Key_1);
    QCOMPARE(labelsOf(clip), QStringList{QStringLiteral("dog")});
    QTest::keyClick(order, Qt::Key_N);
    QVERIFY(controller().current() != clip);
    QCOMPARE(order->currentIndex(), 1);
    QTest::keyClick(order, Qt::Key_Down);  // these are the box's own
    QCOMPARE(order->currentIndex(), 2);
  }

  void filesThatWouldBeReplacedAreAskedFor() {
    startSession();
    for (const Clip& clip : controller().session().clips()) {
      controller().show(clip.id);
      controller().toggleLabel(controller().session().classes()[0].id);
    }
    const QString target = folder_->filePath(QStringLiteral("tracks"));
    QVERIFY(QDir().mkdir(target));
    exportTracks(target);
    QVERIFY(find<QMessageBox>("replaceQuestion") == nullptr);
    const std::string track = (target + QStringLiteral("/a.txt")).toStdString();
    QVERIFY(QFile::remove(target + QStringLiteral("/c.txt")));
    write_file_atomically(track, std::string_view("mine"));
    QCOMPARE(app_->settings().value(QStringLiteral("label/exportFolder")).toString(), target);
    exportTracks(target);
    auto* question = find<QMessageBox>("replaceQuestion");
    QVERIFY(question != nullptr);
    QCOMPARE(question->text(), QStringLiteral("2 files of this folder would be replaced: a.txt, b.txt"));
    QTest::mouseClick(question->button(QMessageBox::Cancel), Qt::LeftButton);
    QCOMPARE(read_file(track), std::string("mine"));
    QTRY_VERIFY(find<QMessageBox>("replaceQuestion") == nullptr);
    exportTracks(target);
    question = find<QMessageBox>("replaceQuestion");
    for (QAbstractButton* button : question->buttons()) {
      if (question->buttonRole(button) == QMessageBox::AcceptRole) QTest::mouseClick(button, Qt::LeftButton);
    }
    QVERIFY(read_file(track).find("dog") != std::string::npos);
    QVERIFY(QFile::exists(target + QStringLiteral("/c.txt")));
  }

  void labelsAreImportedAndTakenBack() {
    startSession();
    write_file_atomically(folder_->filePath(QStringLiteral("b.txt")).toStdString(),
                          std::string_view("0.25\t0.5\train\n0.5\t7\tcrow\n0\t1\tcrow\n"));
    QSignalSpy notices(app_.get(), &AppContext::noticed);
    for (QAction* action : find<QToolButton>("sessionMenu")->menu()->actions()) {
      if (action->text().startsWith(QStringLiteral("Import"))) action->trigger();
    }
    auto* dialog = find<QFileDialog>("fileDialog");
    QVERIFY(dialog != nullptr);
    Q_EMIT dialog->filesSelected({folder_->filePath(QStringLiteral("b.txt"))});
    dialog->reject();
    const ClipId clip = controller().session().clips()[1].id;
    QCOMPARE(labelsOf(clip), QStringList{QStringLiteral("crow")});
    QCOMPARE(controller().session().regions(clip).size(), std::size_t{1});
    const QString said = notices.takeFirst()[0].toString();
    QVERIFY2(said.startsWith(QStringLiteral("Done: Import 2 labels of 1 clip. Undo takes it back. Left out: \"crow\"")),
             qPrintable(said));
    QTest::keyClick(page_.get(), Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(controller().current(), clip);
    QVERIFY(labelsOf(clip).isEmpty() && controller().session().regions(clip).empty());
    QCOMPARE(controller().session().classes().size(), std::size_t{2});
  }

  void anImportTellsAnyNameAsItIs() {
    startSession();
    const QString file = folder_->filePath(QStringLiteral("50%2Fdog.csv"));
    write_file_atomically(file.toStdString(), std::string_view("file,label\nno.wav,dog\nnone.wav,dog\n"));
    QSignalSpy notices(app_.get(), &AppContext::noticed);
    controller().importFrom({file});
    const QString said = notices.takeFirst()[0].toString();
    QVERIFY2(said.contains(QStringLiteral("Left out: 50%2Fdog.csv, line 2: ")), qPrintable(said));
    QVERIFY2(said.endsWith(QStringLiteral(" And 1 more.")), qPrintable(said));
  }

  void soundsAndFoldersTogetherAreNotForThisPage() {
    const QString sound = folder_->filePath(QStringLiteral("a.wav"));
    QVERIFY(!page_->openPaths({sound}));
    QVERIFY(!page_->openPaths({sound, folder_->path()}));
    QVERIFY(!page_->openPaths({folder_->path(), folder_->path()}));
    startSession();
    const QString session = controller().sessionFile();
    controller().close();
    QVERIFY(page_->openPaths({session}));
    QVERIFY(controller().isOpen());
  }

  void namesStayOnOneLine() {
    Clip clip;
    clip.name =
        "a\nb\tc\xC2\x85"
        "d.wav";
    QCOMPARE(clipNameText(clip), QStringLiteral("a\u240Ab\u2409c\u2424d.wav"));
    clip.name = "\xE9\x9B\xA8 1.wav";
    QCOMPARE(clipNameText(clip), QStringLiteral("\u96E8 1.wav"));
  }

  void theWaveformMarksOnlyTheChosenRegion() {
    startSession();
    auto* view = page_->findChild<ClipView*>();
    QTRY_VERIFY_WITH_TIMEOUT(view->ready(), 20000);
    auto* waveform = view->findChild<WaveformView*>();
    const QImage before = waveform->grab().toImage();
    drag(*view, 0.3, 0.6);
    const QImage marked = waveform->grab().toImage();
    QVERIFY(marked != before);
    QTest::keyClick(table(), Qt::Key_Escape);
    QCOMPARE(waveform->grab().toImage(), before);
    view->select(controller().session().regions(controller().current())[0].id);
    QCOMPARE(waveform->grab().toImage(), marked);
    controller().undo();
    QCOMPARE(waveform->grab().toImage(), before);
  }

  void theWaveformTellsTheTrueLevel() {
    WaveformView view;
    view.showClip(Matrix(100, 2, 0.0F), 10.0);
    QCOMPARE(view.peakText(), QStringLiteral("silent"));
    view.showClip(Matrix(100, 2, 0.001F), 10.0);
    QCOMPARE(view.peakText(), QStringLiteral("-60 dB"));
    view.showClip(Matrix(100, 2, 1e-6F), 10.0);
    QCOMPARE(view.peakText(), QStringLiteral("-120 dB"));
    QVERIFY(view.preferredLeftMargin() > view.fontMetrics().horizontalAdvance(view.peakText()));
    view.showClip(Matrix(100, 2, -0.5F), 10.0);
    QCOMPARE(view.peakText(), QStringLiteral("-6 dB"));
  }

 private:
  QString shown() { return QString::fromStdString(controller().session().clip(controller().current()).name); }

  /// The clip that is chosen in the table; empty: none.
  QString chosen() {
    const auto rows = table()->selectionModel()->selectedRows();
    return rows.isEmpty() ? QString() : rows.front().data().toString();
  }

  /// By the menu, into this folder.
  void exportTracks(const QString& folder) {
    for (QAction* action : find<QToolButton>("exportMenu")->menu()->actions()) {
      if (action->text().startsWith(QStringLiteral("Audacity"))) action->trigger();
    }
    auto* dialog = find<QFileDialog>("fileDialog");
    QVERIFY(dialog != nullptr);
    Q_EMIT dialog->filesSelected({folder});
    dialog->reject();
    QTRY_VERIFY(find<QFileDialog>("fileDialog") == nullptr);
  }
};

QTEST_MAIN(TestLabelList)
#include "test_label_list.moc"
