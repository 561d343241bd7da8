// Labels on the Files page: what they are taken from, when they are shown, and what the evaluation says of those that
// have no place in it.

#include <QLabel>
#include <QPushButton>
#include <QTabWidget>
#include <QTableWidget>

#include "base/files.h"
#include "ui/kept_files_fixture.h"
#include "ui/notices.h"
#include "ui/pictures.h"

using namespace hearsay;
using namespace hearsay::ui;

class TestFilesLabels : public QObject, KeptFilesFixture {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { QVERIFY2(open("files-labels"), "the model does not load"); }
  void cleanupTestCase() { close(); }
  void init() { QVERIFY(openPageAnew()); }
  void cleanup() { closePage(); }

  void aFileWhoseLabelIsNoClassIsNamedAndCounted() {
    Notices notices(*app_);
    openAndWait({manifest("file,label\ndog/a.wav,dog\ndog/b.wav,kitty\nrain/c.wav,RAIN\nelsewhere/d.wav,whale;wolf\n")},
                4);
    QVERIFY2(notices.said("\"labels.csv\": labels that are no classes of the list: 2 of 4 (\"kitty\", \"whale\", "
                          "\"wolf\"). These files are named, but not evaluated."),
             qPrintable(notices.all()));
    QCOMPARE(notices.size(), 1);
    QCOMPARE(labelOf("b.wav"), QStringLiteral("kitty"));  // as written, though the file lies in "dog"
    QCOMPARE(labelOf("c.wav"), QStringLiteral("rain"));
    QCOMPARE(labelOf("d.wav"), QStringLiteral("whale, wolf"));
    const auto grey = [this](int row) {
      return model().index(row, FileTableModel::Label).data(Qt::ForegroundRole).isValid();
    };
    QVERIFY(!grey(0) && !grey(1) && grey(2) && grey(3));
    page_->findChild<QTabWidget*>(QStringLiteral("fileTabs"))->setCurrentIndex(1);
    QTRY_COMPARE_WITH_TIMEOUT(
        sentence(),
        QStringLiteral("2 of 4 files have a label and a result. Labels that are no classes of the list: 2."),
        kPatience);
  }

  void aTableWithoutAnyKnownLabelIsReadAllTheSame() {
    Notices notices(*app_);
    openAndWait({manifest("file,label\ndog/a.wav,kitty\ndog/b.wav,\n,dog\n")}, 2);
    QVERIFY2(notices.said("1 of 2 (\"kitty\")"), qPrintable(notices.all()));
    QVERIFY2(notices.said("files without a label: 1 of 2"), qPrintable(notices.all()));
    QVERIFY2(notices.said("lines that name no file: 1"), qPrintable(notices.all()));
    QVERIFY(!table()->isColumnHidden(FileTableModel::Label));
    page_->findChild<QTabWidget*>(QStringLiteral("fileTabs"))->setCurrentIndex(1);
    QVERIFY2(why().startsWith(QStringLiteral("The labels here are no classes of the list: 1 file.")),
             qPrintable(why()));
    // A class that is called so makes it one.
    app_->setClasses(parse_classes("kitty, rain"));
    QTRY_COMPARE_WITH_TIMEOUT(app_->prompts()->size(), std::size_t{2}, kPatience);
    QCOMPARE(model().labelsOf(model().at(0)), std::vector<int>{0});
    restoreClasses();
  }

