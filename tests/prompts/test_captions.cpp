#include <QElapsedTimer>
#include <QTest>
#include <set>

#include "base/error.h"
#include "base/words.h"
#include "prompts/caption_files.h"
#include "prompts/caption_grammar.h"
#include "prompts/captions.h"
#include "prompts/sound_words.h"
#include "prompts/word_match.h"

using namespace hearsay;
using hearsay::testing::CaptionFiles;
using hearsay::testing::contains;

namespace {

template <class Work>
std::string error_of(ErrorKind kind, Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.kind() == kind ? error.what() : std::string();
  }
  return {};
}

std::set<std::string> folded_texts(const CaptionSet& set) {
  std::set<std::string> texts;
  for (const Caption& caption : set.captions) {
    std::string folded = fold_name(caption.text);
    while (!folded.empty() && folded.back() == '.') folded.pop_back();
    texts.insert(folded);
  }
  return texts;
}

}  // namespace

class TestCaptions : public QObject, CaptionFiles {
  Q_OBJECT

 private Q_SLOTS:
  void the_bank_gives_a_thousand_different_sentences_data() {
    QTest::addColumn<QByteArray>("list");
    QTest::newRow("one known class") << QByteArray("dog");
    QTest::newRow("one unknown class") << QByteArray("zyzzyx");
    QTest::newRow("one function word") << QByteArray("the");
    QTest::newRow("a word of the patterns") << QByteArray("sound");
    QTest::newRow("not English") << QByteArray("собака\n雨\nHund");
    QTest::newRow("several") << QByteArray("dog, rain, car horn, keyboard typing, crying baby, air conditioner");
    QTest::newRow("one in another") << QByteArray("dog, dog bark, barking, train, train horn, horn");
  }
  void the_bank_gives_a_thousand_different_sentences() {
    QFETCH(QByteArray, list);
    const ClassList classes = parse_classes(list.toStdString());
    const CaptionSet set = captions_from_bank(classes);
    QVERIFY2(set.captions.size() >= 1000, std::to_string(set.captions.size()).c_str());
    QCOMPARE(folded_texts(set).size(), set.captions.size());
    for (const int count : set.counts(classes.size())) QVERIFY(count >= 40);
    for (const Caption& caption : set.captions) {
      QCOMPARE(caption.labels.size(), std::size_t{1});
      QVERIFY(caption.text.find_first_of("{}<>~|()") == std::string::npos);
      QVERIFY(caption.text.find("  ") == std::string::npos);
    }
    QVERIFY(!set.multi_label());
  }

  void the_bank_is_decided_by_its_seed() {
    const std::string hash = captions_from_bank(kThree, {.seed = 7}).hash();
    QCOMPARE(captions_from_bank(kThree, {.seed = 7}).hash(), hash);
    QVERIFY(captions_from_bank(kThree, {.seed = 8}).hash() != hash);
  }

  void the_bank_does_not_care_for_the_order_of_classes() {
    const ClassList turned = {kThree[2], kThree[0], kThree[1]};
    for (const bool multi : {false, true}) {
      const CaptionSet straight = captions_from_bank(kThree, {.per_class = 50, .seed = 3, .multi_label = multi});
      const CaptionSet other = captions_from_bank(turned, {.per_class = 50, .seed = 3, .multi_label = multi});
      QCOMPARE(folded_texts(straight), folded_texts(other));
    }
  }

  void sentences_name_no_other_class() {
    const ClassList classes = parse_classes("dog\ntrain\nrain\nwind\nkeyboard typing\nchurch bells\nchildren playing");
    const ClassMatcher matcher(classes);
    for (const Caption& caption : captions_from_bank(classes).captions) {
      for (const int label : matcher.classes_in(caption.text)) {
        QVERIFY2(label == caption.labels[0], caption.text.c_str());
      }
    }
  }

