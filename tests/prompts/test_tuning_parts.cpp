// What a run of the tuner is made from: how captions are divided, the prompts of classes, what a plain run leaves out,
// and how class embeddings are measured on captions with several labels.

#include <QtTest>

#include <nlohmann/json.hpp>

#include "model/matrices.h"
#include "model/tensors.h"
#include "prompts/held_out.h"
#include "prompts/losses.h"
#include "prompts/step_losses.h"
#include "prompts/tuning_fixture.h"
#include "prompts/tuning_run.h"

using namespace hearsay;
using namespace hearsay::testing;

namespace {

bool told(const std::vector<std::string>& notes, const std::string& part) {
  return std::ranges::any_of(notes, [&](const std::string& note) { return note.find(part) != std::string::npos; });
}

at::Tensor unit_rows(std::int64_t rows, std::int64_t cols) {
  const at::Tensor x = at::randn({rows, cols});
  return x / x.norm(2, -1, true);
}

/// Each of three captions once; the second has two labels.
FeatureBatch three_captions() {
  FeatureBatch batch;
  batch.sentences = unit_rows(3, 8);
  batch.words = unit_rows(12, 8).view({3, 4, 8});
  batch.mask = at::ones({3, 4}, at::kBool);
  batch.labels = at::tensor({2, 0, 1}, at::kLong);
  batch.targets = at::tensor({0.0F, 0.0F, 1.0F, 1.0F, 0.0F, 1.0F, 0.0F, 1.0F, 0.0F}).view({3, 3});
  return batch;
}

/// The same as training has it: a row for every label.
FeatureBatch four_pairs() {
  FeatureBatch batch = three_captions();
  const at::Tensor rows = at::tensor({0, 1, 1, 2}, at::kLong);
  for (const auto part :
       {&FeatureBatch::sentences, &FeatureBatch::words, &FeatureBatch::mask, &FeatureBatch::targets}) {
    batch.*part = (batch.*part).index_select(0, rows);
  }
  batch.labels = at::tensor({2, 0, 2, 1}, at::kLong);
  return batch;
}

/// Nothing but a width.
class TowerOfWidth final : public TextTower {
 public:
  TowerOfWidth(int width, bool contexts_once) : width_(width), contexts_once_(contexts_once) {}
  [[nodiscard]] TextOutput encode(std::span<const TokenIds>, bool) const override { return {}; }
  [[nodiscard]] at::Tensor encode_prompts(const at::Tensor&, std::span<const TokenIds>) const override { return {}; }
  [[nodiscard]] bool contexts_once() const override { return contexts_once_; }
  [[nodiscard]] at::Tensor word_embeddings(std::span<const std::int64_t>) const override { return {}; }
  [[nodiscard]] int width() const override { return width_; }
  [[nodiscard]] int embedding_dim() const override { return width_; }
  [[nodiscard]] int max_tokens() const override { return 77; }
  [[nodiscard]] at::Device device() const override { return at::kCPU; }

 private:
  int width_;
  bool contexts_once_;
};

}  // namespace

class TestTuningParts : public QObject, TuningFixture {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { load(); }
  void init() { at::manual_seed(5); }

  void held_out_losses_count_every_label_as_training_does() {
    const FeatureBatch captions = three_captions();
    at::manual_seed(5);
    const FeatureBatch pairs = four_pairs();
    const at::Tensor embeddings = unit_rows(6, 8).view({2, 3, 8});
    const at::Tensor zero_shot = unit_rows(3, 8);
    const HeldOutResult look = look_at_held_out({captions}, embeddings, zero_shot, 10.0, false);
    const PromptLoss trained = prompt_loss(pairs, embeddings, 10.0, false);
    QVERIFY(std::abs(look.loss - (trained.coarse + trained.fine).item<double>()) < 1e-5);
    const at::Tensor plain = coarse_cosines(pairs.sentences, zero_shot);
    QVERIFY(std::abs(look.zero_shot_loss - cross_entropy_loss(plain, pairs.labels, 10.0).item<double>()) < 1e-5);
    const at::Tensor each = caption_losses(coarse_cosines(captions.sentences, zero_shot), captions, 10.0, false);
    QCOMPARE(each.size(0), std::int64_t{3});
    QVERIFY(std::abs(each.sum().item<double>() - 4.0 * look.zero_shot_loss) < 1e-5);
    // In several batches, and with the ranking loss, a caption counts once.
    const HeldOutResult twice = look_at_held_out({captions, captions}, embeddings, zero_shot, 10.0, false);
    QVERIFY(std::abs(twice.loss - look.loss) < 1e-6);
    const PromptLoss ranked = prompt_loss(captions, embeddings, 10.0, true);
    const HeldOutResult multi = look_at_held_out({captions}, embeddings, zero_shot, 10.0, true);
    QVERIFY(std::abs(multi.loss - (ranked.coarse + ranked.fine).item<double>()) < 1e-5);
    QCOMPARE(look.accuracy.fused, multi.accuracy.fused);
  }

