// The table of Files is there again at the next start: rows, labels, results, and what is not so any more.
#include <QPushButton>
#include <fstream>

#include "base/files.h"
#include "support/errors.h"
#include "support/small_disk.h"
#include "ui/charts/class_timeline.h"
#include "ui/files/file_detail_view.h"
#include "ui/kept_files_fixture.h"

using namespace hearsay;
using namespace hearsay::ui;

class TestFilesKept : public QObject, KeptFilesFixture {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { QVERIFY2(open("files-kept"), "the model does not load"); }
  void cleanupTestCase() { close(); }
  void init() { QVERIFY(openPageAnew()); }
  void cleanup() {
    if (page_) closePage();
  }

  void theTableIsThereAgain() {
    makeBroken("broken.wav");
    openAndWait({folder_->path()}, 5);
    const std::vector<FileRow> before = model().rows();
    reopen();
    QCOMPARE(model().rowCount(), 5);
    QCOMPARE(model().count(FileState::Done), 4);
    QCOMPARE(model().count(FileState::Failed), 1);
    for (const FileRow& row : model().rows()) {
      const auto was = std::find_if(before.begin(), before.end(), [&](const FileRow& r) { return r.path == row.path; });
      QVERIFY(was != before.end());
      QCOMPARE(row.name, was->name);
      QCOMPARE(row.labels, was->labels);
      QCOMPARE(row.error, was->error);
      QCOMPARE(row.best, was->best);
      QCOMPARE(row.probability, was->probability);
      if (!row.result) continue;
      QCOMPARE(row.result->seconds, was->result->seconds);
      QCOMPARE(row.result->order, was->result->order);
      QCOMPARE(row.result->windows.size(), was->result->windows.size());
      QCOMPARE(row.result->windows[0].scores.zero_shot, was->result->windows[0].scores.zero_shot);
      QCOMPARE(row.result->windows[0].end, was->result->windows[0].end);
      QCOMPARE(row.prompts->classes[0].name, was->prompts->classes[0].name);
    }
    // Named with what is in use: nothing is out of date, and the chosen row shows its classes.
    QVERIFY(!page_->findChild<QPushButton*>(QStringLiteral("classifyAgain"))->isVisible());
    QVERIFY(table()->currentIndex().isValid());
    for (int row = 0; row < 5; ++row) {
      table()->selectRow(row);
      if (table()->model()->index(row, FileTableModel::Name).data().toString() == QStringLiteral("c.wav")) break;
    }
    auto* detail = page_->findChild<FileDetailView*>();
    QTRY_VERIFY_WITH_TIMEOUT(detail->ready(), kPatience);
  }

  void whatChangedIsNamedAnewWhenAskedAndWhatIsGoneKeepsItsResult() {
    openAndWait({folder_->path()}, 4);
    closeOnly();
    makeSound("dog/a.wav");  // written anew
    const auto later = std::filesystem::file_time_type::clock::now() + std::chrono::seconds(5);
    std::filesystem::last_write_time(pathOf("dog/a.wav"), later);
    std::filesystem::remove(pathOf("dog/b.wav"));
    openOnly();
    QCOMPARE(model().count(FileState::Done), 3);  // what is not there (a disk that is not plugged in) keeps its result
    QCOMPARE(model().count(FileState::Stopped), 1);
    QVERIFY(tool("retryFailed")->isEnabled());
    tool("retryFailed")->click();
    QTRY_COMPARE_WITH_TIMEOUT(model().count(FileState::Done), 4, kPatience);
  }

