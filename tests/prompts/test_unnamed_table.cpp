#include <QTest>

#include "prompts/caption_files.h"

using namespace hearsay;
using namespace hearsay::testing;

/// Captions in tables that do not name their columns.
class TestUnnamedTable : public QObject, CaptionFiles {
  Q_OBJECT

 private Q_SLOTS:
  void tables_are_told_by_their_labels_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("said");
    const char* plain = "The file has no header: of each row, the last field is taken as the label and what is before";
    const auto row = [](const char* name, const char* text, const char* said) {
      QTest::newRow(name) << QByteArray(text) << QByteArray(said);
    };
    row("commas", "A storm comes,rain\nA pet, far away,Hound\nWet, a pet,rain;dog\n", plain);
    row("quotes", "A storm comes,rain\n\"A pet, far away\",Hound\n\"Wet, a pet\",\"[rain, dog]\"\n", plain);
    row("tabs", "A storm comes\train\nA pet, far away\thound\nWet, a pet\train; dog\n", plain);
    row("semicolons", "A storm comes;rain\nA pet, far away;dog\nWet, a pet;\"dog;rain\"\n", plain);
    row("more columns", "1,A storm comes,x,rain\n2,\"A pet, far away\",yy,dog\n3,Wet, a pet,z,dog;rain\n,,,\n",
        "and field 2 as the caption.");
    row("other names", "utterance,tag\nA storm comes,rain\nA pet, far away,dog\nWet, a pet,rain;dog\n",
        "The first row, 'utterance,tag', is taken as a header");
    row("a name that is known",
        "file,sentence,tag\na/long/path/to/1.wav,A storm comes,rain\n2.wav,\"A pet, far away\",dog\n"
        "3.wav,\"Wet, a pet\",rain;dog\n",
        "header that does not name both caption and label: of each row, the last field is "
        "taken as the label and field 2 as the caption.");
    const char* first = "The file has no header: of each row, the first field is taken as the label and what is after";
    row("labels first", "rain,A storm comes\nHound,A pet, far away\nrain;dog,\"Wet, a pet\"\n", first);
    row("labels first, tabs", "rain\tA storm comes\nhound\tA pet, far away\nrain;dog\tWet, a pet\n", first);
    row("labels first, more columns",
        "rain,1.wav,A storm comes\ndog,2.wav,\"A pet, far away\"\ndog;rain,3.wav,\"Wet, a pet\"\n",
        "first field is taken as the label and field 3 as the caption.");
    row("labels first, a name that is known",
        "tag, sentence\nrain,A storm comes\ndog,A pet, far away\nrain;dog,Wet, a pet\n",
        "The first row, 'tag,sentence', is taken as a header that does not name both caption and label: of each row, "
        "the "
        "first field");
  }
  void tables_are_told_by_their_labels() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, said);
    const CaptionSet set = captions_from_file(write("unnamed.csv", text.toStdString()), kThree);
    QCOMPARE(set.captions.size(), std::size_t{3});
    QCOMPARE(set.captions[0].text, std::string("A storm comes"));
    QCOMPARE(set.captions[1].text, std::string("A pet, far away"));
    QCOMPARE(set.captions[2].text, std::string("Wet, a pet"));
    QCOMPARE(set.captions[0].labels, std::vector<int>{1});
    QCOMPARE(set.captions[1].labels, std::vector<int>{0});
    QCOMPARE(set.captions[2].labels, (std::vector<int>{0, 1}));
    QVERIFY(set.captions[0].found_by.empty());
    QVERIFY2(contains(set.warnings, said.toStdString()), set.warnings.back().c_str());
  }

  void rows_that_are_left_out_are_told() {
    std::string csv = "what is heard,tag\n";
    for (int i = 0; i < 16; ++i) csv += "a storm comes,rain\n";
    const auto file = write("mixed.csv", csv + "a cat,cat\na hound\na pet,dog;cat\n");
    const CaptionSet set = captions_from_file(file, kThree);
    QCOMPARE(set.captions.size(), std::size_t{17});
    QCOMPARE(set.captions[16].labels, std::vector<int>{0});
    QVERIFY(contains(set.warnings, "2 rows name unknown classes: 'cat'"));
    QVERIFY(contains(set.warnings, "1 row without a label left out."));
  }

  void a_row_without_a_label_spoils_no_other_data() {
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<QByteArray>("unlabelled");
    QTest::newRow("no header, a class as caption") << QByteArray() << QByteArray("7.wav,dog,");
    QTest::newRow("no header, words as caption") << QByteArray() << QByteArray("7.wav,a hound,");
    QTest::newRow("no header, a field less") << QByteArray() << QByteArray("7.wav,a hound");
    QTest::newRow("the caption named") << QByteArray("file,text,tag\n") << QByteArray("7.wav,rain,");
    QTest::newRow("numbers") << QByteArray("id,text,tag\n") << QByteArray("7,rain,");
  }
  void a_row_without_a_label_spoils_no_other() {
    QFETCH(QByteArray, header);
    QFETCH(QByteArray, unlabelled);
    const QByteArray rows =
        "1.wav,A storm comes,rain\n2.wav,A pet at home,dog\n3.wav,Wet streets,rain\n4.wav,A bark,dog\n";
    const CaptionSet set =
        captions_from_file(write("rows.csv", (header + rows + unlabelled + "\n").toStdString()), kThree);
    QCOMPARE(set.captions.size(), std::size_t{4});
    QCOMPARE(set.captions[0].text, std::string("A storm comes"));
    QCOMPARE(set.captions[0].labels, std::vector<int>{1});
    QCOMPARE(set.captions[3].text, std::string("A bark"));
    QVERIFY2(contains(set.warnings, "1 row without a label left out."), set.warnings.back().c_str());
  }

  void columns_without_anything_at_the_end_are_none() {
    const CaptionSet set = captions_from_file(write("wide.csv", "A storm comes,rain,,\nA pet at home,dog,,\n"), kThree);
    QCOMPARE(set.captions.size(), std::size_t{2});
    QCOMPARE(set.captions[1].labels, std::vector<int>{0});
  }

  void sentences_with_commas_are_no_table_data() {
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("text");
    const auto row = [](const char* what, const char* name, const char* text) {
      QTest::newRow(what) << QByteArray(name) << QByteArray(text);
    };
    row("sentences", "prose.csv", "Dogs bark, and cars pass, in the rain\nWind, then rain\nA hound, loud\n");
    row("one that ends so", "prose.csv", "A hound, somewhere\nA pet, a storm and rain\nThen thunder, rain\n");
    row("lists of classes", "prose.csv", "dog, rain\nhound, car horn, rain\nrain, dog\n");
    row("classes and more", "prose.csv", "Dog, far away\nRain, a storm\nHound, a pet, a car\n");
    row("classes and more, semicolons", "prose.csv", "Dog; a big one barks\nRain; it pours\nHound; a pet\n");
    row("numbers", "prose.csv", "1,dog\n2,rain\n3,hound\n");
    row("a single row", "prose.csv", "A pet,dog\n");
    row("an open quotation mark", "prose.csv", "A pet,dog\nA storm,rain\n\"A hound,dog\n");
    row(".txt", "prose.txt", "A pet,dog\nA storm,rain\n");
    row("the caption comes last", "prose.csv", "what,text\na loud one,dog\na wet one,rain\n");
  }
  void sentences_with_commas_are_no_table() {
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, text);
    const CaptionSet set = captions_from_file(write(name, text.toStdString()), kThree);
    for (const Caption& caption : set.captions) QVERIFY(!caption.found_by.empty());
    QVERIFY(!contains(set.warnings, "is taken as the label"));
  }
};

QTEST_APPLESS_MAIN(TestUnnamedTable)
#include "test_unnamed_table.moc"
