// Names on the Files page: long ones lose their middle and never the result, those from right to left stay in their
// place, columns share the width, and a class has one colour.

#include <QHeaderView>
#include <QHelpEvent>
#include <QLabel>
#include <QToolTip>

#include "base/files.h"
#include "ui/charts/colours.h"
#include "ui/charts/format.h"
#include "ui/charts/similarity_map.h"
#include "ui/files/file_detail_view.h"
#include "ui/files_fixture.h"
#include "ui/pictures.h"
#include "ui/shell/elided_label.h"

using namespace hearsay;
using namespace hearsay::ui;

class TestFilesNames : public QObject, FilesFixture {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { QVERIFY2(open("files-names"), "the model does not load"); }
  void cleanupTestCase() { close(); }
  void init() { QVERIFY(openPage()); }
  void cleanup() { closePage(); }

  void namesGiveWayToWhatIsSaidOfThem() {
    const QFontMetrics metrics{QFont()};
    QCOMPARE(metrics.horizontalAdvance(isolated(QStringLiteral("dog"))),
             metrics.horizontalAdvance(QStringLiteral("dog")));
    const QString text = isolated(QString(80, QLatin1Char('a'))) + QStringLiteral(": ") +
                         isolated(QStringLiteral("dog")) + QStringLiteral(" 95 %");
    QCOMPARE(elidedNames(text, metrics, 10000), QString(text).remove(kNameBegins).remove(kNameEnds));
    for (const int width : {500, 300, 200}) {
      const QString cut = elidedNames(text, metrics, width);
      QVERIFY2(cut.endsWith(QStringLiteral(": dog 95 %")), qPrintable(cut));
      QVERIFY(metrics.horizontalAdvance(cut) <= width);
      QVERIFY(metrics.horizontalAdvance(cut) > width - 30);
      QVERIFY(cut.contains(QStringLiteral("…")));
    }
    const QString plain = elidedNames(QString(80, QLatin1Char('a')), metrics, 200);
    QVERIFY(plain.endsWith(QStringLiteral("…")));
    QVERIFY(metrics.horizontalAdvance(elidedNames(text, metrics, 20)) <= 20);
  }

  void theHeadlineKeepsTheResult() {
    const QString name = QString(200, QLatin1Char('x')) + QStringLiteral(".wav");
    const QString file = soundCalled(name);
    app_->setClasses(parse_classes(std::string(150, 'y') + ", " + std::string(150, 'z')));
    QTRY_COMPARE_WITH_TIMEOUT(app_->prompts()->size(), std::size_t{2}, kPatience);
    openAndWait({file}, 1);
    const QString shown = title().shownText();
    QVERIFY2(shown.endsWith(percentText(model().at(0).probability)), qPrintable(shown));
    QVERIFY(title().fontMetrics().horizontalAdvance(shown) <= title().width());
    QVERIFY(title().text().contains(name));  // for screen readers, and in the tooltip
    title().setText(QString(200, QLatin1Char('x')) + QStringLiteral(" <b>&</b>"));
    QHelpEvent help(QEvent::ToolTip, QPoint(5, 5), title().mapToGlobal(QPoint(5, 5)));
    QCoreApplication::sendEvent(&title(), &help);
    QCOMPARE(QToolTip::text().remove(QLatin1Char('\n')).remove(QLatin1Char(' ')),
             title().text().remove(QLatin1Char(' ')));
    for (const QString& line : QToolTip::text().split(QLatin1Char('\n'))) QVERIFY(line.size() <= 100);
    QToolTip::hideText();
    keepPicture(*page_, QStringLiteral("files-long-names"));
    restoreClasses();
  }

