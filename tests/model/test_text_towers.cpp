// BERT, RoBERTa and GPT-2 against the field's own code: hidden states, sentences, words, prompts with contexts and the
// gradients of a tuning loss with respect to them, in float64 where the reference has it.

#include <QtTest>

#include <cmath>

#include "base/error.h"
#include "model/bert_tower.h"
#include "model/gpt2_tower.h"
#include "model/layers.h"
#include "reference_models.h"

using namespace hearsay;
using namespace hearsay::testing;

namespace {

std::unique_ptr<TextTower> tuning_tower(const std::string& kind, at::ScalarType type) {
  WeightOptions options;
  options.type = type;
  if (kind == "roberta") {
    const Weights weights(Checkpoint::open(reference("afpt/roberta/model.safetensors")), options);
    BertConfig config;
    config.roberta = true;
    config.pad = 1;
    config.heads = 4;
    const std::int64_t width = weights.size("text_model.pooler.dense.bias", 0);
    return std::make_unique<BertTower>(
        weights.under("text_model"), config,
        Projection::plain(weights.under("text_projection"), width, Activation::Relu,
                          Linear::load(weights.under("text_model.pooler.dense"), width, width)));
  }
  const auto file = kind == "gpt2" ? reference("msclap-2023/weights.pth") : reference("msclap-2022/weights.pth");
  const Weights weights(Checkpoint::open(file), options);
  Projection projection = Projection::residual(weights.under("caption_encoder.projection"), -1);
  if (kind == "gpt2") {
    Gpt2Config config;
    config.heads = 4;
    return std::make_unique<Gpt2Tower>(weights.under("caption_encoder.base"), config, std::move(projection));
  }
  BertConfig config;
  config.heads = 4;
  return std::make_unique<BertTower>(weights.under("caption_encoder.base"), config, std::move(projection));
}

std::string file_of(const std::string& kind) {
  return kind == "bert" ? "afpt/fixed.safetensors" : "afpt/fixed_" + kind + ".safetensors";
}

/// The reference's float64 numbers for RoBERTa carry float32 roundings of the size that a float32 softmax gives
/// (rounding ours there moves the sentences by 3e-7, as far as they are from the reference; no other step moves them so
/// much).
double tolerance_for(const QString& kind, const QString& type) {
  if (type == "f32") return 1e-5;
  return kind == "roberta" ? 1e-6 : 1e-10;
}

/// cross-entropy(coarse) + cross-entropy(fine), DESIGN section 3.
at::Tensor single_loss(const at::Tensor& classes, const TextOutput& captions, const at::Tensor& target, double scale) {
  const at::Tensor unit = unit_length(classes);
  const at::Tensor coarse = at::matmul(unit_length(captions.sentence), unit[0].t());
  const at::Tensor cosines = at::matmul(unit_length(captions.words), unit[1].t());
  const at::Tensor hidden = captions.word_mask.logical_not().unsqueeze(-1);
  const at::Tensor attention = at::softmax((cosines / 0.10).masked_fill(hidden, -INFINITY), 1);
  const at::Tensor fine = (attention * cosines).sum(1);
  return at::cross_entropy_loss(coarse * scale, target) + at::cross_entropy_loss(fine * scale, target);
}

}  // namespace

class TestTextTowers : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void sentences_and_words_data();
  void sentences_and_words();
  void prompts_data();
  void prompts();
  void gradients_data();
  void gradients();
  void prompts_may_come_in_any_grouping_data();
  void prompts_may_come_in_any_grouping();
  void too_long_and_foreign_ids();
  void word_embeddings();
  void microsoft_hidden_states_data();
  void microsoft_hidden_states();
  void roberta_hidden_states_data();
  void roberta_hidden_states();

 private:
  static void kinds_and_types();
};

void TestTextTowers::kinds_and_types() {
  QTest::addColumn<QString>("kind");
  QTest::addColumn<QString>("type");
  for (const char* kind : {"bert", "roberta", "gpt2"}) {
    for (const char* type : {"f32", "f64"}) QTest::addRow("%s %s", kind, type) << kind << type;
  }
}

