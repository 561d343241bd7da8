// The tuner as a job, on the tiny starter (random weights): what it gives. What it refuses and how it is steered is in
// test_tuner_limits.

#include <QtTest>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "prompts/tuning_fixture.h"
#include "support/errors.h"

using namespace hearsay;
using namespace hearsay::testing;

namespace {

void same_sets(const PromptSet& a, const PromptSet& b) {
  QCOMPARE(a.coarse_context.data, b.coarse_context.data);
  QCOMPARE(a.fine_context.data, b.fine_context.data);
  QCOMPARE(a.coarse.data, b.coarse.data);
  QCOMPARE(a.fine.data, b.fine.data);
}

float furthest(const Matrix& a, const Matrix& b) {
  if (a.data.size() != b.data.size()) return INFINITY;
  float most = 0.0F;
  for (std::size_t i = 0; i < a.data.size(); ++i) most = std::max(most, std::abs(a.data[i] - b.data[i]));
  return most;
}

}  // namespace

class TestTuner : public QObject, TuningFixture {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { load(); }

  void loss_falls_and_held_out_text_improves() {
    TunerOptions options = quick();
    options.epochs = 100;
    const TunerResult result = tune(*model_, classes_, captions_, options);
    const TunerReport& report = result.report;
    QVERIFY(report.steps.size() >= 5);
    QVERIFY(report.steps.back().loss < report.steps.front().loss);
    for (const CurvePoint& point : report.steps) {
      QVERIFY(std::abs(point.loss - point.coarse_loss - point.fine_loss) < 1e-9);
    }
    options.falling_rate = 1e-9;
    const TunerReport untouched = tune(*model_, classes_, captions_, options).report;
    QVERIFY(report.held_out_loss < 0.95 * untouched.held_out_loss);
    QCOMPARE(report.training_captions, 96);
    QCOMPARE(report.held_out_captions, 24);
    QVERIFY(report.seconds >= report.seconds_encoding && report.seconds_encoding > 0.0);
    QCOMPARE(report.device, model_->device().name);
    QCOMPARE(result.prompts.preferred, report.helped ? ScoreKind::Fused : ScoreKind::ZeroShot);
    QCOMPARE(result.prompts.coarse_context.rows, std::int64_t{4});
    QCOMPARE(result.prompts.fine.rows, std::int64_t{4});
    check_prompts_fit(result.prompts, *model_);
    const auto json = nlohmann::json::parse(report.to_json());
    QCOMPARE(json.at("steps").size(), report.steps.size());
    QCOMPARE(json.at("held_out_text").at("fused").get<double>(), report.held_out.fused);
    for (const char* key : {"seconds", "seconds_encoding", "device"}) QVERIFY(json.contains(key));
  }

  void class_embeddings_are_those_of_the_contexts() {
    const TunerResult first = tune(*model_, classes_, captions_, quick());
    TunerOptions options = quick(1);
    options.learning_rate = 1e-12;
    options.weight_decay = 0.0;
    const StartingContexts start{first.prompts.coarse_context, first.prompts.fine_context};
    const TunerResult again =
        tune(*model_, classes_, captions_, options, std::string(kDefaultTemplate), nullptr, {}, start);
    QVERIFY(furthest(again.prompts.coarse, first.prompts.coarse) < 1e-5F);
    QVERIFY(furthest(again.prompts.fine, first.prompts.fine) < 1e-5F);
  }

  void the_saved_file_loads_back_equal() {
    const TunerResult result = tune(*model_, classes_, captions_, quick());
    const auto file = path("set.safetensors");
    save_prompts(result.prompts, file);
    const PromptSet loaded = load_prompts(file);
    same_sets(loaded, result.prompts);
    QCOMPARE(loaded.zero_shot.data, result.prompts.zero_shot.data);
    QCOMPARE(loaded.curve.size(), result.prompts.curve.size());
    check_prompts_fit(loaded, *model_);
  }

