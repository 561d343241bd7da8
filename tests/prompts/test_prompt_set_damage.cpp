// Prompt sets that are damaged, hostile, no prompt sets at all, or another model's: refused in words.

#include <QTemporaryDir>
#include <QtTest>

#include <cmath>

#include "base/files.h"
#include "model/clap_model.h"
#include "prompts/example_prompts.h"
#include "support/errors.h"

using namespace hearsay;
using namespace hearsay::testing;

class TestPromptSetDamage : public QObject {
  Q_OBJECT
  QTemporaryDir dir_;

  [[nodiscard]] std::filesystem::path path(const char* name) const {
    return std::filesystem::path(dir_.path().toStdString()) / name;
  }

 private Q_SLOTS:
  void damaged_files_are_refused_data() {
    QTest::addColumn<int>("which");
    const std::vector<const char*> names = {
        "a tensor missing",  "fewer classes",   "other width",   "other contexts",   "NaN",
        "no format",         "another format",  "newer version", "classes not JSON", "equal classes",
        "no classes",        "details missing", "negative seed", "unknown score",    "too few thresholds",
        "zero-shot missing", "weights below 0", "weights all 0", "too few offsets",  "a huge offset",
        "a weight missing"};
    for (std::size_t i = 0; i < names.size(); ++i) QTest::newRow(names[i]) << static_cast<int>(i);
  }
  void damaged_files_are_refused() {
    QFETCH(int, which);
    const auto file = path("changed.safetensors");
    change_prompts(file, [&](Tensors& tensors, Metadata& metadata) {
      switch (which) {
        case 0:
          tensors.erase("fine.classes");
          break;
        case 1:
          tensors["coarse.classes"] = numbered(2, 6, 0);
          break;
        case 2:
          tensors["coarse.classes"] = numbered(3, 5, 0);
          break;
        case 3:
          tensors["fine.context"] = numbered(5, 5, 0);
          break;
        case 4:
          tensors["coarse.context"].data[3] = std::nanf("");
          break;
        case 5:
          metadata.erase("format");
          break;
        case 6:
          metadata["format"] = "\"something else\"";
          break;
        case 7:
          metadata["version"] = "2";
          break;
        case 8:
          metadata["classes"] = "[\"dog\", ";
          break;
        case 9:
          metadata["classes"] = R"(["dog", "Dog", "rain"])";
          break;
        case 10:
          metadata["classes"] = "[]";
          break;
        case 11:
          metadata["class_details"] = "[{}, {}, {}]";
          break;
        case 12:
          metadata["seed"] = "\"many\"";
          break;
        case 13:
          metadata["preferred"] = "\"best\"";
          break;
        case 14:
          metadata["thresholds"] = "[0.5]";
          break;
        case 15:
          tensors.erase("zero_shot.classes");
          break;
        case 16:
          metadata["score_weights"] = R"({"coarse":1,"fine":-0.5,"zero_shot":0})";
          break;
        case 17:
          metadata["score_weights"] = R"({"coarse":0,"fine":0,"zero_shot":0})";
          break;
        case 18:
          metadata["score_offsets"] = "[0.1, 0.2]";
          break;
        case 19:
          metadata["score_offsets"] = "[0.1, 0.2, 1e30]";
          break;
        default:
          metadata["score_weights"] = R"({"coarse":1,"fine":1})";
          break;
      }
    });
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
