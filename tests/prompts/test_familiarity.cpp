// What classes have in common with the names that the audio tower has met, on the starter and on a model that names
// none.
#include <QTemporaryDir>
#include <QtTest>
#include <numeric>

#include "base/error.h"
#include "base/files.h"
#include "model/clap_model.h"
#include "prompts/familiarity.h"
#include "prompts/tuner.h"

using namespace hearsay;
namespace fs = std::filesystem;

class TestFamiliarity : public QObject {
  Q_OBJECT
  std::shared_ptr<ClapModel> model_;

  [[nodiscard]] PromptSet prompts_of(const char* names) const {
    return zero_shot_prompts(*model_, parse_classes(names));
  }
  static double cosine(std::span<const float> a, std::span<const float> b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
  }

 private Q_SLOTS:
  void initTestCase() { model_ = ClapModel::load(resources_folder() / "starter", {"cpu", {}, nullptr}); }

  void the_starter_says_what_it_has_met() {
    const FamiliarNames& familiar = model_->info().familiar;
    QVERIFY(familiar.names.size() > 100);
    for (const char* name : {"dog", "rain", "jackhammer"}) {
      QVERIFY2(std::ranges::find(familiar.names, name) != familiar.names.end(), name);
    }
    for (const char* name : {"crow", "banjo", "train whistle"}) {  // training/kept_out.txt
      QVERIFY2(std::ranges::find(familiar.names, name) == familiar.names.end(), name);
    }
    QCOMPARE(inspect_model(resources_folder() / "starter").familiar.names, familiar.names);
  }

  void names_met_are_familiar_others_by_likeness() {
    const PromptSet prompts = zero_shot_prompts(*model_, parse_classes("dog\nDogs\nbarking dog\ncastanets"));
    const std::vector<double> found = familiarity(*model_, prompts).likeness;
    QCOMPARE(found[0], 1.0);
    QCOMPARE(found[1], 1.0);  // the same word
    QCOMPARE(found[2], 1.0);  // the words of "dog bark"
    QVERIFY(found[3] < 0.5);
  }

  void other_words_for_what_was_met_are_known() {
    const ClassList classes = parse_classes("hoover\nchopper\nmoggy | cat\nsome machine | helicopter");
    const std::vector<double> found = familiarity(*model_, zero_shot_prompts(*model_, classes)).likeness;
    QCOMPARE(found[0], 1.0);  // sounds.txt: vacuum cleaner
    QVERIFY(found[1] < 0.5);  // sounds.txt: helicopter, which was kept out of training
    QCOMPARE(found[2], 1.0);  // the person's own alias
    QVERIFY(found[3] < 0.5);
  }

  void other_words_lean_on_the_names_that_were_met() {
    // "hoover" goes by sounds.txt, "dog barking" by likeness; nothing was met that is like castanets.
    const PromptSet prompts = prompts_of("hoover\ndog barking\ncastanets");
    const Matrix anchored = familiarity(*model_, prompts).anchored;
    const std::vector<std::string> met = {fill_template(kDefaultTemplate, "vacuum cleaner"),
                                          fill_template(kDefaultTemplate, "dog bark")};
    const Matrix names = model_->embed_texts(met);
    for (std::int64_t k = 0; k < 2; ++k) {
      QVERIFY(cosine(anchored.row(k), names.row(k)) > cosine(prompts.zero_shot.row(k), names.row(k)) + 0.01);
      QVERIFY(cosine(anchored.row(k), prompts.zero_shot.row(k)) > 0.7);  // its own prompt counts as much as all others
      QVERIFY(std::abs(cosine(anchored.row(k), anchored.row(k)) - 1.0) < 1e-5);
    }
    const auto row = [](const Matrix& matrix, std::int64_t k) {
      const auto values = matrix.row(k);
      return std::vector<float>(values.begin(), values.end());
    };
    QCOMPARE(row(anchored, 2), row(prompts.zero_shot, 2));
  }

  void a_name_that_another_class_has_draws_nobody_else() {
    const Matrix alone = familiarity(*model_, prompts_of("hoover\nrain")).anchored;
    const Matrix beside = familiarity(*model_, prompts_of("hoover\nvacuum cleaner")).anchored;
    const Matrix aliased = familiarity(*model_, prompts_of("hoover\nmachine | vacuum cleaner")).anchored;
    const std::vector<std::string> text = {fill_template(kDefaultTemplate, "vacuum cleaner")};
    const Matrix name = model_->embed_texts(text);
    QVERIFY(cosine(alone.row(0), name.row(0)) > cosine(beside.row(0), name.row(0)) + 0.01);
    QVERIFY(cosine(alone.row(0), name.row(0)) > cosine(aliased.row(0), name.row(0)) + 0.01);
  }

