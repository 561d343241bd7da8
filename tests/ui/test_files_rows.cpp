// Rows of the Files page that are taken out and come back, and what is shown of recordings that changed, that are gone,
// or that were heard in windows which overlap.

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QPushButton>

#include "base/files.h"
#include "ui/charts/spectrogram_view.h"
#include "ui/files/file_detail_view.h"
#include "ui/kept_files_fixture.h"
#include "ui/notices.h"
#include "ui/pictures.h"

using namespace hearsay;
using namespace hearsay::ui;

class TestFilesRows : public QObject, KeptFilesFixture {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { QVERIFY2(open("files-rows"), "the model does not load"); }
  void cleanupTestCase() { close(); }
  void init() { QVERIFY(openPageAnew()); }
  void cleanup() { closePage(); }

  void whatWasTakenOutComesBackWithItsResults() {
    openAndWait({folder_->path()}, 4);
    const std::vector<FileRow> before = model().rows();
    Notices notices(*app_);
    table()->selectRow(1);
    QTest::keyClick(table(), Qt::Key_Delete);
    QVERIFY2(notices.said("Taken out of the table: 1 file. Ctrl+Z on this page"), qPrintable(notices.all()));
    tool("clearFiles")->click();
    QCOMPARE(model().rowCount(), 0);
    auto* button = page_->findChild<QPushButton*>(QStringLiteral("undoRemoving"));
    QVERIFY(button->isVisible());
    keepPicture(*page_, QStringLiteral("files-cleared"));
    button->click();
    QCOMPARE(model().rowCount(), 3);
    QTest::keyClick(page_.get(), Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(model().rowCount(), 4);
    for (int i = 0; i < 4; ++i) {
      const FileRow& was = before[static_cast<std::size_t>(i)];
      QCOMPARE(model().at(i).path, was.path);
      QCOMPARE(model().at(i).result, was.result);
      QCOMPARE(model().at(i).best, was.best);
      QCOMPARE(model().rowOf(was.id), i);
    }
    QCOMPARE(model().count(FileState::Done), 4);
    QCOMPARE(table()->currentIndex().row(), 1);
    QTest::keyClick(page_.get(), Qt::Key_Z, Qt::ControlModifier);  // there is nothing more
    QCOMPARE(model().rowCount(), 4);
  }

  void whatIsInTheTableAgainIsNotThereTwice() {
    openAndWait({folder_->path()}, 4);
    tool("clearFiles")->click();
    openAndWait({folder_->filePath(QStringLiteral("dog"))}, 2);
    page_->undoRemoving();
    QCOMPARE(model().rowCount(), 4);
  }

  void whatWaitedWhenItWasTakenOutIsNamedWhenItIsBack() {
    QVERIFY(page_->openPaths({folder_->path()}));
    QTRY_COMPARE_WITH_TIMEOUT(model().rowCount(), 4, kPatience);
    page_->clearAll();
    page_->undoRemoving();
    QCOMPARE(model().rowCount(), 4);
    QTRY_COMPARE_WITH_TIMEOUT(model().count(FileState::Done), 4, kPatience);
  }

  void aRecordingThatChangedSaysSoAndIsNamedAnew() {
    openAndWait({folder_->filePath(QStringLiteral("dog"))}, 2);
    const std::filesystem::path file(folder_->filePath(QStringLiteral("dog/a.wav")).toStdString());
    std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() + std::chrono::seconds(5));
    reopen();
    QCOMPARE(stateOf("a.wav"), QStringLiteral("changed on disk"));
    QCOMPARE(stateOf("b.wav"), QStringLiteral("done"));
    reopen();  // and at the start after that
    QCOMPARE(stateOf("a.wav"), QStringLiteral("changed on disk"));
    QVERIFY(tool("retryFailed")->isEnabled());
    tool("retryFailed")->click();
    QTRY_COMPARE_WITH_TIMEOUT(stateOf("a.wav"), QStringLiteral("done"), kPatience);
  }

  void whatWasHeardInARecordingThatIsGoneIsStillSeen() {
    openAndWait({folder_->filePath(QStringLiteral("dog"))}, 2);
    std::filesystem::remove(folder_->filePath(QStringLiteral("dog/a.wav")).toStdString());
    reopen();
    QCOMPARE(stateOf("a.wav"), QStringLiteral("done, file is gone"));
    selectRow("a.wav");
    auto* detail = page_->findChild<FileDetailView*>();
    QTRY_VERIFY_WITH_TIMEOUT(detail->timeline().count() > 0, kPatience);
    QVERIFY(!detail->ready());
    QCOMPARE(detail->timeline().rangeTo(), model().at(0).result->seconds);
    QVERIFY(std::isfinite(detail->timeline().valueAt(0.7, 1)));
    QVERIFY(page_->findChild<QComboBox*>(QStringLiteral("timelineSource"))->currentText().startsWith("Windows"));
    keepPicture(*page_, QStringLiteral("files-gone"));
    selectRow("b.wav");
    QTRY_VERIFY_WITH_TIMEOUT(detail->ready(), kPatience);
  }

