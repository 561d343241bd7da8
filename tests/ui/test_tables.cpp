// Tables that can be read: columns that share the width, numbers apart from their neighbours, marks in chosen rows.

#include <QAction>
#include <QHeaderView>
#include <QStandardItemModel>
#include <QStyleOption>
#include <QTableView>
#include <QTest>

#include "ui/charts/colours.h"
#include "ui/shell/column_shares.h"
#include "ui/shell/main_window.h"
#include "ui/test_home.h"

using namespace hearsay::ui;

class TestTables : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void columnsShareTheWidthUntilOneIsDragged() {
    QStandardItemModel model(1, 4);
    QTableView table;
    table.setModel(&model);
    table.horizontalHeader()->setMinimumSectionSize(10);
    table.setColumnWidth(0, 30);
    shareColumns(table, {{3, 0.5, 80}, {1, 0.25, 60}, {2, 0.25, 40}});
    table.show();
    QVERIFY(QTest::qWaitForWindowExposed(&table));
    for (const int wide : {830, 430, 150}) {
      table.resize(wide, 200);
      const int room = table.viewport()->width() - 30;
      QTRY_COMPARE(table.columnWidth(1) + table.columnWidth(2) + table.columnWidth(3), std::max(room, 80 + 60 + 40));
      QCOMPARE(table.columnWidth(0), 30);
      QVERIFY(std::abs(table.columnWidth(3) - std::max(80, room / 2)) <= 1);
      QVERIFY(table.columnWidth(1) >= 60 && table.columnWidth(2) >= 40);
    }
    table.horizontalHeader()->resizeSection(1, 123);  // as a drag does
    table.resize(830, 200);
    QTest::qWait(20);
    QCOMPARE(table.columnWidth(1), 123);
  }

  void numbersStandApartFromTheNextColumn() {
    AppContext app;
    MainWindow window(app);
    window.findChild<QAction*>("theme1")->trigger();
    window.show();
    auto* table = window.page("models")->findChild<QTableView*>("modelTable");
    QStyleOptionViewItem cell;
    cell.initFrom(table->viewport());
    cell.widget = table;
    cell.features = QStyleOptionViewItem::HasDisplay;
    cell.displayAlignment = Qt::AlignRight | Qt::AlignVCenter;
    cell.text = QStringLiteral("16.8 MB");
    cell.rect = QRect(0, 0, 100, 30);
    const QRect text = table->style()->subElementRect(QStyle::SE_ItemViewItemText, &cell, table);
    const int margin = table->style()->pixelMetric(QStyle::PM_FocusFrameHMargin, &cell, table) + 1;
    QVERIFY2(cell.rect.right() - text.right() + margin >= 6, qPrintable(QString::number(margin)));
    QStyleOptionHeader header;
    header.initFrom(table->horizontalHeader());
    header.rect = QRect(0, 0, 100, 30);
    const QRect title = table->style()->subElementRect(QStyle::SE_HeaderLabel, &header, table->horizontalHeader());
    QCOMPARE(title.left(), margin);  // in line with the cells below
  }

  void aSwatchKeepsItsColourInAChosenRow() {
    const QColor colour(0x00, 0x72, 0xb2);
    const auto at = [&](QIcon::Mode mode, int x, int y) {
      return swatch(colour).pixmap(QSize(16, 16), 1.0, mode).toImage().pixelColor(x, y);
    };
    QCOMPARE(at(QIcon::Normal, 8, 8).rgb(), colour.rgb());
    QCOMPARE(at(QIcon::Selected, 8, 8).rgb(), colour.rgb());
    QVERIFY(at(QIcon::Selected, 8, 2).lightness() > at(QIcon::Normal, 8, 2).lightness() + 50);
  }

 private:
  TestHome home_;
};

QTEST_MAIN(TestTables)
#include "test_tables.moc"