void TestTextTowers::sentences_and_words_data() {
  kinds_and_types();
}

void TestTextTowers::sentences_and_words() {
  QFETCH(QString, kind);
  QFETCH(QString, type);
  const bool wide = type == "f64";
  const Expected expected(reference(file_of(kind.toStdString())));
  const auto tower = tuning_tower(kind.toStdString(), wide ? at::kDouble : at::kFloat);
  const auto captions = unpadded(expected("caption.input_ids"), expected("caption.attention_mask"));
  const TextOutput found = tower->encode(captions, true);
  const double tolerance = tolerance_for(kind, type);
  CLOSE(found.sentence, expected("f64.sentence"), tolerance);
  CLOSE(found.words, expected("f64.words"), tolerance);
  QVERIFY(at::equal(found.word_mask, expected("word_mask").to(at::kBool)));
  CLOSE(tower->encode(captions, false).sentence, expected("f64.sentence"), tolerance);
}

void TestTextTowers::prompts_data() {
  kinds_and_types();
}

void TestTextTowers::prompts() {
  QFETCH(QString, kind);
  QFETCH(QString, type);
  const bool wide = type == "f64";
  const Expected expected(reference(file_of(kind.toStdString())));
  const auto tower = tuning_tower(kind.toStdString(), wide ? at::kDouble : at::kFloat);
  const auto classes = unpadded(expected("class.input_ids"), expected("class.attention_mask"));
  for (const std::string n : {"n4", "n16"}) {
    const at::Tensor contexts = at::stack({expected(n + ".context.coarse"), expected(n + ".context.fine")});
    const at::Tensor found = tower->encode_prompts(contexts.to(wide ? at::kDouble : at::kFloat), classes);
    CLOSE(found[0], expected(n + ".f64.class.coarse"), tolerance_for(kind, type));
    CLOSE(found[1], expected(n + ".f64.class.fine"), tolerance_for(kind, type));
  }
}

void TestTextTowers::gradients_data() {
  kinds_and_types();
}

void TestTextTowers::gradients() {
  QFETCH(QString, kind);
  QFETCH(QString, type);
  const bool wide = type == "f64";
  const auto number = wide ? at::kDouble : at::kFloat;
  const Expected expected(reference(file_of(kind.toStdString())));
  const auto tower = tuning_tower(kind.toStdString(), number);
  const auto classes = unpadded(expected("class.input_ids"), expected("class.attention_mask"));
  const auto captions = unpadded(expected("caption.input_ids"), expected("caption.attention_mask"));
  const double scale = std::min(100.0, std::exp(expected("logit_scale").item<double>()));
  const TextOutput features = tower->encode(captions, true);
  for (const std::string n : {"n4", "n16"}) {
    at::Tensor contexts = at::stack({expected(n + ".context.coarse"), expected(n + ".context.fine")}).to(number);
    contexts.set_requires_grad(true);
    const at::Tensor loss =
        single_loss(tower->encode_prompts(contexts, classes), features, expected("target.single").to(at::kLong), scale);
    CLOSE(loss.detach(), expected(n + ".f64.loss.single"), 10 * tolerance_for(kind, type));
    loss.backward();
    for (const std::int64_t set : {0, 1}) {
      const at::Tensor wanted = expected(n + ".f64.grad.single." + (set == 0 ? "coarse" : "fine"));
      const double largest = wanted.abs().max().item<double>();
      CLOSE(contexts.grad()[set] / largest, wanted / largest, 10 * tolerance_for(kind, type));
    }
  }
}

void TestTextTowers::prompts_may_come_in_any_grouping_data() {
  QTest::addColumn<QString>("kind");
  QTest::addColumn<bool>("contexts_once");
  QTest::newRow("bert") << "bert" << false;
  QTest::newRow("roberta") << "roberta" << false;
  QTest::newRow("gpt2") << "gpt2" << true;
}