  void articles_fit() {
    const CaptionSet set = captions_from_bank(parse_classes("air conditioner\nrain\nfootsteps\nunicorn"));
    for (const Caption& caption : set.captions) {
      for (const char* wrong : {" a air", " a old", " a empty", " a office", "a rain ", "a footsteps", " an unicorn",
                                "rain are ", "footsteps is ", "a audio", "a outdoor", "conditioner are "}) {
        QVERIFY2(caption.text.find(wrong) == std::string::npos, caption.text.c_str());
      }
    }
  }

  void aliases_and_descriptions_speak_too() {
    ClassList classes = parse_classes("blorf | wumpus: A glorpy rattle.\nrain");
    const CaptionSet set = captions_from_bank(classes, {.per_class = 400});
    std::vector<std::string> texts;
    for (const Caption& caption : set.captions) texts.push_back(caption.text);
    QVERIFY(contains(texts, "wumpus") && contains(texts, "glorpy rattle") && contains(texts, "blorf"));
  }

  void multi_label_sentences_name_all_their_classes() {
    const CaptionSet set = captions_from_bank(kThree, {.per_class = 200, .seed = 1, .multi_label = true});
    QVERIFY(set.multi_label());
    std::set<std::size_t> sizes;
    for (const Caption& caption : set.captions) {
      sizes.insert(caption.labels.size());
      QVERIFY(std::ranges::is_sorted(caption.labels));
      if (caption.labels.size() == 1) continue;
      for (const auto& [label, word] : {std::pair{1, "ain"}, std::pair{2, "ar"}}) {
        const bool has = std::ranges::find(caption.labels, label) != caption.labels.end();
        if (has) QVERIFY2(caption.text.find(word) != std::string::npos || label == 2, caption.text.c_str());
      }
    }
    QCOMPARE(sizes, (std::set<std::size_t>{1, 2, 3}));
    QVERIFY(!captions_from_bank({kThree[0]}, {.per_class = 20, .multi_label = true}).multi_label());
  }

  void sounds_are_known_by_the_words_of_their_names() {
    QCOMPARE(word_key("chirping birds"), word_key("birds chirping"));
    QVERIFY(word_key("a dog barks") != word_key("a cat meows"));
    QVERIFY(word_key("").empty() && word_key("of the").empty());
    const SoundWords known;
    const auto entry = [&](const char* line) { return known.find(parse_classes(line)[0]); };
    const SoundClass* dog = entry("Barking dogs");
    QVERIFY(dog != nullptr);
    QVERIFY(contains(dog->aliases, "hound") && dog->description.find("bark") != std::string::npos);
    QCOMPARE(entry("my pet | hound"), dog);
    QVERIFY(entry("rain") != nullptr && entry("rain") != dog);
    QVERIFY(entry("flux capacitor") == nullptr);
  }

  void bank_options_are_checked() {
    QVERIFY(!error_of(ErrorKind::Usage, [&] { captions_from_bank(kThree, {.per_class = -1}); }).empty());
    QVERIFY(!error_of(ErrorKind::Usage, [] { captions_from_bank({}); }).empty());
  }

  void a_wrong_grammar_is_refused_with_its_line() {
    const auto said = [](const char* text) {
      return error_of(ErrorKind::BadFormat, [&] { CaptionGrammar(text, "g.txt"); });
    };
    QVERIFY(said("[sentence]\n{a} {nowhere}\n").find("g.txt, line 2") != std::string::npos);
    QVERIFY(said("[sentence]\n{a\n").find("never closed") != std::string::npos);
    QVERIFY(said("[sentence]\n{a} <is>\n").find("line 2") != std::string::npos);
    QVERIFY(said("[sentence]\n{a}\n").find("[") != std::string::npos);
  }

