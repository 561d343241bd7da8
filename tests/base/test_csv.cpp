#include <QtTest>

#include "base/csv.h"
#include "support/errors.h"

using namespace hearsay;
using Row = std::vector<std::string>;

class TestCsv : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void reads_a_plain_table() {
    const CsvTable table = parse_csv("caption,label\na dog barks,dog\nrain falls,rain\n", "x.csv");
    QCOMPARE(table.header, (Row{"caption", "label"}));
    QCOMPARE(table.rows, (std::vector<Row>{{"a dog barks", "dog"}, {"rain falls", "rain"}}));
    QCOMPARE(table.lines, (std::vector<std::size_t>{2, 3}));
  }

  void reads_quotes_and_line_ends() {
    const CsvTable table = parse_csv(
        "\xEF\xBB\xBFid,text\r\n1,\"a, b\"\r\n\r\n2,\"say \"\"hi\"\"\nagain\"\r3, \"x\" \n4,un\"quoted\n", "x");
    QCOMPARE(table.header, (Row{"id", "text"}));
    QCOMPARE(table.rows,
             (std::vector<Row>{{"1", "a, b"}, {"2", "say \"hi\"\nagain"}, {"3", "x"}, {"4", "un\"quoted"}}));
    QCOMPARE(table.lines, (std::vector<std::size_t>{2, 4, 6, 7}));
  }

  void fills_short_rows_and_drops_empty_ends() {
    const CsvTable table = parse_csv("a,b,c\n1\n1,2,3,,\n,,\n\"\"\n", "x");
    QCOMPARE(table.rows, (std::vector<Row>{{"1", "", ""}, {"1", "2", "3"}, {"", "", ""}, {"", "", ""}}));
  }

  void finds_columns() {
    const CsvTable table = parse_csv(" File ,LABEL\n", "x");
    QCOMPARE(table.column("file"), 0);
    QCOMPARE(table.column(" Label "), 1);
    QCOMPARE(table.column("other"), -1);
    QVERIFY(table.rows.empty());
  }

  void takes_tabs_and_semicolons_when_there_is_no_comma() {
    QCOMPARE(parse_csv("a\tb\n1,5\tx\n", "x").rows, (std::vector<Row>{{"1,5", "x"}}));
    QCOMPARE(parse_csv("a;b\n1,5;x\n", "x").rows, (std::vector<Row>{{"1,5", "x"}}));
    QCOMPARE(parse_csv("\"a;b\",c\n1,2\n", "x").header, (Row{"a;b", "c"}));
  }

  void reads_rows_without_a_header() {
    using Rows = std::vector<Row>;
    QCOMPARE(csv_rows("\xEF\xBB\xBF"
                      "a, b\tc\n\n\"1\n2\"\n",
                      '\t', "x"),
             (Rows{{"a, b", "c"}, {"1\n2"}}));
    QCOMPARE(csv_rows("a, b\tc\n1,2,3\n", ',', "x"), (Rows{{"a", " b\tc"}, {"1", "2", "3"}}));
    HEARSAY_FAILS(BadFormat, ("never closed"), csv_rows("a\n\"b\n", ',', "x"));
  }

  void reads_nothing_from_nothing() {
    for (const char* text : {"", "\n\r\n", "  \n", "\xEF\xBB\xBF"}) {
      const CsvTable table = parse_csv(text, "x");
      QVERIFY(table.header.empty() && table.rows.empty());
    }
  }

  void names_the_line_that_is_wrong() {
    HEARSAY_FAILS(BadFormat, ("my.csv", "line 3", "never closed"), parse_csv("a,b\n1,2\n3,\"open\n4,5\n", "my.csv"));
    HEARSAY_FAILS(BadFormat, ("my.csv", "line 2", "3 fields", "2"), parse_csv("a,b\na dog, barking,dog\n", "my.csv"));
  }

  void written_fields_come_back() {
    const Row values = {"plain", "with, comma", "\"quoted\"", "two\nlines", " blank ", "", "a;b", "tab\there", "é"};
    std::string text;
    for (std::size_t i = 0; i < values.size(); ++i) text += (i == 0 ? "" : ",") + std::string("c");
    text += '\n';
    for (std::size_t i = 0; i < values.size(); ++i) text += (i == 0 ? "" : ",") + csv_field(values[i]);
    QCOMPARE(parse_csv(text, "x").rows, (std::vector<Row>{values}));
    QCOMPARE(csv_field("plain"), std::string("plain"));
    QCOMPARE(csv_field("a \"b\""), std::string("\"a \"\"b\"\"\""));
  }

  void splits_lists() {
    QCOMPARE(split_list("a; b;c ;;", ';'), (Row{"a", "b", "c"}));
    QVERIFY(split_list(" ; ", ';').empty());
    QVERIFY(split_list("", ';').empty());
    QCOMPARE(split_list("one", ';'), (Row{"one"}));
  }
};

QTEST_APPLESS_MAIN(TestCsv)
#include "test_csv.moc"
