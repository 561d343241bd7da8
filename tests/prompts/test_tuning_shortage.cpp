// What a tuning makes of too little text, of too much, and of numbers that run out: on the tiny starter (random
// weights).

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <set>

#include "model/text_tower.h"
#include "prompts/caption_features.h"
#include "prompts/tuning_fixture.h"
#include "support/errors.h"
#include "support/forwarding_model.h"

using namespace hearsay;
using namespace hearsay::testing;

namespace {

/// Gives no numbers any more once it has read the contexts so often.
class BreakingTower final : public TextTower {
 public:
  BreakingTower(const TextTower& inner, int readings) : inner_(inner), left_(readings) {}
  [[nodiscard]] TextOutput encode(std::span<const TokenIds> texts, bool with_words) const override {
    return inner_.encode(texts, with_words);
  }
  [[nodiscard]] at::Tensor encode_prompts(const at::Tensor& contexts,
                                          std::span<const TokenIds> classes) const override {
    const at::Tensor found = inner_.encode_prompts(contexts, classes);
    // What was read in time can be read again.
    const bool known = std::ranges::any_of(read_, [&](const at::Tensor& one) { return one.equal(contexts.detach()); });
    if (!known && left_ == 0) return found * NAN;
    if (!known) {
      read_.push_back(contexts.detach().clone());
      --left_;
    }
    return found;
  }
  [[nodiscard]] at::Tensor word_embeddings(std::span<const std::int64_t> ids) const override {
    return inner_.word_embeddings(ids);
  }
  [[nodiscard]] int width() const override { return inner_.width(); }
  [[nodiscard]] int embedding_dim() const override { return inner_.embedding_dim(); }
  [[nodiscard]] int max_tokens() const override { return inner_.max_tokens(); }
  [[nodiscard]] at::Device device() const override { return inner_.device(); }

 private:
  const TextTower& inner_;
  mutable int left_;
  mutable std::vector<at::Tensor> read_;
};

class BreakingModel final : public ForwardingModel {
 public:
  BreakingModel(const std::shared_ptr<ClapModel>& inner, int readings)
      : ForwardingModel(inner), tower_(inner->text_tower(), readings) {}
  [[nodiscard]] const TextTower& text_tower() const override { return tower_; }

 private:
  BreakingTower tower_;
};

bool all_numbers(const Matrix& matrix) {
  return !matrix.empty() && std::ranges::all_of(matrix.data, [](float value) { return std::isfinite(value); });
}

bool says(const TunerReport& report, const std::string& words) {
  return std::ranges::any_of(report.notes, [&](const std::string& note) { return note.find(words) != note.npos; });
}

}  // namespace

class TestTuningShortage : public QObject, TuningFixture {
  Q_OBJECT

  [[nodiscard]] TunerResult tune_with(const ClapModel& model, const TunerOptions& options) const {
    return tune(model, classes_, captions_, options);
  }

 private Q_SLOTS:
  void initTestCase() { load(); }

  /// 2: the template's contexts and those of the first move; the second move leads to no numbers. Twelve steps are
  /// asked for, and the last look comes after them.
  void contexts_that_give_no_numbers_are_left_again_data() {
    QTest::addColumn<int>("steps");
    QTest::addColumn<int>("readings");
    for (const int readings : {1, 2, 5, 12}) {
      QTest::addRow("fast, %d", readings) << 0 << readings;
      QTest::addRow("plain, %d", readings) << 12 << readings;
    }
  }
  void contexts_that_give_no_numbers_are_left_again() {
    QFETCH(int, steps);
    QFETCH(int, readings);
    TunerOptions options = quick(steps);
    options.epochs = 12;
    options.patience = 0;
    options.class_chunk = 64;
    const TunerResult broken = tune_with(BreakingModel(model_, readings), options);
    QVERIFY(says(broken.report, "Step " + std::to_string(readings) + " led to contexts that give no number"));
    QCOMPARE(broken.report.steps.size(), static_cast<std::size_t>(readings));
    for (const Matrix* kept :
         {&broken.prompts.coarse_context, &broken.prompts.fine_context, &broken.prompts.coarse, &broken.prompts.fine}) {
      QVERIFY(all_numbers(*kept));
    }
    QVERIFY(std::isfinite(broken.report.held_out_loss));
    // A plain run keeps what one step less gives, another the best of the looks: none is worse than its first.
    if (steps > 0 && readings > 1) {
      options.steps = readings - 1;
      QVERIFY(tune_with(*model_, options).prompts.coarse_context.data == broken.prompts.coarse_context.data);
    }
    for (const HeldOutPoint& look : broken.report.held_out_curve) QVERIFY(look.step < readings);
    save_prompts(broken.prompts, path("kept.safetensors"));
    QVERIFY(all_numbers(load_prompts(path("kept.safetensors")).coarse));
  }