  void otherPromptsAreToldApart() {
    openAndWait({folder_->path()}, 4);
    app_->setClasses(parse_classes("dog, rain"));
    QTRY_VERIFY_WITH_TIMEOUT(app_->prompts() && app_->prompts()->size() == 2, kPatience);
    reopen();
    QVERIFY(page_->findChild<QPushButton*>(QStringLiteral("classifyAgain"))->isVisible());
    QCOMPARE(model().at(0).prompts->size(), std::size_t{3});
    app_->setClasses(parse_classes("dog, rain, bell"));
    QTRY_VERIFY_WITH_TIMEOUT(app_->prompts() && app_->prompts()->size() == 3, kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(!page_->findChild<QPushButton*>(QStringLiteral("classifyAgain"))->isVisible(), kPatience);
  }

  void aMovedClassIsNoReasonToNameAgain() {
    openAndWait({folder_->path()}, 4);
    const std::vector<FileRow> before = model().rows();
    app_->setClasses(parse_classes("bell, dog, rain"));
    QTRY_VERIFY_WITH_TIMEOUT(app_->prompts() && app_->prompts()->classes[0].name == "bell", kPatience);
    QVERIFY(!page_->findChild<QPushButton*>(QStringLiteral("classifyAgain"))->isVisible());
    for (std::size_t i = 0; i < before.size(); ++i) {
      const FileRow& row = model().at(static_cast<int>(i));
      QCOMPARE(row.prompts, app_->prompts());
      QCOMPARE(FileTableModel::namedAs(row), FileTableModel::namedAs(before[i]));
      QCOMPARE(row.probability, before[i].probability);
      QCOMPARE(row.result->windows[0].scores.zero_shot[0], before[i].result->windows[0].scores.zero_shot[2]);
      QCOMPARE(row.result->probability[1], before[i].result->probability[0]);
    }
    reopen();  // kept under the new order
    QVERIFY(!page_->findChild<QPushButton*>(QStringLiteral("classifyAgain"))->isVisible());
    QCOMPARE(FileTableModel::namedAs(model().at(0)), FileTableModel::namedAs(before[0]));
    app_->setClasses(parse_classes("dog, rain, bell"));
    QTRY_VERIFY_WITH_TIMEOUT(app_->prompts() && app_->prompts()->classes[0].name == "dog", kPatience);
  }

  void whatIsClearedStaysAway() {
    openAndWait({folder_->path()}, 4);
    reopen();
    QCOMPARE(model().rowCount(), 4);
    page_->clearAll();
    reopen();
    QCOMPARE(model().rowCount(), 0);
    QVERIFY(std::filesystem::is_empty(keptFilesFolder()));
  }

  void aProgramThatIsKilledHasKeptWhatWasThere() {
    openAndWait({folder_->path()}, 4);
    // Not closed: some seconds after the change it is on the disk by itself.
    const auto kept = [] { return keptFiles(keptFilesFolder()).size(); };
    QTRY_COMPARE_WITH_TIMEOUT(kept(), std::size_t{4}, kPatience);
  }

  void aFileThatWasChangedWhileTheWindowWasOpenIsNotDone() {
    openAndWait({folder_->path()}, 4);
    std::filesystem::last_write_time(pathOf("dog/a.wav"),
                                     std::filesystem::file_time_type::clock::now() + std::chrono::seconds(5));
    reopen();
    QCOMPARE(model().count(FileState::Done), 3);
    QCOMPARE(model().count(FileState::Stopped), 1);
  }

  void aWindowInWhichNothingHappenedTakesNothingAway() {
    FilesPage other(*app_);  // opened before, and closed last
    QVERIFY(bringBack(other));
    openAndWait({folder_->path()}, 4);
    closeOnly();
    other.shutDown();
    openOnly();
    QCOMPARE(model().count(FileState::Done), 4);
  }

  void whatIsUnderWayIsKeptAsStopped() {
    FileRow row;
    row.path = pathOf("dog/a.wav");
    row.state = FileState::Working;
    row.labels = QStringList{QStringLiteral("dog")};
    keepFiles(keptFilesFolder(), {row});
    const std::vector<FileRow> rows = keptFiles(keptFilesFolder());
    QCOMPARE(rows.size(), std::size_t{1});
    QVERIFY(rows[0].state == FileState::Stopped);
    QCOMPARE(rows[0].labels, row.labels);
  }

  void damageIsToldAndHarmless() {
    openAndWait({folder_->path()}, 4);
    closeOnly();
    const std::filesystem::path file = keptFilesFolder() / "rows";
    const std::string whole = read_file(file);
    for (std::size_t length = 0; length < whole.size(); length += 1 + whole.size() / 97) {
      write_file_atomically(file, std::string_view(whole).substr(0, length));
      HEARSAY_FAILS(BadFormat, ("rows", "damaged"), keptFiles(keptFilesFolder()));
    }
    for (std::size_t at = 0; at < whole.size(); at += 1 + whole.size() / 211) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ 0x5A);
      write_file_atomically(file, damaged);
      try {
        (void)keptFiles(keptFilesFolder());
      } catch (const Error&) {  // in words, and no crash
      }
    }
    write_file_atomically(file, std::string_view("no such thing"));
    QStringList said;
    connect(app_.get(), &AppContext::noticed, this, [&](const QString& sentence) { said << sentence; });
    openOnly();
    QCOMPARE(model().rowCount(), 0);
    QVERIFY2(said.join('|').contains(QStringLiteral("damaged")), qPrintable(said.join('|')));
    QCOMPARE(read_file(keptFilesFolder() / "rows.unread"), std::string("no such thing"));
    openAndWait({folder_->path()}, 4);
    reopen();
    QCOMPARE(model().rowCount(), 4);
  }

  void aFullDiskLosesNothingThatWasThere() {
    hearsay::testing::SmallDisk disk(folder_->filePath(QStringLiteral("disk")).toStdString());
    if (!disk.mounted()) QSKIP("Only root can make a disk that is small.");
    openAndWait({folder_->filePath(QStringLiteral("dog"))}, 2);
    const std::filesystem::path kept = std::filesystem::path(folder_->path().toStdString()) / "disk/kept";
    std::filesystem::create_directories(kept);
    keepFiles(kept, model().rows());
    disk.fill();
    std::vector<FileRow> more = model().rows();
    for (int i = 0; i < 2000; ++i) more.push_back(model().at(0));
    HEARSAY_FAILS(NoSpace, ("No space"), keepFiles(kept, more));
    disk.make_room();
    QCOMPARE(keptFiles(kept).size(), std::size_t{2});
  }

 private:
  std::filesystem::path pathOf(const char* name) const {
    return folder_->filePath(QString::fromLatin1(name)).toStdString();
  }
  void makeBroken(const char* name) const { std::ofstream(pathOf(name)) << "no sound"; }
};

QTEST_MAIN(TestFilesKept)
#include "test_files_kept.moc"