  void csv_with_labels() {
    const auto file = write("labels.csv",
                            "id,caption,label\r\n"
                            "1,\"A dog, \"\"barking\"\"\",dog\r\n"
                            "2,hound and rain,Hound; RAIN\r\n"
                            "3,a horn,2\r\n"
                            "4,two of them,\"[0, 1]\"\r\n"
                            "5,a cat,cat\r\n"
                            "6,,dog\r\n"
                            "7,a dog and a cat,dog;cat\r\n"
                            "8,no label,\r\n");
    const CaptionSet set = captions_from_file(file, kThree);
    QCOMPARE(set.captions.size(), std::size_t{5});
    QCOMPARE(set.captions[0].text, std::string("A dog, \"barking\""));
    QCOMPARE(set.captions[1].labels, (std::vector<int>{0, 1}));
    QCOMPARE(set.captions[2].labels, std::vector<int>{2});
    QCOMPARE(set.captions[3].labels, (std::vector<int>{0, 1}));
    QCOMPARE(set.captions[4].labels, std::vector<int>{0});
    QVERIFY(set.captions[0].from_user && set.multi_label());
    QCOMPARE(set.counts(3), (std::vector<int>{4, 2, 1}));
    QVERIFY(contains(set.warnings, "2 rows name unknown classes: 'cat'"));
    QVERIFY(contains(set.warnings, "1 row without a label left out."));
    QVERIFY(contains(set.warnings, "1 row without words"));
    QVERIFY(contains(set.warnings, "places in the list: 0 is \"dog\", 2 is \"car horn\"."));
  }

  void numbers_that_are_names_are_no_places() {
    const ClassList classes = parse_classes("1 | 7\n0");
    const CaptionSet set = captions_from_file(write("named.csv", "caption,label\na,0\nb,1\nc,7\n"), classes);
    QCOMPARE(set.captions[0].labels, std::vector<int>{1});
    QCOMPARE(set.captions[1].labels, std::vector<int>{0});
    QCOMPARE(set.captions[2].labels, std::vector<int>{0});
    QVERIFY(!contains(set.warnings, "places"));
    const CaptionSet one = captions_from_file(write("one.csv", "caption,label\na,dog\nb,1\n"), kThree);
    QVERIFY(contains(one.warnings, "Labels that are numbers are taken as places in the list: 1 is \"rain\"."));
  }

  void signs_are_no_labels() {
    const ClassList classes = parse_classes("dog | !!!\nrain");
    const CaptionSet set = captions_from_file(write("signs.csv", "caption,label\nit rains,rain\nwhat,?!?\n"), classes);
    QCOMPARE(set.captions.size(), std::size_t{1});
    QVERIFY(contains(set.warnings, "1 row names unknown classes: '?!?'"));
  }

  void warnings_begin_with_the_classes() {
    const std::string csv = "caption,label\na dog,dog\na horn,2\na cat,cat\n,dog\n";
    const std::vector<std::string> warnings = captions_from_file(write("order.csv", csv), kThree).warnings;
    QVERIFY(warnings.size() > 3);
    QCOMPARE(warnings[0], std::string("No caption mentions 'rain'."));
    QVERIFY2(warnings[1].starts_with("Fewer than 5 captions for 'dog', 'car horn':"), warnings[1].c_str());
    std::string enough = "caption,label\n";
    for (int i = 0; i < 5; ++i) enough += "a,dog\nb,rain\nc,car horn\n";
    QVERIFY(captions_from_file(write("enough.csv", enough), kThree).warnings.empty());
  }

  void long_names_are_cut_between_letters() {
    std::string name = "x";
    for (int i = 0; i < 40; ++i) name += "ä";
    const CaptionSet set = captions_from_file(write("wide.csv", "caption,label\na dog,dog\na," + name + "\n"), kThree);
    QVERIFY(contains(set.warnings, "'xä"));
    for (const std::string& warning : set.warnings) QCOMPARE(valid_utf8(warning), warning);
  }