  void batches_can_be_measured_among_all_classes() {
    const FeatureBatch batch = three_captions();
    const std::vector<FeatureBatch> all = among_all_classes({batch}, {4, 0, 2}, 5);
    QVERIFY(all[0].labels.equal(at::tensor({2, 4, 0}, at::kLong)));
    QVERIFY(all[0].targets.equal(at::tensor({0.0F, 0.0F, 1.0F, 0.0F, 0.0F,  //
                                             0.0F, 0.0F, 1.0F, 0.0F, 1.0F,  //
                                             1.0F, 0.0F, 0.0F, 0.0F, 0.0F})
                                     .view({3, 5})));
    QVERIFY(all[0].sentences.equal(batch.sentences));
  }

  /// The first of a caption's labels says which class it is held out of: it goes by names, not by the list's order.
  void labels_come_by_name() {
    const ClassList classes = parse_classes("rain\ndog\nbell");
    const TuningClasses all(classes, {});
    const CaptionSet set{{{"a dog in the rain", {0, 1}, true}, {"bells in the rain", {0, 2}, true}}, {}};
    TunerOptions options;
    options.steps = 1;
    const TuningText text = divide_captions(set, all, options);
    QCOMPARE(text.train.size(), std::size_t{2});
    QCOMPARE(text.train[0].labels, (std::vector<int>{1, 0}));
    QCOMPARE(text.train[1].labels, (std::vector<int>{2, 0}));
    QVERIFY(text.held_out.empty() && text.notes.empty());
  }

  void captions_of_seen_and_unseen_classes_are_left_out() {
    const ClassList classes = parse_classes("rain\ndog\nbell\nwind");
    const TuningClasses all(classes, {"Dog", "wind"});
    QCOMPARE(all.seen, (std::vector<int>{0, 2}));
    QCOMPARE(all.unseen, (std::vector<int>{1, 3}));
    QCOMPARE(all.seen_classes()[1].name, std::string("bell"));
    const CaptionSet set{{{"rain", {0}, true}, {"a dog", {1}, true}, {"a dog in the rain", {0, 1}, true}}, {}};
    TunerOptions options;
    options.steps = 1;
    const TuningText text = divide_captions(set, all, options);
    QCOMPARE(text.train.size(), std::size_t{1});
    QCOMPARE(text.unseen.size(), std::size_t{1});
    QCOMPARE(text.unseen[0].labels, std::vector<int>{1});
    QVERIFY(told(text.notes, "1 class has no caption: bell."));
    QVERIFY(told(text.notes, "No caption is about wind alone"));
    QVERIFY(told(text.notes, "1 caption with tuned classes and classes held out of tuning is left out."));
  }

  void what_is_measured_is_given_back_with_the_lists_labels() {
    TunerOptions options = quick();
    options.unseen = {"dog"};
    const TunerResult result = tune(*model_, classes_, captions_, options);
    std::vector<int> counts(classes_.size());
    for (const Caption& caption : result.measured) {
      QCOMPARE(caption.labels.size(), std::size_t{1});
      ++counts[static_cast<std::size_t>(caption.labels[0])];
      QVERIFY(std::ranges::any_of(captions_.captions, [&](const Caption& given) {
        return given.text == caption.text && given.labels == caption.labels;
      }));
    }
    QCOMPARE(counts, (std::vector<int>{30, 6, 6, 6}));
    QCOMPARE(tune(*model_, classes_, captions_, quick(2)).measured.size(), captions_.captions.size());
  }

