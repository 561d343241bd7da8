// Teach, through its widgets: the list, the sentences, a whole tuning.

#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QFile>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTabWidget>
#include <QTableView>
#include <QTableWidget>
#include <QTest>
#include <QToolButton>
#include <cmath>

#include "pictures.h"
#include "teach_fixture.h"
#include "ui/charts/curve_plot.h"
#include "ui/charts/similarity_map.h"
#include "ui/shell/recent_prompts.h"
#include "ui/teach/class_editor.h"
#include "ui/teach/class_table_model.h"

using hearsay::ui::AppContext;
using hearsay::ui::ClassTableModel;
using hearsay::ui::CurvePlot;
using hearsay::ui::SimilarityMap;
using hearsay::ui::TeachPage;

namespace {

QStringList names(const AppContext& app) {
  QStringList list;
  for (const auto& one : app.classes()) list.append(QString::fromStdString(one.name));
  return list;
}

}  // namespace

class TestTeachPage : public QObject, TeachFixture {
  Q_OBJECT
 private Q_SLOTS:
  void init() { open(); }
  void cleanup() { close(); }

  void typingAddsClasses() {
    type("dog barking");
    type("rain, siren");
    QCOMPARE(names(*app_), QStringList({"dog barking", "rain", "siren"}));
    QCOMPARE(table()->model()->rowCount(), 3);
    QVERIFY(find<QLabel>("classTitle")->text().contains("3"));
    QSignalSpy notices(app_.get(), &AppContext::noticed);
    type("Rain");  // there already, whatever its case
    QCOMPARE(app_->classes().size(), std::size_t(3));
    QVERIFY(notices.last()[0].toString().contains("Rain"));
  }