  void sentences_without_labels_are_matched() {
    const std::string lines = "Dogs bark, and cars pass, in the rain\n\na cat\n\"a car honks its horn\"\n";
    // A header that names both columns says more than the file's ending.
    QCOMPARE(captions_from_file(write("table.txt", "caption,label\nIt pours.,rain\n"), kThree).captions[0].text,
             std::string("It pours."));
    for (const char* name : {"plain.txt", "plain.csv"}) {
      const CaptionSet set = captions_from_file(write(name, lines), kThree);
      QCOMPARE(set.captions.size(), std::size_t{2});
      QCOMPARE(set.captions[0].labels, (std::vector<int>{0, 1}));
      QCOMPARE(set.captions[1].labels, std::vector<int>{2});
      QCOMPARE(set.captions[1].found_by, std::vector<std::string>{"car horn"});
      QVERIFY(contains(set.warnings, "1 sentence mentions none of the classes and is left out"));
    }
    const CaptionSet table = captions_from_file(write("table.csv", "n,text\n1,a hound\n2,\"rain, rain\"\n"), kThree);
    QCOMPARE(table.captions.size(), std::size_t{2});
    QCOMPARE(table.captions[0].found_by, std::vector<std::string>{"hound"});
    QVERIFY(contains(table.warnings, "No caption mentions 'car horn'"));
    QVERIFY(!contains(captions_from_file(write("table.csv", "n,text\n1,a hound\n"), kThree, false).warnings, "horn"));
  }

  /// RFC 4180: a field in quotation marks may hold line breaks.
  void a_quoted_sentence_may_take_several_lines() {
    const auto file =
        write("lines.csv", "\"a dog\r\n\r\nbarks at \"\"me\"\"\r\nall night\"\r\nrain\r\n\"the dog\r\nrain\r\n");
    const CaptionSet set = captions_from_file(file, kThree);
    QCOMPARE(set.captions.size(), std::size_t{4});
    QCOMPARE(set.captions[0].text, std::string("a dog barks at \"me\" all night"));
    QCOMPARE(set.captions[1].text, std::string("rain"));
    QCOMPARE(set.captions[2].text, std::string("\"the dog"));  // never closed: a line of its own
    QCOMPARE(set.captions[3].text, std::string("rain"));
  }

  void marks_within_quoted_sentences_join_no_others() {
    const auto file =
        write("inches.csv", "\"A 12\" record crackles in the rain\"\na hound barks\n\"A 7\" single, a dog\"\n");
    QCOMPARE(captions_from_file(file, kThree).captions.size(), std::size_t{3});
  }

  void quoted_sentences_lose_their_marks() {
    const auto file = write("quoted.txt", "\"a dog, \"\"loud\"\"\"\n\"dog\" and \"rain\"\n \"\"\"rain\"\"\" \n\"dog\n");
    const CaptionSet set = captions_from_file(file, kThree);
    QCOMPARE(set.captions.size(), std::size_t{4});
    QCOMPARE(set.captions[0].text, std::string("a dog, \"loud\""));
    QCOMPARE(set.captions[1].text, std::string("\"dog\" and \"rain\""));
    QCOMPARE(set.captions[2].text, std::string("\"rain\""));
    QCOMPARE(set.captions[3].text, std::string("\"dog"));
  }

  void other_encodings_are_read() {
    const ClassList classes = parse_classes("Bär");
    const CaptionSet latin = captions_from_file(write("latin.txt",
                                                      "Ein B\xE4"
                                                      "r brummt im Wald\nDer B\xE4"
                                                      "r schl\xE4"
                                                      "ft\n"),
                                                classes);
    QCOMPARE(latin.captions.size(), std::size_t{2});
    std::string broken;
    for (int i = 0; i < 10; ++i) broken += "Ein Bär brummt\n";
    const CaptionSet repaired = captions_from_file(write("broken.txt", broken + "Der Bär schl\xE4"
                                                                                "ft\n"),
                                                   classes);
    QCOMPARE(repaired.captions.size(), std::size_t{11});
    QVERIFY(contains(repaired.warnings, "1 character of the file is broken, shown as \xEF\xBF\xBD. Correct it"));
    QVERIFY(!contains(latin.warnings, "broken"));
    std::string utf16 = "\xFF\xFE";
    for (const char c : std::string("a B?r\n")) utf16 += c == '?' ? std::string("\xE4\0", 2) : std::string{c, '\0'};
    QCOMPARE(captions_from_file(write("wide.txt", utf16), classes).captions.size(), std::size_t{1});
  }