  void the_same_seed_gives_the_same_bytes() {
    TunerOptions options = quick();
    options.start_from_template = false;
    options.seed = 5;
    options.batch = 16;
    save_prompts(tune(*model_, classes_, captions_, options).prompts, path("a.safetensors"));
    save_prompts(tune(*model_, classes_, captions_, options).prompts, path("b.safetensors"));
    QCOMPARE(read_file(path("a.safetensors")), read_file(path("b.safetensors")));
    options.seed = 6;
    save_prompts(tune(*model_, classes_, captions_, options).prompts, path("c.safetensors"));
    QVERIFY(read_file(path("a.safetensors")) != read_file(path("c.safetensors")));
  }

  void permuting_classes_permutes_the_result_data() {
    QTest::addColumn<bool>("fast");
    QTest::addColumn<bool>("several");  // labels a caption
    QTest::addColumn<bool>("multi");
    QTest::newRow("plain") << false << false << false;
    QTest::newRow("fast") << true << false << false;
    QTest::newRow("fast, several labels") << true << true << false;
    QTest::newRow("fast, several labels, ranking loss") << true << true << true;
  }
  void permuting_classes_permutes_the_result() {
    QFETCH(bool, fast);
    QFETCH(bool, several);
    QFETCH(bool, multi);
    TunerOptions options = fast ? recipe("fast") : quick(5);
    options.caption_cache = false;
    if (fast) options.epochs = 6;
    options.multi_label = multi;
    const CaptionSet captions =
        several ? captions_from_bank(classes_, {.per_class = 30, .seed = 1, .multi_label = true}) : captions_;
    QCOMPARE(captions.multi_label(), several);
    const std::vector<int> order = {2, 0, 3, 1};
    ClassList turned;
    std::vector<int> place(4);
    for (std::size_t i = 0; i < order.size(); ++i) {
      turned.push_back(classes_[static_cast<std::size_t>(order[i])]);
      place[static_cast<std::size_t>(order[i])] = static_cast<int>(i);
    }
    CaptionSet moved = captions;
    for (Caption& caption : moved.captions) {
      for (int& label : caption.labels) label = place[static_cast<std::size_t>(label)];
      std::ranges::sort(caption.labels);
    }
    const PromptSet straight = tune(*model_, classes_, captions, options).prompts;
    const PromptSet other = tune(*model_, turned, moved, options).prompts;
    QVERIFY(furthest(other.coarse_context, straight.coarse_context) < 1e-4F);
    QVERIFY(furthest(other.fine_context, straight.fine_context) < 1e-4F);
    for (const auto matrix : {&PromptSet::coarse, &PromptSet::fine, &PromptSet::zero_shot}) {
      for (std::size_t i = 0; i < order.size(); ++i) {
        for (std::int64_t j = 0; j < straight.coarse.cols; ++j) {
          const float turned_round = (other.*matrix).at(static_cast<std::int64_t>(i), j);
          QVERIFY(std::abs(turned_round - (straight.*matrix).at(order[i], j)) < 1e-4F);
        }
      }
    }
  }

  void chunks_of_classes_change_nothing() {
    TunerOptions options = quick(5);
    const PromptSet whole = tune(*model_, classes_, captions_, options).prompts;
    options.class_chunk = 3;
    const PromptSet chunked = tune(*model_, classes_, captions_, options).prompts;
    QVERIFY(furthest(whole.coarse_context, chunked.coarse_context) < 1e-4F);
    QVERIFY(furthest(whole.fine, chunked.fine) < 1e-4F);
  }

  void plain_runs_take_every_step_and_caption() {
    TunerOptions options = quick(7);
    options.patience = 1;
    const TunerResult result = tune(*model_, classes_, captions_, options);
    QCOMPARE(result.report.steps.size(), std::size_t{7});
    QCOMPARE(result.report.steps.front().step, 1);
    QCOMPARE(result.report.training_captions, 120);
    QCOMPARE(result.report.held_out_captions, 0);
    QCOMPARE(result.prompts.preferred, ScoreKind::Fused);
  }

  void plain_runs_are_the_papers_loss_and_prompts() {
    const ClassList described = parse_classes("dog | hound: A dog barks.\nrain\ncar horn\nchurch bells");
    TunerOptions options = quick(4);
    options.template_pull = 100.0;
    options.further_prompts = true;
    const TunerResult with = tune(*model_, described, captions_, options);
    options.template_pull = 0.0;
    options.further_prompts = false;
    const TunerResult without = tune(*model_, classes_, captions_, options);
    same_sets(with.prompts, without.prompts);
    QVERIFY(with.prompts.recipe.find("\"template_pull\":0.0") != std::string::npos);
  }