  void what_cannot_begin_says_so_data() {
    QTest::addColumn<int>("steps");
    QTest::newRow("fast") << 0;
    QTest::newRow("plain") << 3;
  }
  void what_cannot_begin_says_so() {
    QFETCH(int, steps);
    StartingContexts huge{Matrix(4, model_->info().text_width), Matrix(4, model_->info().text_width)};
    for (std::size_t i = 0; i < huge.coarse.data.size(); ++i) {
      huge.coarse.data[i] = huge.fine.data[i] = i % 3 == 0 ? 3e38F : -1e38F;
    }
    const Refusal refusal = refusal_of(
        [&] { tune(*model_, classes_, captions_, quick(steps), std::string(kDefaultTemplate), nullptr, {}, huge); });
    QCOMPARE(refusal.kind, ErrorKind::Usage);
    QVERIFY2(refusal.said.find("give no number") != std::string::npos, refusal.said.c_str());
  }

  void sets_without_numbers_are_not_saved() {
    PromptSet prompts = zero_shot_prompts(*model_, classes_);
    prompts.zero_shot.data[3] = NAN;
    const Refusal refusal = refusal_of([&] { save_prompts(prompts, path("nan.safetensors")); });
    QCOMPARE(refusal.kind, ErrorKind::BadFormat);
    QVERIFY(refusal.said.find("zero_shot.classes") != std::string::npos);
    QVERIFY(!std::filesystem::exists(path("nan.safetensors")));
  }

  /// What was trained on is no judge.
  void one_caption_a_class_judges_nothing() {
    CaptionSet captions;
    for (int k = 0; k < 4; ++k) captions.captions.push_back({"the sound of number " + std::to_string(k), {k}, true});
    const TunerResult result = tune(*model_, classes_, captions, quick());
    QCOMPARE(result.report.training_captions, 4);
    QCOMPARE(result.report.held_out_captions, 0);
    QVERIFY(!result.report.helped && result.prompts.tuned);
    QVERIFY(result.prompts.preferred == ScoreKind::ZeroShot);
    QCOMPARE(result.report.weights, ScoreWeights{});
    QVERIFY(says(result.report, "No caption could be held out"));
    QCOMPARE(result.measured.size(), std::size_t{4});
    QVERIFY(QString::fromStdString(result.prompts.recipe).contains("\"hold_out_one_in\":0"));
  }

  /// It may have many, and is the second label of all.
  void a_class_that_no_held_out_caption_has_is_named() {
    CaptionSet captions = captions_from_bank(parse_classes("dog\nrain\ncar horn"), {.per_class = 30, .seed = 1});
    captions.captions.push_back({"a dog and a church bell", {0, 3}, true});
    const TunerResult result = tune(*model_, classes_, captions, quick());
    const bool held = std::ranges::any_of(
        result.measured, [](const Caption& caption) { return std::ranges::count(caption.labels, 3) > 0; });
    QCOMPARE(says(result.report, "1 class has no caption held out: church bells."), !held);
  }

  /// Cut off behind the step whose move leads nowhere, before that is known: the state before it stays.
  void what_gives_no_numbers_is_not_kept_to_go_on_with() {
    TunerOptions options = quick();
    options.epochs = 12;
    options.patience = 0;
    StartingContexts start{Matrix(4, model_->info().text_width), Matrix(4, model_->info().text_width)};
    for (float& value : start.coarse.data) value = NAN;
    TuningCheckpoint checkpoint({.file = path("state.safetensors"), .every = std::chrono::seconds(0)});
    QCOMPARE(refusal_of([&] {
               tune(*model_, classes_, captions_, options, std::string(kDefaultTemplate), nullptr, {}, start,
                    &checkpoint);
             }).kind,
             ErrorKind::Usage);
    QVERIFY(!std::filesystem::exists(path("state.safetensors")));
  }

