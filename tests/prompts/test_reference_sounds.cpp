// Score offsets from a bank of unlabelled sounds: what they are, the file, and what tuning does with them.
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <numeric>

#include "base/files.h"
#include "model/safetensors.h"
#include "prompts/reference_sounds.h"
#include "prompts/tuning_fixture.h"
#include "support/errors.h"

using namespace hearsay;
using namespace hearsay::testing;
namespace fs = std::filesystem;

namespace {

Matrix matrix(std::int64_t rows, std::int64_t cols, std::vector<float> data) {
  Matrix m(rows, cols);
  m.data = std::move(data);
  return m;
}

/// Three classes in the plane.
PromptSet three() {
  PromptSet prompts;
  prompts.classes = parse_classes("dog\nrain\nsiren");
  prompts.tuned = true;
  prompts.zero_shot = matrix(3, 2, {1, 0, 0, 1, -1, 0});
  prompts.coarse = matrix(3, 2, {0.8F, 0.6F, 0.6F, 0.8F, 0, -1});
  prompts.fine = matrix(3, 2, {0.6F, 0.8F, 0, 1, -1, 0});
  prompts.weights = {0.1, 0.1, 0.8};
  return prompts;
}

void write_sounds(const fs::path& file, const Matrix& audio, const std::vector<float>& weight) {
  SafetensorsWriter writer;
  writer.add("audio", audio);
  if (!weight.empty()) writer.add("weight", {static_cast<std::int64_t>(weight.size())}, weight);
  writer.write(file);
}

}  // namespace

class TestReferenceSounds : public QObject, private TuningFixture {
  Q_OBJECT

  /// A bank for the tiny model: embeddings of some texts, which will do for sounds.
  [[nodiscard]] fs::path bank() const {
    const std::vector<std::string> texts = {"a dog", "rain on a roof", "a horn", "bells"};
    write_sounds(path("bank.safetensors"), model_->embed_texts(texts), {});
    return path("bank.safetensors");
  }

 private Q_SLOTS:
  void initTestCase() { load(); }

  void offsets_by_hand() {
    const PromptSet prompts = three();
    const ReferenceSounds sounds{matrix(2, 2, {0.6F, 0.8F, 0, 0.5F}), {0.75, 0.25}};
    const std::vector<double> offsets = hub_offsets(prompts, sounds);
    std::vector<double> wanted;
    for (std::int64_t k = 0; k < 3; ++k) {
      double mean = 0.0;
      for (std::int64_t i = 0; i < 2; ++i) {
        double cosine = 0.0;
        for (std::int64_t j = 0; j < 2; ++j) {
          cosine += sounds.audio.at(i, j) *
                    (0.1 * prompts.coarse.at(k, j) + 0.1 * prompts.fine.at(k, j) + 0.8 * prompts.zero_shot.at(k, j));
        }
        mean += sounds.shares[static_cast<std::size_t>(i)] * std::exp(20.0 * cosine);
      }
      wanted.push_back(0.5 * std::log(mean) / 20.0);
    }
    const double mean = (wanted[0] + wanted[1] + wanted[2]) / 3.0;
    for (std::size_t k = 0; k < 3; ++k) QVERIFY(std::abs(offsets[k] - (wanted[k] - mean)) < 1e-7);
    QVERIFY(offsets[1] > offsets[0] && offsets[0] > offsets[2]);  // what is near to all sounds loses most
  }

  void the_sum_of_the_weights_does_not_matter_and_anchors_do() {
    PromptSet prompts = three();
    const ReferenceSounds sounds{matrix(1, 2, {0.6F, 0.8F}), {1.0}};
    const std::vector<double> one = hub_offsets(prompts, sounds);
    prompts.weights = {0.2, 0.2, 1.6};
    const std::vector<double> twice = hub_offsets(prompts, sounds);
    for (std::size_t k = 0; k < 3; ++k) QVERIFY(std::abs(one[k] - twice[k]) < 1e-12);
    prompts.anchored = matrix(3, 2, {0, 1, 1, 0, -1, 0});
    QVERIFY(hub_offsets(prompts, sounds)[0] > twice[0]);
  }

