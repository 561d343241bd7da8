// Prompt sets: saved, loaded and exported. Those that are damaged or another model's are in test_prompt_set_damage.

#include <QTemporaryDir>
#include <QtTest>

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/csv.h"
#include "base/files.h"
#include "model/clap_model.h"
#include "model/safetensors.h"
#include "prompts/example_prompts.h"
#include "prompts/noise_drift.h"
#include "prompts/prompt_order.h"
#include "prompts/tuner.h"
#include "support/errors.h"

using namespace hearsay;
using namespace hearsay::testing;

class TestPromptSet : public QObject {
  Q_OBJECT
  QTemporaryDir dir_;

  [[nodiscard]] std::filesystem::path path(const char* name) const {
    return std::filesystem::path(dir_.path().toStdString()) / name;
  }

 private Q_SLOTS:
  void what_is_saved_comes_back() {
    const PromptSet wanted = example();
    save_prompts(wanted, path("set.safetensors"));
    const PromptSet found = load_prompts(path("set.safetensors"));
    QCOMPARE(found.classes.size(), wanted.classes.size());
    for (std::size_t k = 0; k < found.size(); ++k) {
      QCOMPARE(found.classes[k].name, wanted.classes[k].name);
      QCOMPARE(found.classes[k].aliases, wanted.classes[k].aliases);
      QCOMPARE(found.classes[k].description, wanted.classes[k].description);
      QCOMPARE(found.classes[k].colour, wanted.classes[k].colour);
    }
    for (const auto matrix : {&PromptSet::coarse_context, &PromptSet::fine_context, &PromptSet::zero_shot,
                              &PromptSet::coarse, &PromptSet::fine, &PromptSet::anchored}) {
      QCOMPARE((found.*matrix).rows, (wanted.*matrix).rows);
      QCOMPARE((found.*matrix).data, (wanted.*matrix).data);
    }
    QVERIFY(found.tuned);
    QVERIFY(std::abs(found.logit_scale - wanted.logit_scale) < 1e-5);
    QCOMPARE(found.preferred, wanted.preferred);
    QCOMPARE(found.thresholds, wanted.thresholds);
    QVERIFY(found.weights == wanted.weights);
    QCOMPARE(found.offsets, wanted.offsets);
    QCOMPARE(found.unseen, wanted.unseen);
    QCOMPARE(unseen_classes(found), (std::vector<bool>{false, true, false}));
    QCOMPARE(found.text_template, wanted.text_template);
    QCOMPARE(found.model_name, wanted.model_name);
    QCOMPARE(found.model_fingerprint, wanted.model_fingerprint);
    QCOMPARE(found.recipe, wanted.recipe);
    QCOMPARE(found.seed, wanted.seed);
    QCOMPARE(found.text_hash, wanted.text_hash);
    QCOMPARE(found.created_by, wanted.created_by);
    QCOMPARE(found.created_at, wanted.created_at);
    QCOMPARE(found.curve.size(), std::size_t{2});
    QCOMPARE(found.curve[0].step, 1);
    QCOMPARE(found.curve[0].coarse_loss, 1.5);
    QCOMPARE(found.curve[1].loss, 0.1);
    QCOMPARE(found.held_out_curve.at(0).accuracy.fine, 0.3);
    QCOMPARE(found.held_out.fused, wanted.held_out.fused);
  }

  void files_without_weights_have_the_papers() {
    const auto file = path("older.safetensors");
    change_prompts(file, [](Tensors& tensors, Metadata& metadata) {
      tensors.erase("anchored.classes");
      metadata.erase("score_weights");
      metadata.erase("score_offsets");
      metadata.erase("unseen");
    });
    QVERIFY(load_prompts(file).offsets.empty());
    QCOMPARE(load_prompts(file).anchor().data, example().zero_shot.data);
    QVERIFY(load_prompts(file).unseen.empty());
    QVERIFY((load_prompts(file).weights == ScoreWeights{1.0, 1.0, 0.0}));
  }

