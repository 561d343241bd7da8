// The Label page through its real widgets: a folder becomes a session, suggestions arrive, keys decide, undo, export.

#include <QDialogButtonBox>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSignalSpy>
#include <filesystem>

#include "base/files.h"
#include "label_fixture.h"
#include "ui/label/new_session_dialog.h"
#include "ui/notices.h"

using namespace hearsay;
using namespace hearsay::ui;

class TestLabelPage : public QObject, LabelFixture {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QCoreApplication::setOrganizationName(QStringLiteral("hearsay-test"));
    QCoreApplication::setApplicationName(QStringLiteral("label-page"));
  }

  void init() { open(); }
  void cleanup() { close(); }

  void theDialogAsksForWhatIsMissing() {
    NewSessionDialog dialog({}, {QStringLiteral("dog"), QStringLiteral("rain")});
    auto* folder = dialog.findChild<QLineEdit*>(QStringLiteral("sessionFolder"));
    auto* ok = dialog.findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Ok);
    QVERIFY(!ok->isEnabled());
    folder->setText(folder_->path());
    QVERIFY(ok->isEnabled());
    QVERIFY(dialog.sessionFile().startsWith(folder_->path()));
    QVERIFY(dialog.sessionFile().endsWith(QLatin1String(LabelSession::kSuffix)));
    QCOMPARE(dialog.classNames(), QStringList({QStringLiteral("dog"), QStringLiteral("rain")}));
  }

  void keysLabelSkipAndUndo() {
    startSession();
    auto* table = page_->findChild<QTableView*>(QStringLiteral("clipTable"));
    QCOMPARE(table->model()->rowCount(), 3);
    const ClipId first = controller().current();
    QTest::keyClick(table, Qt::Key_2);
    QCOMPARE(labelsOf(first), QStringList{QStringLiteral("rain")});
    auto* classes = page_->findChild<QListWidget*>(QStringLiteral("labelClasses"));
    QCOMPARE(classes->item(1)->checkState(), Qt::Checked);
    QTest::keyClick(table, Qt::Key_1);  // several labels on one clip
    QCOMPARE(labelsOf(first), QStringList({QStringLiteral("dog"), QStringLiteral("rain")}));
    QTest::keyClick(table, Qt::Key_N);
    const ClipId second = controller().current();
    QVERIFY(second != first);
    QTest::keyClick(table, Qt::Key_S);
    QVERIFY(controller().session().clip(second).state == ClipState::Skipped);
    QVERIFY(controller().current() != second);
    QTest::keyClick(page_.get(), Qt::Key_Z, Qt::ControlModifier);
    QVERIFY(controller().session().clip(second).state == ClipState::Unseen);
    QTest::keyClick(page_.get(), Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(labelsOf(first), QStringList{QStringLiteral("rain")});
    QTest::keyClick(page_.get(), Qt::Key_Y, Qt::ControlModifier);
    QCOMPARE(labelsOf(first), QStringList({QStringLiteral("dog"), QStringLiteral("rain")}));
  }

  void undoShowsTheClipThatItChangesAndSaysWhat() {
    startSession();
    const Notices notices(*app_);
    const ClipId first = controller().current();
    QTest::keyClick(table(), Qt::Key_2);
    QTest::keyClick(page_.get(), Qt::Key_Z, Qt::ControlModifier);  // seen on the clip itself
    QTest::keyClick(page_.get(), Qt::Key_Y, Qt::ControlModifier);
    QCOMPARE(notices.all(), QString());
    QTest::keyClick(table(), Qt::Key_N);
    QTest::keyClick(table(), Qt::Key_N);
    const ClipId third = controller().current();
    QTest::keyClick(page_.get(), Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(controller().current(), first);
    QCOMPARE(notices.all(), QStringLiteral("Undone: Label a.wav: rain"));
    QTest::keyClick(table(), Qt::Key_B);
    QCOMPARE(controller().current(), third);
    QTest::keyClick(page_.get(), Qt::Key_Y, Qt::ControlModifier);
    QCOMPARE(controller().current(), first);
    QVERIFY2(notices.said("Done again: Label a.wav: rain"), qPrintable(notices.all()));
  }

  void tickingAClassLabelsTheClip() {
    startSession();
    auto* classes = page_->findChild<QListWidget*>(QStringLiteral("labelClasses"));
    classes->item(0)->setCheckState(Qt::Checked);
    QCOMPARE(labelsOf(controller().current()), QStringList{QStringLiteral("dog")});
    auto* clear = page_->findChild<QPushButton*>(QStringLiteral("clearButton"));
    QTest::mouseClick(clear, Qt::LeftButton);
    QVERIFY(labelsOf(controller().current()).isEmpty());
  }

  void aClassAddedByHandIsThere() {
    startSession();
    auto* edit = page_->findChild<QLineEdit*>(QStringLiteral("newClass"));
    edit->setFocus();
    QTest::keyClicks(edit, QStringLiteral("sea waves"));
    QTest::keyClick(edit, Qt::Key_Return);
    QCOMPARE(controller().session().classes().size(), std::size_t{3});
    QCOMPARE(edit->text(), QString());
    QSignalSpy notices(app_.get(), &AppContext::noticed);
    QTest::keyClicks(edit, QStringLiteral("Sea Waves"));  // there already
    QTest::keyClick(edit, Qt::Key_Return);
    QCOMPARE(notices.count(), 1);
    QCOMPARE(controller().session().classes().size(), std::size_t{3});
  }

  void suggestionsComeFromTheModelAndEnterAccepts() {
    useModel();
    startSession();
    const ClipId clip = controller().current();
    QTRY_VERIFY_WITH_TIMEOUT(!controller().session().suggestions(clip).items.empty(), 60000);
    QTRY_VERIFY_WITH_TIMEOUT(!controller().suggesting(), 60000);
    const Suggestions suggestions = controller().session().suggestions(clip);
    QCOMPARE(suggestions.items.size(), std::size_t{2});
    QVERIFY(suggestions.items[0].score >= suggestions.items[1].score);
    QVERIFY(page_->findChild<QPushButton*>(QStringLiteral("acceptButton"))->isEnabled());
    QTest::keyClick(page_->findChild<QTableView*>(QStringLiteral("clipTable")), Qt::Key_Return);
    const auto labels = controller().session().labels(clip);
    QCOMPARE(labels.size(), std::size_t{1});
    QVERIFY(labels[0].by == LabelledBy::Model);
    QCOMPARE(labels[0].class_id, suggestions.items[0].class_id);
    QVERIFY(controller().current() != clip);
    QCOMPARE(controller().session().clip(clip).seconds, 1.0);
  }

  void enterChangesNothingThatIsLabelledAndAKeyCorrects() {
    openSuggestedSession();
    const ClipId clip = controller().current();
    QTest::keyClick(table(), Qt::Key_2);
    QTest::keyClick(table(), Qt::Key_Return);
    QCOMPARE(labelsOf(clip), QStringList{QStringLiteral("rain")});
    const ClipId next = controller().current();
    QVERIFY(next != clip);
    QTest::keyClick(table(), Qt::Key_Return);
    QCOMPARE(labelsOf(next), QStringList{QStringLiteral("dog")});
    controller().show(next);
    QTest::keyClick(table(), Qt::Key_2);  // it was wrong
    QCOMPARE(labelsOf(next), QStringList{QStringLiteral("rain")});
    controller().undo();
    QCOMPARE(labelsOf(next), QStringList{QStringLiteral("dog")});
    find<QListWidget>("labelClasses")->item(1)->setCheckState(Qt::Checked);  // it was not all
    QCOMPARE(labelsOf(next), QStringList({QStringLiteral("dog"), QStringLiteral("rain")}));
  }

  void aClickOnAClassNamesTheChosenRegion() {
    startSession();
    auto* view = page_->findChild<ClipView*>();
    QTRY_VERIFY_WITH_TIMEOUT(view->ready(), 20000);
    const ClipId clip = controller().current();
    const auto all = controller().session().classes();
    const auto named = [&] { return controller().session().regions(clip)[0].class_id; };
    auto* classes = find<QListWidget>("labelClasses");
    const auto click = [&](int row, bool box) {
      const QRect place = classes->visualItemRect(classes->item(row));
      const int box_at = place.left() + classes->style()->pixelMetric(QStyle::PM_IndicatorWidth) / 2 + 3;
      QTest::mouseClick(classes->viewport(), Qt::LeftButton, {},
                        {box ? box_at : place.left() + 60, place.center().y()});
    };
    drag(*view, 0.3, 0.6);
    QCOMPARE(named(), all[0].id);
    click(1, false);
    QCOMPARE(named(), all[1].id);
    click(0, true);
    QCOMPARE(named(), all[0].id);
    click(0, true);
    QCOMPARE(named(), all[0].id);
    QVERIFY(labelsOf(clip).isEmpty());
    QCOMPARE(classes->item(0)->checkState(), Qt::Unchecked);
    QTest::keyClick(table(), Qt::Key_Escape);
    click(1, false);
    QVERIFY(labelsOf(clip).isEmpty());
    click(1, true);
    QCOMPARE(labelsOf(clip), QStringList{QStringLiteral("rain")});
    QCOMPARE(named(), all[0].id);
  }

  void theTimesOfTheChosenRegionAreShownAndTyped() {
    startSession();
    auto* view = page_->findChild<ClipView*>();
    QTRY_VERIFY_WITH_TIMEOUT(view->ready(), 20000);
    const ClipId clip = controller().current();
    auto* start = find<QDoubleSpinBox>("regionStart");
    auto* end = find<QDoubleSpinBox>("regionEnd");
    QVERIFY(!start->isVisible());
    controller().addRegion(0.2504, 0.5, controller().session().classes()[1].id);
    const auto region = [&] { return controller().session().regions(clip)[0]; };
    QVERIFY(start->isVisible());
    QCOMPARE(start->value(), 0.25);
    QCOMPARE(find<QLabel>("regionAbout")->text(), QLocale().toString(0.25, 'f', 3) + QStringLiteral(" s long, rain"));
    const auto type = [](QDoubleSpinBox* time, double seconds) {
      time->setFocus();
      time->selectAll();
      QTest::keyClicks(time, QLocale().toString(seconds, 'f', 3));
    };
    type(end, 0.75);
    QCOMPARE(region().end, 0.5);  // not while it is typed
    view->setRegions(view->findChild<SpectrogramView*>(QStringLiteral("clipSpectrogram"))->regions().regions());
    QTest::keyClick(end, Qt::Key_Return);
    QCOMPARE(region().end, 0.75);
    QCOMPARE(region().start, 0.2504);  // to the bit
    QVERIFY(table()->hasFocus());
    QCOMPARE(controller().current(), clip);  // that Enter accepted nothing
    QVERIFY(labelsOf(clip).isEmpty());
    const Notices notices(*app_);
    type(start, 0.9);
    QTest::keyClick(start, Qt::Key_Return);
    QVERIFY2(notices.said("A region must"), qPrintable(notices.all()));
    QCOMPARE(start->value(), 0.25);
    type(start, 0.1);
    QTest::keyClick(start, Qt::Key_Escape);
    QVERIFY(table()->hasFocus());
    QCOMPARE(region().start, 0.2504);
    QTest::keyClick(table(), Qt::Key_Escape);
    QVERIFY(!start->isVisible());
  }

  void aClipThatIsReadHasALength() {
    startSession();
    QTRY_VERIFY_WITH_TIMEOUT(page_->findChild<ClipView*>()->ready(), 20000);
    QCOMPARE(controller().session().clip(controller().current()).seconds, 1.0);
  }

  void regionsAreDrawnMovedAndRemoved() {
    startSession();
    auto* view = page_->findChild<ClipView*>();
    QTRY_VERIFY_WITH_TIMEOUT(view->ready(), 20000);
    auto* classes = page_->findChild<QListWidget*>(QStringLiteral("labelClasses"));
    classes->setCurrentRow(1);
    Q_EMIT view->regionDrawn(0.2, 0.5);
    const ClipId clip = controller().current();
    auto regions = controller().session().regions(clip);
    QCOMPARE(regions.size(), std::size_t{1});
    QCOMPARE(regions[0].start, 0.2);
    QCOMPARE(regions[0].class_id, controller().session().classes()[1].id);
    Q_EMIT view->regionMoved(regions[0].id, 0.3, 0.6);
    QCOMPARE(controller().session().regions(clip)[0].end, 0.6);
    view->select(regions[0].id);
    QTest::keyClick(page_->findChild<QTableView*>(QStringLiteral("clipTable")), Qt::Key_Delete);
    QVERIFY(controller().session().regions(clip).empty());
  }

  void aRegionTakesTheSuggestedClassAndAKeyGivesItAnother() {
    useModel();
    startSession();
    QTRY_VERIFY_WITH_TIMEOUT(!controller().suggesting() && allSuggested(), 60000);
    auto* classes = page_->findChild<QListWidget*>(QStringLiteral("labelClasses"));
    auto* table = page_->findChild<QTableView*>(QStringLiteral("clipTable"));
    auto* view = page_->findChild<ClipView*>();
    const auto all = controller().session().classes();
    const auto suggested = [&] {
      return controller().session().suggestions(controller().current()).items.front().class_id;
    };
    // On every clip the suggestion is chosen, whatever was chosen on the clip before.
    for (int i = 0; i < 3; ++i) {
      QCOMPARE(all[static_cast<std::size_t>(classes->currentRow())].id, suggested());
      classes->setCurrentRow(1 - classes->currentRow());
      QTest::keyClick(table, Qt::Key_N);
    }
    QTRY_VERIFY_WITH_TIMEOUT(view->ready(), 20000);
    const ClipId clip = controller().current();
    drag(*view, 0.3, 0.6);
    auto regions = controller().session().regions(clip);
    QCOMPARE(regions.size(), std::size_t{1});
    QCOMPARE(regions[0].class_id, suggested());
    QCOMPARE(view->selected(), regions[0].id);
    const bool first = regions[0].class_id == all[0].id;
    QTest::keyClick(table, first ? Qt::Key_2 : Qt::Key_1);
    QCOMPARE(controller().session().regions(clip)[0].class_id, all[first ? 1 : 0].id);
    QVERIFY(labelsOf(clip).isEmpty());
    QTest::keyClick(table, Qt::Key_Escape);
    QCOMPARE(view->selected(), RegionId{-1});
    QTest::keyClick(table, Qt::Key_1);  // the clip's own label again
    QCOMPARE(labelsOf(clip), QStringList{QStringLiteral("dog")});
  }

  void aRegionThatWentLeavesNothingBehind() {
    startSession();
    auto* view = page_->findChild<ClipView*>();
    QTRY_VERIFY_WITH_TIMEOUT(view->ready(), 20000);
    auto* picture = view->findChild<SpectrogramView*>(QStringLiteral("clipSpectrogram"));
    picture->setFocus();  // which it shows
    const QImage before = picture->grab().toImage();
    drag(*view, 0.3, 0.6);
    QVERIFY(picture->grab().toImage() != before);
    controller().undo();
    QCOMPARE(picture->grab().toImage(), before);
  }

  void theKeysLabelAsSoonAsThereIsASession() {
    startSession();
    QVERIFY(page_->findChild<QTableView*>(QStringLiteral("clipTable"))->hasFocus());
  }

  void theSessionIsThereAgainAndExports() {
    startSession();
    controller().toggleLabel(controller().session().classes()[0].id);
    const QString file = controller().sessionFile();
    controller().close();
    QVERIFY(page_->openPaths({file}));
    QVERIFY(controller().isOpen());
    QCOMPARE(controller().session().progress().labelled, std::int64_t{1});
    const QString csv = folder_->filePath(QStringLiteral("labels.csv"));
    QVERIFY(controller().exportTo(LabelFormat::Csv, csv));
    QVERIFY(read_file(csv.toStdString()).find("a.wav,,,dog,person") != std::string::npos);
    QVERIFY(controller().exportTo(LabelFormat::Audacity, folder_->filePath(QStringLiteral("tracks"))));
    QVERIFY(std::filesystem::exists(folder_->filePath(QStringLiteral("tracks")).toStdString()));
  }

  void theFolderOfTheLastSessionIsRemembered() {
    startSession();
    const QString session = controller().sessionFile();
    controller().close();
    const auto* open = page_->findChild<QPushButton*>(QStringLiteral("openSession"));
    QVERIFY(open->isVisible());
    QTest::mouseClick(page_->findChild<QPushButton*>(QStringLiteral("openSession")), Qt::LeftButton);
    auto* dialog = page_->findChild<QFileDialog*>(QStringLiteral("fileDialog"));
    QVERIFY(dialog != nullptr);
    Q_EMIT dialog->filesSelected({session});
    dialog->reject();
    QVERIFY(controller().isOpen());
    QTRY_VERIFY(page_->findChild<QFileDialog*>(QStringLiteral("fileDialog")) == nullptr);
    controller().close();
    QTest::mouseClick(page_->findChild<QPushButton*>(QStringLiteral("openSession")), Qt::LeftButton);
    dialog = page_->findChild<QFileDialog*>(QStringLiteral("fileDialog"));
    QCOMPARE(dialog->directory().path(), folder_->path());
    dialog->reject();
  }

  void badPathsGiveASentence() {
    QSignalSpy notices(app_.get(), &AppContext::noticed);
    QTemporaryDir empty;
    QVERIFY(!controller().create(empty.filePath(QStringLiteral("s.hearsay-labels")), empty.path(), {}));
    QCOMPARE(notices.count(), 1);
    QVERIFY(notices[0][0].toString().contains(empty.path()));
    const QString text = folder_->filePath(QStringLiteral("text.hearsay-labels"));
    write_file_atomically(text.toStdString(), std::string_view("no session"));
    QVERIFY(!controller().open(text));
    QCOMPARE(notices.count(), 2);
    QVERIFY(!controller().isOpen());
  }
};

QTEST_MAIN(TestLabelPage)
#include "test_label_page.moc"