  /// The same sounds over and over, with rows that stand for none among them, are the same sounds.
  void many_sounds_are_taken_in_blocks() {
    const PromptSet prompts = three();
    const std::vector<double> few = hub_offsets(prompts, {matrix(2, 2, {0.6F, 0.8F, 0, 0.5F}), {0.75, 0.25}});
    ReferenceSounds many{Matrix(15000, 2), std::vector<double>(15000, 0.0)};
    for (std::int64_t i = 0; i < 15000; i += 3) {
      const auto at = static_cast<std::size_t>(i);
      many.audio.at(i, 0) = 0.6F;
      many.audio.at(i, 1) = 0.8F;
      many.audio.at(i + 1, 1) = 0.5F;
      many.audio.at(i + 2, 0) = 9.0F;
      many.shares[at] = 0.75 / 5000;
      many.shares[at + 1] = 0.25 / 5000;
    }
    const std::vector<double> found = hub_offsets(prompts, many);
    for (std::size_t k = 0; k < 3; ++k) QVERIFY(std::abs(found[k] - few[k]) < 1e-9);
  }

  void no_sounds_no_offsets() {
    QVERIFY(hub_offsets(three(), {}).empty());
    QVERIFY(reference_sounds(*model_).audio.empty());  // the tiny model's folder has none
  }

  void the_file_may_say_how_many_sounds_a_row_stands_for() {
    write_sounds(path("plain.safetensors"), numbered(3), {});
    const ReferenceSounds plain = read_reference_sounds(path("plain.safetensors"), 4);
    QCOMPARE(plain.audio.data, numbered(3).data);
    QCOMPARE(plain.shares, std::vector<double>(3, 1.0 / 3.0));
    write_sounds(path("weighed.safetensors"), numbered(3), {1, 0, 3});
    QCOMPARE(read_reference_sounds(path("weighed.safetensors"), 4).shares, (std::vector<double>{0.25, 0.0, 0.75}));
  }

  void what_does_not_fit_is_refused_data() {
    QTest::addColumn<int>("rows");
    QTest::addColumn<QList<float>>("weight");
    QTest::addColumn<float>("value");
    QTest::addColumn<int>("width");
    QTest::addColumn<QString>("named");
    const float nan = std::nanf("");
    QTest::newRow("another model's") << 3 << QList<float>() << 0.1F << 5 << "4 wide, its embeddings are 5";
    QTest::newRow("not a number") << 3 << QList<float>() << nan << 4 << "not a number";
    QTest::newRow("too long") << 3 << QList<float>() << 2.0F << 4 << "longer than 1";
    QTest::newRow("too few weights") << 3 << QList<float>{1, 2} << 0.1F << 4 << "one number a row";
    QTest::newRow("a weight below 0") << 3 << QList<float>{1, -1, 1} << 0.1F << 4 << "below 0";
    QTest::newRow("weights of 0") << 3 << QList<float>{0, 0, 0} << 0.1F << 4 << "nothing above";
    QTest::newRow("a weight that is no number") << 3 << QList<float>{1, nan, 1} << 0.1F << 4 << "below 0";
    QTest::newRow("no sounds") << 0 << QList<float>() << 0.1F << 4 << "no rows";
  }
  void what_does_not_fit_is_refused() {
    QFETCH(int, rows);
    QFETCH(QList<float>, weight);
    QFETCH(float, value);
    QFETCH(int, width);
    QFETCH(QString, named);
    Matrix audio = numbered(rows);
    if (!audio.empty()) audio.data[1] = value;
    const fs::path file = path("wrong.safetensors");
    write_sounds(file, audio, {weight.begin(), weight.end()});
    const Refusal refusal = refusal_of([&] { read_reference_sounds(file, width); });
    QCOMPARE(refusal.kind, ErrorKind::BadFormat);
    QVERIFY2(refusal.said.find(named.toStdString()) != std::string::npos, refusal.said.c_str());
    QVERIFY2(refusal.said.find("wrong.safetensors") != std::string::npos, refusal.said.c_str());
  }