  /// The figures of the classes add up to those of the report, whatever is held out and however many captions there
  /// are.
  void class_gains_add_up_to_the_report() {
    const auto sum = [](const TunerResult& result, bool held_out, double ClassGain::*share) {
      double right = 0.0;
      double captions = 0.0;
      for (std::size_t k = 0; k < result.gains.size(); ++k) {
        const ClassGain& gain = result.gains[k];
        if ((k == 1) != held_out) continue;
        right += gain.*share * gain.captions;
        captions += gain.captions;
      }
      return right / captions;
    };
    CaptionSet many = captions_;
    for (int i = 0; i < 300; ++i) many.captions.push_back({"the hound howls " + std::to_string(i), {1}, true});
    TunerOptions options = quick();
    options.unseen = {classes_[1].name};
    const TunerResult result = tune(*model_, classes_, many, options);
    QCOMPARE(result.gains.size(), classes_.size());
    QCOMPARE(result.gains[1].captions, 330);
    QVERIFY(result.report.unseen && result.report.seen);
    const TextAccuracy& unseen = *result.report.unseen;
    const TextAccuracy& seen = *result.report.seen;
    QVERIFY(std::abs(sum(result, true, &ClassGain::before) - unseen.zero_shot) < 1e-9);
    QVERIFY(std::abs(sum(result, true, &ClassGain::after) - unseen.fused) < 1e-9);
    QVERIFY(std::abs(sum(result, false, &ClassGain::before) - seen.zero_shot) < 1e-9);
    QVERIFY(std::abs(sum(result, false, &ClassGain::after) - seen.fused) < 1e-9);
    for (const ClassGain& gain : tune(*model_, classes_, captions_, quick(2)).gains) QCOMPARE(gain.captions, 30);
  }

  void losses_of_a_step_are_the_same_however_its_captions_are_cut() {
    std::vector<Matrix> words;
    std::vector<Caption> captions;
    const at::Tensor rows = unit_rows(30, 6);
    for (int i = 0; i < 5; ++i) {
      words.push_back(to_matrix(rows.narrow(0, 5 * i, 3 + i % 3)));
      captions.push_back({"", {i % 3}, true});
    }
    const CaptionFeatures features(captions, to_matrix(unit_rows(5, 6)), words);
    const std::vector<TrainingPair> pairs = features.pairs(false);
    const auto cut = [&](std::size_t at) {
      std::vector<FeatureBatch> batches = {features.batch(std::span(pairs).first(at), 3, at::kCPU)};
      if (at < pairs.size()) batches.push_back(features.batch(std::span(pairs).subspan(at), 3, at::kCPU));
      return batches;
    };
    const at::Tensor given = at::stack({unit_rows(3, 6), unit_rows(3, 6)});
    for (const bool multi_label : {false, true}) {
      const at::Tensor whole = given.clone().requires_grad_(true);
      const at::Tensor parts = given.clone().requires_grad_(true);
      const StepLosses one = step_losses(cut(5), whole, 18.0, multi_label);
      const StepLosses two = step_losses(cut(2), parts, 18.0, multi_label);
      QVERIFY(std::abs(one.coarse - two.coarse) < 1e-6 * one.coarse && std::abs(one.fine - two.fine) < 1e-6 * one.fine);
      QCOMPARE(one.sum(), one.coarse + one.fine);
      QVERIFY((whole.grad() - parts.grad()).abs().max().item<double>() < 1e-5);
      const at::Tensor by_hand = given.clone().requires_grad_(true);
      const PromptLoss loss = prompt_loss(cut(5).front(), by_hand, 18.0, multi_label);
      (loss.coarse + loss.fine).backward();
      QVERIFY((whole.grad() - by_hand.grad()).abs().max().item<double>() < 1e-6);
      QVERIFY(std::abs(loss.coarse.item<double>() - one.coarse) < 1e-6);
    }
  }

