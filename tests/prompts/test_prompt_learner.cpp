// The learner on the tiny starter in float64: chunks, order and length of classes change nothing; the gradient is the
// slope of the loss.

#include <QtTest>

#include <mutex>
#include <set>
#include <thread>

#include "base/error.h"
#include "model/bert_tower.h"
#include "model/clap_model.h"
#include "model/tensors.h"
#include "prompts/losses.h"
#include "prompts/prompt_learner.h"
#include "text/tokenizer.h"

using namespace hearsay;
using namespace hearsay::testing;

namespace {

/// A tower that remembers what prompts it was given, and the largest batch in tokens of one context.
class WatchedTower final : public TextTower {
 public:
  explicit WatchedTower(const TextTower& tower, bool contexts_once = false) : tower_(tower), once_(contexts_once) {}
  [[nodiscard]] TextOutput encode(std::span<const TokenIds> texts, bool with_words) const override {
    return tower_.encode(texts, with_words);
  }
  [[nodiscard]] at::Tensor encode_prompts(const at::Tensor& contexts,
                                          std::span<const TokenIds> classes) const override {
    std::size_t longest = 0;
    for (const TokenIds& ids : classes) longest = std::max(longest, ids.size());
    const std::lock_guard lock(mutex_);
    ++passes;
    prompts += classes.size();
    padded = padded || std::ranges::any_of(classes, [&](const TokenIds& ids) { return ids.size() < longest; });
    most_tokens = std::max(most_tokens, classes.size() * (longest + static_cast<std::size_t>(contexts.size(1))));
    threads.insert(std::this_thread::get_id());
    return tower_.encode_prompts(contexts, classes);
  }
  [[nodiscard]] bool contexts_once() const override { return once_; }
  [[nodiscard]] at::Tensor word_embeddings(std::span<const std::int64_t> ids) const override {
    return tower_.word_embeddings(ids);
  }
  [[nodiscard]] int width() const override { return tower_.width(); }
  [[nodiscard]] int embedding_dim() const override { return tower_.embedding_dim(); }
  [[nodiscard]] int max_tokens() const override { return tower_.max_tokens(); }
  [[nodiscard]] at::Device device() const override { return tower_.device(); }

  mutable std::size_t most_tokens = 0;
  mutable std::size_t passes = 0;
  mutable std::size_t prompts = 0;
  mutable bool padded = false;
  mutable std::set<std::thread::id> threads;

 private:
  const TextTower& tower_;
  bool once_;
  mutable std::mutex mutex_;
};

}  // namespace

class TestPromptLearner : public QObject {
  Q_OBJECT
  std::unique_ptr<TextTower> tower_;
  std::vector<TokenIds> classes_;
  at::Tensor contexts_;
  at::Tensor sentences_;

  static void loss(const at::Tensor& embeddings, const at::Tensor& sentences) {
    const at::Tensor labels = at::arange(sentences.size(0), at::kLong) % embeddings.size(1);
    const at::Tensor fine =
        fine_cosines(sentences.unsqueeze(1), at::ones({sentences.size(0), 1}, at::kBool), embeddings[1]);
    (cross_entropy_loss(coarse_cosines(sentences, embeddings[0]), labels, 20.0) +
     cross_entropy_loss(fine, labels, 20.0))
        .backward();
  }

  [[nodiscard]] at::Tensor gradient(const PromptLearner& learner) const {
    return learner.gradient([&](const at::Tensor& embeddings) { loss(embeddings, sentences_); });
  }

 private Q_SLOTS:
  void initTestCase() {
    WeightOptions options;
    options.type = at::kDouble;
    const Weights weights(Checkpoint::open(test_data("starter-tiny/model.safetensors")), options);
    BertConfig config;
    config.heads = 4;
    tower_ = std::make_unique<BertTower>(weights.under("text_model"), config,
                                         Projection::residual(weights.under("text_projection"), 32));
    const auto tokenizer = Tokenizer::load(test_data("starter-tiny"));
    for (const char* name : {"dog", "car horn", "a very long name of a sound, with commas", "rain", "church bells",
                             "keyboard typing", "wind"}) {
      classes_.push_back(tokenizer->encode(name));
    }
    contexts_ = random_contexts(8, tower_->width(), 3).to(at::kDouble);
    at::manual_seed(2);
    sentences_ = at::randn({9, tower_->embedding_dim()}, at::kDouble);
    sentences_ = sentences_ / sentences_.norm(2, -1, true);
  }

