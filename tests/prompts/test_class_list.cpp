#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <set>

#include "base/csv.h"
#include "base/error.h"
#include "base/files.h"
#include "base/words.h"
#include "prompts/class_list.h"
#include "prompts/class_table.h"
#include "prompts/noun_phrase.h"
#include "prompts/word_match.h"

using namespace hearsay;

namespace {

/// The message of the error of this kind that `work` throws; empty when it throws none or another.
template <class Work>
std::string error_of(ErrorKind kind, Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.kind() == kind ? error.what() : std::string();
  }
  return {};
}

std::vector<std::string> names_of(const ClassList& classes) {
  std::vector<std::string> names;
  for (const SoundClass& sound : classes) names.push_back(sound.name);
  return names;
}

}  // namespace

class TestClassList : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void one_line_is_a_list_with_commas() {
    QCOMPARE(names_of(parse_classes("dog, rain ,, car horn\n")), (std::vector<std::string>{"dog", "rain", "car horn"}));
  }

  void lines_have_aliases_and_descriptions() {
    const ClassList classes = parse_classes(
        "\xEF\xBB\xBF# my sounds\r\n\r\ndog | hound|puppy : A dog barks: loud, short.\r\nBark, bow-wow\r\nrain:");
    QCOMPARE(classes.size(), std::size_t{3});
    QCOMPARE(classes[0].name, std::string("dog"));
    QCOMPARE(classes[0].aliases, (std::vector<std::string>{"hound", "puppy"}));
    QCOMPARE(classes[0].description, std::string("A dog barks: loud, short."));
    QCOMPARE(classes[1].name, std::string("Bark, bow-wow"));
    QCOMPARE(classes[2].name, std::string("rain"));
    QVERIFY(classes[2].description.empty());
  }

  void written_lists_read_back() {
    const std::vector<ClassList> lists = {
        {{"Bark, bow-wow", {}, {}, {}}},
        {{"a|b", {"c\\d", "e: f"}, "g: h | i", {}}, {"#1 hit", {}, {}, {}}, {"C:", {}, {}, {}}},
        {{"dog", {"hound"}, "", {}}, {"пёс", {}, "лает", {}}},
    };
    for (const ClassList& list : lists) {
      const ClassList again = parse_classes(format_classes(list));
      QCOMPARE(again.size(), list.size());
      for (std::size_t i = 0; i < list.size(); ++i) {
        QCOMPARE(again[i].name, list[i].name);
        QCOMPARE(again[i].aliases, list[i].aliases);
        QCOMPARE(again[i].description, list[i].description);
      }
    }
  }

  void names_are_split_at_commas() {
    const ClassList classes = parse_classes("dog | hound\nrain\ncar horn");
    using Names = std::vector<std::string>;
    QCOMPARE(split_class_names("dog, car horn", classes), (Names{"dog", "car horn"}));
    QCOMPARE(split_class_names(" , Rain ,, CAR_HORN,", classes), (Names{"rain", "car horn"}));  // as in the list
    QCOMPARE(split_class_names("rain\r\nhound\n", classes), (Names{"rain", "dog"}));
    QCOMPARE(split_class_names("cow, rain,  Old Cow ", classes), (Names{"cow", "rain", "Old Cow"}));
    QCOMPARE(split_class_names("cow\xFF", classes), (Names{"cow\xEF\xBF\xBD"}));
    QCOMPARE(split_class_names("dog, rain", {}), (Names{"dog", "rain"}));
    for (const char* nothing : {"", "  ", ",", " , \n ,"}) QVERIFY(split_class_names(nothing, classes).empty());
  }

  void names_with_commas_of_their_own_are_found() {
    const ClassList classes = parse_classes(
        "child speech, kid speaking\nspeech | talk, chatter, gossip\nkid speaking\nwhoop, Yell\nrain,\n, hum");
    using Names = std::vector<std::string>;
    const std::string child = "child speech, kid speaking";
    QCOMPARE(split_class_names(child, classes), Names{child});
    QCOMPARE(split_class_names("speech,Child  Speech, Kid Speaking , kid speaking", classes),
             (Names{"speech", child, "kid speaking"}));
    QCOMPARE(split_class_names("kid speaking, child speech", classes), (Names{"kid speaking", "child speech"}));
    QCOMPARE(split_class_names("talk, chatter, gossip, whoop, yell", classes), (Names{"speech", "whoop, Yell"}));
    QCOMPARE(split_class_names("talk, chatter, whoop", classes), (Names{"talk", "chatter", "whoop"}));
    QCOMPARE(split_class_names("rain,, speech", classes), (Names{"rain,", "speech"}));
    QCOMPARE(split_class_names(", hum", classes), Names{", hum"});
    std::string all;
    for (const SoundClass& sound : classes) all += (all.empty() ? "" : ", ") + sound.name;
    QCOMPARE(split_class_names(all, classes), names_of(classes));
  }

  void empty_lists_are_refused() {
    QVERIFY(!error_of(ErrorKind::Usage, [] { parse_classes(" \n# only a comment\n"); }).empty());
    QVERIFY(!error_of(ErrorKind::Usage, [] { check_classes({}); }).empty());
    QVERIFY(!error_of(ErrorKind::NotFound, [] { read_classes("/no/such/file.txt"); }).empty());
  }

  void tables_are_read_by_their_columns_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("classes");
    const auto row = [](const char* what, const char* name, const char* text, const char* classes) {
      QTest::newRow(what) << QString(name) << QByteArray(text) << QByteArray(classes);
    };
    row("no titles", "list.csv", "robin,Erithacus\n\"child speech, kid\"\n# birds\nwren,,jenny\n",
        "robin | Erithacus\nchild speech, kid |\nwren | jenny\n");
    row("titles", "list.csv", "id,Name,aliases,description\n1,robin,redbreast;Erithacus,It ticks.\n2,wren,,\n",
        "robin | redbreast | Erithacus: It ticks.\nwren\n");
    row("a manifest", "list.csv", "file,label\na.wav,dog\nb.wav,rain\nc.wav,dog\n", "dog\nrain\n");
    row("tabs", "list.tsv", "robin\tErithacus\nwren\t\n", "robin | Erithacus\nwren\n");
    row("a comment first", "list.tsv", "# mine; old, 2024\nrobin\tErithacus\nwren\t\n", "robin | Erithacus\nwren\n");
    row("a comment with separators", "list.csv", "# mine; old\nrobin,Erithacus\nwren,\n", "robin | Erithacus\nwren\n");
    row("a comma in a table of tabs", "list.tsv", "child speech, kid\tchild\nwren\t\n",
        "child speech, kid | child\nwren\n");
    row("descriptions", "list.csv", "dog: It barks, often.\nrain: Drops, drumming.\n",
        "dog: It barks, often.\nrain: Drops, drumming.\n");
    row("titles and a description", "list.csv", "id,name,description\n1,dog,Short: it barks.\n2,wren,\n",
        "dog: Short: it barks.\nwren\n");
    row("no more than names", "list.csv", "dog\nrain\n", "dog\nrain\n");
    row("one row", "list.csv", "robin, wren\n", "robin\nwren\n");
    row("the text form", "list.csv", "robin | redbreast\nwren\n", "robin | redbreast\nwren\n");
    row("no table by its name", "list.txt", "child speech, kid\nwren\n", "child speech, kid |\nwren\n");
  }
  void tables_are_read_by_their_columns() {
    QFETCH(QString, name);
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, classes);
    const QTemporaryDir folder;
    const std::string file = folder.filePath(name).toStdString();
    write_file_atomically(file, text.toStdString());
    const ClassList read = read_classes(file);
    QCOMPARE(QByteArray::fromStdString(format_classes(read)),
             QByteArray::fromStdString(format_classes(parse_classes(classes.toStdString()))));
  }

  /// As a spreadsheet hands its cells over, with and without the row of titles.
  void pasted_cells_are_classes() {
    const auto pasted = [](const char* text) {
      return QByteArray::fromStdString(format_classes(pasted_classes(text)));
    };
    const QByteArray both = "robin | redbreast | Erithacus: It ticks, and ticks.\nwren\n";
    QCOMPARE(pasted("name\taliases\tdescription\nrobin\tredbreast; Erithacus\tIt ticks, and ticks.\nwren\t\t\n"), both);
    QCOMPARE(
        pasted("Sound\tHow it sounds\tAlso called\r\nrobin\tIt ticks, and ticks.\tredbreast;Erithacus\r\nwren\r\n"),
        both);
    QCOMPARE(pasted("name,aliases,description\nrobin,redbreast;Erithacus,\"It ticks, and ticks.\"\nwren,,\n"), both);
    QCOMPARE(pasted("robin\tredbreast\nwren\t\n"), QByteArray("robin | redbreast\nwren\n"));
    QCOMPARE(pasted("robin\tredbreast"), QByteArray("robin | redbreast\n"));
    QVERIFY(!error_of(ErrorKind::Usage, [] { pasted_classes("name\taliases\n"); }).empty());
    // All else is the text form, blanks before its lines and commas in them too.
    for (const char* text :
         {"dog, rain", "child speech, kid\nwren", "\trobin | redbreast\n\twren", "\trobin\n\twren\t\n", "sound\nwren",
          "dog: It barks, often.\nrain", "label, sound\nrain", "dog,\train,\tcat", "dog:\tIt barks.\nrain"}) {
      QCOMPARE(pasted(text), QByteArray::fromStdString(format_classes(parse_classes(text))));
    }
  }

  void titles_tell_a_class_list_from_captions() {
    QVERIFY(lists_classes("name,aliases,description\nrobin,redbreast,\n", ".csv"));
    QVERIFY(lists_classes("# mine\n\nLabel;description\nrobin;It ticks.\nwren;It rattles.\n", ".CSV"));
    QVERIFY(lists_classes("sound\talso called\nrobin\tredbreast\n", ".tsv"));
    QVERIFY(!lists_classes("label,description\nrobin,It ticks.\nrobin,It sings.\n", ".csv"));
    QVERIFY(!lists_classes("caption,label\na robin ticks,robin\n", ".csv"));
    QVERIFY(!lists_classes("text,class,description\na robin ticks,robin,\n", ".csv"));
    QVERIFY(!lists_classes("name\nrobin\n", ".csv"));
    QVERIFY(!lists_classes("A robin, which has many names, ticks.\n", ".csv"));
    QVERIFY(!lists_classes("", ".csv"));
  }

  void names_without_letters_are_refused() {
    const std::string said = error_of(ErrorKind::Usage, [] {
      check_classes({{"dog", {}, {}, {}}, {" __ ", {}, {}, {}}});
    });
    QVERIFY2(said.find("Class 2") != std::string::npos, said.c_str());
  }

  void equal_names_are_refused_by_place() {
    const std::string said = error_of(ErrorKind::Usage, [] {
      check_classes({{"dog_bark", {}, {}, {}}, {"rain", {}, {}, {}}, {"Dog  Bark", {}, {}, {}}});
    });
    QVERIFY2(said.find("Class 3, \"Dog  Bark\"") != std::string::npos, said.c_str());
    QVERIFY2(said.find("class 1, \"dog_bark\"") != std::string::npos, said.c_str());
  }

  void five_hundred_classes_are_fine() {
    ClassList classes;
    for (int i = 0; i < 500; ++i) classes.push_back({"sound " + std::to_string(i), {}, {}, {}});
    check_classes(classes);
    QCOMPARE(parse_classes(format_classes(classes)).size(), std::size_t{500});
  }

  void near_duplicates_are_found() {
    const ClassList classes =
        parse_classes("car horn\ncar horns\nkeybord typing\nkeyboard typing\ncar\ncat\nrain\ntrain");
    using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;
    QCOMPARE(near_duplicates(classes), (Pairs{{0, 1}, {2, 3}}));
    QVERIFY(near_duplicates({}).empty());
    // Of several words one, and that a long one, or a blank that was left out.
    const ClassList several = parse_classes(
        "small rain\nsmall train\nsmall cat\nsmall car\nloud thunder\nloud thundre\nloud thander\nkeyboard click\n"
        "keybord click\nkeybord clicks\ncar horn\ncarhorn");
    QCOMPARE(near_duplicates(several), (Pairs{{4, 6}, {7, 8}, {8, 9}, {10, 11}}));
    // The same word for two classes, as an alias of one or of both; twice for one is nothing to speak of.
    const ClassList shared =
        parse_classes("rain | Drizzle | drizzle\nsiren\ndrizzle\nalarm | siren | bell\nchime | bell");
    QCOMPARE(near_duplicates(shared), (Pairs{{0, 2}, {1, 3}, {3, 4}}));
  }

  void templates_take_the_normalised_name() {
    QCOMPARE(fill_template(kDefaultTemplate, "dog_bark"), std::string("this is a sound of dog bark"));
    QCOMPARE(fill_template("{}, yes: {}!", "rain"), std::string("rain, yes: rain!"));
    const std::string said = error_of(ErrorKind::Usage, [] { fill_template("a sound", "rain"); });
    QVERIFY2(said.find("a sound") != std::string::npos, said.c_str());
  }

  void presets_are_whole() {
    const std::vector<Preset> presets = bundled_presets();
    QVERIFY(presets.size() >= 8);
    QCOMPARE(presets.front().name, std::string("Bundled sounds"));
    QCOMPARE(names_of(presets.front().classes),
             (std::vector<std::string>{"alarm clock", "rain", "engine", "knocking on a door", "birds chirping", "siren",
                                       "wind", "church bell", "footsteps", "dial tone"}));
    std::set<std::string> names;
    for (const Preset& preset : presets) {
      QVERIFY2(names.insert(preset.name).second, preset.name.c_str());
      check_classes(preset.classes);
      QVERIFY2(near_duplicates(preset.classes).empty(), preset.name.c_str());
      QVERIFY(preset.classes.size() >= 8);
      std::set<std::string> words;
      for (const SoundClass& sound : preset.classes) {
        QVERIFY2(sound.description.size() > 20 && sound.description.back() == '.', sound.name.c_str());
        QVERIFY2(words.insert(fold_name(sound.name)).second, sound.name.c_str());
        for (const std::string& alias : sound.aliases) QVERIFY2(words.insert(fold_name(alias)).second, alias.c_str());
      }
    }
  }

  void bundled_sounds_have_classes() {
    const auto file = resources_folder() / "sounds" / "manifest.csv";
    if (!std::filesystem::exists(file)) QSKIP("resources/sounds is not there");
    const CsvTable table = parse_csv(read_text_file(file), "manifest.csv");
    const std::vector<std::string> names = names_of(bundled_presets().front().classes);
    QVERIFY(!table.rows.empty());
    for (const auto& row : table.rows) {
      const std::string& label = row[static_cast<std::size_t>(table.column("label"))];
      QVERIFY2(std::ranges::find(names, label) != names.end(), label.c_str());
    }
  }

  void stems_meet() {
    const std::vector<std::vector<std::string>> families = {{"bark", "barks", "barking", "barked"},
                                                            {"run", "running", "runs"},
                                                            {"cry", "cries", "crying"},
                                                            {"glass", "glasses"},
                                                            {"whistle", "whistling", "whistles"},
                                                            {"buzz", "buzzing", "buzzes"},
                                                            {"drill", "drilling"},
                                                            {"dog", "dogs", "dog's"}};
    for (const auto& family : families) {
      for (const std::string& word : family) QCOMPARE(word_stem(word), word_stem(family.front()));
    }
    for (const char* word : {"bus", "gas", "king", "ring", "sing", "glass", "пёс"}) {
      QCOMPARE(word_stem(word), std::string(word));
    }
    QVERIFY(word_stem("rain") != word_stem("train"));
  }

  void sentences_find_their_classes() {
    const ClassMatcher matcher(parse_classes("dog bark | hound\ncar horn\nrain\nthe\nchirping birds"));
    QCOMPARE(matcher.classes_in("Two dogs are barking in rain!"), (std::vector<int>{0, 2}));
    QCOMPARE(matcher.classes_in("A hound beside the road"), (std::vector<int>{0, 3}));
    QCOMPARE(matcher.classes_in("cars and a horn"), (std::vector<int>{1}));
    QCOMPARE(matcher.classes_in("training a car"), std::vector<int>{});
    QCOMPARE(matcher.matches_in("HOUNDS; bird chirps").at(0).words, std::string("hound"));
    QCOMPARE(matcher.matches_in("HOUNDS; bird chirps").at(1).label, 4);
    QVERIFY(matcher.classes_in("").empty());
  }

  void noun_phrases_have_their_articles() {
    const std::vector<std::array<std::string, 3>> wanted = {
        {"dog", "a dog", "the dog"},
        {"air_conditioner", "an air conditioner", "the air conditioner"},
        {"rain", "rain", "the rain"},
        {"footsteps", "footsteps", "the footsteps"},
        {"chirping birds", "chirping birds", "the chirping birds"},
        {"crying baby", "a crying baby", "the crying baby"},
        {"clapping", "clapping", "clapping"},
        {"brushing teeth", "brushing teeth", "brushing teeth"},
        {"hourglass", "an hourglass", "the hourglass"},
        {"ukulele", "a ukulele", "the ukulele"},
        {"FM radio", "an FM radio", "the FM radio"},
        {"Car Horn", "a car horn", "the car horn"},
        {"street music", "street music", "the street music"},
        {"the sea", "the sea", "the sea"},
        {"knocking on a door", "knocking on a door", "knocking on a door"},
        {"школа", "школа", "школа"}};
    for (const auto& [name, with_article, definite] : wanted) {
      QCOMPARE(noun_phrase(name).with_article, with_article);
      QCOMPARE(noun_phrase(name).definite, definite);
    }
    QVERIFY(noun_phrase("children playing").plural);
    QVERIFY(!noun_phrase("glass breaking").plural);
    QVERIFY(!noun_phrase("bus").plural);
  }

  void classes_by_name_put_names_before_aliases() {
    const ClassList classes = parse_classes("dog | cat | !!!\ncat | Hound\nrain | hound");
    const std::map<std::string, int> found = classes_by_name(classes);
    QCOMPARE(found.size(), std::size_t{4});
    QCOMPARE(found.at(fold_name("Dog")), 0);
    QCOMPARE(found.at(fold_name("cat")), 1);
    QCOMPARE(found.at(fold_name("hound")), 1);
    QCOMPARE(found.at(fold_name("rain")), 2);
  }
};

QTEST_APPLESS_MAIN(TestClassList)
#include "test_class_list.moc"