  void a_class_with_one_caption_is_not_judged() {
    CaptionSet captions = captions_;
    std::erase_if(captions.captions, [](const Caption& caption) { return caption.labels[0] == 2; });
    captions.captions.push_back({"a car honks", {2}, true});
    const TunerResult result = tune(*model_, classes_, captions, quick());
    QVERIFY(says(result.report, "1 class has no caption held out: car horn."));
    QVERIFY(std::ranges::none_of(result.measured, [](const Caption& caption) { return caption.labels[0] == 2; }));
    QCOMPARE(result.report.training_captions + result.report.held_out_captions,
             static_cast<int>(captions.captions.size()));
  }

  void far_too_many_captions_of_classes_held_out_are_thinned() {
    CaptionSet many = captions_;
    for (int i = 0; i < 6000; ++i) many.captions.push_back({"bell " + std::to_string(i), {3}, true});
    TunerOptions options = quick();
    options.epochs = 1;
    options.unseen = {"church bells"};
    const TunerResult result = tune(*model_, classes_, many, options);
    QVERIFY(says(result.report, "4000 of 6030 captions of classes held out of tuning"));
    QCOMPARE(std::ranges::count_if(result.measured, [](const Caption& caption) { return caption.labels[0] == 3; }),
             std::ptrdiff_t{4000});
  }

  void far_too_many_captions_of_a_plain_run_are_thinned() {
    CaptionSet many;
    for (int i = 0; i < 21000; ++i) many.captions.push_back({"sound " + std::to_string(i), {i % 4}, true});
    const TunerReport report = tune(*model_, classes_, many, quick(1)).report;
    QCOMPARE(report.training_captions, 20000);
    QVERIFY(says(report, "20000 of 21000 captions"));
  }

  void captions_longer_than_the_model_reads_are_told_of() {
    CaptionSet captions = captions_;
    std::string longer;
    for (int i = 0; i < model_->info().max_text_tokens; ++i) longer += "rain ";
    captions.captions.push_back({longer + "in the end", {1}, true});
    QVERIFY(says(tune(*model_, classes_, captions, quick(1)).report,
                 "1 caption is longer than the " + std::to_string(model_->info().max_text_tokens) + " tokens"));
    QVERIFY(!says(tune(*model_, classes_, captions_, quick(1)).report, "longer than"));
  }

  void no_step_is_looked_at_twice() {
    TunerOptions options = quick();
    options.epochs = 300;
    options.patience = 2;
    options.falling_rate = 1.0;  // worse than the template soon
    const TunerReport report = tune(*model_, classes_, captions_, options).report;
    QVERIFY(report.steps.size() < 300 && !says(report, "no number"));
    std::set<int> steps;
    for (const HeldOutPoint& point : report.held_out_curve) QVERIFY(steps.insert(point.step).second);
  }

  /// One batch as it was drawn where it is small, several where one would be too large.
  void large_batches_are_cut() {
    const CaptionFeatures features = CaptionFeatures::encode(*model_, captions_.captions, nullptr, {});
    const std::vector<TrainingPair> pairs = features.pairs(true);
    const std::vector<FeatureBatch> one = features.batches(pairs, 4, at::kCPU);
    QCOMPARE(one.size(), std::size_t{1});
    QVERIFY(one[0].words.equal(features.batch(pairs, 4, at::kCPU).words));
    const std::vector<FeatureBatch> several = features.batches(pairs, 4000, at::kCPU);
    QVERIFY(several.size() > 1);
    std::int64_t captions = 0;
    for (const FeatureBatch& batch : several) {
      QVERIFY(batch.size() * batch.words.size(1) * 4000 <= 2'000'000);
      captions += batch.size();
    }
    QCOMPARE(captions, static_cast<std::int64_t>(pairs.size()));
    QVERIFY(features.batches({}, 4, at::kCPU).empty());
  }
};

QTEST_GUILESS_MAIN(TestTuningShortage)
#include "test_tuning_shortage.moc"
