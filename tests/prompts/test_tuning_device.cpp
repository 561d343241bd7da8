// On another device the same as on the CPU, to 1e-3: embeddings and tuning, one family after the other. On a GPU where
// there is one that LibTorch can use, and elsewhere on a pretended one that keeps a GPU's rules.

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>

#include "base/csv.h"
#include "base/error.h"
#include "base/files.h"
#include "model/clap_model.h"
#include "model/load_on.h"
#include "prompts/tuner.h"
#include "support/pretended_device.h"
#include "support/reference.h"
#include "support/sounds.h"

using namespace hearsay;
using hearsay::testing::reference;

namespace {

constexpr float kSame = 1e-3F;

bool gpu_is_there() {
  try {
    return choose_device("cuda").cuda;
  } catch (const Error&) {
    return false;
  }
}

/// On the device of these tests. A LibTorch with CUDA on a machine without asks CUDA for its devices before any
/// backward that is not on the CPU, and fails. Anything else that goes wrong is thrown.
bool backward_works() {
  if (gpu_is_there()) return true;
  try {
    const at::Tensor x = at::ones({2}).to(hearsay::testing::pretended_device()).requires_grad_(true);
    (x * 2.0).sum().backward();
    return true;
  } catch (const std::exception& problem) {
    if (std::string(problem.what()).find("CUDA driver") == std::string::npos) throw;
    return false;
  }
}

float furthest(const Matrix& a, const Matrix& b) {
  if (a.rows != b.rows || a.cols != b.cols || a.empty()) return INFINITY;
  float most = 0.0F;
  for (std::size_t i = 0; i < a.data.size(); ++i) {
    const float off = std::abs(a.data[i] - b.data[i]);
    most = off <= most ? most : off;  // NaN is furthest of all
  }
  return most;
}

#define SAME(a, b)                                                                                 \
  do {                                                                                             \
    const float off = furthest(a, b);                                                              \
    QVERIFY2(off < kSame, qPrintable(QString("%1 and %2 are %3 apart").arg(#a).arg(#b).arg(off))); \
  } while (false)

}  // namespace

class TestTuningDevice : public QObject {
  Q_OBJECT
  std::shared_ptr<ClapModel> cpu_;
  std::shared_ptr<ClapModel> there_;
  std::int64_t operations_ = 0;  ///< of the pretended device, before the test's own
  ClassList classes_ = parse_classes("dog\nrain | shower: Drops fall on a roof.\ncar horn\nchurch bells\nsiren");
  CaptionSet captions_ = captions_from_bank(classes_, {.per_class = 20, .seed = 1});

  void load(const QString& name) {
    const std::filesystem::path tiny = std::filesystem::path(HEARSAY_TEST_DATA) / "starter-tiny";
    const std::filesystem::path path = name == "starter" ? tiny : reference(name.toStdString());
    cpu_ = ClapModel::load(path, {"cpu", {}, nullptr});
    QFETCH_GLOBAL(QString, device);
    there_ = device == "cuda" ? ClapModel::load(path, {"cuda", {}, nullptr})
                              : load_on(hearsay::testing::pretended_device(), {false, 0, "pretended"}, path, {});
    operations_ = hearsay::testing::pretended_operations();
  }

  void families() {
    QTest::addColumn<QString>("name");
    for (const char* name :
         {"starter", "hf-clap-unfused", "hf-clap-fused", "msclap-2023/weights.pth", "msclap-2022/weights.pth"}) {
      QTest::newRow(name) << name;
    }
  }

  void ran_there(const std::string& said) const {
    QFETCH_GLOBAL(QString, device);
    QVERIFY(said.starts_with(device.toStdString()));
    if (device == "pretended") QVERIFY(hearsay::testing::pretended_operations() > operations_ + 50);
  }

  /// The file numbers the classes in the order of their names, "door knock" being "door wood knock" there.
  [[nodiscard]] CaptionSet captions_of_esc50(const std::filesystem::path& file) const {
    const auto name_there = [this](int k) {
      const std::string& name = classes_[static_cast<std::size_t>(k)].name;
      return name == "door knock" ? std::string("door wood knock") : name;
    };
    std::vector<int> order(classes_.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::sort(order, {}, name_there);
    CaptionSet captions;
    for (const std::vector<std::string>& row : parse_csv(read_file(file), file.string()).rows) {
      captions.captions.push_back({row.at(1), {order.at(std::stoul(row.at(2)))}, true});
    }
    return captions;
  }

  /// The one on the device is watched, as a person's runs are: then a step is tried first (step_time.h).
  void compare_tuning(const TunerOptions& options) {
    const TunerFn watch = [](const TunerUpdate&) {};
    const TunerResult here = tune(*cpu_, classes_, captions_, options);
    const TunerResult there =
        tune(*there_, classes_, captions_, options, std::string(kDefaultTemplate), nullptr, watch);
    QCOMPARE(there.report.steps.size(), here.report.steps.size());
    for (std::size_t i = 0; i < here.report.steps.size(); ++i) {
      const double wanted = here.report.steps[i].loss;
      const double found = there.report.steps[i].loss;
      QVERIFY2(std::abs(found - wanted) <= kSame * std::max(1.0, wanted),
               qPrintable(QString("step %1: %2 for %3").arg(i + 1).arg(found).arg(wanted)));
    }
    SAME(there.prompts.coarse_context, here.prompts.coarse_context);
    SAME(there.prompts.fine_context, here.prompts.fine_context);
    SAME(there.prompts.coarse, here.prompts.coarse);
    SAME(there.prompts.fine, here.prompts.fine);
    SAME(there.prompts.zero_shot, here.prompts.zero_shot);
    ran_there(there.report.device);
  }

 private Q_SLOTS:
  void initTestCase_data() {
    QTest::addColumn<QString>("device");
    // Beside a GPU LibTorch's backward asks the pretended device for a GPU's events, which it has not.
    const char* device = gpu_is_there() ? "cuda" : "pretended";
    QTest::newRow(device) << device;
  }

  void a_gpu_is_here() {
    if (!gpu_is_there()) QSKIP("There is no GPU here that this LibTorch can use.");
    QVERIFY(choose_device("auto").cuda);
  }

  void a_pretended_device_keeps_a_gpus_rules() {
    const at::Tensor numbers = at::arange(6, at::kFloat).view({2, 3});
    const at::Tensor there = numbers.to(hearsay::testing::pretended_device());
    QVERIFY((there * 2.0).cpu().equal(numbers * 2.0));
    QVERIFY(there.t().matmul(there).cpu().equal(numbers.t().matmul(numbers)));
    QVERIFY_THROWS_EXCEPTION(c10::Error, there + numbers);
    QVERIFY_THROWS_EXCEPTION(c10::Error, there.index_select(0, at::zeros({1}, at::kLong)));
  }

  void embeddings_are_the_same_data() { families(); }
  void embeddings_are_the_same() {
    QFETCH(QString, name);
    load(name);
    const std::vector<std::string> texts = {"a dog barks", "rain", "the bells of a church, far away over the hills"};
    const TextEmbeddings here = cpu_->embed_texts_with_words(texts);
    const TextEmbeddings there = there_->embed_texts_with_words(texts);
    SAME(there.sentences, here.sentences);
    for (std::size_t i = 0; i < texts.size(); ++i) SAME(there.words[i], here.words[i]);
    const std::vector<float> sound =
        hearsay::testing::noise(2 * static_cast<std::size_t>(cpu_->info().window_samples), 0.3);
    const AudioEmbeddings heard_here = cpu_->embed_audio(cpu_->features(sound));
    const AudioEmbeddings heard_there = there_->embed_audio(there_->features(sound));
    ran_there(there_->device().name);
    SAME(heard_there.clips, heard_here.clips);
    for (std::size_t i = 0; i < heard_here.frames.size(); ++i) SAME(heard_there.frames[i], heard_here.frames[i]);
  }

  void plain_runs_end_the_same_data() { families(); }
  void plain_runs_end_the_same() {
    if (!backward_works()) QSKIP("This LibTorch has CUDA, and there is no driver for it.");
    QFETCH(QString, name);
    load(name);
    for (const bool multi : {false, true}) {
      TunerOptions options = recipe("fast");
      options.steps = 20;
      options.multi_label = multi;
      options.class_chunk = multi ? 2 : 64;
      options.caption_cache = false;
      compare_tuning(options);
      if (QTest::currentTestFailed()) return;
    }
  }

  /// Everything a person's run goes through: descriptions, a pull, looks at held-out text, classes held out.
  void whole_runs_end_the_same_data() {
    QTest::addColumn<QString>("what");
    for (const char* what : {"fast", "paper", "several labels", "further prompts", "a pull", "in chunks"}) {
      QTest::newRow(what) << what;
    }
  }
  void whole_runs_end_the_same() {
    if (!backward_works()) QSKIP("This LibTorch has CUDA, and there is no driver for it.");
    QFETCH(QString, what);
    load("starter");
    TunerOptions options = recipe(what == "paper" ? "paper" : "fast");
    options.epochs = what == "paper" ? 3 : 15;
    options.patience = 0;
    options.unseen = {"siren"};
    options.caption_cache = false;
    options.multi_label = what == "several labels";
    options.further_prompts = what == "further prompts";
    if (what == "a pull") options.template_pull = 0.05;
    if (what == "in chunks") options.class_chunk = 2;
    compare_tuning(options);
  }

  /// As long as a person's runs are: 50 classes, the starter, every pass. Rounding has time to grow here.
  void long_runs_end_the_same_data() {
    QTest::addColumn<bool>("real");
    QTest::newRow("captions from the names") << false;
    QTest::newRow("ESC-50's captions") << true;
  }
  void long_runs_end_the_same() {
    if (!gpu_is_there()) QSKIP("Minutes, and nothing learnt, without a GPU that this LibTorch can use.");
    QFETCH(bool, real);
    const std::filesystem::path resources = resources_folder();
    if (!std::filesystem::exists(resources / "starter" / "model.safetensors")) {
      QSKIP("resources/starter holds no weights");
    }
    const std::filesystem::path csv = std::filesystem::path(HEARSAY_SHARED) / "data/captions/afpt_esc50.csv";
    if (real && !std::filesystem::exists(csv)) QSKIP("There is no ../shared here.");
    cpu_ = ClapModel::load(resources / "starter", {"cpu", {}, nullptr});
    there_ = ClapModel::load(resources / "starter", {"cuda", {}, nullptr});
    classes_ = read_classes(resources / "presets" / "esc-50.txt");
    captions_ = real ? captions_of_esc50(csv) : captions_from_bank(classes_);
    TunerOptions options = recipe("fast");
    options.caption_cache = false;
    compare_tuning(options);
  }
};

QTEST_GUILESS_MAIN(TestTuningDevice)
#include "test_tuning_device.moc"