  void labelledFilesThatFailedAreToldAndRetried() {
    const char* broken = "file,label\ndog/x.wav,dog\nrain/y.wav,rain\n";
    for (const char* name : {"dog/x.wav", "rain/y.wav"}) {
      write_file_atomically(folder_->filePath(QLatin1String(name)).toStdString(), std::string_view("this is no sound"));
    }
    openAndWait({manifest(broken)}, 2);
    QCOMPARE(model().count(FileState::Failed), 2);
    page_->findChild<QTabWidget*>(QStringLiteral("fileTabs"))->setCurrentIndex(1);
    QVERIFY2(why().startsWith(QStringLiteral("Labels are here, but no result, as the files failed or were stopped: "
                                             "2 files.\n\nRetry failed")),
             qPrintable(why()));
    makeSound("dog/x.wav");
    tool("retryFailed")->click();
    QTRY_COMPARE_WITH_TIMEOUT(sentence(),
                              QStringLiteral("1 of 2 files have a label and a result. Failed or stopped: 1; Retry "
                                             "failed names them anew."),
                              kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(!app_->jobs().busy(), kPatience);
  }

  void labelsThatAreNoClassesAreThereAtTheNextStart() {
    openAndWait({manifest("file,label\ndog/a.wav,kitty\n"), folder_->filePath(QStringLiteral("elsewhere"))}, 2);
    reopen();
    QCOMPARE(model().rowCount(), 2);
    QCOMPARE(labelOf("a.wav"), QStringLiteral("kitty"));
    QCOMPARE(labelOf("d.wav"), QString());  // a folder's name is no label until it is a class
    QVERIFY(!table()->isColumnHidden(FileTableModel::Label));
  }

  void labelsAreShownAsSoonAsTheListHasThem() {
    app_->setClasses(parse_classes("siren, laughter"));
    QTRY_COMPARE_WITH_TIMEOUT(app_->prompts()->size(), std::size_t{2}, kPatience);
    openAndWait({folder_->path()}, 4);
    QVERIFY(table()->isColumnHidden(FileTableModel::Label));
    reopen();
    QVERIFY(table()->isColumnHidden(FileTableModel::Label));
    restoreClasses();
    QVERIFY(!table()->isColumnHidden(FileTableModel::Label));
    QCOMPARE(labelOf("a.wav"), QStringLiteral("dog"));
  }

  void resultsOfOtherPromptsAreToldAndNamedAgain() {
    openAndWait({folder_->path()}, 4);
    page_->findChild<QTabWidget*>(QStringLiteral("fileTabs"))->setCurrentIndex(1);
    QTRY_VERIFY_WITH_TIMEOUT(page_->findChild<QLabel*>(QStringLiteral("evaluationSentence"))->isVisible(), kPatience);
    auto* again = page_->findChild<QPushButton*>(QStringLiteral("evaluateAgain"));
    app_->setClasses(parse_classes("dog, rain"));
    QTRY_VERIFY_WITH_TIMEOUT(again->isVisible(), kPatience);
    QVERIFY2(why().startsWith(QStringLiteral("Labels are here, but the results are of other prompts: 3 files.")),
             qPrintable(why()));
    keepPicture(*page_, QStringLiteral("files-evaluation-again"));
    again->click();
    QTRY_VERIFY_WITH_TIMEOUT(!again->isVisible(), kPatience);
    QTRY_COMPARE_WITH_TIMEOUT(sentence(), QStringLiteral("3 of 4 files have a label and a result."), kPatience);
    restoreClasses();
  }

 private:
  QString manifest(const char* csv) {
    const QString file = folder_->filePath(QStringLiteral("labels.csv"));
    write_file_atomically(file.toStdString(), std::string_view(csv));
    return file;
  }
  QString labelOf(const char* name) {
    const auto* shown = table()->model();
    for (int row = 0; row < shown->rowCount(); ++row) {
      if (shown->index(row, FileTableModel::Name).data().toString() != QLatin1String(name)) continue;
      return shown->index(row, FileTableModel::Label).data().toString();
    }
    return QStringLiteral("no such file");
  }
  QString textOf(const char* name) { return page_->findChild<QLabel*>(QString::fromLatin1(name))->text(); }
  QString sentence() { return textOf("evaluationSentence"); }
  QString why() { return textOf("evaluationEmpty"); }
  void restoreClasses() {
    app_->setClasses(parse_classes("dog, rain, bell"));
    QTRY_COMPARE_WITH_TIMEOUT(app_->prompts()->size(), std::size_t{3}, kPatience);
  }
};

QTEST_MAIN(TestFilesLabels)
#include "test_files_labels.moc"
