// The list of sounds on Teach: what is said of it, undo, dragging, copying, searching, and files dropped on the page.

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>
#include <QToolButton>

#include "teach_fixture.h"
#include "ui/charts/colours.h"
#include "ui/shell/class_state.h"
#include "ui/shell/prompt_actions.h"
#include "ui/teach/text_file_kind.h"

using hearsay::ui::AppContext;
using hearsay::ui::TextFileKind;

class TestTeachList : public QObject, TeachFixture {
  Q_OBJECT
 private Q_SLOTS:
  void init() { open(); }
  void cleanup() { close(); }

  void namesThatTheModelCannotReadAreTold() {
    type("鳥の声, 犬の声, 雨の音");
    const auto* hint = find<QLabel>("classHint");
    QVERIFY(!hint->isVisible());  // no model yet: nobody knows
    loadTiny();
    QVERIFY2(hint->isVisible() && hint->text().contains("knows no word of 鳥の声, 犬の声, 雨の音"),
             qPrintable(hint->text()));
    app_->setClasses(hearsay::parse_classes("dog, rain"));
    QVERIFY2(!hint->isVisible(), qPrintable(hint->text()));
    app_->setClasses(hearsay::parse_classes("café, cafe, rain"));
    QVERIFY2(hint->text().contains("\"café\" and \"cafe\" as the same words"), qPrintable(hint->text()));
  }