  void init() { set_compute_threads(1); }
  void cleanupTestCase() { set_compute_threads(0); }

  void contexts_are_small_normal_and_seeded() {
    const at::Tensor contexts = random_contexts(64, 512, 9);
    QCOMPARE(contexts.sizes().vec(), (std::vector<std::int64_t>{2, 64, 512}));
    QVERIFY(std::abs(contexts.mean().item<double>()) < 3e-4);
    QVERIFY(std::abs(contexts.std().item<double>() - 0.02) < 3e-4);
    QVERIFY(contexts.equal(random_contexts(64, 512, 9)));
    QVERIFY(!contexts.equal(random_contexts(64, 512, 10)));
    QVERIFY(!contexts[0].equal(contexts[1]));
  }

  void embeddings_have_unit_length() {
    const at::Tensor embeddings = PromptLearner(*tower_, {classes_, {}, {}}, contexts_, 64).embed();
    QCOMPARE(embeddings.sizes().vec(), (std::vector<std::int64_t>{2, 7, 32}));
    QVERIFY(distance(embeddings.norm(2, -1), at::ones({2, 7}, at::kDouble)) < 1e-12);
  }

  void chunked_equals_unchunked() {
    const PromptLearner whole(*tower_, {classes_, {}, {}}, contexts_, 64);
    const at::Tensor embeddings = whole.embed();
    const at::Tensor slope = gradient(whole);
    QVERIFY(slope.abs().max().item<double>() > 1e-3);
    for (const std::size_t chunk : {1, 2, 3, 7}) {
      const PromptLearner chunked(*tower_, {classes_, {}, {}}, contexts_, chunk);
      QVERIFY(distance(chunked.embed(), embeddings) < 1e-6);
      QVERIFY(distance(gradient(chunked), slope) < 1e-6);
    }
  }

  /// What bounds memory where there are many classes.
  void long_contexts_make_smaller_chunks() {
    std::vector<TokenIds> many;
    for (int i = 0; i < 12; ++i) many.insert(many.end(), classes_.begin(), classes_.end());
    const at::Tensor contexts = random_contexts(48, tower_->width(), 3).to(at::kDouble);
    const WatchedTower whole_tower(*tower_);
    const WatchedTower chunked_tower(*tower_);
    const PromptLearner whole(whole_tower, {many, {}, {}}, contexts, many.size());
    const PromptLearner chunked(chunked_tower, {many, {}, {}}, contexts, many.size() - 1);
    QVERIFY(distance(gradient(chunked), gradient(whole)) < 1e-9);
    QCOMPARE(chunked_tower.prompts, 2 * many.size());  // once without and once with a graph
    QCOMPARE(whole_tower.prompts, many.size());
    QVERIFY(distance(chunked.embed(), whole.embed()) < 1e-9);
    QVERIFY2(chunked_tower.most_tokens < 850, qPrintable(QString::number(chunked_tower.most_tokens)));
  }

  /// A long name is a pass of its own, short ones that differ by a token are padded; where there are many of each
  /// length nothing is.
  void prompts_go_by_length_where_that_costs_less() {
    const WatchedTower few_tower(*tower_);
    const at::Tensor embeddings = PromptLearner(few_tower, {classes_, {}, {}}, contexts_, 64).embed();
    QCOMPARE(few_tower.passes, std::size_t{2});
    QVERIFY(few_tower.padded);
    const WatchedTower alike_tower(*tower_);
    const std::vector<TokenIds> alike = {classes_[0], classes_[1], classes_[0]};
    QVERIFY(classes_[0].size() < classes_[1].size());
    (void)PromptLearner(alike_tower, {alike, {}, {}}, contexts_, 64).embed();
    QCOMPARE(alike_tower.passes, std::size_t{1});
    std::vector<TokenIds> many;
    for (int i = 0; i < 9; ++i) many.insert(many.end(), classes_.begin(), classes_.end());
    const WatchedTower many_tower(*tower_);
    const at::Tensor found = PromptLearner(many_tower, {many, {}, {}}, contexts_, 64).embed();
    QVERIFY(many_tower.passes > 2 && !many_tower.padded);
    QCOMPARE(many_tower.prompts, many.size());
    QVERIFY(distance(found, embeddings.repeat({1, 9, 1})) < 1e-12);
  }