  void tuned_sets_hold_the_offsets_of_the_file_named() {
    TunerOptions options = quick();
    options.reference_sounds = bank().string();
    const TunerResult with = tune(*model_, classes_, captions_, options);
    QCOMPARE(with.prompts.offsets,
             hub_offsets(with.prompts, read_reference_sounds(bank(), model_->info().embedding_dim)));
    QCOMPARE(with.prompts.offsets.size(), classes_.size());
    QVERIFY(std::abs(std::accumulate(with.prompts.offsets.begin(), with.prompts.offsets.end(), 0.0)) < 1e-12);
    options.offsets = false;
    const TunerResult without = tune(*model_, classes_, captions_, options);
    QVERIFY(without.prompts.offsets.empty());
    QCOMPARE(without.prompts.coarse.data, with.prompts.coarse.data);
    options = quick(2);
    options.reference_sounds = bank().string();
    QVERIFY(tune(*model_, classes_, captions_, options).prompts.offsets.empty());  // plain runs are the paper's
    options = recipe("paper");
    options.epochs = 1;
    QVERIFY(tune(*model_, classes_, captions_, options).prompts.offsets.empty());
  }

  void the_order_of_classes_is_only_an_order() {
    PromptSet prompts = three();
    const ReferenceSounds sounds{matrix(2, 2, {0.6F, 0.8F, 1, 0}), {0.5, 0.5}};
    const std::vector<double> before = hub_offsets(prompts, sounds);
    for (Matrix* part : {&prompts.zero_shot, &prompts.coarse, &prompts.fine}) {
      std::rotate(part->data.begin(), part->data.begin() + 2, part->data.end());
    }
    const std::vector<double> after = hub_offsets(prompts, sounds);
    for (std::size_t k = 0; k < 3; ++k) QVERIFY(std::abs(after[k] - before[(k + 1) % 3]) < 1e-12);
  }

  void a_file_that_is_not_there_is_told_before_any_step() {
    TunerOptions options = quick();
    options.reference_sounds = path("nowhere.safetensors").string();
    bool stepped = false;
    const Refusal refusal = refusal_of([&] {
      tune(*model_, classes_, captions_, options, std::string(kDefaultTemplate), nullptr,
           [&](const TunerUpdate& update) { stepped = stepped || !update.new_points.empty(); });
    });
    QCOMPARE(refusal.kind, ErrorKind::NotFound);
    QVERIFY2(refusal.said.find("nowhere.safetensors") != std::string::npos, refusal.said.c_str());
    QVERIFY(!stepped);
  }

  void the_starter_has_its_own() {
    const auto starter = ClapModel::load(resources_folder() / "starter", {"cpu", {}, nullptr});
    const ReferenceSounds sounds = reference_sounds(*starter);
    QCOMPARE(sounds.audio.rows, std::int64_t{256});
    QVERIFY(std::abs(std::accumulate(sounds.shares.begin(), sounds.shares.end(), 0.0) - 1.0) < 1e-6);
    // The starter's trained names carry a handicap (its card): beside them a name it never met is near to every sound.
    PromptSet prompts = zero_shot_prompts(*starter, parse_classes("dog\nclock tick\nmoped"));
    prompts.coarse = prompts.fine = prompts.zero_shot;
    const std::vector<double> offsets = hub_offsets(prompts, sounds);
    QCOMPARE(std::ranges::max_element(offsets) - offsets.begin(), 2);
  }

 private:
  static Matrix numbered(std::int64_t rows) {
    Matrix m(rows, 4);
    std::iota(m.data.begin(), m.data.end(), 1.0F);
    for (float& value : m.data) value /= 64.0F;
    return m;
  }
};

QTEST_GUILESS_MAIN(TestReferenceSounds)
#include "test_reference_sounds.moc"