  void another_order_takes_everything_along() {
    PromptSet set = example();
    set.noise_drift = numbered(3, 6, 8.0F);
    ClassList moved{set.classes[2], set.classes[0], set.classes[1]};
    moved[1].aliases = {"wolf"};
    const PromptSet other = with_classes(set, moved);
    QCOMPARE(other.classes[1].name, std::string("dog"));
    QCOMPARE(other.classes[1].aliases, std::vector<std::string>{"wolf"});
    for (const auto rows :
         {&PromptSet::zero_shot, &PromptSet::coarse, &PromptSet::fine, &PromptSet::anchored, &PromptSet::noise_drift}) {
      for (const auto& [now, before] : {std::pair{0, 2}, {1, 0}, {2, 1}}) {
        QVERIFY(std::ranges::equal((other.*rows).row(now), (set.*rows).row(before)));
      }
    }
    QCOMPARE(other.offsets, (std::vector<double>{-0.0175, 0.03, -0.0125}));
    QCOMPARE(other.thresholds, (std::vector<double>{1.0, 0.5, 0.25}));
    QCOMPARE(unseen_classes(other), (std::vector<bool>{false, false, true}));
    QCOMPARE(other.coarse_context.data, set.coarse_context.data);
    QVERIFY(same_tuning(set, other));
    PromptSet tuned_anew = other;
    tuned_anew.fine.at(0, 0) += 1.0F;
    QVERIFY(!same_tuning(set, tuned_anew));
    moved[0].name = "bus";
    QVERIFY(!same_names(moved, set.classes));
    HEARSAY_FAILS(Usage, ("other classes"), with_classes(set, moved));
  }

  void the_same_set_gives_the_same_bytes() {
    save_prompts(example(), path("one.safetensors"));
    save_prompts(example(), path("two.safetensors"));
    QCOMPARE(read_file(path("one.safetensors")), read_file(path("two.safetensors")));
  }

  void a_set_without_a_time_gets_its_files() {
    PromptSet prompts = example();
    prompts.created_at.clear();
    save_prompts(prompts, path("timeless.safetensors"));
    const QDateTime found = QDateTime::fromString(
        QString::fromStdString(load_prompts(path("timeless.safetensors")).created_at), Qt::ISODate);
    QVERIFY(std::abs(found.secsTo(QDateTime::currentDateTimeUtc())) < 100);
  }

  void the_file_is_as_the_design_says() {
    save_prompts(example(), path("set.safetensors"));
    const SafetensorsFile content = SafetensorsFile::open(path("set.safetensors"));
    QCOMPARE(content.tensors().size(), std::size_t{7});
    QCOMPARE(content.get("coarse.context").shape, (std::vector<std::int64_t>{4, 5}));
    QCOMPARE(content.get("fine.classes").shape, (std::vector<std::int64_t>{3, 6}));
    QVERIFY(content.get("logit_scale").shape.empty());
    QVERIFY(std::abs(content.floats("logit_scale").at(0) - std::log(18.25F)) < 1e-6);
    for (const auto& [key, value] : content.metadata()) {
      QVERIFY2(!nlohmann::json::parse(value, nullptr, false).is_discarded(), key.c_str());
    }
    const auto names = nlohmann::json::parse(content.metadata().at("classes"));
    QCOMPARE(names.at(1).get<std::string>(), std::string("дождь"));
  }

  void a_zero_shot_set_is_smaller() {
    PromptSet prompts = example();
    prompts.tuned = false;
    save_prompts(prompts, path("zero.safetensors"));
    const PromptSet found = load_prompts(path("zero.safetensors"));
    QVERIFY(!found.tuned && found.coarse.empty() && found.anchored.empty() && found.coarse_context.empty());
    QCOMPARE(found.preferred, ScoreKind::ZeroShot);
    QCOMPARE(found.zero_shot.data, prompts.zero_shot.data);
  }

  void zero_shot_prompts_average_names_aliases_and_descriptions() {
    const auto model = ClapModel::load(std::filesystem::path(HEARSAY_TEST_DATA) / "starter-tiny", {"cpu", {}, nullptr});
    const ClassList classes = parse_classes("dog | hound: A dog barks.\nrain");
    const PromptSet prompts = zero_shot_prompts(*model, classes, "a sound of {}");
    const std::vector<std::string> texts = {"a sound of dog", "a sound of hound", "A dog barks.", "a sound of rain"};
    const Matrix each = model->embed_texts(texts);
    double square = 0.0;
    std::vector<double> sum(static_cast<std::size_t>(each.cols));
    for (std::int64_t i = 0; i < each.cols; ++i) {
      sum[static_cast<std::size_t>(i)] = each.at(0, i) + each.at(1, i) + each.at(2, i);
      square += sum[static_cast<std::size_t>(i)] * sum[static_cast<std::size_t>(i)];
    }
    for (std::int64_t i = 0; i < each.cols; ++i) {
      QVERIFY(std::abs(prompts.zero_shot.at(0, i) - sum[static_cast<std::size_t>(i)] / std::sqrt(square)) < 1e-5);
      QVERIFY(std::abs(prompts.zero_shot.at(1, i) - each.at(3, i)) < 1e-5);
    }
    QVERIFY(!prompts.tuned);
    QCOMPARE(prompts.preferred, ScoreKind::ZeroShot);
    QCOMPARE(prompts.model_fingerprint, model->fingerprint());
    QCOMPARE(refusal_of([&] { zero_shot_prompts(*model, classes, "no place"); }).kind, ErrorKind::Usage);
    QCOMPARE(refusal_of([&] { zero_shot_prompts(*model, {}); }).kind, ErrorKind::Usage);
  }