void TestTextTowers::prompts_may_come_in_any_grouping() {
  QFETCH(QString, kind);
  const Expected expected(reference(file_of(kind.toStdString())));
  const auto tower = tuning_tower(kind.toStdString(), at::kDouble);
  QTEST(tower->contexts_once(), "contexts_once");
  const auto classes = unpadded(expected("class.input_ids"), expected("class.attention_mask"));
  const at::Tensor contexts = at::stack({expected("n4.context.coarse"), expected("n4.context.fine")});
  const at::Tensor all = tower->encode_prompts(contexts, classes);
  const at::Tensor alone = tower->encode_prompts(contexts.narrow(0, 1, 1), std::span(classes).subspan(2, 1));
  CLOSE(alone[0][0], all[1][2], 1e-12);
}

void TestTextTowers::too_long_and_foreign_ids() {
  const auto tower = tuning_tower("gpt2", at::kFloat);
  const auto kind_of = [&](const std::vector<TokenIds>& texts) {
    try {
      (void)tower->encode(texts, true);
    } catch (const Error& error) {
      return error.kind();
    }
    return ErrorKind::Unreadable;
  };
  QCOMPARE(tower->max_tokens(), 77);
  QCOMPARE(kind_of({TokenIds(78, 1)}), ErrorKind::Usage);
  QCOMPARE(kind_of({TokenIds{1, 1503}}), ErrorKind::BadFormat);
  QCOMPARE(kind_of({TokenIds{-1, 2}}), ErrorKind::BadFormat);
  QCOMPARE(kind_of({TokenIds{}}), ErrorKind::Internal);
  QCOMPARE(kind_of({}), ErrorKind::Internal);
  const std::vector<TokenIds> one{TokenIds{5}};
  QCOMPARE(tower->encode(one, true).words.size(1), std::int64_t{0});
}

void TestTextTowers::word_embeddings() {
  const auto tower = tuning_tower("bert", at::kFloat);
  const TokenIds ids{3, 1, 3};
  const at::Tensor rows = tower->word_embeddings(ids);
  QCOMPARE(rows.size(0), std::int64_t{3});
  QCOMPARE(rows.size(1), static_cast<std::int64_t>(tower->width()));
  QVERIFY(at::equal(rows[0], rows[2]) && !at::equal(rows[0], rows[1]));
}

void TestTextTowers::microsoft_hidden_states_data() {
  QTest::addColumn<QString>("folder");
  QTest::newRow("2022") << "msclap-2022";
  QTest::newRow("2023") << "msclap-2023";
}

void TestTextTowers::microsoft_hidden_states() {
  QFETCH(QString, folder);
  const auto path = reference(folder.toStdString());
  const Expected expected(path / "expected.safetensors");
  const Opened model = open_parts(path / "weights.pth");
  const auto texts = unpadded(expected("text.input_ids"), expected("text.attention_mask"));
  const TextOutput found = model.parts.text->encode(texts, true);
  CLOSE(found.sentence, expected("text.embed"), 1e-5);
  CLOSE(unit_length(found.sentence), expected("text.embed_norm"), 1e-5);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i);
    const auto length = static_cast<std::int64_t>(texts[i].size());
    CLOSE(found.hidden[row].narrow(0, 0, length), expected("text.hidden")[row].narrow(0, 0, length), 1e-5);
  }
}

void TestTextTowers::roberta_hidden_states_data() {
  QTest::addColumn<QString>("folder");
  for (const char* name : {"hf-clap-unfused", "hf-clap-fused"}) QTest::newRow(name) << name;
  if (!small_reference()) QTest::newRow("larger") << "hf-clap-larger";
}

void TestTextTowers::roberta_hidden_states() {
  QFETCH(QString, folder);
  const auto path = reference(folder.toStdString());
  const Expected expected(path / "expected.safetensors");
  const Opened model = open_parts(path);
  const auto texts = unpadded(expected("text.input_ids"), expected("text.attention_mask"));
  const TextOutput found = model.parts.text->encode(texts, true);
  CLOSE(unit_length(found.sentence), expected("text.embeds"), 1e-5);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i);
    const auto length = static_cast<std::int64_t>(texts[i].size());
    CLOSE(found.hidden[row].narrow(0, 0, length), expected("text.last_hidden")[row].narrow(0, 0, length), 1e-5);
  }
}

QTEST_GUILESS_MAIN(TestTextTowers)
#include "test_text_towers.moc"
