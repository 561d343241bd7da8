// The Files page through its real widgets: files and folders fill the table, rows are looked at. How results leave it
// is in test_files_export.

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTableView>
#include <QTableWidget>
#include <QTest>
#include <QToolButton>
#include <QWheelEvent>
#include <cmath>
#include <filesystem>

#include "base/csv.h"
#include "base/files.h"
#include "ui/charts/class_timeline.h"
#include "ui/charts/spectrogram_view.h"
#include "ui/charts/waveform_view.h"
#include "ui/files/file_detail_view.h"
#include "ui/files/file_filter.h"
#include "ui/files/reliability_view.h"
#include "ui/files_fixture.h"
#include "ui/pictures.h"

using namespace hearsay;
using namespace hearsay::ui;

class TestFilesPage : public QObject, protected FilesFixture {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { QVERIFY2(open("files-page"), "the model does not load"); }
  void cleanupTestCase() { close(); }
  void init() { QVERIFY(openPage()); }
  void cleanup() { closePage(); }

  void anEmptyPageSaysWhatToDo() {
    QVERIFY(page_->findChild<QWidget*>(QStringLiteral("pageNotice"))->isVisible());
    QVERIFY(page_->findChild<QLabel*>(QStringLiteral("noticeTitle"))->text().contains(QStringLiteral("Drop")));
    QVERIFY(!tool("exportResults")->isEnabled());
    QVERIFY(!page_->openPaths({QStringLiteral("/nowhere/text.txt")}));
    keepPicture(*page_, QStringLiteral("files-empty"));
  }

  void aFolderFillsTheTable() {
    openAndWait({folder_->path()}, 4);
    for (const FileRow& row : model().rows()) {
      QCOMPARE(row.state, FileState::Done);
      QVERIFY(row.best >= 0 && row.second >= 0 && row.best != row.second);
      QVERIFY(row.probability >= row.secondProbability);
      QVERIFY(std::abs(row.result->seconds - 1.5) < 0.05);
    }
    QCOMPARE(table()->model()->index(0, FileTableModel::Length).data().toString(), QStringLiteral("1.5 s"));
    QVERIFY(!table()->isColumnHidden(FileTableModel::Label));
    QSignalSpy notices(app_.get(), &AppContext::noticed);
    page_->openPaths({folder_->path()});  // once more: nothing is added twice
    QTRY_VERIFY_WITH_TIMEOUT(!notices.isEmpty(), kPatience);
    QCOMPARE(model().rowCount(), 4);
    keepPicture(*page_, QStringLiteral("files"));
  }

