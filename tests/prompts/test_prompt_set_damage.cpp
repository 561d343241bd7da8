// Prompt sets that are damaged, hostile, no prompt sets at all, or another model's: refused in words.

#include <QTemporaryDir>
#include <QtTest>

#include <cmath>
#include <functional>
#include <vector>

#include "base/files.h"
#include "model/clap_model.h"
#include "prompts/example_prompts.h"
#include "support/errors.h"

using namespace hearsay;
using namespace hearsay::testing;

namespace {

/// One thing wrong with the example's file.
struct Damage {
  const char* name;
  std::function<void(Tensors&, Metadata&)> make;
};

const std::vector<Damage> kDamages = {
    {"a tensor missing", [](Tensors& tensors, Metadata&) { tensors.erase("fine.classes"); }},
    {"fewer classes", [](Tensors& tensors, Metadata&) { tensors["coarse.classes"] = numbered(2, 6, 0); }},
    {"other width", [](Tensors& tensors, Metadata&) { tensors["coarse.classes"] = numbered(3, 5, 0); }},
    {"anchored of another width", [](Tensors& tensors, Metadata&) { tensors["anchored.classes"] = numbered(3, 5, 0); }},
    {"other contexts", [](Tensors& tensors, Metadata&) { tensors["fine.context"] = numbered(5, 5, 0); }},
    {"NaN", [](Tensors& tensors, Metadata&) { tensors["coarse.context"].data[3] = std::nanf(""); }},
    {"no format", [](Tensors&, Metadata& metadata) { metadata.erase("format"); }},
    {"another format", [](Tensors&, Metadata& metadata) { metadata["format"] = "\"something else\""; }},
    {"newer version", [](Tensors&, Metadata& metadata) { metadata["version"] = "2"; }},
    {"classes not JSON", [](Tensors&, Metadata& metadata) { metadata["classes"] = "[\"dog\", "; }},
    {"equal classes", [](Tensors&, Metadata& metadata) { metadata["classes"] = R"(["dog", "Dog", "rain"])"; }},
    {"no classes", [](Tensors&, Metadata& metadata) { metadata["classes"] = "[]"; }},
    {"details missing", [](Tensors&, Metadata& metadata) { metadata["class_details"] = "[{}, {}, {}]"; }},
    {"negative seed", [](Tensors&, Metadata& metadata) { metadata["seed"] = "\"many\""; }},
    {"unknown score", [](Tensors&, Metadata& metadata) { metadata["preferred"] = "\"best\""; }},
    {"too few thresholds", [](Tensors&, Metadata& metadata) { metadata["thresholds"] = "[0.5]"; }},
    {"a threshold above one", [](Tensors&, Metadata& metadata) { metadata["thresholds"] = "[0.5, 1.5, 0.5]"; }},
    {"zero-shot missing", [](Tensors& tensors, Metadata&) { tensors.erase("zero_shot.classes"); }},
    {"weights below 0",
     [](Tensors&, Metadata& metadata) { metadata["score_weights"] = R"({"coarse":1,"fine":-0.5,"zero_shot":0})"; }},
    {"weights all 0",
     [](Tensors&, Metadata& metadata) { metadata["score_weights"] = R"({"coarse":0,"fine":0,"zero_shot":0})"; }},
    {"too few offsets", [](Tensors&, Metadata& metadata) { metadata["score_offsets"] = "[0.1, 0.2]"; }},
    {"a huge offset", [](Tensors&, Metadata& metadata) { metadata["score_offsets"] = "[0.1, 0.2, 1e30]"; }},
    {"a weight missing", [](Tensors&, Metadata& metadata) { metadata["score_weights"] = R"({"coarse":1,"fine":1})"; }},
};

}  // namespace

class TestPromptSetDamage : public QObject {
  Q_OBJECT
  QTemporaryDir dir_;

  [[nodiscard]] std::filesystem::path path(const char* name) const {
    return std::filesystem::path(dir_.path().toStdString()) / name;
  }

 private Q_SLOTS:
  void damaged_files_are_refused_data() {
    QTest::addColumn<int>("which");
    for (std::size_t i = 0; i < kDamages.size(); ++i) QTest::newRow(kDamages[i].name) << static_cast<int>(i);
  }
  void damaged_files_are_refused() {
    QFETCH(int, which);
    const auto file = path("changed.safetensors");
    change_prompts(file, kDamages.at(static_cast<std::size_t>(which)).make);
    const Refusal refusal = refusal_of([&] { load_prompts(file); });
    QCOMPARE(refusal.kind, ErrorKind::BadFormat);
    QVERIFY2(refusal.said.find("changed.safetensors") != std::string::npos, refusal.said.c_str());
  }

  void hostile_and_foreign_files_are_refused() {
    save_prompts(example(), path("whole.safetensors"));
    const std::string bytes = read_file(path("whole.safetensors"));
    for (std::size_t length = 0; length < bytes.size(); length += 1 + bytes.size() / 60) {
      write_file_atomically(path("cut.safetensors"), std::string_view(bytes).substr(0, length));
      QCOMPARE(refusal_of([&] { load_prompts(path("cut.safetensors")); }).kind, ErrorKind::BadFormat);
    }
    for (std::size_t at = 0; at < bytes.size(); at += 1 + bytes.size() / 200) {
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ 0x15);
      write_file_atomically(path("flipped.safetensors"), flipped);
      const Refusal refusal = refusal_of([&] { load_prompts(path("flipped.safetensors")); });
      QVERIFY2(refusal.kind == ErrorKind::BadFormat || refusal.said == "nothing was thrown", refusal.said.c_str());
    }
    QCOMPARE(refusal_of([&] { load_prompts(path("absent.safetensors")); }).kind, ErrorKind::NotFound);
    const std::filesystem::path model = std::filesystem::path(HEARSAY_TEST_DATA) / "starter-tiny/model.safetensors";
    const Refusal refusal = refusal_of([&] { load_prompts(model); });
    QCOMPARE(refusal.kind, ErrorKind::BadFormat);
    QVERIFY2(refusal.said.find("prompt set") != std::string::npos, refusal.said.c_str());
  }

  void another_models_set_is_refused_with_both_fingerprints() {
    const auto model = ClapModel::load(std::filesystem::path(HEARSAY_TEST_DATA) / "starter-tiny", {"cpu", {}, nullptr});
    const Refusal refusal = refusal_of([&] { check_prompts_fit(example(), *model); });
    QCOMPARE(refusal.kind, ErrorKind::WrongModel);
    QVERIFY(refusal.said.find(std::string(64, 'a')) != std::string::npos);
    QVERIFY(refusal.said.find(model->fingerprint()) != std::string::npos);
    QVERIFY(refusal_of([&] {
              check_prompts_fit(example(), *model, "mine.safetensors");
            }).said.find("mine.safetensors") != std::string::npos);
    PromptSet lying = example();
    lying.model_fingerprint = model->fingerprint();
    QCOMPARE(refusal_of([&] { check_prompts_fit(lying, *model); }).kind, ErrorKind::WrongModel);
    check_prompts_fit(zero_shot_prompts(*model, parse_classes("dog, rain")), *model);
  }
};

QTEST_APPLESS_MAIN(TestPromptSetDamage)
#include "test_prompt_set_damage.moc"
