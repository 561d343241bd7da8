// Parts of the Files page by themselves: reliability curve, confusion map, what is drawn of long sounds.

#include <QHelpEvent>
#include <QLocale>
#include <QSet>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QToolTip>
#include <array>

#include "audio/decode.h"
#include "support/errors.h"
#include "support/sounds.h"
#include "ui/files/confusion_view.h"
#include "ui/files/reliability_view.h"
#include "ui/pictures.h"
#include "ui/sounds/sound_look.h"

using namespace hearsay;
using namespace hearsay::ui;

class TestFilesParts : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { QLocale::setDefault(QLocale::c()); }

  void theReliabilityCurveShowsWhatWasMeasured() {
    ReliabilityView view;
    view.resize(400, 420);
    QVERIFY(view.words().contains(QStringLiteral("Files with a label")));
    const QImage before = view.grab().toImage();
    std::vector<ScoreMetrics::Bin> bins(15);
    bins[4] = {0.3, 0.9, 5};
    bins[13] = {0.9, 0.4, 20};
    view.setBins(bins, 0.52);
    QCOMPARE(view.words(), QStringLiteral("Probabilities are off by 52 % on average (calibration error); over 25 "
                                          "files, mostly too sure."));
    QVERIFY(view.pointOf(4).x() < view.pointOf(13).x());
    QVERIFY(view.pointOf(4).y() < view.pointOf(13).y());  // right more often: higher up
    const QImage after = view.grab().toImage();
    const QColor dot = after.pixelColor(view.pointOf(13).toPoint());
    QCOMPARE(dot.rgb(), view.palette().color(QPalette::Highlight).rgb());
    QVERIFY(before.pixelColor(view.pointOf(13).toPoint()) != dot);
    QPoint hovered = view.pointOf(13).toPoint();
    QHelpEvent help(QEvent::ToolTip, hovered, view.mapToGlobal(hovered));
    QCoreApplication::sendEvent(&view, &help);
    QVERIFY2(QToolTip::text().contains(QStringLiteral("20 files")), qPrintable(QToolTip::text()));
    bins[13].accuracy = 0.9;
    view.setBins(bins, 0.1);
    QVERIFY(view.words().endsWith(QStringLiteral("mostly too careful.")));
    keepPicture(view, QStringLiteral("reliability"));
  }

  void longSoundsAreMergedAsTheyCome() {
    RowMerger merger(8, 1, RowMerger::Rule::Highest);
    for (int i = 0; i < 100; ++i) merger.add(std::array{static_cast<float>(i)});
    const Matrix rows = merger.rows();
    QVERIFY(rows.rows <= 8 && rows.rows > 4);
    QCOMPARE(rows.at(0, 0), 15.0F);  // 16 rows each by now
    QCOMPARE(rows.at(rows.rows - 1, 0), 99.0F);
    RowMerger both(4, 2, RowMerger::Rule::LowestAndHighest);
    for (int i = 0; i < 9; ++i) both.add(std::array{-static_cast<float>(i), static_cast<float>(i)});
    QCOMPARE(both.rows().at(0, 0), -3.0F);
    QCOMPARE(both.rows().at(0, 1), 3.0F);
  }

  void confusionCellsAreChosen() {
    ConfusionView view;
    view.resize(400, 400);
    view.setCounts({QStringLiteral("dog"), QStringLiteral("rain")}, {{3, 1}, {0, 2}});
    QSignalSpy chosen(&view, &ConfusionView::cellChosen);
    for (int y = 0; y < 400; y += 10) {
      for (int x = 0; x < 400; x += 10) QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, {x, y});
    }
    QVERIFY(chosen.size() > 100);
    QSet<QPair<int, int>> cells;
    for (const auto& one : chosen) cells.insert({one[0].toInt(), one[1].toInt()});
    QCOMPARE(cells.size(), 4);
    keepPicture(view, QStringLiteral("confusion"));
  }

  void lookingAtAFileTellsWhatIsWrong() {
    const QTemporaryDir folder;
    const std::string sound = folder.filePath(QStringLiteral("a.wav")).toStdString();
    write_wav(sound, testing::sine(440, 32000, 1.0), 32000);
    JobControl control;
    HEARSAY_FAILS(NotFound, ("absent.wav"), lookAt("/nowhere/absent.wav", LogMelConfig(), control));
    control.cancel();
    HEARSAY_FAILS(Cancelled, (""), lookAt(sound, LogMelConfig(), control));
  }
};

QTEST_MAIN(TestFilesParts)
#include "test_files_parts.moc"
