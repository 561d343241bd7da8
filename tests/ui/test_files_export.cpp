// What leaves the Files page: which rows, under which names, and what is said of it; and the files of one cell of the
// confusion map.

#include <QComboBox>
#include <QFileDialog>
#include <QLineEdit>
#include <QMenu>
#include <QMessageBox>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>
#include <QToolButton>
#include <array>
#include <atomic>
#include <filesystem>
#include <thread>

#include "base/csv.h"
#include "base/files.h"
#include "base/words.h"
#include "ui/files/evaluation_view.h"
#include "ui/files/file_filter.h"
#include "ui/files_fixture.h"

using namespace hearsay;
using namespace hearsay::ui;

namespace {

ExportItem item(const char* path, const char* best, const std::shared_ptr<const PromptSet>& prompts) {
  FileResult result;
  result.file = path;
  result.seconds = 2.0;
  result.scores.zero_shot = {0.1F, 0.1F};
  result.scores.zero_shot[prompts->classes[0].name == best ? 0 : 1] = 0.9F;
  result.windows.push_back({0.0, 2.0, result.scores, {}});
  return {path, std::make_shared<const FileResult>(std::move(result)), prompts, {}};
}

std::shared_ptr<const PromptSet> set_of(const char* classes) {
  auto prompts = std::make_shared<PromptSet>();
  prompts->classes = parse_classes(classes);
  prompts->logit_scale = 10.0;
  return prompts;
}

}  // namespace

class TestFilesExport : public QObject, protected FilesFixture {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { QVERIFY2(open("files-export"), "the model does not load"); }
  void cleanupTestCase() { close(); }
  void init() { QVERIFY(openPage()); }
  void cleanup() { closePage(); }

  void everyTrackHasANameOfItsOwn() {
    const auto set = set_of("dog, rain");
    std::vector<ExportItem> items{item("x/rain 2.wav", "dog", set), item("x/rain.wav", "rain", set),
                                  item("y/rain.wav", "dog", set), item("z/y/rain.flac", "rain", set)};
    items.push_back({"bad.wav", nullptr, set, "It is broken."});
    const std::filesystem::path target(folder_->path().toStdString());
    const auto files = labelFiles(items, target);
    QCOMPARE(files.size(), items.size());
    QCOMPARE(files[0], target / "rain 2.txt");
    QCOMPARE(files[1], target / "rain.txt");
    QCOMPARE(files[2], target / "rain (y).txt");
    QCOMPARE(files[3], target / "rain.flac.txt");
    QVERIFY(files[4].empty());
    ExportOptions options;
    options.format = "audacity";
    options.kind = ScoreKind::ZeroShot;
    options.top = 1;
    options.rows = ExportRows::Windows;
    exportResults(items, options, target);
    for (std::size_t i = 0; i < 4; ++i) {
      const std::string wanted = i % 2 == 0 ? "\tdog\n" : "\train\n";
      QVERIFY2(read_file(files[i]).ends_with(wanted), files[i].c_str());
    }
  }

  void selectionsAreNumberedOnThroughSetsOfPrompts() {
    const auto first = set_of("dog, rain");
    const auto second = set_of("cat, wind");
    const std::vector<ExportItem> items{item("a.wav", "dog", first), item("b.wav", "wind", second),
                                        item("c.wav", "rain", first)};
    ExportOptions options;
    options.format = "raven";
    options.kind = ScoreKind::ZeroShot;
    options.top = 1;
    options.rows = ExportRows::Windows;
    const std::filesystem::path file(folder_->filePath(QStringLiteral("raven.txt")).toStdString());
    exportResults(items, options, file);
    const auto lines = split_lines(read_file(file));
    for (std::size_t i = 1; i <= 3; ++i) {
      const auto columns = split_list(lines[i], '\t');
      QCOMPARE(columns[0], std::to_string(i));
      QCOMPARE(columns[9], std::string(std::array{"dog", "wind", "rain"}[i - 1]));
    }
  }