  void failingFilesAreToldAndRetried() {
    const QString broken = folder_->filePath(QStringLiteral("broken.wav"));
    write_file_atomically(std::filesystem::path(broken.toStdString()), std::string_view("this is no sound"));
    openAndWait({folder_->filePath(QStringLiteral("dog")), broken}, 3);
    const FileRow& row = model().at(0).name == QStringLiteral("broken.wav") ? model().at(0) : model().at(2);
    QCOMPARE(row.state, FileState::Failed);
    QVERIFY2(row.error.contains(QStringLiteral("broken.wav")), qPrintable(row.error));
    QCOMPARE(model().count(FileState::Done), 2);
    QVERIFY(tool("retryFailed")->isEnabled());
    std::filesystem::remove(broken.toStdString());
    write_wav(broken.toStdString(), testing::sine(440, rate_, 1.0), rate_);
    tool("retryFailed")->click();
    QTRY_COMPARE_WITH_TIMEOUT(model().count(FileState::Done), 3, kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(!tool("retryFailed")->isEnabled(), kPatience);
  }

  void theChosenRowIsSeenWithItsClassesOverTime() {
    openAndWait({folder_->path()}, 4);
    table()->selectRow(1);
    auto* detail = page_->findChild<FileDetailView*>();
    QTRY_VERIFY_WITH_TIMEOUT(detail->ready(), kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(detail->timeline().count() > 3, kPatience);  // frames
    keepPicture(*page_, QStringLiteral("files-frames"));
    QCOMPARE(page_->findChild<WaveformView*>()->lastTime(), 1.5);
    QVERIFY(std::isfinite(detail->timeline().valueAt(0.7, 2)));
    auto* chart = page_->findChild<SpectrogramView*>(QStringLiteral("fileSpectrogram"));
    const QRect plot = chart->plotRect();
    QTest::mouseClick(chart, Qt::LeftButton, {}, plot.center());
    QVERIFY(std::abs(detail->playhead() - 0.75) < 0.02);
    auto* source = page_->findChild<QComboBox*>(QStringLiteral("timelineSource"));
    source->setCurrentIndex(1);
    Q_EMIT source->activated(1);
    QCOMPARE(detail->timeline().count(), model().at(1).result->windows.size());
    double sum = 0.0;
    for (std::size_t k = 0; k < 3; ++k) sum += detail->timeline().valueAt(0.7, k);
    QVERIFY(std::abs(sum - 1.0) < 1e-3);
    keepPicture(*page_, QStringLiteral("files-detail"));
  }

  void aLongFileShowsItsFramesWhereOneZoomsIn() {
    const std::string file = folder_->filePath(QStringLiteral("long.wav")).toStdString();
    write_wav(file, testing::sine(500, rate_, 150.0), rate_);
    openAndWait({QString::fromStdString(file)}, 1);
    table()->selectRow(0);
    auto* detail = page_->findChild<FileDetailView*>();
    QTRY_VERIFY_WITH_TIMEOUT(detail->ready(), kPatience);
    auto* source = page_->findChild<QComboBox*>(QStringLiteral("timelineSource"));
    const std::size_t windows = model().at(0).result->windows.size();
    QTRY_COMPARE_WITH_TIMEOUT(detail->timeline().count(), windows, kPatience);
    const QString windowsText = source->currentText();
    auto* chart = page_->findChild<SpectrogramView*>(QStringLiteral("fileSpectrogram"));
    const auto turn = [chart](int by, int times) {
      const QPointF at(chart->xAt(75.0), 20.0);
      for (int i = 0; i < times; ++i) {
        QWheelEvent wheel(at, chart->mapToGlobal(at), {}, {0, by}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase,
                          false);
        QCoreApplication::sendEvent(chart, &wheel);
      }
    };
    turn(120, 12);  // to about ten seconds
    QTRY_VERIFY_WITH_TIMEOUT(source->currentText() != windowsText, kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(detail->timeline().count() > 3, kPatience);
    QVERIFY(std::isfinite(detail->timeline().valueAt((chart->rangeFrom() + chart->rangeTo()) / 2.0, 1)));
    QVERIFY(!std::isfinite(detail->timeline().valueAt(10.0, 1)));  // nothing is said of the rest
    keepPicture(*page_, QStringLiteral("files-long-frames"));
    turn(-120, 30);
    QTRY_COMPARE_WITH_TIMEOUT(source->currentText(), windowsText, kPatience);
    QCOMPARE(detail->timeline().count(), windows);
  }

  void searchingAndShowingSome() {
    openAndWait({folder_->path()}, 4);
    auto* search = page_->findChild<QLineEdit*>(QStringLiteral("fileSearch"));
    search->setText(QStringLiteral("rain C.WAV"));
    QCOMPARE(table()->model()->rowCount(), 1);
    search->setText(QStringLiteral("label:\"rain\""));  // the label itself, and nothing that has the word in it
    QCOMPARE(table()->model()->rowCount(), 1);
    search->setText(QStringLiteral("label:\"rai\""));
    QCOMPARE(table()->model()->rowCount(), 0);
    search->clear();
    auto* show = page_->findChild<QComboBox*>(QStringLiteral("fileShow"));
    show->setCurrentIndex(show->findData(static_cast<int>(FileFilter::Show::Failed)));
    QCOMPARE(table()->model()->rowCount(), 0);
    show->setCurrentIndex(0);
    table()->sortByColumn(FileTableModel::Name, Qt::DescendingOrder);
    QCOMPARE(table()->model()->index(0, 0).data().toString(), QStringLiteral("d.wav"));
    table()->sortByColumn(FileTableModel::Probability, Qt::AscendingOrder);
    const auto probability = [this](int row) {
      return table()->model()->index(row, FileTableModel::Probability).data(FileTableModel::kSortRole).toDouble();
    };
    QVERIFY(probability(0) <= probability(3));
  }

  void rowsGoAndTheTableEmpties() {
    openAndWait({folder_->path()}, 4);
    table()->selectRow(0);
    QTest::keyClick(table(), Qt::Key_Delete);
    QCOMPARE(model().rowCount(), 3);
    QVERIFY(model().rowOf(model().at(0).id) == 0);
    table()->selectAll();
    tool("removeFiles")->click();
    QCOMPARE(model().rowCount(), 0);
    QVERIFY(page_->findChild<QWidget*>(QStringLiteral("pageNotice"))->isVisible());
    openAndWait({folder_->path()}, 4);  // what was removed can come back
    tool("clearFiles")->click();
    QCOMPARE(model().rowCount(), 0);
  }

  void foldersNamedAfterClassesAreEvaluated() {
    openAndWait({folder_->path()}, 4);
    auto* tabs = page_->findChild<QTabWidget*>(QStringLiteral("fileTabs"));
    tabs->setCurrentIndex(1);
    auto* summary = page_->findChild<QTableWidget*>(QStringLiteral("evaluationSummary"));
    QTRY_COMPARE_WITH_TIMEOUT(summary->rowCount(), 1, kPatience);  // zero-shot alone: nothing is tuned here
    int right = 0;
    for (const FileRow& row : model().rows()) right += !model().labelsOf(row).empty() && !model().isWrong(row) ? 1 : 0;
    QCOMPARE(summary->item(0, 1)->text(), QStringLiteral("%1 %").arg(std::lround(right * 100.0 / 3.0)));
    auto* classes = page_->findChild<QTableWidget*>(QStringLiteral("evaluationClasses"));
    QCOMPARE(classes->rowCount(), 3);
    QCOMPARE(classes->item(0, 1)->text(), QStringLiteral("2"));
    QCOMPARE(classes->item(2, 2)->text(), QStringLiteral("–"));  // bell: no file
    keepPicture(*page_, QStringLiteral("files-evaluation"));
    page_->findChild<QTabWidget*>(QStringLiteral("evaluationPictures"))->setCurrentIndex(1);
    auto* curve = page_->findChild<ReliabilityView*>();
    QVERIFY(curve->isVisible());
    const QString said = page_->findChild<QLabel*>(QStringLiteral("calibrationSentence"))->text();
    QVERIFY2(said.contains(summary->item(0, 3)->text()) && said.contains(QStringLiteral("3 files")), qPrintable(said));
    QCOMPARE(curve->accessibleDescription(), said);
    keepPicture(*page_, QStringLiteral("files-reliability"));
  }

  void aManifestBringsFilesAndLabels() {
    const std::string csv = "file,label\ndog/a.wav,rain\nrain/c.wav,RAIN\nelsewhere/d.wav,whale\n";
    const QString manifest = folder_->filePath(QStringLiteral("manifest.csv"));
    write_file_atomically(std::filesystem::path(manifest.toStdString()), std::string_view(csv));
    QSignalSpy notices(app_.get(), &AppContext::noticed);
    openAndWait({manifest}, 3);
    QCOMPARE(model().labelsOf(model().at(0)), std::vector<int>{1});
    QVERIFY(!notices.isEmpty());
    QVERIFY(notices[0][0].toString().contains(QStringLiteral("whale")));
  }

  void aManifestLabelsWhatIsInTheTable() {
    openAndWait({folder_->path()}, 4);
    QCOMPARE(model().labelsOf(rowNamed("d.wav")), std::vector<int>{});
    const std::string csv = "file,label\nelsewhere/d.wav,bell;rain\ndog/a.wav,dog\ndog/b.wav,rain\n";
    const QString manifest = folder_->filePath(QStringLiteral("manifest.csv"));
    write_file_atomically(std::filesystem::path(manifest.toStdString()), std::string_view(csv));
    QSignalSpy notices(app_.get(), &AppContext::noticed);
    QVERIFY(page_->openPaths({manifest}));
    QTRY_VERIFY_WITH_TIMEOUT(!notices.isEmpty(), kPatience);
    QCOMPARE(notices.size(), 1);
    QVERIFY2(notices[0][0].toString().contains(QStringLiteral("2 files")), qPrintable(notices[0][0].toString()));
    QCOMPARE(model().rowCount(), 4);
    QCOMPARE(model().labelsOf(rowNamed("d.wav")), (std::vector<int>{1, 2}));
    QCOMPARE(model().labelsOf(rowNamed("b.wav")), std::vector<int>{1});
    QCOMPARE(model().labelsOf(rowNamed("c.wav")), std::vector<int>{1});  // its folder's
    page_->openPaths({folder_->path()});  // the folders' names do not take them away again
    QTRY_COMPARE_WITH_TIMEOUT(notices.size(), 2, kPatience);
    QCOMPARE(model().labelsOf(rowNamed("b.wav")), std::vector<int>{1});
  }

  void theNoiseCorrectionIsReadFromTextAndNamesAgain() {
    openAndWait({folder_->path()}, 4);
    const auto before = model().at(0).result->scores.zero_shot;
    auto* noise = page_->findChild<QDoubleSpinBox*>(QStringLiteral("noiseCorrection"));
    QCOMPARE(noise->text(), QStringLiteral("off"));
    QVERIFY(app_->prompts()->noise_drift.empty());
    noise->setValue(0.5);
    auto* again = page_->findChild<QPushButton*>(QStringLiteral("classifyAgain"));
    QTRY_VERIFY_WITH_TIMEOUT(again->isVisible(), kPatience);
    again->click();
    const auto renewed = [&] {
      return model().count(FileState::Done) == 4 && model().at(0).result->scores.zero_shot != before;
    };
    QTRY_VERIFY_WITH_TIMEOUT(renewed(), kPatience);
    QCOMPARE(app_->prompts()->noise_drift.rows, std::int64_t{3});
    QVERIFY(model().at(0).prompts == app_->prompts());
    // Remembered, and nothing is read a second time.
    const auto set = app_->prompts();
    FilesPage later(*app_);
    QCOMPARE(later.findChild<QDoubleSpinBox*>(QStringLiteral("noiseCorrection"))->value(), 0.5);
    app_->wantNoiseDrift();
    QTest::qWait(50);
    QVERIFY(app_->prompts() == set);
    later.shutDown();
  }

  void theWindowsOfAFileArePooledAsChosen() {
    const std::filesystem::path file(folder_->filePath(QStringLiteral("two.wav")).toStdString());
    std::vector<float> sound = testing::sine(200.0, rate_, 6.0, 0.4);
    const std::vector<float> other = testing::sine(5000.0, rate_, 6.0, 0.4);
    sound.insert(sound.end(), other.begin(), other.end());
    write_wav(file, sound, rate_);
    openAndWait({QString::fromStdString(file.string())}, 1);
    const auto largest = [this](std::size_t k) {
      float value = -2.0F;
      for (const WindowResult& window : model().at(0).result->windows)
        value = std::max(value, window.scores.zero_shot[k]);
      return value;
    };
    QVERIFY(model().at(0).result->scores.zero_shot[0] != largest(0));
    auto* pooling = page_->findChild<QComboBox*>(QStringLiteral("filePooling"));
    QCOMPARE(pooling->currentText(), QStringLiteral("mean"));
    pooling->setCurrentIndex(1);
    auto* again = page_->findChild<QPushButton*>(QStringLiteral("classifyAgain"));
    QTRY_VERIFY_WITH_TIMEOUT(again->isVisible(), kPatience);
    keepPicture(*page_, QStringLiteral("files-pooling"));
    again->click();
    const auto renewed = [&] {
      return model().count(FileState::Done) == 1 && model().at(0).result->scores.zero_shot[0] == largest(0);
    };
    QTRY_VERIFY_WITH_TIMEOUT(renewed(), kPatience);
    for (std::size_t k = 1; k < 3; ++k) QCOMPARE(model().at(0).result->scores.zero_shot[k], largest(k));
    FilesPage later(*app_);
    QCOMPARE(later.findChild<QComboBox*>(QStringLiteral("filePooling"))->currentIndex(), 1);  // remembered
    later.shutDown();
  }

  void classesHeldOutOfTuningAreToldApart() {
    const auto plain = app_->prompts();
    PromptSet set = *plain;
    set.unseen = {"dog"};
    app_->usePrompts(set);
    openAndWait({folder_->path()}, 4);
    page_->findChild<QTabWidget*>(QStringLiteral("fileTabs"))->setCurrentIndex(1);
    auto* sentence = page_->findChild<QLabel*>(QStringLiteral("evaluationSentence"));
    QTRY_VERIFY2_WITH_TIMEOUT(sentence->text().contains(QStringLiteral("held out of tuning")),
                              qPrintable(sentence->text()), kPatience);
    QVERIFY(sentence->text().contains(QStringLiteral("harmonic mean")));
    app_->usePrompts(*plain);
  }

  void otherPromptsOfferANewPass() {
    openAndWait({folder_->path()}, 4);
    auto* again = page_->findChild<QPushButton*>(QStringLiteral("classifyAgain"));
    QVERIFY(!again->isVisible());
    app_->setClasses(parse_classes("siren, laughter"));
    QTRY_VERIFY_WITH_TIMEOUT(again->isVisible(), kPatience);
    again->click();
    const auto renewed = [this] {
      return model().count(FileState::Done) == 4 && model().at(3).prompts == app_->prompts();
    };
    QTRY_VERIFY_WITH_TIMEOUT(renewed(), kPatience);
    const QString name = table()->model()->index(0, FileTableModel::Best).data().toString();
    QVERIFY(name == QStringLiteral("siren") || name == QStringLiteral("laughter"));
    app_->setClasses(parse_classes("dog, rain, bell"));
    QTRY_VERIFY_WITH_TIMEOUT(app_->prompts()->size() == 3, kPatience);
  }

  void tenThousandRowsStayQuick() {
    std::vector<FoundFile> files;
    for (int i = 0; i < 10000; ++i) {
      files.push_back({"/sounds/" + std::to_string(i % 100) + "/" + std::to_string(i) + ".wav", {QStringLiteral("x")}});
    }
    FileTableModel many;
    many.setClasses(app_->classes());
    FileFilter filter;
    filter.setSourceModel(&many);
    QElapsedTimer clock;
    clock.start();
    const QVector<qint64> ids = many.add(files);
    QCOMPARE(ids.size(), 10000);
    FileResult result;
    result.seconds = 5.0;
    result.scores.zero_shot = {0.1F, 0.3F, 0.2F};
    for (const qint64 id : ids) many.setResult(id, FileResult(result), app_->prompts());
    filter.setText(QStringLiteral("sounds/99"));
    QCOMPARE(filter.rowCount(), 100);
    QSet<qint64> gone(ids.begin(), ids.begin() + 5000);
    many.removeRowsById(gone);
    QCOMPARE(many.rowCount(), 5000);
    QCOMPARE(many.count(FileState::Done), 5000);
    QVERIFY2(clock.elapsed() < 5000, qPrintable(QString::number(clock.elapsed())));
  }

 private:
  const FileRow& rowNamed(const char* name) {
    const auto& rows = model().rows();
    const auto is = [&](const FileRow& row) { return row.name == QLatin1String(name); };
    return *std::find_if(rows.begin(), rows.end(), is);
  }
};

QTEST_MAIN(TestFilesPage)
#include "test_files_page.moc"
