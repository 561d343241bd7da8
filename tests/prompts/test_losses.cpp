// Scores and losses against the reference's afpt (float64), and what must hold for any numbers.

#include <QtTest>

#include "base/vectors.h"
#include "model/tensors.h"
#include "prompts/adamw.h"
#include "prompts/losses.h"

using namespace hearsay;
using namespace hearsay::testing;

namespace {

at::Tensor unit(const at::Tensor& x) {
  return x / x.norm(2, -1, true);
}

at::Tensor random(std::initializer_list<std::int64_t> shape, double scale = 1.0) {
  return at::randn(at::IntArrayRef(shape.begin(), shape.size()), at::kDouble) * scale;
}

double relative(const at::Tensor& found, const at::Tensor& wanted) {
  return ((found - wanted).abs().max() / wanted.abs().max()).item<double>();
}

}  // namespace

class TestLosses : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init() { at::manual_seed(5); }
  void cleanup() { vectors::limit(16); }

  void scores_and_losses_are_the_reference_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("length");
    for (const char* file : {"fixed", "fixed_roberta", "fixed_gpt2"}) {
      for (const char* length : {"n4", "n16"}) QTest::addRow("%s %s", file, length) << file << length;
    }
  }
  void scores_and_losses_are_the_reference() {
    QFETCH(QString, file);
    QFETCH(QString, length);
    const auto path = reference("afpt/" + file.toStdString() + ".safetensors");
    const Expected expected(path);
    const auto wanted = [&](const std::string& name) { return expected(length.toStdString() + ".f64." + name); };
    const double scale = std::exp(expected("logit_scale").item<double>());
    const at::Tensor mask = expected("word_mask", at::kLong).to(at::kBool);
    const at::Tensor words = expected("f64.words");
    const at::Tensor safe = words / words.norm(2, -1, true).clamp_min(1e-12);

    const at::Tensor coarse = coarse_cosines(unit(expected("f64.sentence")), unit(wanted("class.coarse")));
    const at::Tensor fine = fine_cosines(safe, mask, unit(wanted("class.fine")));
    CLOSE(coarse, wanted("cos.coarse"), 1e-10);
    CLOSE(fine, wanted("cos.fine"), 1e-10);
    const at::Tensor labels = expected("target.single", at::kLong);
    const at::Tensor targets = expected("target.multi");
    QVERIFY(relative(cross_entropy_loss(coarse, labels, scale), wanted("loss.ce_coarse")) < 1e-9);
    QVERIFY(relative(cross_entropy_loss(fine, labels, scale), wanted("loss.ce_fine")) < 1e-9);
    QVERIFY(relative(ranking_loss(coarse, targets), wanted("loss.rank_coarse")) < 1e-9);
    QVERIFY(relative(ranking_loss(fine, targets), wanted("loss.rank_fine")) < 1e-9);

    const at::Tensor cosines = expected("ranking.cosines").requires_grad_(true);
    const at::Tensor loss = ranking_loss(cosines, targets);
    loss.backward();
    QVERIFY(relative(loss.detach(), expected("ranking.loss")) < 1e-12);
    QVERIFY(relative(cosines.grad(), expected("ranking.grad")) < 1e-12);
  }

  void padding_changes_nothing() {
    const at::Tensor words = unit(random({3, 5, 8}));
    const at::Tensor classes = unit(random({4, 8}));
    at::Tensor mask = at::ones({3, 5}, at::kBool);
    mask[1].narrow(0, 3, 2).fill_(false);
    const at::Tensor padded = at::cat({words, random({3, 7, 8}, 100.0)}, 1);  // padding may hold anything
    const at::Tensor longer = at::cat({mask, at::zeros({3, 7}, at::kBool)}, 1);
    const at::Tensor found = fine_cosines(padded, longer, classes);
    QVERIFY(distance(found, fine_cosines(words, mask, classes)) < 1e-12);
    QVERIFY(distance(found[1], fine_cosines(words.narrow(1, 0, 3), mask.narrow(1, 0, 3), classes)[1]) < 1e-12);
  }

  void a_text_without_words_gives_zero() {
    const at::Tensor found = fine_cosines(at::zeros({1, 3, 8}), at::zeros({1, 3}, at::kBool), at::ones({2, 8}));
    QVERIFY((found == 0).all().item<bool>());
  }

  /// What is written by hand for float32 on a CPU, against LibTorch's operations in float64.
  void fine_scores_in_float32_data() {
    QTest::addColumn<int>("floats");
    QTest::addColumn<int>("classes");
    for (const int floats : {4, 8, 16}) {
      for (const int classes : {1, 3, 16, 50})
        QTest::addRow("%d floats, %d classes", floats, classes) << floats << classes;
    }
  }
  void fine_scores_in_float32() {
    QFETCH(int, floats);
    QFETCH(int, classes);
    vectors::limit(floats);
    const at::Tensor exact_words = unit(random({40, 9, 12}));
    const at::Tensor exact_classes = unit(random({classes, 12})).requires_grad_(true);
    at::Tensor mask = at::rand({40, 9}) < 0.7;
    mask[3].fill_(false);
    at::Tensor above = random({40, classes});
    above[3].fill_(0.0);
    const at::Tensor wanted = fine_cosines(exact_words, mask, exact_classes);
    wanted.backward(above);
    const at::Tensor leaf = exact_classes.detach().to(at::kFloat).requires_grad_(true);
    at::Tensor words = exact_words.to(at::kFloat);
    words.masked_fill_(mask.logical_not().unsqueeze(-1), 1e3);  // padding may hold anything
    const at::Tensor found = fine_cosines(words, mask, leaf);
    found.backward(above.to(at::kFloat));
    CLOSE(found.detach().index({at::arange(40) != 3}), wanted.detach().index({at::arange(40) != 3}), 1e-6);
    QVERIFY((found[3] == 0).all().item<bool>());
    QVERIFY(relative(leaf.grad(), exact_classes.grad()) < 1e-5);

    words[5].fill_(NAN);
    QCOMPARE(at::isnan(fine_cosines(words, mask, leaf)).sum().item<std::int64_t>(), std::int64_t{classes});
  }

  void permuting_classes_permutes_scores_and_keeps_losses() {
    const at::Tensor order = at::tensor({2, 0, 3, 1}, at::kLong);
    const at::Tensor place = at::argsort(order);
    const at::Tensor words = unit(random({6, 4, 8}));
    const at::Tensor classes = unit(random({4, 8}));
    const at::Tensor mask = at::ones({6, 4}, at::kBool);
    const at::Tensor cosines = fine_cosines(words, mask, classes);
    const at::Tensor turned = fine_cosines(words, mask, classes.index_select(0, order));
    QVERIFY(distance(turned, cosines.index_select(1, order)) < 1e-12);

    const at::Tensor labels = at::tensor({0, 1, 2, 3, 0, 1}, at::kLong);
    const at::Tensor turned_labels = place.index_select(0, labels);
    QVERIFY(relative(cross_entropy_loss(turned, turned_labels, 10), cross_entropy_loss(cosines, labels, 10)) < 1e-12);
    const at::Tensor targets = at::one_hot(labels, 4);
    QVERIFY(relative(ranking_loss(turned, targets.index_select(1, order)), ranking_loss(cosines, targets)) < 1e-12);
  }

  void ranking_counts_every_pair() {
    const at::Tensor cosines = at::tensor({0.9, 0.2, 0.1, 0.5, 0.6, 0.4}, at::kDouble).view({2, 3});
    const at::Tensor targets = at::tensor({1, 1, 0, 0, 1, 0}, at::kLong).view({2, 3});
    // First: 0.9 against 0.1 is past the margin; 1 - 5 * 0.1 = 0.5. Second: 1 - 5 * 0.1 and 1 - 5 * 0.2.
    const double wanted = (0.5 + (0.5 + 0.0)) / 2;
    QVERIFY(std::abs(ranking_loss(cosines, targets).item<double>() - wanted) < 1e-12);
    QCOMPARE(ranking_loss(cosines, at::ones({2, 3}, at::kLong)).item<double>(), 0.0);
  }

  void one_class_costs_nothing() {
    const at::Tensor cosines = at::full({5, 1}, 0.3, at::kDouble);
    QCOMPARE(cross_entropy_loss(cosines, at::zeros({5}, at::kLong), 20.0).item<double>(), 0.0);
    QCOMPARE(ranking_loss(cosines, at::ones({5, 1}, at::kLong)).item<double>(), 0.0);
  }

  void a_rate_may_fall_to_zero() {
    QCOMPARE(rate_share(1, 100, 0.0), 1.0);
    QVERIFY(std::abs(rate_share(51, 100, 0.0) - 0.5) < 1e-12);
    for (const double held : {0.0, 0.1, 0.6}) {
      const int fall = static_cast<int>(std::lround(100 * held)) + 1;  // the last step with the whole rate
      for (int step = 1; step <= fall; ++step) QCOMPARE(rate_share(step, 100, held), 1.0);
      for (int step = fall + 1; step <= 100; ++step) {
        QVERIFY(rate_share(step, 100, held) < rate_share(step - 1, 100, held));
      }
      QVERIFY(rate_share(100, 100, held) > 0.0 && rate_share(100, 100, held) < 2e-3);
    }
    QVERIFY(std::abs(rate_share(81, 100, 0.6) - 0.5) < 1e-12);
    for (int step = 1; step <= 100; ++step) QCOMPARE(rate_share(step, 100, 1.0), 1.0);
    const AdamWOptions options{.learning_rate = 0.1};
    const at::Tensor gradient = at::randn({3, 4});
    at::Tensor slow = at::ones({3, 4});
    at::Tensor plain = at::ones({3, 4});
    AdamW(options).step(slow, gradient, 0.25);
    AdamW({.learning_rate = 0.025}).step(plain, gradient);
    QVERIFY(at::allclose(slow, plain, 1e-7, 1e-7));
  }

  void adamw_is_torchs() {
    // Worked by hand for one step: decay first, then a step of lr * sign when the moments are bias-corrected.
    at::Tensor parameter = at::tensor({1.0, -2.0}, at::kDouble);
    AdamW optimiser({.learning_rate = 0.1, .beta1 = 0.9, .beta2 = 0.98, .epsilon = 1e-12, .weight_decay = 0.5});
    optimiser.step(parameter, at::tensor({3.0, -0.25}, at::kDouble));
    QVERIFY(distance(parameter, at::tensor({0.95 - 0.1, -1.9 + 0.1}, at::kDouble)) < 1e-9);
    // Second step with a zero gradient: m = 0.9 * 0.1 g, v = 0.98 * 0.02 g^2, corrections 0.19 and 0.0396.
    optimiser.step(parameter, at::zeros({2}, at::kDouble));
    const double move = 0.1 * (0.09 / 0.19) / std::sqrt(0.98 * 0.02 / 0.0396);
    QVERIFY(distance(parameter, at::tensor({0.85 * 0.95 - move, -1.8 * 0.95 + move}, at::kDouble)) < 1e-9);
  }
};

QTEST_APPLESS_MAIN(TestLosses)
#include "test_losses.moc"