  void aSilentFileIsToldWhereItsClassIs() {
    const std::string file = folder_->filePath(QStringLiteral("mute.wav")).toStdString();
    write_wav(file, std::vector<float>(static_cast<std::size_t>(rate_), 0.0F), rate_);
    openAndWait({QString::fromStdString(file)}, 1);
    table()->selectRow(0);
    const QString title = page_->findChild<QLabel*>(QStringLiteral("fileTitle"))->text();
    QVERIFY2(title.endsWith(QStringLiteral(" %, but the file is silent")), qPrintable(title));
    Notices notices(*app_);
    const QString out = folder_->filePath(QStringLiteral("out.csv"));
    page_->exportTo(QStringLiteral("csv"), ExportRows::Files, out);
    QTRY_VERIFY2_WITH_TIMEOUT(notices.said("Silent ones are among them, whose classes mean nothing: 1 file."),
                              qPrintable(notices.all()), kPatience);
    page_->exportTo(QStringLiteral("csv"), ExportRows::Windows, out);
    QTRY_VERIFY2_WITH_TIMEOUT(notices.said("Silent ones have no rows: 1 file."), qPrintable(notices.all()), kPatience);
    QCOMPARE(read_file(out.toStdString()), std::string("file,start,end,rank,class,score,similarity\n"));
    auto* source = page_->findChild<QComboBox*>(QStringLiteral("timelineSource"));
    QVERIFY(source != nullptr);
    auto* timeline = page_->findChild<ClassTimeline*>();
    const auto choose = [source](int index) {
      source->setCurrentIndex(index);
      Q_EMIT source->activated(index);
    };
    choose(0);
    QTRY_VERIFY_WITH_TIMEOUT(timeline->count() > 0, kPatience);  // what the model makes of every moment
    choose(1);
    QTRY_COMPARE_WITH_TIMEOUT(timeline->emptyText(), QStringLiteral("Nothing is heard: the file is silent."),
                              kPatience);
  }

  void windowsThatOverlapAreShownAroundTheirMiddles() {
    const std::filesystem::path file(folder_->filePath(QStringLiteral("long.wav")).toStdString());
    write_wav(file, testing::sine(500, rate_, 20.0), rate_);
    page_->findChild<QDoubleSpinBox*>(QStringLiteral("fileHop"))->setValue(0.5);
    openAndWait({QString::fromStdString(file.string())}, 1);
    table()->selectRow(0);
    auto* source = page_->findChild<QComboBox*>(QStringLiteral("timelineSource"));
    source->setCurrentIndex(1);
    Q_EMIT source->activated(1);
    auto* detail = page_->findChild<FileDetailView*>();
    const std::vector<WindowResult>& windows = model().at(0).result->windows;
    QVERIFY(windows.size() > 20);
    QTRY_COMPARE_WITH_TIMEOUT(detail->timeline().count(), windows.size(), kPatience);
    for (const WindowResult& window : windows) {
      const double middle = (window.start + window.end) / 2.0;
      const auto values = softmax(window.scores.zero_shot, app_->prompts()->logit_scale);
      QCOMPARE(static_cast<float>(detail->timeline().valueAt(middle, 1)), values[1]);
    }
    QCOMPARE(detail->timeline().end(), 20.0);
    QVERIFY(std::isfinite(detail->timeline().valueAt(0.1, 1)));
  }

  void theTimeAxisIsThereBeforeTheClassesAre() {
    makeSound("elsewhere/d.wav");
    app_->setClasses({});
    QTRY_VERIFY_WITH_TIMEOUT(!app_->prompts(), kPatience);
    QVERIFY(page_->openPaths({folder_->filePath(QStringLiteral("elsewhere"))}));
    QTRY_COMPARE_WITH_TIMEOUT(model().rowCount(), 1, kPatience);
    table()->selectRow(0);
    auto* detail = page_->findChild<FileDetailView*>();
    auto* timeline = page_->findChild<ClassTimeline*>(QStringLiteral("fileTimeline"));
    const auto axis = [&] {
      const QRect plot = timeline->plotRect();
      return timeline->grab(QRect(0, plot.bottom() + 1, timeline->width(), timeline->height() - plot.bottom() - 1))
          .toImage();
    };
    QTRY_VERIFY_WITH_TIMEOUT(detail->ready(), kPatience);
    QCOMPARE(detail->timeline().count(), std::size_t{0});
    keepPicture(*page_, QStringLiteral("files-axis"));
    const QImage drawn = axis();
    timeline->setAxisWhenEmpty(false);
    QVERIFY(axis() != drawn);
    app_->setClasses(parse_classes("dog, rain, bell"));
    QTRY_VERIFY_WITH_TIMEOUT(app_->prompts() && app_->prompts()->size() == 3, kPatience);
  }

 private:
  int shownRow(const char* name) {
    const auto* shown = table()->model();
    for (int row = 0; row < shown->rowCount(); ++row) {
      if (shown->index(row, FileTableModel::Name).data().toString() == QLatin1String(name)) return row;
    }
    return -1;
  }
  QString stateOf(const char* name) {
    return table()->model()->index(shownRow(name), FileTableModel::State).data().toString();
  }
  void selectRow(const char* name) { table()->selectRow(shownRow(name)); }
};

QTEST_MAIN(TestFilesRows)
#include "test_files_rows.moc"
