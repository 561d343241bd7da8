// What tuning from names alone does on sounds: the bundled ones, and some that the starter was not trained on
// (TUNING.md, "Does tuning help?").
#include <QtTest>
#include <map>

#include "base/csv.h"
#include "base/files.h"
#include "classify/evaluate.h"
#include "prompts/tuner.h"

using namespace hearsay;
namespace fs = std::filesystem;

namespace {

const fs::path kShared = fs::path(HEARSAY_SHARED) / "data" / "sounds";
const fs::path kLists = fs::path(HEARSAY_SOURCE_ROOT) / "tests" / "bench" / "lists";

/// Classes and labelled files.
struct Sounds {
  ClassList classes;
  Manifest manifest;
};

/// Of the shared sounds those with these labels (label -> class), in one split where one is named.
Sounds shared_sounds(const std::map<std::string, std::string>& class_of_label, const std::string& split) {
  std::string names;
  for (const auto& [label, name] : class_of_label) names += name + "\n";
  Sounds sounds{parse_classes(names), {}};
  const CsvTable table = parse_csv(read_file(kShared / "manifest.csv"), "manifest.csv");
  const auto cell = [&](const std::vector<std::string>& row, const char* column) {
    return row[static_cast<std::size_t>(table.column(column))];
  };
  for (const std::vector<std::string>& row : table.rows) {
    const auto found = class_of_label.find(cell(row, "label"));
    if (cell(row, "kind") != "label" || found == class_of_label.end()) continue;
    if (!split.empty() && cell(row, "split") != split) continue;
    const int k = static_cast<int>(std::distance(class_of_label.begin(), found));
    sounds.manifest.rows.push_back({kShared / cell(row, "file"), {k}});
  }
  return sounds;
}

/// The lines `words = label` of a list of tests/bench/lists, by label.
std::map<std::string, std::string> in_other_words(const char* file) {
  std::map<std::string, std::string> names;
  for (const std::string& line : split_lines(read_file(kLists / file))) {
    const std::size_t equals = line.find(" = ");
    if (!line.starts_with('#') && equals != std::string::npos) names[line.substr(equals + 3)] = line.substr(0, equals);
  }
  return names;
}

double accuracy(const Evaluation& evaluation, ScoreKind kind) {
  for (const auto& [of, metrics] : evaluation.scores) {
    if (of == kind) return metrics.accuracy;
  }
  return -1.0;
}

}  // namespace

class TestTuningAudio : public QObject {
  Q_OBJECT
  std::shared_ptr<ClapModel> model_;

 private Q_SLOTS:
  void initTestCase() {
    const fs::path folder = resources_folder() / "starter";
    if (!fs::exists(folder / "model.safetensors")) QSKIP("resources/starter holds no weights");
    model_ = ClapModel::load(folder, {"cpu", {}, nullptr});
  }

  void fused_does_not_lose_to_zero_shot_data() {
    QTest::addColumn<QString>("list");
    QTest::addColumn<double>("least");  // gain; what was measured is in TUNING.md
    QTest::newRow("bundled sounds") << "bundled" << 0.0;
    QTest::newRow("UrbanSound8K fold 3") << "U" << -0.005;
    QTest::newRow("its classes in other words") << "S" << 0.08;
    QTest::newRow("instruments that were kept out of training") << "I" << 0.04;
  }
  void fused_does_not_lose_to_zero_shot() {
    QFETCH(QString, list);
    QFETCH(double, least);
    if (list != "bundled" && !fs::exists(kShared)) QSKIP("Only ../shared/data has these sounds.");
    const Sounds sounds = sounds_of(list);
    QVERIFY(sounds.manifest.rows.size() >= 10);
    const TunerResult tuned = tune(*model_, sounds.classes, captions_from_bank(sounds.classes), recipe("fast"));
    QCOMPARE(tuned.prompts.preferred, ScoreKind::Fused);
    const Evaluation evaluation = evaluate(*model_, tuned.prompts, sounds.manifest);
    QVERIFY(evaluation.failed.empty());
    const double before = accuracy(evaluation, ScoreKind::ZeroShot);
    const double after = accuracy(evaluation, ScoreKind::Fused);
    qInfo("%d files: zero-shot %.1f %%, fused %.1f %%", evaluation.files, 100.0 * before, 100.0 * after);
    QVERIFY(after - before >= least);
  }

 private:
  static Sounds sounds_of(const QString& list) {
    const std::map<std::string, std::string> street = in_other_words("street.txt");
    if (list == "S") return shared_sounds(street, "us8k-fold3");
    std::map<std::string, std::string> names;
    if (list == "U") {
      for (const auto& [label, words] : street) names[label] = label;
      return shared_sounds(names, "us8k-fold3");
    }
    if (list == "I") {
      for (const char* name : {"banjo", "bassoon", "oboe", "trombone", "tambourine", "castanets", "sleigh bells"}) {
        names[name] = name;
      }
      return shared_sounds(names, "");
    }
    const fs::path folder = resources_folder() / "sounds";
    Sounds bundled{read_classes(resources_folder() / "presets" / "bundled-sounds.txt"), {}};
    bundled.manifest = read_manifest(folder / "manifest.csv", folder, bundled.classes);
    return bundled;
  }
};

QTEST_GUILESS_MAIN(TestTuningAudio)
#include "test_tuning_audio.moc"