  void the_order_of_classes_is_only_an_order() {
    const Matrix one = familiarity(*model_, prompts_of("hoover\ncastanets\ndog barking")).anchored;
    const Matrix other = familiarity(*model_, prompts_of("dog barking\nhoover\ncastanets")).anchored;
    for (const auto& [a, b] : {std::pair{0, 1}, {1, 2}, {2, 0}}) {
      QVERIFY(std::abs(cosine(one.row(a), other.row(b)) - 1.0) < 1e-5);
    }
  }

  void tuned_sets_hold_them_and_say_what_is_new() {
    const ClassList classes = parse_classes("dog barking\nrain\ncastanets");
    const CaptionSet captions = captions_from_bank(classes);
    TunerOptions options = recipe("fast");
    options.epochs = 2;
    const TunerResult with = tune(*model_, classes, captions, options);
    QCOMPARE(with.prompts.anchored.data, familiarity(*model_, zero_shot_prompts(*model_, classes)).anchored.data);
    const auto says = [](const TunerReport& report) {
      return std::ranges::any_of(report.notes, [](const std::string& note) {
        return note.find("with sounds: castanets. The fused") != std::string::npos;
      });
    };
    QVERIFY(says(with.report));
    options.anchors = false;
    const TunerResult without = tune(*model_, classes, captions, options);
    QVERIFY(without.prompts.anchored.empty());
    QVERIFY(!says(without.report));
    QCOMPARE(without.prompts.coarse.data, with.prompts.coarse.data);  // the prompts themselves are the same
    QCOMPARE(without.prompts.zero_shot.data, with.prompts.zero_shot.data);
    for (TunerOptions plain : {recipe("paper"), recipe("fast")}) {
      plain.steps = 1;
      QVERIFY(tune(*model_, classes, captions, plain).prompts.anchored.empty());
    }
  }

  void many_names_are_cut_short() {
    ClassList classes;
    for (int k = 0; k < 12; ++k) classes.push_back({"class " + std::to_string(k), {}, {}, {}});
    Familiarity heard;
    heard.likeness.assign(12, 0.0);
    QVERIFY(new_names_in_words(classes, heard).empty());  // the model does not say
    heard.likeness.assign(12, 0.1);
    heard.likeness[0] = 0.9;
    const std::string said = new_names_in_words(classes, heard);
    QVERIFY2(said.find("class 7, class 8 and 3 more.") != std::string::npos, said.c_str());
    QVERIFY2(said.find("class 0") == std::string::npos, said.c_str());
  }

  void a_model_that_names_none_gets_none() {
    const auto folder = fs::path(HEARSAY_TEST_DATA) / "starter-tiny";
    const auto tiny = ClapModel::load(folder, {"cpu", {}, nullptr});
    const PromptSet prompts = zero_shot_prompts(*tiny, parse_classes("dog\ncastanets"));
    QCOMPARE(familiarity(*tiny, prompts).likeness, (std::vector<double>{0.0, 0.0}));
    QVERIFY(familiarity(*tiny, prompts).anchored.empty());
  }

  void nonsense_in_the_folder_is_refused_data() {
    QTest::addColumn<QString>("familiar");
    QTest::addColumn<QString>("named");
    QTest::newRow("names no list") << R"({"names": "dog"})"
                                   << "names";
    QTest::newRow("names no texts") << R"({"names": [1, 2]})"
                                    << "names";
    QTest::newRow("a cosine of 2") << R"({"names": ["dog"], "like_from": 2})"
                                   << "like_from";
    QTest::newRow("no room between") << R"({"names": ["dog"], "like_from": 0.9, "like_to": 0.9})"
                                     << "like_to";
    QTest::newRow("not an object") << R"(["dog"])"
                                   << "familiar_names";
  }
  void nonsense_in_the_folder_is_refused() {
    QFETCH(QString, familiar);
    QFETCH(QString, named);
    QTemporaryDir dir;
    const fs::path folder = fs::path(dir.path().toStdString()) / "model";
    fs::copy(fs::path(HEARSAY_TEST_DATA) / "starter-tiny", folder);
    std::string config = read_text_file(folder / "config.json");
    config.insert(config.find('{') + 1, "\"familiar_names\": " + familiar.toStdString() + ",");
    write_file_atomically(folder / "config.json", config);
    try {
      inspect_model(folder);
      QFAIL("not refused");
    } catch (const Error& error) {
      QCOMPARE(error.kind(), ErrorKind::BadFormat);
      const std::string said = error.what();
      QVERIFY2(said.find(named.toStdString()) != std::string::npos, said.c_str());
      QVERIFY2(said.find("config.json") != std::string::npos, said.c_str());
    }
  }
};

QTEST_GUILESS_MAIN(TestFamiliarity)
#include "test_familiarity.moc"
