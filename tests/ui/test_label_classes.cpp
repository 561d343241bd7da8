// The Label page with more classes than fit, and with names of every kind: keys, finding a class, renaming, what gives
// way where there is little room.

#include <QApplication>
#include <QInputDialog>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QSplitter>
#include <QTimer>
#include <cmath>

#include "label_fixture.h"
#include "ui/charts/format.h"
#include "ui/label/clip_table_model.h"
#include "ui/pictures.h"
#include "ui/shell/elided_label.h"

using namespace hearsay;
using namespace hearsay::ui;

class TestLabelClasses : public QObject, LabelFixture {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QCoreApplication::setOrganizationName(QStringLiteral("hearsay-test"));
    QCoreApplication::setApplicationName(QStringLiteral("label-classes"));
  }
  void init() { open(); }
  void cleanup() { close(); }

  void aKeyWithoutMeaningStaysWithTheClip() {
    writeTone(QStringLiteral("05.wav"), 500);
    writeTone(QStringLiteral("d.wav"), 500);
    writeTone(QStringLiteral("v.wav"), 500);
    startSession();
    const ClipId clip = controller().current();
    for (const int key : {Qt::Key_0, Qt::Key_D, Qt::Key_V, Qt::Key_R}) {
      QTest::keyClick(table(), static_cast<Qt::Key>(key));
      QCOMPARE(controller().current(), clip);
    }
    QVERIFY(labelsOf(clip).isEmpty());
  }

  void theTenthClassHasAKeyAndTheOthersAreFound() {
    startMany(60);
    const ClipId clip = controller().current();
    QTest::keyClick(table(), Qt::Key_0);
    QCOMPARE(labelsOf(clip), QStringList{QStringLiteral("class 10")});
    QVERIFY(classes()->item(9)->text().startsWith(QStringLiteral("0  ")));
    QTest::keyClick(table(), Qt::Key_Slash);
    QVERIFY(found()->hasFocus());
    QTest::keyClicks(found(), QStringLiteral("S 5"));
    QCOMPARE(shownClasses(), QStringList({"class 5", "class 50", "class 51", "class 52", "class 53", "class 54",
                                          "class 55", "class 56", "class 57", "class 58", "class 59"}));
    keepPicture(*page_, QStringLiteral("label-find"));
    QTest::keyClicks(found(), QStringLiteral("3"));
    QTest::keyClick(found(), Qt::Key_Return);
    QCOMPARE(labelsOf(clip), QStringList({QStringLiteral("class 10"), QStringLiteral("class 53")}));
    QCOMPARE(controller().current(), clip);
    QVERIFY(table()->hasFocus());
    QCOMPARE(shownClasses().size(), 60);
    // Up and Down choose, Escape leaves and gives nothing.
    QTest::keyClick(table(), Qt::Key_Slash);
    QTest::keyClicks(found(), QStringLiteral("class 4"));
    QTest::keyClick(found(), Qt::Key_Down);
    QCOMPARE(classes()->currentRow(), 39);
    QTest::keyClick(found(), Qt::Key_Return);
    QCOMPARE(labelsOf(clip).size(), 3);
    QTest::keyClick(table(), Qt::Key_Slash);
    QTest::keyClicks(found(), QStringLiteral("walrus"));
    QCOMPARE(find<QLabel>("noClass")->text().remove(kNameBegins).remove(kNameEnds),
             QStringLiteral("No class has \"walrus\" in its name."));
    QTest::keyClick(found(), Qt::Key_Return);
    QVERIFY(found()->hasFocus());
    QTest::keyClick(found(), Qt::Key_Escape);
    QVERIFY(table()->hasFocus());
    QVERIFY(!find<QLabel>("noClass")->isVisible());
    QCOMPARE(labelsOf(clip).size(), 3);
  }

  void aChosenRegionGetsTheClassThatIsFound() {
    startMany(20);
    auto* view = page_->findChild<ClipView*>();
    QTRY_VERIFY_WITH_TIMEOUT(view->ready(), 20000);
    drag(*view, 0.3, 0.6);
    QTest::keyClick(table(), Qt::Key_Slash);
    QTest::keyClicks(found(), QStringLiteral("17"));
    QTest::keyClick(found(), Qt::Key_Return);
    const auto regions = controller().session().regions(controller().current());
    QCOMPARE(regions.size(), std::size_t{1});
    QCOMPARE(regions[0].class_id, controller().session().classes()[16].id);
    QVERIFY(labelsOf(controller().current()).isEmpty());
  }

  void renamingBeginsWithTheName() {
    startSession();
    QMetaObject::invokeMethod(this, [this] { openRename(0); });
    QTRY_VERIFY(find<QInputDialog>("renameClass") != nullptr);
    auto* dialog = find<QInputDialog>("renameClass");
    QCOMPARE(dialog->textValue(), QStringLiteral("dog"));
    QVERIFY2(dialog->labelText().contains(QStringLiteral("dog")), qPrintable(dialog->labelText()));
    QVERIFY(dialog->width() >= 400);
    dialog->setTextValue(QStringLiteral("dogs"));
    dialog->accept();
    QCOMPARE(controller().session().classes()[0].name, std::string("dogs"));
  }

  void aLongNameMovesNothing() {
    startSession();
    const QString longName = QString(190, QLatin1Char('x')) + QStringLiteral(".wav");
    writeTone(longName, 500);
    controller().rescan();
    auto* splitter = page_->findChild<QSplitter*>();
    const QList<int> before = splitter->sizes();
    controller().show(controller().session().clips().back().id);
    QCoreApplication::processEvents();
    QCOMPARE(splitter->sizes(), before);
    auto* title = dynamic_cast<ElidedLabel*>(find<QLabel>("clipTitle"));
    const QString shown = title->shownText();
    QVERIFY2(shown.contains(QStringLiteral("…")) && shown.contains(QStringLiteral(".wav")), qPrintable(shown));
    QVERIFY(title->fontMetrics().horizontalAdvance(shown) <= title->width());
    keepPicture(*page_, QStringLiteral("label-long-name"));
  }

  void aFilterThatFitsNothingSaysSo() {
    startSession();
    auto* none = find<QLabel>("noClips");
    QVERIFY(!none->isVisible());
    find<QLineEdit>("clipFilter")->setText(QStringLiteral("walrus"));
    QVERIFY(none->isVisible());
    QVERIFY(none->text().contains(QStringLiteral("walrus")));
    QCOMPARE(none->geometry(), table()->viewport()->rect());
    keepPicture(*page_, QStringLiteral("label-no-clips"));
    find<QLineEdit>("clipFilter")->clear();
    QVERIFY(!none->isVisible());
  }

  void skippedClipsAreReadable() {
    startSession();
    QTest::keyClick(table(), Qt::Key_S);
    const QColor text = table()->model()->index(0, ClipTableModel::Name).data(Qt::ForegroundRole).value<QColor>();
    QVERIFY(text.isValid());
    for (const auto role : {QPalette::Base, QPalette::AlternateBase}) {
      const double ratio = contrast(text, table()->palette().color(role));
      QVERIFY2(ratio >= 4.5, qPrintable(QString::number(ratio)));
    }
  }

  void aSuggestionIsFilteredAsItIsRead() {
    useModel();
    startSession();
    QTRY_VERIFY_WITH_TIMEOUT(!controller().suggesting() && allSuggested(), 60000);
    const QString text = table()->model()->index(0, ClipTableModel::Suggested).data().toString();
    QVERIFY2(text.startsWith(kNameBegins) && text.contains(kNameEnds), qPrintable(text));
    find<QLineEdit>("clipFilter")->setText(QString(text).remove(kNameBegins).remove(kNameEnds));
    QVERIFY(table()->model()->rowCount() > 0);
  }

 private:
  static double luminance(const QColor& colour) {
    const auto linear = [](double c) { return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF());
  }
  static double contrast(const QColor& a, const QColor& b) {
    const auto [low, high] = std::minmax({luminance(a), luminance(b)});
    return (high + 0.05) / (low + 0.05);
  }

  QListWidget* classes() { return find<QListWidget>("labelClasses"); }
  QLineEdit* found() { return find<QLineEdit>("findClass"); }

  void startMany(int count) {
    QStringList names;
    for (int i = 1; i <= count; ++i) names << QStringLiteral("class %1").arg(i);
    QVERIFY(controller().create(folder_->filePath(QStringLiteral("many.hearsay-labels")), folder_->path(), names));
  }

  /// The names that are not hidden.
  QStringList shownClasses() {
    QStringList names;
    for (int i = 0; i < classes()->count(); ++i) {
      if (classes()->item(i)->isHidden()) continue;
      names << QString::fromStdString(controller().session().classes()[static_cast<std::size_t>(i)].name);
    }
    return names;
  }

  /// By the menu of this row.
  void openRename(int row) {
    QTimer::singleShot(0, this, [] {
      auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
      menu->actions().front()->trigger();
      menu->close();
    });
    Q_EMIT classes()->customContextMenuRequested(classes()->visualItemRect(classes()->item(row)).center());
  }
};

QTEST_MAIN(TestLabelClasses)
#include "test_label_classes.moc"
