#include <QtTest>

#include "base/words.h"

using namespace hearsay;

class TestWords : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void normalises_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const char* expected) {
      QTest::addRow("%s", name) << QString::fromUtf8(name) << QString::fromUtf8(expected);
    };
    row("dog_bark", "dog bark");
    row("CarHorn", "Car Horn");
    row("carHornLoud", "car Horn Loud");
    row("__a__b__", "a b");
    row("air-conditioner", "air-conditioner");
    row("dog - barking", "dog barking");
    row("-dog-", "dog");
    row("MP3Player", "MP3 Player");
    row("TVSet", "TV Set");
    row("TVs", "TVs");
    row("iPhone ringing", "iPhone ringing");
    row("RAIN", "RAIN");
    row(" \t two \n words ", "two words");
    row("cafe\xCC\x81", "café");
    row("großeTür", "große Tür");
    row("犬の声", "犬の声");
    row("a\xE2\x80\x8B"
        "b",
        "ab");
    row("non\xC2\xA0"
        "breaking",
        "non breaking");
    row("", "");
    row("___", "");
  }
  void normalises() {
    QFETCH(QString, name);
    QFETCH(QString, expected);
    const std::string once = normalise_class_name(name.toStdString());
    QCOMPARE(QString::fromStdString(once), expected);
    QCOMPARE(normalise_class_name(once), once);
  }

  void folds_for_comparing() {
    QCOMPARE(fold_name("Dog_Bark"), fold_name("dog bark"));
    QCOMPARE(fold_name("STRASSE"), fold_name("Straße"));
    QCOMPARE(fold_name("CAFÉ"), fold_name("cafe\xCC\x81"));
    QVERIFY(fold_name("dog") != fold_name("dogs"));
    QVERIFY(fold_name("_ - _").empty());
    QVERIFY(fold_name("?!").empty());
    QVERIFY(fold_name("\xFF\xFE").empty());
    QVERIFY(!fold_name("🐕").empty());
  }

  void finds_words() {
    using Words = std::vector<std::string>;
    QCOMPARE(words_of("A dog's bark, 3 times!"), (Words{"a", "dog's", "bark", "3", "times"}));
    QCOMPARE(words_of("ÄRGER über Öl"), (Words{"ärger", "über", "öl"}));
    QVERIFY(words_of(" ...  ").empty());
  }

  void repairs_utf8() {
    QCOMPARE(valid_utf8("good é"), std::string("good é"));
    QCOMPARE(valid_utf8("bad \xFF!"), std::string("bad \xEF\xBF\xBD!"));
    QCOMPARE(valid_utf8("cut \xE2\x82"), std::string("cut \xEF\xBF\xBD"));
  }

  void cuts_between_characters() {
    QCOMPARE(beginning_of("dog", 60), std::string("dog"));
    QCOMPARE(beginning_of("dog", 2), std::string("do"));
    for (const std::size_t most : {2, 3}) QCOMPARE(beginning_of("éé", most), std::string("é"));
    for (const std::size_t most : {0, 3}) QCOMPARE(beginning_of("🐕 barks", most), std::string());
    QCOMPARE(beginning_of("🐕 barks", 4), std::string("🐕"));
  }

  void trims() {
    QCOMPARE(trim(" \t a b \r\n"), std::string("a b"));
    QCOMPARE(trim("   "), std::string());
  }
};

QTEST_APPLESS_MAIN(TestWords)
#include "test_words.moc"