  void weights_are_chosen_by_the_fast_recipe_alone() {
    const TunerResult fast = tune(*model_, classes_, captions_, quick());
    QVERIFY(fast.prompts.weights == fast.report.weights);
    QVERIFY(std::abs(fast.prompts.weights.sum() - 1.0) < 1e-12);
    const auto json = nlohmann::json::parse(fast.report.to_json());
    QCOMPARE(json.at("score_weights").at("zero_shot").get<double>(), fast.report.weights.zero_shot);
    if (fast.prompts.weights.zero_shot == 1.0) QCOMPARE(fast.report.held_out.fused, fast.report.held_out.zero_shot);
    TunerOptions paper = recipe("paper");
    paper.context_length = 4;
    paper.epochs = 1;
    for (const TunerOptions& options : {paper, quick(3)}) {
      const TunerResult result = tune(*model_, classes_, captions_, options);
      QVERIFY((result.prompts.weights == ScoreWeights{1.0, 1.0, 0.0}));
      QVERIFY(result.prompts.recipe.find("\"choose_weights\":false") != std::string::npos);
    }
  }

  /// Captions that are the template's own sentences leave nothing to learn, and a huge step makes the prompts worse.
  void zero_shot_is_preferred_when_tuning_is_no_better() {
    CaptionSet own;
    for (std::size_t k = 0; k < classes_.size(); ++k) {
      for (int i = 0; i < 10; ++i) {
        std::string text = fill_template(kDefaultTemplate, classes_[k].name);
        if (i % 2 == 0) text[0] = 'T';  // the same tokens, and another text that may be held out
        own.captions.push_back({text, {static_cast<int>(k)}, true});
      }
    }
    TunerOptions options = quick();
    options.choose_weights = false;
    options.start_from_template = false;
    options.epochs = 1;
    const TunerResult result = tune(*model_, classes_, own, options);
    QCOMPARE(result.report.held_out.zero_shot, 1.0);
    QVERIFY(!result.report.helped);
    QCOMPARE(result.prompts.preferred, ScoreKind::ZeroShot);
    QVERIFY(std::ranges::any_of(result.report.notes, [](const std::string& note) {  // what is in use is not its affair
      return note.find("did not beat") != std::string::npos &&
             note.find("the set prefers zero-shot") != std::string::npos;
    }));
  }

  void further_prompts_and_the_pull_change_the_result() {
    const ClassList described = parse_classes("dog | hound: A dog barks.\nrain\ncar horn\nchurch bells");
    TunerOptions options = quick();
    const PromptSet plain = tune(*model_, described, captions_, options).prompts;
    options.template_pull = 1000.0;
    const PromptSet held = tune(*model_, classes_, captions_, options).prompts;
    const auto away = [](const PromptSet& prompts) {
      double sum = 0.0;
      for (std::size_t i = 0; i < prompts.coarse.data.size(); ++i) {
        sum += std::pow(prompts.coarse.data[i] - prompts.zero_shot.data[i], 2);
      }
      return sum;
    };
    const PromptSet loose = [&] {
      options.template_pull = 0.0;
      return tune(*model_, classes_, captions_, options).prompts;
    }();
    QVERIFY(away(held) < away(loose));
    options.further_prompts = true;
    QVERIFY(furthest(tune(*model_, described, captions_, options).prompts.coarse, plain.coarse) > 1e-3F);
  }

  void several_labels() {
    CaptionSet captions = captions_from_bank(classes_, {.per_class = 30, .seed = 1, .multi_label = true});
    for (const bool multi : {true, false}) {
      TunerOptions options = quick(8);
      options.multi_label = multi;
      const TunerReport report = tune(*model_, classes_, captions, options).report;
      QVERIFY(report.steps.back().loss < report.steps.front().loss);
    }
  }

