// Fairness between classes that the audio tower has met and others, on the starter and on a model that names none.
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

  [[nodiscard]] std::vector<double> offsets_of(const char* names) const {
    return familiarity(*model_, zero_shot_prompts(*model_, parse_classes(names))).offsets;
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
    QVERIFY(familiar.handicap > 0.0);
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

  void paraphrases_of_what_was_met_lose_to_what_was_not() {
    const std::vector<double> offsets = offsets_of("dog barking\ncar honking\ncastanets\nrooster crowing");
    QCOMPARE(offsets.size(), std::size_t{4});
    QVERIFY(std::abs(std::accumulate(offsets.begin(), offsets.end(), 0.0)) < 1e-12);
    QCOMPARE(std::ranges::min_element(offsets) - offsets.begin(), 2);
    const double apart = std::ranges::max(offsets) - std::ranges::min(offsets);
    QVERIFY(apart > 0.0 && apart <= model_->info().familiar.handicap + 1e-12);
  }

  void the_order_of_classes_is_only_an_order() {
    const std::vector<double> one = offsets_of("dog\ncastanets\nsheep bleating");
    const std::vector<double> other = offsets_of("sheep bleating\ndog\ncastanets");
    for (const auto& [a, b] : {std::pair{0, 1}, {1, 2}, {2, 0}}) {
      QVERIFY(std::abs(one[static_cast<std::size_t>(a)] - other[static_cast<std::size_t>(b)]) < 1e-6);
    }
  }

  /// What the prompts of exactly these names lack already is given back, so that "dog" and "dog barking" are alike.
  void names_met_exactly_and_in_other_words_end_alike() {
    const FamiliarNames& familiar = model_->info().familiar;
    const std::vector<double> offsets = offsets_of("dog\ndog barking\ncastanets");
    const double dog = offsets[0] + familiar.in_prompts;
    QVERIFY(std::abs(dog - offsets[2] - familiar.handicap) < 1e-6);
    QVERIFY(offsets[1] > offsets[2] && offsets[1] <= dog + 1e-6);
  }

  void nothing_to_do_where_all_are_met() {
    QVERIFY(offsets_of("dog\nrain\ncat").empty());
    QVERIFY(offsets_of("Dog\nRAIN").empty());
    QVERIFY(offsets_of("dog").empty());
  }

  void tuned_sets_hold_them_and_say_so() {
    const ClassList classes = parse_classes("dog\nrain\ncastanets");
    const CaptionSet captions = captions_from_bank(classes);
    TunerOptions options = recipe("fast");
    options.epochs = 2;
    const TunerResult with = tune(*model_, classes, captions, options);
    QCOMPARE(with.prompts.offsets, familiarity(*model_, zero_shot_prompts(*model_, classes)).offsets);
    const auto says = [](const TunerReport& report) {
      return std::ranges::any_of(report.notes, [](const std::string& note) {
        return note.find("with sounds: castanets. The fused") != std::string::npos;
      });
    };
    QVERIFY(says(with.report));
    options.familiar_offsets = false;
    const TunerResult without = tune(*model_, classes, captions, options);
    QVERIFY(without.prompts.offsets.empty());
    QVERIFY(!says(without.report));
    QCOMPARE(without.prompts.coarse.data, with.prompts.coarse.data);  // the prompts themselves are the same
    for (TunerOptions plain : {recipe("paper"), recipe("fast")}) {
      plain.steps = 1;
      QVERIFY(tune(*model_, classes, captions, plain).prompts.offsets.empty());
    }
  }

  void many_names_are_cut_short() {
    ClassList classes;
    for (int k = 0; k < 12; ++k) classes.push_back({"class " + std::to_string(k), {}, {}, {}});
    Familiarity heard;
    heard.likeness.assign(12, 0.1);
    heard.likeness[0] = 0.9;
    QVERIFY(new_names_in_words(classes, heard).empty());
    heard.offsets.assign(12, -0.01);
    const std::string said = new_names_in_words(classes, heard);
    QVERIFY2(said.find("class 7, class 8 and 3 more.") != std::string::npos, said.c_str());
    QVERIFY2(said.find("class 0") == std::string::npos, said.c_str());
  }

  void a_model_that_names_none_gets_none() {
    const auto folder = fs::path(HEARSAY_TEST_DATA) / "starter-tiny";
    const auto tiny = ClapModel::load(folder, {"cpu", {}, nullptr});
    const PromptSet prompts = zero_shot_prompts(*tiny, parse_classes("dog\ncastanets"));
    QCOMPARE(familiarity(*tiny, prompts).likeness, (std::vector<double>{0.0, 0.0}));
    QVERIFY(familiarity(*tiny, prompts).offsets.empty());
  }

  void nonsense_in_the_folder_is_refused_data() {
    QTest::addColumn<QString>("familiar");
    QTest::addColumn<QString>("named");
    QTest::newRow("names no list") << R"({"names": "dog"})"
                                   << "names";
    QTest::newRow("names no texts") << R"({"names": [1, 2]})"
                                    << "names";
    QTest::newRow("handicap below 0") << R"({"names": ["dog"], "handicap": -1})"
                                      << "handicap";
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
