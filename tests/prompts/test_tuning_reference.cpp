// One tuning step and twenty of them, through real text towers in float64, against the reference (support/reference.h):
// class embeddings, losses, gradients and the contexts after 20 steps of AdamW.

#include <QtTest>

#include <nlohmann/json.hpp>

#include "model/bert_tower.h"
#include "model/clap_model.h"
#include "model/gpt2_tower.h"
#include "model/tensors.h"
#include "prompts/adamw.h"
#include "prompts/losses.h"
#include "prompts/prompt_learner.h"
#include "prompts/tuner.h"

using namespace hearsay;
using namespace hearsay::testing;

namespace {

Weights weights_of(const std::string& file) {
  WeightOptions options;
  options.type = at::kDouble;
  return Weights(Checkpoint::open(reference(file)), options);
}

std::unique_ptr<TextTower> tower_of(const std::string& kind) {
  if (kind == "fixed") {
    const Weights weights = weights_of("msclap-2022/weights.pth").under("caption_encoder");
    BertConfig config;
    config.heads = 4;
    const std::int64_t width = weights.shape("base.embeddings.word_embeddings.weight")[1];
    return std::make_unique<BertTower>(weights.under("base"), config,
                                       Projection::residual(weights.under("projection"), width));
  }
  if (kind == "fixed_roberta") {
    const Weights weights = weights_of("afpt/roberta/model.safetensors");
    BertConfig config;
    config.heads = 4;
    config.pad = 1;
    config.roberta = true;
    const Weights text = weights.under("text_model");
    const std::int64_t width = text.shape("embeddings.word_embeddings.weight")[1];
    const Linear pooler = Linear::load(text.under("pooler.dense"), width, width);
    return std::make_unique<BertTower>(
        text, config, Projection::plain(weights.under("text_projection"), width, Activation::Relu, pooler));
  }
  const Weights weights = weights_of("msclap-2023/weights.pth").under("caption_encoder");
  Gpt2Config config;
  config.heads = 4;
  const std::int64_t width = weights.shape("base.wte.weight")[1];
  return std::make_unique<Gpt2Tower>(weights.under("base"), config,
                                     Projection::residual(weights.under("projection"), width));
}

/// Rows of padded ids without their padding.
std::vector<TokenIds> unpadded(const at::Tensor& ids, const at::Tensor& mask) {
  std::vector<TokenIds> rows;
  for (std::int64_t i = 0; i < ids.size(0); ++i) {
    TokenIds row;
    for (std::int64_t j = 0; j < ids.size(1); ++j) {
      if (mask[i][j].item<std::int64_t>() != 0) row.push_back(ids[i][j].item<std::int64_t>());
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

double relative(const at::Tensor& found, const at::Tensor& wanted) {
  if (found.sizes() != wanted.sizes()) return INFINITY;
  return ((found - wanted).abs().max() / wanted.abs().max()).item<double>();
}

at::Tensor unit(const at::Tensor& x) {
  return x / x.norm(2, -1, true).clamp_min(1e-12);
}

/// The captions of the reference as the tower sees them, and the loss over them.
struct Captions {
  at::Tensor sentences;
  at::Tensor words;
  at::Tensor mask;
  at::Tensor labels;
  at::Tensor targets;
  double scale = 1.0;

  [[nodiscard]] at::Tensor loss(const at::Tensor& embeddings, bool multi) const {
    const at::Tensor coarse = coarse_cosines(sentences, embeddings[0]);
    const at::Tensor fine = fine_cosines(words, mask, embeddings[1]);
    if (multi) return ranking_loss(coarse, targets) + ranking_loss(fine, targets);
    return cross_entropy_loss(coarse, labels, scale) + cross_entropy_loss(fine, labels, scale);
  }
};

}  // namespace

class TestTuningReference : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void tuning_is_the_reference_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<int>("length");
    QTest::addColumn<bool>("multi");
    for (const char* kind : {"fixed", "fixed_roberta", "fixed_gpt2"}) {
      for (const int length : {4, 16}) {
        for (const bool multi : {false, true}) {
          QTest::addRow("%s, %d contexts, %s", kind, length, multi ? "multi" : "single") << kind << length << multi;
        }
      }
    }
  }

  void tuning_is_the_reference() {
    QFETCH(QString, kind);
    QFETCH(int, length);
    QFETCH(bool, multi);
    const auto path = reference("afpt/" + kind.toStdString() + ".safetensors");
    const Expected expected(path);
    const std::string prefix = "n" + std::to_string(length) + ".";
    const std::string task = multi ? "multi" : "single";
    const auto wanted = [&](const std::string& name) { return expected(prefix + "f64." + name); };

    // The reference's RoBERTa does some of its float64 run in float32: it is 1e-7 off ours. The others agree to
    // rounding.
    const double exact = kind == "fixed_roberta" ? 1e-6 : 1e-9;
    const std::unique_ptr<TextTower> tower = tower_of(kind.toStdString());
    const Captions captions = captions_of(*tower, expected);
    const at::Tensor contexts = at::stack({expected(prefix + "context.coarse"), expected(prefix + "context.fine")});
    const auto classes = unpadded(expected("class.input_ids", at::kLong), expected("class.attention_mask", at::kLong));
    PromptLearner learner(*tower, {classes, {}, {}}, contexts.clone(), 64);
    const at::Tensor embeddings = learner.embed();
    CLOSE(embeddings[0], wanted("class.coarse_norm"), exact);
    CLOSE(embeddings[1], wanted("class.fine_norm"), exact);

    at::Tensor loss;
    const auto compute = [&](const at::Tensor& leaf) {
      loss = captions.loss(leaf, multi);
      loss.backward();
    };
    const at::Tensor gradient = learner.gradient(compute);
    QVERIFY(relative(loss.detach(), wanted("loss." + task)) < exact);
    QVERIFY(relative(gradient[0], wanted("grad." + task + ".coarse")) < 10 * exact);
    QVERIFY(relative(gradient[1], wanted("grad." + task + ".fine")) < 10 * exact);

    const at::Tensor curve = wanted("run." + task + ".loss");
    AdamW optimiser({});
    for (std::int64_t step = 0; step < curve.size(0); ++step) {
      const at::Tensor moved = learner.gradient(compute);
      QVERIFY(relative(loss.detach(), curve[step]) < 10 * exact);
      optimiser.step(learner.contexts(), moved);
    }
    QVERIFY(distance(learner.contexts()[0], wanted("run." + task + ".coarse")) < 100 * exact);
    QVERIFY(distance(learner.contexts()[1], wanted("run." + task + ".fine")) < 100 * exact);
  }

  /// The same run as a person would ask for it: model file, captions, `--init`, `--steps 20 --batch 0`, in float32.
  void a_whole_run_is_the_reference_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("model");
    QTest::addColumn<int>("length");
    QTest::addColumn<bool>("multi");
    for (const int length : {4, 16}) {
      for (const bool multi : {false, true}) {
        const char* task = multi ? "multi" : "single";
        QTest::addRow("BERT %d %s", length, task) << "fixed"
                                                  << "msclap-2022/weights.pth" << length << multi;
        QTest::addRow("GPT-2 %d %s", length, task) << "fixed_gpt2"
                                                   << "msclap-2023/weights.pth" << length << multi;
      }
    }
  }