  void noise_drift_is_the_unit_mean_of_text_drifts() {
    const auto model = ClapModel::load(std::filesystem::path(HEARSAY_TEST_DATA) / "starter-tiny", {"cpu", {}, nullptr});
    const ClassList classes = parse_classes("dog\ncar_horn");
    PromptSet prompts = zero_shot_prompts(*model, classes, "a sound of {}");
    QVERIFY(prompts.noise_drift.empty());
    add_noise_drift(prompts, *model);
    std::vector<std::string> texts{"a sound of car horn"};
    for (const std::string_view phrase : noise_phrases()) texts.push_back(texts[0] + " with " + std::string(phrase));
    const Matrix each = model->embed_texts(texts);
    std::vector<double> sum(static_cast<std::size_t>(each.cols));
    double square = 0.0;
    for (std::size_t i = 0; i < sum.size(); ++i) {
      const auto column = static_cast<std::int64_t>(i);
      for (std::int64_t p = 1; p < each.rows; ++p) sum[i] += each.at(p, column) - each.at(0, column);
      square += sum[i] * sum[i];
    }
    for (std::size_t i = 0; i < sum.size(); ++i) {
      const auto column = static_cast<std::int64_t>(i);
      QVERIFY(std::abs(prompts.noise_drift.at(1, column) - sum[i] / std::sqrt(square)) < 1e-4);
    }
    save_prompts(prompts, path("drift.safetensors"));
    QCOMPARE(load_prompts(path("drift.safetensors")).noise_drift.data, prompts.noise_drift.data);
    prompts.noise_drift = Matrix(1, each.cols);
    add_noise_drift(prompts, *model);  // there already: stays
    QCOMPARE(prompts.noise_drift.rows, std::int64_t{1});
    save_prompts(prompts, path("drift.safetensors"));
    QCOMPARE(refusal_of([&] { load_prompts(path("drift.safetensors")); }).kind, ErrorKind::BadFormat);
    JobControl control;
    control.cancel();
    QCOMPARE(refusal_of([&] { noise_drift(*model, classes, "a {}", &control); }).kind, ErrorKind::Cancelled);
  }

  void noise_corrections_are_checked() {
    PromptSet prompts = example();
    check_noise_correction(0.0, prompts);
    QCOMPARE(refusal_of([&] { check_noise_correction(0.2, prompts); }).kind, ErrorKind::Usage);
    prompts.noise_drift = numbered(3, 6, 0.0F);
    check_noise_correction(0.2, prompts);
    for (const double weight : {-0.1, 2.1, std::nan("")}) {
      QCOMPARE(refusal_of([&] { check_noise_correction(weight, prompts); }).kind, ErrorKind::Usage);
    }
  }

  void contexts_are_found_in_sets_and_in_plain_files() {
    save_prompts(example(), path("set.safetensors"));
    QCOMPARE(load_contexts(path("set.safetensors").string()).fine.data, example().fine_context.data);
    SafetensorsWriter plain;
    plain.add("coarse.context", numbered(2, 3, 0));
    plain.add("fine.context", numbered(2, 3, 1));
    plain.write(path("plain.safetensors"));
    QCOMPARE(load_contexts(path("plain.safetensors").string()).coarse.rows, std::int64_t{2});
    SafetensorsWriter uneven;
    uneven.add("coarse.context", numbered(2, 3, 0));
    uneven.add("fine.context", numbered(3, 3, 1));
    uneven.write(path("uneven.safetensors"));
    for (const char* name : {"uneven.safetensors", "zero.safetensors"}) {
      PromptSet zero = example();
      zero.tuned = false;
      save_prompts(zero, path("zero.safetensors"));
      QCOMPARE(refusal_of([&] { load_contexts(path(name).string()); }).kind, ErrorKind::BadFormat);
    }
  }