  void undoTakesBackWhatWasJustAdded() {
    type("dog");
    type("rain");
    auto* edit = find<QLineEdit>("addClassEdit");
    edit->setFocus();
    QTest::keyClick(edit, Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(names(*app_), QStringList({"dog"}));
    QVERIFY(edit->text().isEmpty());
    QTest::keyClick(edit, Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    QCOMPARE(names(*app_), QStringList({"dog", "rain"}));
    QTest::keyClicks(edit, "sir");  // while something is typed the keys are the text's
    QTest::keyClick(edit, Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(names(*app_), QStringList({"dog", "rain"}));
    QVERIFY(edit->text() != "sir");
  }

  void howItSoundsCanBeReadAtAnyWidth() {
    app_->setClasses(
        hearsay::parse_classes("rain | rainfall: Rain falling steadily, a soft even patter of countless drops."));
    auto* table = find<QTableView>("classTable");
    const auto columns = [&] {
      return table->columnWidth(ClassTableModel::Colour) + table->columnWidth(ClassTableModel::Name) +
             table->columnWidth(ClassTableModel::Aliases) + table->columnWidth(ClassTableModel::Description);
    };
    const QFontMetrics metrics = table->fontMetrics();
    const int sentence = metrics.horizontalAdvance(QString::fromStdString(app_->classes().front().description));
    for (const int wide : {910, 1800}) {
      page_->resize(wide, 600);
      QTRY_COMPARE(columns(), table->viewport()->width());
      const int lines = wide < 1000 ? 2 : 1;
      QTRY_COMPARE(table->rowHeight(0) / metrics.lineSpacing(), lines);
      const int room = lines * table->columnWidth(ClassTableModel::Description);
      QVERIFY2(room > sentence * 9 / 10, qPrintable(QStringLiteral("%1 of %2").arg(room).arg(sentence)));
    }
    // A column that was dragged stays as it was left.
    table->horizontalHeader()->resizeSection(ClassTableModel::Name, 200);
    page_->resize(1400, 600);
    QTest::qWait(50);
    QCOMPARE(table->columnWidth(ClassTableModel::Name), 200);
  }

  void editingInPlaceIsOneStepOfUndo() {
    type("dog, rain");
    setCell(0, 1, "wolf");
    setCell(1, 2, "rainfall, drizzle");
    setCell(1, 3, "A soft patter.");
    QCOMPARE(names(*app_), QStringList({"wolf", "rain"}));
    QCOMPARE(app_->classes()[1].aliases.size(), std::size_t(2));
    QCOMPARE(app_->classes()[1].description, std::string("A soft patter."));
    for (int i = 0; i < 3; ++i) find<QToolButton>("undoButton")->click();
    QCOMPARE(names(*app_), QStringList({"dog", "rain"}));
    QVERIFY(app_->classes()[1].aliases.empty());
    find<QToolButton>("redoButton")->click();
    QCOMPARE(names(*app_), QStringList({"wolf", "rain"}));
    setCell(0, 1, "   ");
    QCOMPARE(names(*app_)[0], QString("wolf"));
  }

  void pastingManyLines() {
    QApplication::clipboard()->setText("# animals\ndog | hound: It barks.\ncat\n\nbird\n");
    table()->setFocus();
    QTest::keyClick(table(), Qt::Key_V, Qt::ControlModifier);
    QCOMPARE(names(*app_), QStringList({"dog", "cat", "bird"}));
    QCOMPARE(app_->classes()[0].aliases, std::vector<std::string>{"hound"});
    QTest::keyClick(table(), Qt::Key_Z, Qt::ControlModifier);
    QVERIFY(app_->classes().empty());
  }

  void movingAndRemoving() {
    type("a1, b2, c3, d4");
    table()->selectRow(2);
    find<QToolButton>("upButton")->click();
    QCOMPARE(names(*app_), QStringList({"a1", "c3", "b2", "d4"}));
    table()->setFocus();
    QTest::keyClick(table(), Qt::Key_Up, Qt::AltModifier);
    QCOMPARE(names(*app_), QStringList({"c3", "a1", "b2", "d4"}));
    find<QToolButton>("downButton")->click();
    QCOMPARE(names(*app_), QStringList({"a1", "c3", "b2", "d4"}));
    QTest::keyClick(table(), Qt::Key_Delete);
    QCOMPARE(names(*app_), QStringList({"a1", "b2", "d4"}));
    // Dragging: the first row is dropped behind the last.
    auto* model = table()->model();
    std::unique_ptr<QMimeData> dragged(model->mimeData({model->index(0, 1)}));
    model->dropMimeData(dragged.get(), Qt::MoveAction, 3, 0, {});
    QCOMPARE(names(*app_), QStringList({"b2", "d4", "a1"}));
    find<QToolButton>("undoButton")->click();
    QCOMPARE(names(*app_), QStringList({"a1", "b2", "d4"}));
  }

  void doubtsAreSaidInWords() {
    const auto* hint = find<QLabel>("classHint");
    QVERIFY(hint->isVisible());  // the empty list says what to do
    type("dog");
    QVERIFY(hint->text().contains("single"));
    type("dogs");
    QVERIFY2(hint->text().contains("dogs"), qPrintable(hint->text()));
    setCell(1, 1, "rain");
    QVERIFY2(!hint->isVisible(), qPrintable(hint->text()));
  }

  void presetsReplaceTheListAndComeBack() {
    type("dog, rain");
    auto* menu = find<QToolButton>("presetsButton")->menu();
    Q_EMIT menu->aboutToShow();
    QVERIFY(menu->actions().size() >= 3);
    menu->actions().at(1)->trigger();
    QVERIFY(app_->classes().size() > 5);
    find<QToolButton>("undoButton")->click();
    QCOMPARE(names(*app_), QStringList({"dog", "rain"}));
  }

  void theSentencesShowThemselves() {
    type("dog barking, rain, siren");
    const auto* captions = find<QTableView>("captionTable")->model();
    QTRY_VERIFY_WITH_TIMEOUT(captions->rowCount() >= 1000, kLong);
    QVERIFY(find<QLabel>("captionSummary")->text().contains(QLocale().toString(captions->rowCount())));
    find<QComboBox>("captionClassBox")->setCurrentIndex(2);
    QVERIFY(captions->rowCount() >= 40 && captions->rowCount() < 1000);
    QCOMPARE(captions->index(5, 0).data().toString(), QString("rain"));
  }

  void myCaptionsWithTheirWarnings() {
    type("dog, rain, siren");
    const QString file = home_->dir.filePath("mine.csv");
    writeText(file, "caption,label\na dog barks,dog\nit rains hard,rain\na cow moos,cow\n");
    QVERIFY(page_->openPaths({file}));
    QCOMPARE(find<QComboBox>("sourceBox")->currentIndex(), 1);
    const auto* captions = find<QTableView>("captionTable")->model();
    QTRY_COMPARE_WITH_TIMEOUT(captions->rowCount(), 2, kLong);
    const QString warnings = find<QLabel>("captionWarnings")->text();
    QVERIFY2(warnings.contains("cow") && warnings.contains("siren"), qPrintable(warnings));
    find<QLineEdit>("captionFileEdit")->setText(home_->dir.filePath("absent.csv"));
    Q_EMIT find<QLineEdit>("captionFileEdit")->editingFinished();
    QTRY_VERIFY_WITH_TIMEOUT(find<QLabel>("captionWarnings")->text().contains("absent.csv"), kLong);
    QVERIFY(!find<QPushButton>("startButton")->isEnabled());
  }

  void plainSentencesShowWhatTheyWereFoundBy() {
    app_->setClasses(hearsay::parse_classes("dog | hound | puppy\nrain"));
    const QString file = home_->dir.filePath("sentences.csv");
    writeText(file, "Puppies whine in the rain\nA hound howls\nA cow moos\n");
    QVERIFY(page_->openPaths({file}));
    const auto* table = find<QTableView>("captionTable");
    const auto* captions = table->model();
    QTRY_COMPARE_WITH_TIMEOUT(captions->rowCount(), 2, kLong);
    QVERIFY(!table->isColumnHidden(3));
    QCOMPARE(captions->index(0, 0).data().toString(), QString("dog, rain"));
    QCOMPARE(captions->index(0, 3).data().toString(), QString("puppy, rain"));
    QCOMPARE(captions->index(1, 3).data().toString(), QString("hound"));
    find<QComboBox>("sourceBox")->setCurrentIndex(0);
    QTRY_VERIFY_WITH_TIMEOUT(captions->rowCount() >= 1000, kLong);
    QVERIFY(table->isColumnHidden(3));
  }

  void aDroppedListBecomesTheClasses() {
    const QString file = home_->dir.filePath("sounds.txt");
    writeText(file, "dog | hound\nrain\nchurch bell\n");
    QVERIFY(page_->openPaths({file}));
    QCOMPARE(names(*app_), QStringList({"dog", "rain", "church bell"}));
    QVERIFY(!page_->openPaths({home_->dir.filePath("sound.wav")}));
  }

  void startSaysWhatIsMissing() {
    auto* start = find<QPushButton>("startButton");
    const auto* why = find<QLabel>("startSummary");
    QVERIFY(!start->isEnabled());
    QVERIFY2(why->text().contains("model"), qPrintable(why->text()));
    loadTiny();
    type("dog");
    QVERIFY(!start->isEnabled());
    type("rain");
    QTRY_VERIFY_WITH_TIMEOUT(start->isEnabled(), kLong);
    setCell(1, 1, "dog");  // twice the same
    QVERIFY(!start->isEnabled());
    QVERIFY2(why->text().contains("dog"), qPrintable(why->text()));
  }

  void aTuningFromListToResult() {
    loadTiny();
    type("dog barking, rain, siren");
    find<QSpinBox>("stepsSpin")->setValue(12);
    find<QSpinBox>("contextSpin")->setValue(4);
    QTRY_VERIFY_WITH_TIMEOUT(find<QPushButton>("startButton")->isEnabled(), kLong);
    QTest::keyClick(table(), Qt::Key_Return, Qt::ControlModifier);
    QVERIFY(page_->tuning());
    QCOMPARE(find<QTabWidget>("teachTabs")->currentIndex(), 1);
    QVERIFY(!find<QPushButton>("startButton")->isEnabled());
    QTRY_VERIFY_WITH_TIMEOUT(!page_->tuning(), kLong);
    QCOMPARE(find<CurvePlot>("lossPlot")->points(0), 12);
    QVERIFY(find<CurvePlot>("lossPlot")->last(0) > 0.0);
    QCOMPARE(find<QTabWidget>("teachTabs")->currentIndex(), 2);
    const QString verdict = find<QLabel>("verdictLabel")->text();  // twelve steps, and nothing kept aside
    QVERIFY2(verdict.contains("it learnt from") && !verdict.contains("helped"), qPrintable(verdict));
    const QString details = find<QLabel>("resultDetails")->text();
    QVERIFY2(details.contains(QRegularExpression("^12 steps in \\d+\\.\\d s on cpu\\.")), qPrintable(details));
    auto* gains = find<QTableWidget>("gainsTable");
    QCOMPARE(gains->rowCount(), 3);
    int sentences = 0;
    for (int row = 0; row < 3; ++row) sentences += gains->item(row, 1)->text().toInt();
    QVERIFY(sentences > 30);
    QVERIFY(find<SimilarityMap>("similarityMap")->mostAlike().contains("("));
    takePictures();
    // What was learnt is on the disk already, whether or not anybody saves it.
    QCOMPARE(QDir(home_->dir.filePath("xdg_data_home/hearsay/tuned")).entryList({"*.safetensors"}).size(), 1);
    // Used by hand if it was not used at once; then back to the template.
    if (!app_->prompts()->tuned) find<QPushButton>("useButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(app_->prompts()->tuned && app_->promptsUnsaved(), kLong);
    find<QPushButton>("useButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(app_->prompts() && !app_->prompts()->tuned, kLong);
    // And on from there.
    find<QPushButton>("tuneAgainButton")->click();
    QVERIFY(page_->tuning());
    QTRY_VERIFY_WITH_TIMEOUT(!page_->tuning(), kLong);
    QCOMPARE(find<CurvePlot>("lossPlot")->points(0), 12);
  }

  void heldOutClassesAndWeightsAreToldInWords() {
    loadTiny();
    type("dog barking, rain, siren, bell, wind");
    find<QSpinBox>("contextSpin")->setValue(4);
    find<QToolButton>("advancedButton")->click();
    auto* box = find<QCheckBox>("unseenBox");
    QVERIFY(box->isVisible());
    box->click();
    QCOMPARE(find<QLineEdit>("unseenEdit")->text(), QString("wind"));
    QTRY_VERIFY_WITH_TIMEOUT(find<QPushButton>("startButton")->isEnabled(), kLong);
    find<QPushButton>("startButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(!page_->tuning(), kLong);
    const QString told = find<QLabel>("resultDetails")->text();
    QVERIFY2(told.contains("Harmonic mean"), qPrintable(told));
    QVERIFY2(told.contains("The fused score is"), qPrintable(told));
    if (!app_->prompts()->tuned) find<QPushButton>("useButton")->click();
    QCOMPARE(app_->prompts()->unseen, std::vector<std::string>{"wind"});
    QVERIFY(std::abs(app_->prompts()->weights.sum() - 1.0) < 1e-9);
  }

  void undoBringsTheTunedSetBack() {
    loadTiny();
    type("dog barking, rain");
    tuneShortly();
    if (!app_->prompts()->tuned) find<QPushButton>("useButton")->click();
    QVERIFY(app_->prompts()->tuned);
    const QString kept = app_->promptsKept();
    QVERIFY(QFileInfo::exists(kept));
    const QString entry = hearsay::ui::keptInWords(kept);
    QVERIFY2(entry.contains("2 classes: dog barking, rain"), qPrintable(entry));
    QVERIFY(!find<QLabel>("otherList")->isVisibleTo(page_.get()));
    QSignalSpy notices(app_.get(), &AppContext::noticed);
    setCell(0, 1, "wolf");
    QTRY_VERIFY_WITH_TIMEOUT(!app_->prompts()->tuned && app_->prompts()->classes[0].name == "wolf", kLong);
    QCOMPARE(notices.size(), 1);
    QVERIFY2(notices[0][0].toString().contains("Undo"), qPrintable(notices[0][0].toString()));
    QVERIFY(find<QLabel>("otherList")->isVisibleTo(page_.get()));
    QVERIFY(app_->promptsKept().isEmpty());
    find<QToolButton>("undoButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(app_->prompts()->tuned, kLong);
    QVERIFY(!find<QLabel>("otherList")->isVisibleTo(page_.get()));
    QCOMPARE(app_->prompts()->classes[0].name, std::string("dog barking"));
  }

  void stoppingKeepsTheBestSoFar() {
    loadTiny();
    type("dog barking, rain, siren");
    find<QSpinBox>("stepsSpin")->setValue(100000);
    QTRY_VERIFY_WITH_TIMEOUT(find<QPushButton>("startButton")->isEnabled(), kLong);
    find<QPushButton>("startButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(find<CurvePlot>("lossPlot")->points(0) > 2, kLong);
    find<QPushButton>("pauseButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(app_->jobs().paused(), kLong);
    find<QPushButton>("pauseButton")->click();
    QVERIFY(!app_->jobs().paused());
    find<QPushButton>("stopButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(!page_->tuning(), kLong);
    QVERIFY(find<QLabel>("resultDetails")->text().contains("Stopped early"));
  }

  void theFirstStartLeadsToListening() {
    QSignalSpy asked(app_.get(), &AppContext::pageRequested);
    auto* listen = find<QPushButton>("listenNowButton");
    QVERIFY(listen->isVisible());
    listen->click();
    QCOMPARE(asked[0][0].toString(), QString("listen"));
    QCOMPARE(asked[0][1].toBool(), true);
    find<QToolButton>("welcomeClose")->click();
    TeachPage later(*app_);
    later.show();
    QVERIFY(!later.findChild<QPushButton*>("listenNowButton")->isVisible());
  }

 private:
  QTableView* table() { return find<QTableView>("classTable"); }
  void type(const QString& text) {
    auto* edit = find<QLineEdit>("addClassEdit");
    QTest::keyClicks(edit, text);
    QTest::keyClick(edit, Qt::Key_Return);
  }
  void setCell(int row, int column, const QString& text) {
    table()->model()->setData(table()->model()->index(row, column), text, Qt::EditRole);
  }
  static void writeText(const QString& path, const QByteArray& text) {
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(text), text.size());
  }
  void takePictures() {
    auto* tabs = find<QTabWidget>("teachTabs");
    for (int i = 0; i < tabs->count(); ++i) {
      tabs->setCurrentIndex(i);
      QCoreApplication::processEvents();
      keepPicture(*page_, QStringLiteral("teach-tab%1").arg(i));
    }
    find<QToolButton>("advancedButton")->click();
    tabs->setCurrentIndex(0);
    QCoreApplication::processEvents();
    keepPicture(*page_, QStringLiteral("teach-settings"));
  }
  void tuneShortly() {
    find<QSpinBox>("stepsSpin")->setValue(3);
    find<QSpinBox>("contextSpin")->setValue(4);
    QTRY_VERIFY_WITH_TIMEOUT(find<QPushButton>("startButton")->isEnabled(), kLong);
    find<QPushButton>("startButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(!page_->tuning(), kLong);
  }
};

QTEST_MAIN(TestTeachPage)
#include "test_teach_page.moc"