  void whatIsWrittenFromRightToLeftStaysInItsPlace() {
    const QString name = QStringLiteral("صوت كلب ينبح.wav");
    const QString file = soundCalled(name);
    app_->setClasses(parse_classes("كلب ينبح, مطر"));
    QTRY_COMPARE_WITH_TIMEOUT(app_->prompts()->size(), std::size_t{2}, kPatience);
    openAndWait({file}, 1);
    QVERIFY(!title().shownText().isRightToLeft());
    QVERIFY(title().shownText().startsWith(isolated(name)));
    const QImage picture = title().grab().toImage();
    QVERIFY(firstInk(picture) < 20);  // at the left edge
    const FileRow& row = model().at(0);
    const QString second = table()->model()->index(0, FileTableModel::Second).data().toString();
    const std::string& other = row.prompts->classes[static_cast<std::size_t>(row.second)].name;
    QCOMPARE(second, isolated(QString::fromStdString(other)) + ' ' + percentText(row.secondProbability));
    keepPicture(*page_, QStringLiteral("files-right-to-left"));
    // What is written for other programs has no such signs.
    const QString csv = folder_->filePath(QStringLiteral("out.csv"));
    page_->exportTo(QStringLiteral("csv"), ExportRows::Files, csv);
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(csv), kPatience);
    const QString written = QString::fromStdString(read_file(csv.toStdString()));
    QVERIFY(written.contains(name) && !written.contains(kNameBegins) && !written.contains(kNameEnds));
    restoreClasses();
  }

  void theSimilarityMapNamesBothClassesInTheirPlace() {
    SimilarityMap map;
    Matrix cosines(2, 2, 1.0F);
    cosines.at(0, 1) = cosines.at(1, 0) = 0.25F;
    map.setData({QStringLiteral("مطر"), QStringLiteral("rain")}, cosines);
    QTest::keyClick(&map, Qt::Key_Right);
    const QString words = map.accessibleDescription();
    QCOMPARE(words, isolated(QStringLiteral("مطر")) + QStringLiteral(" and ") + isolated(QStringLiteral("rain")) +
                        QStringLiteral(": 0.250"));
    QVERIFY(!words.isRightToLeft());
  }

  void columnsShareTheWidth() {
    openAndWait({folder_->path()}, 4);
    const auto wide = [this](int column) { return table()->columnWidth(column); };
    const auto used = [&] {
      int all = 0;
      for (int column = 0; column < FileTableModel::Columns; ++column) all += wide(column);
      return all;
    };
    page_->resize(1900, 900);
    QTRY_COMPARE(used(), table()->viewport()->width());  // the label column came meanwhile
    QVERIFY(wide(FileTableModel::Name) > 300);
    QVERIFY(wide(FileTableModel::Best) > 300);
    QVERIFY(wide(FileTableModel::Folder) < wide(FileTableModel::Name));
    keepPicture(*page_, QStringLiteral("files-wide"));
    page_->resize(952, 616);
    QTRY_COMPARE(used(), table()->viewport()->width());
    // What a person drags stays, also at the next start.
    table()->horizontalHeader()->resizeSection(FileTableModel::Name, 77);
    page_->resize(1400, 900);
    QCoreApplication::processEvents();
    QCOMPARE(wide(FileTableModel::Name), 77);
    page_->shutDown();
    page_ = std::make_unique<FilesPage>(*app_);
    page_->resize(1200, 700);
    page_->show();
    QVERIFY(QTest::qWaitForWindowExposed(page_.get()));
    QCOMPARE(wide(FileTableModel::Name), 77);
  }

  void aClassHasOneColour() {
    openAndWait({folder_->path()}, 4);
    const FileRow before = model().at(0);
    const QString name = FileTableModel::namedAs(before);
    // The same name in another place of another list.
    app_->setClasses(parse_classes(("siren, laughter, sea waves, thunder, " + name.toStdString()).c_str()));
    QTRY_COMPARE_WITH_TIMEOUT(app_->prompts()->size(), std::size_t{5}, kPatience);
    QCOMPARE(model().at(0).prompts, before.prompts);
    QCOMPARE(colourOf(0), seriesColour(4).rgb());
    table()->selectRow(0);
    auto* detail = page_->findChild<FileDetailView*>();
    QTRY_VERIFY_WITH_TIMEOUT(detail->timeline().count() > 0, kPatience);
    // A name that is not listed any more keeps its own.
    app_->setClasses(parse_classes("siren, laughter"));
    QTRY_COMPARE_WITH_TIMEOUT(app_->prompts()->size(), std::size_t{2}, kPatience);
    QCOMPARE(colourOf(0), classColour(before.prompts->classes, static_cast<std::size_t>(before.best)).rgb());
    restoreClasses();
  }

 private:
  ElidedLabel& title() { return *dynamic_cast<ElidedLabel*>(page_->findChild<QLabel*>(QStringLiteral("fileTitle"))); }
  QString soundCalled(const QString& name) {
    const QString file = folder_->filePath(name);
    write_wav(file.toStdString(), testing::sine(440, rate_, 1.5, 0.4), rate_);
    return file;
  }
  /// The leftmost column that is not the background's colour.
  static int firstInk(const QImage& picture) {
    const QRgb back = picture.pixel(picture.width() - 1, 0);
    for (int x = 0; x < picture.width(); ++x) {
      for (int y = 0; y < picture.height(); ++y) {
        if (picture.pixel(x, y) != back) return x;
      }
    }
    return picture.width();
  }
  /// Of the swatch in this row of the table.
  QRgb colourOf(int row) {
    const QModelIndex index = model().index(row, FileTableModel::Best);
    const QIcon icon = model().data(index, Qt::DecorationRole).value<QIcon>();
    return icon.pixmap(QSize(16, 16), 1.0).toImage().pixelColor(8, 8).rgb();
  }
  void restoreClasses() {
    app_->setClasses(parse_classes("dog, rain, bell"));
    QTRY_COMPARE_WITH_TIMEOUT(app_->prompts()->size(), std::size_t{3}, kPatience);
  }
};

QTEST_MAIN(TestFilesNames)
#include "test_files_names.moc"