  /// Where every pass takes the contexts through the layers anew and once for all its prompts, padding costs less than
  /// a pass, and a chunk's bound counts class names alone.
  void contexts_that_go_once_make_fewer_passes() {
    std::vector<TokenIds> many;
    for (int i = 0; i < 9; ++i) many.insert(many.end(), classes_.begin(), classes_.end());
    for (const bool at_once : {true, false}) {
      const WatchedTower anew(*tower_);
      const WatchedTower once(*tower_, true);
      const at::Tensor contexts = random_contexts(24, tower_->width(), 3).to(at::kDouble);
      const std::size_t chunk = many.size() - (at_once ? 0 : 1);
      const at::Tensor slope = gradient(PromptLearner(anew, {many, {}, {}}, contexts, chunk));
      QVERIFY(distance(gradient(PromptLearner(once, {many, {}, {}}, contexts, chunk)), slope) < 1e-12);
      QVERIFY2(once.passes < anew.passes, qPrintable(QString("%1 %2").arg(once.passes).arg(anew.passes)));
    }
  }

  /// Every thread takes a share of the prompts, in one pass or in chunks; the chunks' bound is for all threads
  /// together.
  void threads_change_nothing_data() {
    QTest::addColumn<std::size_t>("chunk");
    QTest::newRow("at once") << std::size_t{64};
    QTest::newRow("in chunks") << std::size_t{62};
    QTest::newRow("in small chunks") << std::size_t{5};
  }
  void threads_change_nothing() {
    QFETCH(std::size_t, chunk);
    std::vector<TokenIds> many;
    for (int i = 0; i < 9; ++i) many.insert(many.end(), classes_.begin(), classes_.end());
    const PromptLearner single(*tower_, {many, {}, {}}, contexts_, chunk);
    const at::Tensor embeddings = single.embed();
    const at::Tensor slope = gradient(single);
    for (const int threads : {2, 3, 4}) {
      set_compute_threads(threads);
      const WatchedTower tower(*tower_);
      const PromptLearner learner(tower, {many, {}, {}}, contexts_, chunk);
      const at::Tensor found = gradient(learner);
      QCOMPARE(tower.threads.size(), static_cast<std::size_t>(threads));
      QCOMPARE(tower.prompts, (chunk < many.size() ? 2 : 1) * many.size());
      const std::size_t bound = 768 / static_cast<std::size_t>(threads) + 32;  // and a prompt
      QVERIFY2(chunk == 64 || tower.most_tokens <= bound, qPrintable(QString::number(tower.most_tokens)));
      QVERIFY(distance(found, slope) < 1e-12);
      QVERIFY(found.equal(gradient(learner)));  // the same bytes again
      QVERIFY(distance(learner.embed(), embeddings) < 1e-12);
    }
  }

  void few_prompts_are_done_by_all_threads_together() {
    set_compute_threads(2);
    const WatchedTower tower(*tower_);
    const PromptLearner learner(tower, {classes_, {}, {}}, contexts_, 64);
    QVERIFY(distance(learner.embed(), PromptLearner(*tower_, {classes_, {}, {}}, contexts_, 64).embed()) < 1e-12);
    QCOMPARE(tower.threads, std::set{std::this_thread::get_id()});
  }

  void permuting_classes_permutes_embeddings() {
    const std::vector<std::int64_t> order = {3, 0, 6, 2, 1, 5, 4};
    std::vector<TokenIds> turned;
    for (const std::int64_t k : order) turned.push_back(classes_[static_cast<std::size_t>(k)]);
    const at::Tensor embeddings = PromptLearner(*tower_, {classes_, {}, {}}, contexts_, 3).embed();
    const at::Tensor found = PromptLearner(*tower_, {turned, {}, {}}, contexts_, 3).embed();
    QVERIFY(distance(found, embeddings.index_select(1, at::tensor(order, at::kLong))) < 1e-9);
  }