  void files_that_give_nothing_are_refused() {
    QVERIFY(!error_of(ErrorKind::NotFound, [&] { captions_from_file("/no/such.csv", kThree); }).empty());
    const auto unknown = write("unknown.csv", "caption,label\na cat,cat\na cow,cow\n");
    const std::string said = error_of(ErrorKind::Usage, [&] { captions_from_file(unknown, kThree); });
    QVERIFY2(said.find("unknown.csv") != std::string::npos && said.find("'cat'") != std::string::npos, said.c_str());
    const auto empty = write("empty.csv", "\n \n");
    const std::string nothing = error_of(ErrorKind::Usage, [&] { captions_from_file(empty, kThree); });
    QVERIFY2(nothing.find("empty.csv\" is empty") != std::string::npos, nothing.c_str());
    QVERIFY(
        !error_of(ErrorKind::Usage, [&] { captions_from_file(write("head.csv", "caption,label\n"), kThree); }).empty());
    const auto open_quote = write("quote.csv", "caption,label\n\"a dog,dog\n");
    QVERIFY(!error_of(ErrorKind::BadFormat, [&] { captions_from_file(open_quote, kThree); }).empty());
    const auto binary = write("binary.csv", std::string("caption,label\n\0\0\1\2dog", 22));
    QVERIFY(!error_of(ErrorKind::BadFormat, [&] { captions_from_file(binary, kThree); }).empty());
  }

  void a_hundred_thousand_rows_and_ten_thousand_words() {
    std::string csv = "caption,label\n";
    for (int i = 0; i < 100000; ++i) csv += "dog number " + std::to_string(i) + (i % 2 == 0 ? ",dog\n" : ",hound\n");
    QElapsedTimer timer;
    timer.start();
    const CaptionSet set = captions_from_file(write("many.csv", csv), kThree);
    QCOMPARE(set.captions.size(), std::size_t{100000});
    QVERIFY2(timer.elapsed() < 20000, "reading 100,000 rows takes too long");

    std::string words = "caption,label\n";
    for (int i = 0; i < 10000; ++i) words += "rain ";
    const CaptionSet one = captions_from_file(write("long.csv", words + ",rain\n"), kThree);
    QCOMPARE(one.captions.size(), std::size_t{1});
    QVERIFY(contains(one.warnings, "1 caption is longer than a model reads"));
  }

  void splits_hold_out_of_every_class() {
    CaptionSet set = captions_from_bank(kThree, {.per_class = 50, .seed = 2});
    set.captions.push_back({"the only one", {3}, true});
    set.captions.push_back(set.captions[0]);  // the same text twice
    const CaptionSplit split = split_captions(set, 4, 5, 11);
    std::set<std::string> trained;
    for (const Caption& caption : split.train) trained.insert(caption.text);
    std::vector<int> counts(4, 0);
    for (const Caption& caption : split.held_out) {
      ++counts[static_cast<std::size_t>(caption.labels[0])];
      QVERIFY(!trained.contains(caption.text));
    }
    QVERIFY(trained.contains("the only one"));
    QVERIFY(counts[0] >= 10 && counts[0] <= 11);
    QCOMPARE(counts[1], 10);
    QCOMPARE(counts[2], 10);
    QCOMPARE(counts[3], 0);
    QCOMPARE(split.train.size() + split.held_out.size(), set.captions.size());
    const CaptionSplit again = split_captions(set, 4, 5, 11);
    QVERIFY(std::ranges::equal(split.held_out, again.held_out, {}, &Caption::text, &Caption::text));
    QVERIFY(split_captions(set, 4, 0, 11).held_out.empty());
    const auto held = [](const CaptionSet& captions, std::uint64_t seed) {
      std::set<std::string> texts;
      for (const Caption& caption : split_captions(captions, 4, 5, seed).held_out) texts.insert(caption.text);
      return texts;
    };
    QVERIFY(held(set, 12) != held(set, 11));
    CaptionSet turned = set;  // another order of classes and of captions holds out the same
    for (Caption& caption : turned.captions) caption.labels[0] = 3 - caption.labels[0];
    std::ranges::reverse(turned.captions);
    QVERIFY(held(turned, 11) == held(set, 11));
  }
};

QTEST_APPLESS_MAIN(TestCaptions)
#include "test_captions.moc"