  void a_whole_run_is_the_reference() {
    QFETCH(QString, kind);
    QFETCH(QString, model);
    QFETCH(int, length);
    QFETCH(bool, multi);
    const auto path = reference("afpt/" + kind.toStdString() + ".safetensors");
    const Expected expected(path);
    const SafetensorsFile file = SafetensorsFile::open(path);
    const auto loaded = ClapModel::load(reference(model.toStdString()), {"cpu", {}, nullptr});
    ClassList classes;
    for (const auto& name : nlohmann::json::parse(file.metadata().at("classes"))) {
      classes.push_back({name.get<std::string>(), {}, {}, {}});
    }
    const std::string prefix = "n" + std::to_string(length) + ".";
    const StartingContexts start{file.matrix(prefix + "context.coarse"), file.matrix(prefix + "context.fine")};
    TunerOptions options = recipe("fast");  // --steps makes it plain
    options.steps = 20;
    options.batch = 0;
    options.multi_label = multi;
    const TunerResult result = tune(*loaded, classes, captions_with_labels(file, expected, multi), options,
                                    std::string(kDefaultTemplate), nullptr, {}, start);

    const std::string run = prefix + "f64.run." + (multi ? "multi." : "single.");
    const at::Tensor curve = expected(run + "loss");
    QCOMPARE(static_cast<std::int64_t>(result.report.steps.size()), curve.size(0));
    for (std::int64_t i = 0; i < curve.size(0); ++i) {
      const double wanted = curve[i].item<double>();
      QVERIFY(std::abs(result.report.steps[static_cast<std::size_t>(i)].loss - wanted) <
              (i == 0 ? 1e-5 : 1e-3) * wanted);
    }
    QVERIFY(distance(as_tensor(result.prompts.coarse_context), expected(run + "coarse")) < 5e-4);
    QVERIFY(distance(as_tensor(result.prompts.fine_context), expected(run + "fine")) < 5e-4);
  }

 private:
  static at::Tensor as_tensor(const Matrix& matrix) {
    return at::from_blob(const_cast<float*>(matrix.data.data()), {matrix.rows, matrix.cols}).clone();
  }

  static CaptionSet captions_with_labels(const SafetensorsFile& file, const Expected& expected, bool multi) {
    const at::Tensor single = expected("target.single", at::kLong);
    const at::Tensor targets = expected("target.multi", at::kLong);
    CaptionSet set;
    for (const auto& text : nlohmann::json::parse(file.metadata().at("captions"))) {
      Caption caption{text.get<std::string>(), {}, true};
      const auto i = static_cast<std::int64_t>(set.captions.size());
      for (std::int64_t k = 0; k < targets.size(1); ++k) {
        const bool wanted = multi ? targets[i][k].item<std::int64_t>() != 0 : single[i].item<std::int64_t>() == k;
        if (wanted) caption.labels.push_back(static_cast<int>(k));
      }
      set.captions.push_back(std::move(caption));
    }
    return set;
  }

  /// Encoded here, not taken from the reference.
  static Captions captions_of(const TextTower& tower, const Expected& expected) {
    const auto texts =
        unpadded(expected("caption.input_ids", at::kLong), expected("caption.attention_mask", at::kLong));
    const TextOutput output = tower.encode(texts, true);
    Captions captions;
    captions.sentences = unit(output.sentence);
    captions.words = unit(output.words);
    captions.mask = output.word_mask;
    captions.labels = expected("target.single", at::kLong);
    captions.targets = expected("target.multi");
    captions.scale = std::exp(std::min(expected("logit_scale").item<double>(), std::log(100.0)));
    return captions;
  }
};

QTEST_APPLESS_MAIN(TestTuningReference)
#include "test_tuning_reference.moc"