  /// What a person goes through in a recording of hours: where each sound begins and ends.
  void eventsAreWhatReachesItsThreshold() {
    const auto set = set_of("dog, rain");
    FileResult result;
    result.file = "night.wav";
    result.seconds = 20.0;
    result.scores.zero_shot = {0.5F, 0.4F};
    for (const float dog : {0.9F, 0.8F, 0.1F, 0.7F}) {  // similarity; the model's scale makes certain of it
      WindowResult window;
      window.start = result.windows.empty() ? 0.0 : result.windows.back().end;
      window.end = window.start + 5.0;
      window.scores.zero_shot = {dog, 0.5F};
      result.windows.push_back(window);
    }
    std::vector<ExportItem> items{{"night.wav", std::make_shared<FileResult>(result), set, {}}};
    ExportOptions options;
    options.kind = ScoreKind::ZeroShot;
    options.rows = ExportRows::Events;
    const std::filesystem::path file(folder_->filePath(QStringLiteral("events.csv")).toStdString());
    const auto events = [&] {
      exportResults(items, options, file);
      QStringList found;
      for (const auto& row : parse_csv(read_file(file), "events").rows) {
        found << QString::fromStdString(row[4] + " " + row[1] + "-" + row[2]);
      }
      return found;
    };
    const QStringList both{"dog 0.000-10.000", "rain 10.000-15.000", "dog 15.000-20.000"};
    QCOMPARE(events(), both);
    items[0].thresholds = {0.5, 1.0};
    QCOMPARE(events(), QStringList({both[0], both[2]}));
    items[0].thresholds = {1.0, 1.0};
    QCOMPARE(events(), QStringList());
  }

  void resultsAreExported() {
    openAndWait({folder_->path()}, 4);
    const QString csv = folder_->filePath(QStringLiteral("out.csv"));
    QCOMPARE(exported(QStringLiteral("csv"), ExportRows::Files, csv),
             QStringLiteral("Exported 4 files to \"%1\".").arg(csv));
    const CsvTable parsed = parse_csv(read_file(csv.toStdString()), "out.csv");
    QCOMPARE(parsed.header.front(), std::string("file"));
    QCOMPARE(parsed.rows.size(), std::size_t{12});  // three classes a file
    const QString lines = folder_->filePath(QStringLiteral("out.jsonl"));
    exported(QStringLiteral("jsonl"), ExportRows::Windows, lines);
    QVERIFY(read_file(lines.toStdString()).starts_with("{\"file\":"));
    const QString raven = folder_->filePath(QStringLiteral("out.txt"));
    exported(QStringLiteral("raven"), ExportRows::Windows, raven);
    QVERIFY(read_file(raven.toStdString()).starts_with("Selection\t"));
    QDir(folder_->path()).mkdir(QStringLiteral("labels"));
    exported(QStringLiteral("audacity"), ExportRows::Windows, folder_->filePath(QStringLiteral("labels")));
    const QString track = folder_->filePath(QStringLiteral("labels/a.txt"));
    QVERIFY(read_file(track.toStdString()).starts_with("0.000000\t1.500000\t"));
  }

  /// As a person asks for it: the menu, the folder, and what may be replaced.
  void tracksThatAreThereAreReplacedOnlyWhenAsked() {
    openAndWait({folder_->path()}, 4);
    const QString labels = folder_->filePath(QStringLiteral("labels"));
    QVERIFY(QDir().mkpath(labels));
    const std::filesystem::path notes(folder_->filePath(QStringLiteral("labels/a.txt")).toStdString());
    for (const bool replace : {false, true}) {
      write_file_atomically(notes, std::string_view("my field notes"));
      for (QAction* action : tool("exportResults")->menu()->actions()) {
        if (action->text().startsWith(QStringLiteral("Audacity"))) action->trigger();
      }
      auto* dialog = page_->findChild<QFileDialog*>(QStringLiteral("fileDialog"));
      QVERIFY(dialog != nullptr);
      Q_EMIT dialog->filesSelected({labels});
      dialog->reject();
      auto* question = page_->findChild<QMessageBox*>(QStringLiteral("replaceQuestion"));
      QVERIFY(question != nullptr);
      QVERIFY2(question->text().contains(QStringLiteral("a.txt")), qPrintable(question->text()));
      const auto role = replace ? QMessageBox::AcceptRole : QMessageBox::RejectRole;
      for (QAbstractButton* button : question->buttons()) {
        if (question->buttonRole(button) == role) button->click();
      }
      QTRY_VERIFY(page_->findChild<QMessageBox*>() == nullptr && page_->findChild<QFileDialog*>() == nullptr);
      if (replace) {
        QTRY_VERIFY_WITH_TIMEOUT(read_file(notes).starts_with("0.000000\t"), kPatience);
      } else {
        QCOMPARE(read_file(notes), std::string("my field notes"));
      }
    }
    QCOMPARE(app_->settings().value(QStringLiteral("files/exportFolder")).toString(), labels);
  }