  void class_prompts_are_names_and_on_request_aliases_and_descriptions() {
    const ClassList classes = parse_classes("dog | hound: A dog barks.\nrain");
    const ClassPrompts names = class_prompts(*model_, classes, false);
    QCOMPARE(names.prompts.size(), std::size_t{2});
    QVERIFY(names.class_of.empty() && !names.fixed.defined());
    QCOMPARE(names.prompts[1], model_->tokens(" rain"));
    const ClassPrompts further = class_prompts(*model_, classes, true);
    QCOMPARE(further.prompts.size(), std::size_t{3});
    QCOMPARE(further.class_of, (std::vector<std::int64_t>{0, 0, 1}));
    QCOMPARE(further.prompts[1], model_->tokens(" hound"));
    const std::vector<std::string> description{"A dog barks."};
    const at::Tensor said = to_tensor(model_->embed_texts(description))[0];
    QVERIFY((further.fixed[0] - said).abs().max().item<double>() < 1e-6);
    QCOMPARE(further.fixed[1].abs().max().item<double>(), 0.0);
  }

  void a_plain_run_uses_the_papers_loss_and_prompts_alone() {
    TunerOptions options = recipe("fast");
    options.template_pull = 1.0;
    options.further_prompts = true;
    QVERIFY(options_in_use(options, StepSpeed::Quick).anchors &&
            options_in_use(options, StepSpeed::Quick).template_pull == 1.0);
    options.steps = 5;
    const TunerOptions plain = options_in_use(options, StepSpeed::Quick);
    QVERIFY(!plain.anchors && !plain.offsets && !plain.further_prompts && !plain.choose_weights);
    QCOMPARE(plain.template_pull, 0.0);
    QCOMPARE(plain.falling_rate, 0.0);
    QCOMPARE(plain.context_length, 13);
  }

  void steps_are_slow_with_wide_towers_that_read_contexts_in_every_prompt() {
    QVERIFY(step_speed(TowerOfWidth(512, false)) == StepSpeed::Quick);
    QVERIFY(step_speed(TowerOfWidth(513, false)) == StepSpeed::Slow);
    QVERIFY(step_speed(TowerOfWidth(768, true)) == StepSpeed::Quick);
    QVERIFY(step_speed(model_->text_tower()) == StepSpeed::Quick);
  }

  /// 13 tokens, 5 where steps are slow, as many as are asked for, and those of `paper`.
  void contexts_are_shorter_where_steps_are_slow() {
    TunerOptions options = recipe("fast");
    QCOMPARE(options_in_use(options, StepSpeed::Quick).context_length, 13);
    QCOMPARE(options_in_use(options, StepSpeed::Slow).context_length, 5);
    QCOMPARE(options_in_use(recipe("paper"), StepSpeed::Slow).context_length, 32);
    options.context_length = 8;
    QCOMPARE(options_in_use(options, StepSpeed::Slow).context_length, 8);
    options.context_length = 0;
    options.epochs = 1;
    const TunerResult result = tune(*model_, classes_, captions_, options);
    QCOMPARE(result.prompts.coarse_context.rows, std::int64_t{13});
    QCOMPARE(nlohmann::json::parse(result.prompts.recipe).at("context_length").get<int>(), 13);
  }

  void a_recipe_names_files_and_not_where_they_were() {
    TunerOptions options = recipe("fast");
    options.reference_sounds = "/home/somebody/bank.safetensors";
    options.unseen = {"dog"};
    const Pace pace = pace_for(options, 50, 2000, StepSpeed::Quick);
    const auto json = nlohmann::json::parse(recipe_json(options, pace, 13, 120, "template"));
    QCOMPARE(json.at("name").get<std::string>(), std::string("fast"));
    QCOMPARE(json.at("reference_sounds").get<std::string>(), std::string("bank.safetensors"));
    QCOMPARE(json.at("epochs").get<int>(), pace.passes);
    QCOMPARE(json.at("steps").get<int>(), 120);
    QCOMPARE(json.at("plain").get<bool>(), false);
    QCOMPARE(json.at("start").get<std::string>(), std::string("template"));
    QCOMPARE(json.at("unseen").get<std::vector<std::string>>(), std::vector<std::string>{"dog"});
  }
};

QTEST_GUILESS_MAIN(TestTuningParts)
#include "test_tuning_parts.moc"
