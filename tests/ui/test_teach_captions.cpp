// The sentences on Teach: a file that another program writes anew, the choice of a class, and why there are none.

#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTableView>
#include <QTest>

#include "teach_fixture.h"
#include "ui/teach/class_editor.h"

class TestTeachCaptions : public QObject, TeachFixture {
  Q_OBJECT
 private Q_SLOTS:
  void init() { open(); }
  void cleanup() { close(); }

  /// In place, as some editors do; by another file in its place, as others do; gone, and there again.
  void aFileWrittenAnewIsShownAnew() {
    app_->setClasses(hearsay::parse_classes("dog, rain"));
    const QString file = home_->dir.filePath("mine.csv");
    write(file, 6);
    QVERIFY(page_->openPaths({file}));
    const auto* rows = find<QTableView>("captionTable")->model();
    QTRY_COMPARE_WITH_TIMEOUT(rows->rowCount(), 6, kLong);
    write(file, 4);
    QTRY_COMPARE_WITH_TIMEOUT(rows->rowCount(), 4, kLong);
    QVERIFY(find<QLabel>("captionSummary")->text().startsWith("4 sentences"));
    for (const int count : {8, 2}) {
      const QString other = home_->dir.filePath("mine.csv.new");
      write(other, count);
      QCOMPARE(std::rename(QFile::encodeName(other), QFile::encodeName(file)), 0);
      QTRY_COMPARE_WITH_TIMEOUT(rows->rowCount(), count, kLong);
    }
    QVERIFY(QFile::remove(file));
    const auto* said = find<QLabel>("captionWarnings");
    QTRY_VERIFY_WITH_TIMEOUT(said->text().contains("mine.csv") && said->text().contains("does not exist"), kLong);
    QCOMPARE(rows->rowCount(), 0);
    write(file, 4);
    QTRY_COMPARE_WITH_TIMEOUT(rows->rowCount(), 4, kLong);
  }

  void theChoiceGoesWithItsClass() {
    app_->setClasses(hearsay::parse_classes("dog, rain, siren"));
    auto* box = find<QComboBox>("captionClassBox");
    const auto* rows = find<QTableView>("captionTable")->model();
    QTRY_COMPARE_WITH_TIMEOUT(box->count(), 4, kLong);
    box->setCurrentIndex(2);
    page_->findChild<hearsay::ui::ClassEditor*>()->model().move({1}, 0);
    QTRY_VERIFY_WITH_TIMEOUT(box->itemText(1).startsWith("rain"), kLong);
    QCOMPARE(box->currentIndex(), 1);
    QCOMPARE(rows->index(0, 0).data().toString(), QString("rain"));
    app_->setClasses(hearsay::parse_classes("drizzle, dog, siren"));  // another name in its place
    QTRY_VERIFY_WITH_TIMEOUT(box->itemText(1).startsWith("drizzle"), kLong);
    QCOMPARE(box->currentIndex(), 1);
    app_->setClasses(hearsay::parse_classes("50%2 rain, dog, siren"));  // told as it is
    QTRY_VERIFY_WITH_TIMEOUT(box->itemText(1).startsWith("50%2 rain ("), kLong);
    app_->setClasses(hearsay::parse_classes("dog, siren"));
    QTRY_COMPARE_WITH_TIMEOUT(box->count(), 3, kLong);
    QCOMPARE(box->currentIndex(), 0);
  }

  /// The sentence that says so stands on the page once.
  void anEmptyFileIsSaidToBeEmpty() {
    loadTiny();
    app_->setClasses(hearsay::parse_classes("dog, rain"));
    const QString file = home_->dir.filePath("mine.csv");
    write(file, 0);
    QVERIFY(page_->openPaths({file}));
    const auto* said = find<QLabel>("captionWarnings");
    QTRY_VERIFY_WITH_TIMEOUT(said->text().contains("mine.csv\" is empty"), kLong);
    const QString why = find<QLabel>("startSummary")->text();
    QVERIFY2(why.contains("no sentences") && !why.contains("mine.csv"), qPrintable(why));
    QVERIFY(!find<QPushButton>("startButton")->isEnabled());
  }

 private:
  static void write(const QString& path, int captions) {
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QByteArray text = captions > 0 ? "caption,label\n" : "";
    for (int i = 0; i < captions; ++i) text += i % 2 == 0 ? "a dog barks,dog\n" : "it rains hard,rain\n";
    QCOMPARE(file.write(text), text.size());
  }
};

QTEST_MAIN(TestTeachCaptions)
#include "test_teach_captions.moc"