  void whatIsLeftOutIsSaid() {
    QFile(folder_->filePath(QStringLiteral("rain/broken.wav"))).open(QIODevice::WriteOnly);
    openAndWait({folder_->path()}, 5);
    const QString csv = folder_->filePath(QStringLiteral("out.csv"));
    const QString all = exported(QStringLiteral("csv"), ExportRows::Files, csv);
    QVERIFY2(all.contains(QStringLiteral("4 of 5 files")), qPrintable(all));
    QVERIFY2(all.contains(QStringLiteral("could not be read are left out: 1 file")), qPrintable(all));
    page_->findChild<QLineEdit*>(QStringLiteral("fileSearch"))->setText(QStringLiteral("label:\"dog\""));
    const QString some = exported(QStringLiteral("csv"), ExportRows::Files, csv);
    QVERIFY2(some.contains(QStringLiteral("2 of 5 files")), qPrintable(some));
    QVERIFY2(!some.contains(QStringLiteral("left out")), qPrintable(some));
  }

  void anExportDoesNotWaitForTheJobsInLine() {
    openAndWait({folder_->path()}, 4);
    std::atomic<bool> go{false};
    app_->jobs().submit(QStringLiteral("Something long"),
                        [&go](JobControl&, const ProgressFn&) {
                          while (!go) std::this_thread::sleep_for(std::chrono::milliseconds(5));
                        },
                        {});
    const QString csv = folder_->filePath(QStringLiteral("out.csv"));
    exported(QStringLiteral("csv"), ExportRows::Files, csv);
    const bool there = QFileInfo::exists(csv);
    go = true;
    QVERIFY(there);
    QTRY_VERIFY_WITH_TIMEOUT(!app_->jobs().busy(), kPatience);
  }

  void rowsThatWaitToBeNamedAgainGoOutAsTheyAreShown() {
    openAndWait({folder_->path()}, 4);
    const qint64 id = model().at(0).id;
    model().setState(id, FileState::Waiting);
    const QString csv = folder_->filePath(QStringLiteral("out.csv"));
    exported(QStringLiteral("csv"), ExportRows::Files, csv);
    QCOMPARE(parse_csv(read_file(csv.toStdString()), "out.csv").rows.size(), std::size_t{12});
  }

  void exportingNowhereIsTold() {
    openAndWait({folder_->filePath(QStringLiteral("dog"))}, 2);
    const QString said = exported(QStringLiteral("csv"), ExportRows::Files, QStringLiteral("/nowhere/at/all.csv"));
    QVERIFY2(said.contains(QStringLiteral("/nowhere/at/all.csv")), qPrintable(said));
  }

  void aCellOfTheConfusionMapShowsItsFiles() {
    openAndWait({folder_->path()}, 4);
    int cell = 0;
    const QString best = FileTableModel::namedAs(model().at(0));
    for (const FileRow& row : model().rows()) {
      cell += model().labelledAs(row) == QStringLiteral("dog") && FileTableModel::namedAs(row) == best ? 1 : 0;
    }
    QVERIFY(cell > 0);
    auto* kind = page_->findChild<QComboBox*>(QStringLiteral("fileKind"));
    const auto* table = page_->findChild<QTableView*>(QStringLiteral("fileTable"));
    auto* view = page_->findChild<EvaluationView*>();
    Q_EMIT view->cellChosen(QStringLiteral("dog"), best, ScoreKind::ZeroShot);
    QCOMPARE(table->model()->rowCount(), cell);
    for (int i = 0; i < cell; ++i) {
      QCOMPARE(table->model()->index(i, FileTableModel::Best).data().toString(), best);
      QVERIFY(table->model()->index(i, FileTableModel::Folder).data().toString().endsWith(QStringLiteral("/dog")));
    }
    QCOMPARE(kind->currentData().toInt(), static_cast<int>(ScoreKind::ZeroShot));
    const QString text = page_->findChild<QLineEdit*>(QStringLiteral("fileSearch"))->text();
    QCOMPARE(text, QStringLiteral("label:\"dog\" class:\"%1\"").arg(best));
  }

 private:
  /// What is said once it is over.
  QString exported(const QString& format, ExportRows rows, const QString& target) {
    QSignalSpy notices(app_.get(), &AppContext::noticed);
    page_->exportTo(format, rows, target);
    (void)QTest::qWaitFor([&] { return !notices.isEmpty(); }, kPatience);
    return notices.value(0).value(0).toString();
  }
};

QTEST_MAIN(TestFilesExport)
#include "test_files_export.moc"