  void anImportedListComesBackByRedo() {
    type("dog, rain");
    table()->setFocus();
    QTest::keyClick(table(), Qt::Key_A, Qt::ControlModifier);
    QTest::keyClick(table(), Qt::Key_Delete);
    QVERIFY(app_->classes().empty());
    QVERIFY(hearsay::ui::importClasses(*app_, write("list.txt", "bell\nwind\nsiren\n")));
    QCOMPARE(names(), QStringList({"bell", "wind", "siren"}));
    QTest::keyClick(table(), Qt::Key_Z, Qt::ControlModifier);
    QVERIFY(app_->classes().empty());
    QTest::keyClick(table(), Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    QCOMPARE(names(), QStringList({"bell", "wind", "siren"}));
    for (int i = 0; i < 2; ++i) QTest::keyClick(table(), Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(names(), QStringList({"dog", "rain"}));
  }

  void theFirstListIsNoStepOfUndo() {
    app_->setClasses(hearsay::parse_classes("dog, rain"));  // as at the start of the program
    table()->setFocus();
    QTest::keyClick(table(), Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(names(), QStringList({"dog", "rain"}));
  }

  void whatWasDraggedStaysChosen() {
    type("a1, b2, c3, d4");
    table()->selectRow(0);
    drag({0}, 3);
    QCOMPARE(names(), QStringList({"b2", "c3", "a1", "d4"}));
    QCOMPARE(chosen(), QStringList{"a1"});
    QCOMPARE(table()->currentIndex().row(), 2);
    table()->setFocus();
    QTest::keyClick(table(), Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(names(), QStringList({"a1", "b2", "c3", "d4"}));
    QCOMPARE(chosen(), QStringList{"a1"});
    QTest::keyClick(table(), Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    QTest::keyClick(table(), Qt::Key_Delete);
    QCOMPARE(names(), QStringList({"b2", "c3", "d4"}));
    table()->selectRow(1);
    table()->selectionModel()->select(table()->model()->index(2, 0),
                                      QItemSelectionModel::Select | QItemSelectionModel::Rows);
    drag({1, 2}, 0);
    QCOMPARE(names(), QStringList({"c3", "d4", "b2"}));
    QCOMPARE(chosen(), QStringList({"c3", "d4"}));
  }

  /// Everywhere: the charts go by the list. Undone, and moved back, the list is as it was.
  void classesKeepTheirColoursWhenPlacesChange() {
    type("a1, b2, c3, d4");
    const hearsay::ClassList before = app_->classes();
    const auto colours = [this] {
      QMap<QString, QRgb> all;
      for (std::size_t i = 0; i < app_->classes().size(); ++i) {
        all[QString::fromStdString(app_->classes()[i].name)] = hearsay::ui::classColour(app_->classes(), i).rgb();
      }
      return all;
    };
    const QMap<QString, QRgb> first = colours();
    drag({0}, 4);
    QCOMPARE(names(), QStringList({"b2", "c3", "d4", "a1"}));
    QCOMPARE(colours(), first);
    table()->selectRow(1);
    QTest::keyClick(table(), Qt::Key_Delete);
    QCOMPARE(names(), QStringList({"b2", "d4", "a1"}));
    for (const char* name : {"a1", "b2", "d4"}) QCOMPARE(colours()[name], first[name]);
    type("e5");  // its place has the colour of d4
    QCOMPARE(colours()["e5"], first["c3"]);
    for (int i = 0; i < 2; ++i) find<QToolButton>("undoButton")->click();
    drag({3}, 0);
    QVERIFY(hearsay::ui::sameClasses(app_->classes(), before));
    QVERIFY(app_->classes()[1].colour.empty());
  }

  void cellsOfASpreadsheetArePasted() {
    QApplication::clipboard()->setText("name\taliases\tdescription\ndog\thound;puppy\tIt barks.\nrain\t\t\n");
    table()->setFocus();
    QTest::keyClick(table(), Qt::Key_V, Qt::ControlModifier);
    QCOMPARE(names(), QStringList({"dog", "rain"}));
    QCOMPARE(app_->classes()[0].aliases, (std::vector<std::string>{"hound", "puppy"}));
    QCOMPARE(app_->classes()[0].description, std::string("It barks."));
  }

  void aTableOfClassesBecomesTheList() {
    type("siren, rain");
    QVERIFY(page_->openPaths({write("birds.csv", "name,aliases,description\nrobin,redbreast,It ticks.\nwren,,\n")}));
    QCOMPARE(names(), QStringList({"robin", "wren"}));
    QCOMPARE(find<QComboBox>("sourceBox")->currentIndex(), 0);
    QVERIFY(page_->openPaths({write("captions.csv", "caption,label\na robin ticks,robin\na wren sings,wren\n")}));
    QCOMPARE(names(), QStringList({"robin", "wren"}));
    QCOMPARE(find<QComboBox>("sourceBox")->currentIndex(), 1);
  }

  void whatHasNoNameIsNotAdded() {
    type("dog");
    QSignalSpy notices(app_.get(), &AppContext::noticed);
    type("|||");
    QCOMPARE(names(), QStringList{"dog"});
    QVERIFY2(notices.last()[0].toString().contains("\"|||\""), qPrintable(notices.last()[0].toString()));
    QApplication::clipboard()->setText("rain\n| \n!!!\nDog\n");
    table()->setFocus();
    QTest::keyClick(table(), Qt::Key_V, Qt::ControlModifier);
    QCOMPARE(names(), QStringList({"dog", "rain"}));
    const QString said = notices.last()[0].toString();
    QVERIFY2(said.contains("already: Dog") && said.contains("not added: 2"), qPrintable(said));
  }

  void allChosenClassesAreCopied() {
    app_->setClasses(hearsay::parse_classes("dog | hound: It barks.\nrain\nsiren"));
    table()->setFocus();
    table()->selectAll();
    QTest::keyClick(table(), Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QApplication::clipboard()->text(), QString("dog | hound: It barks.\nrain\nsiren\n"));
    app_->setClasses({});
    QTest::keyClick(table(), Qt::Key_V, Qt::ControlModifier);
    QCOMPARE(names(), QStringList({"dog", "rain", "siren"}));
    QCOMPARE(app_->classes()[0].aliases, std::vector<std::string>{"hound"});
  }

  void aLongListCanBeSearched() {
    hearsay::ClassList many;
    for (int i = 0; i < 300; ++i) many.push_back({"sound " + std::to_string(i), {}, {}, {}});
    many[250].aliases = {"Blackbird"};
    many[120].description = "As a blackbird at dusk.";
    app_->setClasses(many);
    auto* search = find<QLineEdit>("findClassEdit");
    QVERIFY(!search->isVisible());
    find<QLineEdit>("addClassEdit")->setFocus();
    QTest::keyClick(page_.get(), Qt::Key_F, Qt::ControlModifier);
    QTRY_VERIFY(search->isVisible() && search->hasFocus());
    QTest::keyClicks(search, "blackb");
    QCOMPARE(chosen(), QStringList{"sound 120"});
    QVERIFY(table()->viewport()->rect().contains(table()->visualRect(table()->currentIndex()).center()));
    QTest::keyClick(search, Qt::Key_Return);
    QCOMPARE(chosen(), QStringList{"sound 250"});
    QTest::keyClick(search, Qt::Key_Return);  // around the end
    QCOMPARE(chosen(), QStringList{"sound 120"});
    QTest::keyClick(search, Qt::Key_Return, Qt::ShiftModifier);
    QCOMPARE(chosen(), QStringList{"sound 250"});
    QTest::keyClicks(search, "xyz");
    QVERIFY(!search->accessibleDescription().isEmpty());
    QTest::keyClick(search, Qt::Key_Escape);
    QVERIFY(!search->isVisible() && table()->hasFocus());
    QCOMPARE(chosen(), QStringList{"sound 250"});
  }

  void aTextFileIsTakenForWhatItIs_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("kind");
    const auto row = [](const char* name, const QByteArray& text, TextFileKind kind) {
      QTest::newRow(name) << text << static_cast<int>(kind);
    };
    row("names", "dog\nrain\nchurch bell\n", TextFileKind::Classes);
    row("other names", "# birds\ngreat spotted woodpecker drumming on a dead tree | woodpecker\nrobin | redbreast\n",
        TextFileKind::Classes);
    row("descriptions", "dog: A dog barks with short, rough calls.\nrain: It patters.\n", TextFileKind::Classes);
    row("names, one of them long", "robin\nwren\ngreat spotted woodpecker drumming on a dead tree\n",
        TextFileKind::Classes);
    row("short sentences", "A siren wails.\nRain falls.\nDogs bark!\n", TextFileKind::Sentences);
    row("sentences without stops", "a man speaks as birds chirp\nrain falls while cars pass by\n",
        TextFileKind::Sentences);
    row("sentences, one of them short",
        "A siren wails in the street.\nRain falls on a roof.\nThe wind is howling.\n"
        "Dogs bark.\nrain\n",
        TextFileKind::Sentences);
    row("long names alone", "great spotted woodpecker drumming on a dead tree\nold steam engine pulling up a hill\n",
        TextFileKind::Unclear);
    row("both", "dog\nrain\nA siren wails.\nThe wind is howling.\n", TextFileKind::Unclear);
    row("nothing", "\n\n", TextFileKind::Sentences);
  }
  void aTextFileIsTakenForWhatItIs() {
    QFETCH(QByteArray, text);
    QFETCH(int, kind);
    QCOMPARE(static_cast<int>(hearsay::ui::kindOfTextFile(write("dropped.txt", text))), kind);
  }

  void shortSentencesLeaveTheListAlone() {
    type("siren, rain");
    QSignalSpy notices(app_.get(), &AppContext::noticed);
    QVERIFY(page_->openPaths({write("captions.txt", "A siren wails.\nRain falls.\n")}));
    QCOMPARE(names(), QStringList({"siren", "rain"}));
    QCOMPARE(find<QComboBox>("sourceBox")->currentIndex(), 1);
    QVERIFY2(notices.last()[0].toString().contains("captions.txt"), qPrintable(notices.last()[0].toString()));
  }

  void anUnclearFileIsAskedFor() {
    type("siren, rain");
    const QString file = write("long.txt",
                               "great spotted woodpecker drumming on a dead tree\n"
                               "old steam engine pulling up a hill\n");
    answer(file, "Cancel");
    QCOMPARE(names(), QStringList({"siren", "rain"}));
    QCOMPARE(find<QComboBox>("sourceBox")->currentIndex(), 0);
    answer(file, "Sentences");
    QCOMPARE(names(), QStringList({"siren", "rain"}));
    QCOMPARE(find<QLineEdit>("captionFileEdit")->text(), file);
    find<QComboBox>("sourceBox")->setCurrentIndex(0);
    answer(file, "Sounds");
    QCOMPARE(app_->classes().size(), std::size_t(2));
    QVERIFY(names()[0].startsWith("great spotted woodpecker"));
    QCOMPARE(find<QComboBox>("sourceBox")->currentIndex(), 0);
  }

 private:
  QTableView* table() { return find<QTableView>("classTable"); }
  QStringList names() const {
    QStringList list;
    for (const auto& one : app_->classes()) list.append(QString::fromStdString(one.name));
    return list;
  }
  QStringList chosen() {
    QStringList list;
    for (const QModelIndex& one : table()->selectionModel()->selectedRows(1)) list.append(one.data().toString());
    list.sort();
    return list;
  }
  void type(const QString& text) {
    auto* edit = find<QLineEdit>("addClassEdit");
    edit->setText(text);
    QTest::keyClick(edit, Qt::Key_Return);
  }
  QString write(const QString& name, const QByteArray& text) const {
    QFile file(home_->dir.filePath(name));
    return file.open(QIODevice::WriteOnly) && file.write(text) == text.size() ? file.fileName() : QString();
  }
  /// Drops these rows before row `to`, as the view does.
  void drag(const QList<int>& rows, int to) {
    auto* model = table()->model();
    QModelIndexList dragged;
    for (const int row : rows) dragged.append(model->index(row, 1));
    const std::unique_ptr<QMimeData> data(model->mimeData(dragged));
    model->dropMimeData(data.get(), Qt::MoveAction, to, 0, {});
  }
  /// Drops the file on the page and presses this button of the question.
  void answer(const QString& file, const QString& button) {
    QVERIFY(page_->openPaths({file}));
    auto* question = find<QMessageBox>("textFileQuestion");
    QVERIFY(question != nullptr && question->text().contains("woodpecker"));
    for (QAbstractButton* one : question->buttons()) {
      if (one->text().remove('&') == button) one->click();
    }
    QTRY_VERIFY(find<QMessageBox>("textFileQuestion") == nullptr);
  }
};

QTEST_MAIN(TestTeachList)
#include "test_teach_list.moc"