  void one_class_and_many() {
    const ClassList one = parse_classes("rain");
    const CaptionSet text = captions_from_bank(one, {.per_class = 20});
    for (const bool multi : {false, true}) {
      TunerOptions options = quick();
      options.multi_label = multi;
      const TunerResult result = tune(*model_, one, text, options);
      QCOMPARE(result.prompts.fine.rows, std::int64_t{1});
      QCOMPARE(result.report.held_out.fused, 1.0);
    }
    ClassList many;
    for (int i = 0; i < 500; ++i) many.push_back({"dog number " + std::to_string(i), {}, {}, {}});
    const CaptionSet few = captions_from_bank(many, {.per_class = 2});
    const TunerResult result = tune(*model_, many, few, quick(2));
    QCOMPARE(result.prompts.coarse.rows, std::int64_t{500});
  }

  void contexts_start_from_what_is_given() {
    TunerOptions options = quick(1);
    options.learning_rate = 1e-9;
    Matrix coarse(6, 32, 0.25F);
    Matrix fine(6, 32, -0.25F);
    const auto run = [&](const StartingContexts& start) {
      return tune(*model_, classes_, captions_, options, std::string(kDefaultTemplate), nullptr, {}, start).prompts;
    };
    const PromptSet prompts = run({coarse, fine});
    QVERIFY(furthest(prompts.coarse_context, coarse) < 1e-6F);
    QVERIFY(furthest(prompts.fine_context, fine) < 1e-6F);
    QCOMPARE(refusal_of([&] { run({Matrix(6, 31), Matrix(6, 31)}); }).kind, ErrorKind::WrongModel);
    QCOMPARE(refusal_of([&] { run({coarse, Matrix(5, 32)}); }).kind, ErrorKind::WrongModel);
    QCOMPARE(refusal_of([&] { run({Matrix(65, 32), Matrix(65, 32)}); }).kind, ErrorKind::Usage);
  }

  void templates_give_the_first_contexts() {
    TunerOptions options = quick(1);
    options.context_length = 5;  // as many as "this is a sound of" has words
    options.learning_rate = 1e-12;
    options.weight_decay = 0.0;
    const PromptSet prompts = tune(*model_, classes_, captions_, options).prompts;
    QVERIFY(furthest(prompts.coarse, prompts.zero_shot) < 1e-4F);
    QVERIFY(furthest(prompts.fine, prompts.zero_shot) < 1e-4F);
    const PromptSet bare = tune(*model_, classes_, captions_, options, "{} sound").prompts;
    QVERIFY(std::abs(bare.coarse_context.data[0]) < 0.2F);
    QVERIFY(bare.recipe.find("\"start\":\"random\"") != std::string::npos);
  }

  void unseen_classes_are_held_out_and_reported() {
    TunerOptions options = quick();
    options.unseen = {"Church Bells"};
    const TunerResult result = tune(*model_, classes_, captions_, options);
    QCOMPARE(result.report.training_captions, 72);
    QVERIFY(result.report.unseen.has_value());
    QCOMPARE(result.prompts.coarse.rows, std::int64_t{4});
    QVERIFY(result.report.seen.has_value());
    QVERIFY(result.report.seen->zero_shot <= result.report.held_out.zero_shot);  // one more class to choose from
    QCOMPARE(result.prompts.unseen, std::vector<std::string>{"church bells"});
    const auto json = nlohmann::json::parse(result.report.to_json());
    for (const char* kind : {"zero_shot", "coarse", "fine", "fused"}) {
      const double seen = json.at("seen_text").at(kind).get<double>();
      const double unseen = json.at("unseen_text").at(kind).get<double>();
      const double mean = seen * unseen > 0.0 ? 2.0 / (1.0 / seen + 1.0 / unseen) : 0.0;
      QVERIFY(std::abs(json.at("harmonic_means").at(kind).get<double>() - mean) < 1e-9);
    }
    QCOMPARE(json.at("harmonic_mean"), json.at("harmonic_means").at("fused"));
    QVERIFY(!nlohmann::json::parse(tune(*model_, classes_, captions_, quick()).report.to_json()).contains("seen_text"));
    options.unseen = {"cat"};
    QVERIFY(refusal_of([&] { tune(*model_, classes_, captions_, options); }).said.find("cat") != std::string::npos);
    options.unseen = {"dog", "rain", "car horn", "church bells"};
    QCOMPARE(refusal_of([&] { tune(*model_, classes_, captions_, options); }).kind, ErrorKind::Usage);
  }
};

QTEST_GUILESS_MAIN(TestTuner)
#include "test_tuner.moc"