  void json_and_csv_say_the_same() {
    const PromptSet prompts = example();
    export_prompts(prompts, "json", path("set.json"));
    const auto json = nlohmann::json::parse(read_file(path("set.json")));
    QCOMPARE(json.at("classes").at(0).get<std::string>(), std::string("dog"));
    QCOMPARE(json.at("score_weights").at("zero_shot").get<double>(), 0.6);
    QCOMPARE(json.at("score_offsets").get<std::vector<double>>(), prompts.offsets);
    QCOMPARE(json.at("embeddings").at("fine").at(2).at(5).get<float>(), prompts.fine.at(2, 5));
    QCOMPARE(json.at("embeddings").at("anchored").at(1).at(2).get<float>(), prompts.anchored.at(1, 2));
    QCOMPARE(json.at("contexts").at("coarse").at(3).at(4).get<float>(), prompts.coarse_context.at(3, 4));

    export_prompts(prompts, "csv", path("set.csv"));
    const CsvTable table = parse_csv(read_file(path("set.csv")), "set.csv");
    QCOMPARE(table.rows.size(), std::size_t{9});
    QCOMPARE(table.rows[8][0], std::string("car, horn"));
    QCOMPARE(table.rows[8][1], std::string("fine"));
    QCOMPARE(std::stof(table.rows[8][7]), prompts.fine.at(2, 5));
    QCOMPARE(table.rows[0][1], std::string("zero-shot"));
    QCOMPARE(refusal_of([&] { export_prompts(prompts, "xml", path("set.xml")); }).kind, ErrorKind::Usage);
    QCOMPARE(refusal_of([&] { export_prompts(prompts, "csv", "/no/such/folder/set.csv"); }).kind, ErrorKind::NoSpace);
    QCOMPARE(refusal_of([&] { save_prompts(prompts, "/no/such/folder/set.safetensors"); }).kind, ErrorKind::NoSpace);
  }

  void npz_is_a_stored_zip_of_arrays() {
    export_prompts(example(), "npz", path("set.npz"));
    const std::string bytes = read_file(path("set.npz"));
    QVERIFY(bytes.starts_with("PK\x03\x04"));
    const auto name = bytes.find("fine.context.npy");
    QVERIFY(name != std::string::npos);
    QVERIFY(bytes.find("anchored.classes.npy") != std::string::npos);
    QVERIFY(bytes.find("thresholds.npy") != std::string::npos);
    for (const char* text : {"template.npy", "preferred.npy", "model.npy"}) {
      QVERIFY2(bytes.find(text) != std::string::npos, text);
    }
    const auto array = bytes.find("\x93NUMPY", name);
    const auto header_end = bytes.find('\n', array) + 1;
    QCOMPARE((header_end - array) % 64, std::size_t{0});
    QVERIFY(bytes.substr(array, header_end - array).find("'shape': (4, 5)") != std::string::npos);
    float first = 0.0F;
    std::memcpy(&first, bytes.data() + header_end, sizeof(first));
    QCOMPARE(first, example().fine_context.data[0]);
    QVERIFY(bytes.find("'descr': '<U9', 'fortran_order': False, 'shape': (3,)") != std::string::npos);
  }

  void scores_have_names() {
    for (const ScoreKind kind : {ScoreKind::ZeroShot, ScoreKind::Coarse, ScoreKind::Fine, ScoreKind::Fused}) {
      QCOMPARE(parse_score(score_name(kind)), kind);
    }
    QCOMPARE(parse_score("zero_shot"), ScoreKind::ZeroShot);
    QCOMPARE(refusal_of([] { parse_score("best"); }).kind, ErrorKind::Usage);
  }

  void the_description_is_json_without_matrices() {
    const auto json = nlohmann::json::parse(describe_prompts(example()));
    QCOMPARE(json.at("context_length").get<int>(), 4);
    QCOMPARE(json.at("recipe").at("name").get<std::string>(), std::string("fast"));
    QCOMPARE(json.at("held_out_text").at("coarse").get<double>(), 0.6);
    QVERIFY(!json.contains("embeddings"));
  }
};

QTEST_APPLESS_MAIN(TestPromptSet)
#include "test_prompt_set.moc"
