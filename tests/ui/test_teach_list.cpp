// The list of sounds on Teach: what is said of it, undo, dragging, copying, searching.

#include <QApplication>
#include <QClipboard>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>

#include "teach_fixture.h"
#include "ui/shell/prompt_actions.h"

using hearsay::ui::AppContext;

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
};

QTEST_MAIN(TestTeachList)
#include "test_teach_list.moc"