  void padding_changes_nothing() {
    const at::Tensor together = PromptLearner(*tower_, {classes_, {}, {}}, contexts_, 64).embed();
    for (std::size_t k = 0; k < classes_.size(); ++k) {
      const at::Tensor alone = PromptLearner(*tower_, {{classes_[k]}, {}, {}}, contexts_, 64).embed();
      QVERIFY(distance(alone[0][0], together[0][static_cast<std::int64_t>(k)]) < 1e-9);
      QVERIFY(distance(alone[1][0], together[1][static_cast<std::int64_t>(k)]) < 1e-9);
    }
  }

  void the_gradient_is_the_slope() {
    const auto value = [&](const at::Tensor& contexts) {
      const at::Tensor embeddings = PromptLearner(*tower_, {classes_, {}, {}}, contexts, 64).embed();
      const at::Tensor labels = at::arange(9, at::kLong) % 7;
      const at::Tensor fine = fine_cosines(sentences_.unsqueeze(1), at::ones({9, 1}, at::kBool), embeddings[1]);
      return (cross_entropy_loss(coarse_cosines(sentences_, embeddings[0]), labels, 20.0) +
              cross_entropy_loss(fine, labels, 20.0))
          .item<double>();
    };
    const at::Tensor slope = gradient(PromptLearner(*tower_, {classes_, {}, {}}, contexts_, 64));
    at::manual_seed(4);
    const at::Tensor direction = at::randn_like(contexts_);
    constexpr double kStep = 1e-5;
    const double measured = (value(contexts_ + direction * kStep) - value(contexts_ - direction * kStep)) / (2 * kStep);
    const double computed = (slope * direction).sum().item<double>();
    QVERIFY2(std::abs(measured - computed) < 1e-5 * std::abs(measured),
             qPrintable(QString::number(measured / computed)));
  }

  void further_prompts_and_fixed_embeddings_are_averaged() {
    const at::Tensor single = PromptLearner(*tower_, {classes_, {}, {}}, contexts_, 64).embed();
    // Classes 0: prompts 0 and 3; 1: prompt 1 and a fixed embedding; 2: prompt 2.
    const std::vector<TokenIds> prompts(classes_.begin(), classes_.begin() + 4);
    at::Tensor fixed = at::zeros({3, 32}, at::kDouble);
    fixed[1] = sentences_[0];
    const std::vector<std::int64_t> class_of = {0, 1, 2, 0};
    const PromptLearner learner(*tower_, {prompts, class_of, fixed}, contexts_, 64);
    const at::Tensor found = learner.embed();
    const auto unit = [](const at::Tensor& x) { return x / x.norm(2, -1, true); };
    QVERIFY(distance(found.select(1, 0), unit(single.select(1, 0) + single.select(1, 3))) < 1e-9);
    QVERIFY(distance(found.select(1, 1), unit(single.select(1, 1) + sentences_[0])) < 1e-9);
    QVERIFY(distance(found.select(1, 2), single.select(1, 2)) < 1e-9);
    const PromptLearner chunked(*tower_, {prompts, class_of, fixed}, contexts_, 3);
    QVERIFY(distance(chunked.embed(), found) < 1e-6);
    QVERIFY(distance(gradient(chunked), gradient(learner)) < 1e-6);
  }

  void a_loss_that_uses_nothing_has_no_slope() {
    const PromptLearner learner(*tower_, {classes_, {}, {}}, contexts_, 64);
    QCOMPARE(learner.gradient([](const at::Tensor&) {}).abs().max().item<double>(), 0.0);
  }

  void long_names_are_cut_and_long_contexts_refused() {
    TokenIds endless(500, classes_[0][1]);
    endless.front() = classes_[0].front();
    endless.back() = classes_[0].back();
    const at::Tensor embeddings = PromptLearner(*tower_, {{endless, classes_[0]}, {}, {}}, contexts_, 64).embed();
    QVERIFY(at::isfinite(embeddings).all().item<bool>());
    try {
      const PromptLearner learner(*tower_, {classes_, {}, {}}, random_contexts(126, 32, 1).to(at::kDouble), 64);
      QFAIL("a context as long as the model's text must be refused");
    } catch (const Error& error) {
      QCOMPARE(error.kind(), ErrorKind::Usage);
      QVERIFY(std::string(error.what()).find("126") != std::string::npos);
    }
  }
};

QTEST_APPLESS_MAIN(TestPromptLearner)
#include "test_prompt_learner.moc"
