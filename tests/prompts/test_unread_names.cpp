// Names that a model cannot read: told before a tuning, and no tuning of them is called a success.
#include <QTest>
#include <algorithm>

#include "prompts/tuning_fixture.h"
#include "prompts/unread_names.h"

using namespace hearsay;
using namespace hearsay::testing;

using Places = std::vector<std::size_t>;
using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;

class TestUnreadNames : public QObject, TuningFixture {
  Q_OBJECT

  UnreadNames unread(const char* classes, bool further = true) const {
    return unread_names(parse_classes(classes), *model_, further);
  }
  std::vector<std::string> said(const char* classes) const {
    return unread_names_in_words(parse_classes(classes), unread(classes));
  }

 private Q_SLOTS:
  void initTestCase() { load(); }

  void words_that_are_not_known_are_told() {
    QCOMPARE(unread("鳥の声\n犬の声\nrain").unknown, (Places{0, 1}));
    QVERIFY(!unread("鳥の声\n犬の声\nrain").told_apart());
    QVERIFY(unread("鳥の声\nrain").told_apart());  // the only one of its kind
    const std::vector<std::string> sentences = said("鳥の声\n犬の声\n雨の音");
    QCOMPARE(sentences.size(), std::size_t(1));
    for (const char* part : {"knows no word of", "鳥の声, 犬の声, 雨の音", "in English"}) {
      QVERIFY2(sentences[0].find(part) != std::string::npos, sentences[0].c_str());
    }
  }

  void one_word_that_is_known_is_enough() {
    QVERIFY(unread("dog\nrain\nchurch bells").unknown.empty());
    QVERIFY(unread("dog\nrain\nchurch bells").told_apart());
    QVERIFY(said("dog\nrain").empty());
    QVERIFY(unread("鳥の声 | bird\nrain").unknown.empty());
    QVERIFY(unread("鳥の声: A bird sings.\nrain").unknown.empty());
    QVERIFY(unread("犬 dog\nrain").unknown.empty());
    QCOMPARE(unread("鳥の声 | 小鳥\nrain").unknown, Places{0});
  }

  void names_that_are_read_as_the_same_words_are_told() {
    QCOMPARE(unread("café\nrain\ncafe").alike, (Pairs{{0, 2}}));
    QVERIFY(!unread("café\nrain\ncafe").told_apart());
    const std::vector<std::string> sentences = said("café\nrain\ncafe");
    QCOMPARE(sentences.size(), std::size_t(1));
    QVERIFY2(sentences[0].find("\"café\" and \"cafe\"") != std::string::npos, sentences[0].c_str());
    QVERIFY(unread("café | bistro\nrain\ncafe").alike.empty());                   // another word tells them apart
    QCOMPARE(unread("café | bistro\nrain\ncafe", false).alike, (Pairs{{0, 2}}));  // but not in a tuning of names alone
  }

  void no_tuning_of_them_is_a_success_data() {
    QTest::addColumn<int>("steps");
    QTest::newRow("with held-out text") << 0;
    QTest::newRow("plain") << 4;
  }
  void no_tuning_of_them_is_a_success() {
    QFETCH(int, steps);
    const ClassList classes = parse_classes("鳥の声\n犬の声\n雨の音");
    const CaptionSet captions = captions_from_bank(classes, {.per_class = 10, .seed = 1});
    for (const std::uint64_t seed : {0, 1, 2, 3}) {  // by chance some seeds do better than the template
      TunerOptions options = quick(steps);
      options.seed = seed;
      const TunerResult result = tune(*model_, classes, captions, options);
      QVERIFY(!result.report.helped);
      if (steps == 0) QCOMPARE(result.prompts.preferred, ScoreKind::ZeroShot);
      const auto tells = [](const std::string& note) {
        return note.find("cannot tell them apart") != std::string::npos && note.find("犬の声") != std::string::npos;
      };
      QCOMPARE(std::ranges::count_if(result.report.notes, tells), 1);
    }
  }
};

QTEST_MAIN(TestUnreadNames)
#include "test_unread_names.moc"
