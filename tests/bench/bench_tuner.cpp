// The tuner with text towers of published size and random weights, beside the published way of working: every caption
// through the tower again in every step, captions and prompts padded to 100 tokens, batches of 24, contexts of 32
// (published_tuner.h). Both run in turn in one process, with the same classes, captions and contexts.
//   bench_tuner --benchmark_filter=Step        one step of the paper's recipe, gradients compared
//   bench_tuner --benchmark_filter=Recipe      a whole `fast` run of 50 classes with the caption bank, or with the
//                                              captions in HEARSAY_BENCH_CAPTIONS=FILE
//   bench_tuner --benchmark_filter=EqualLoss   until the held-out loss that the paper's recipe ends with
//   bench_tuner --benchmark_filter=Device      captions on a device and with fewer digits beside the CPU's float32
// HEARSAY_BENCH_THREADS=N: threads (default: as many as cores). Recipe and Device on
// HEARSAY_BENCH_DEVICE=auto|cpu|cuda[:n] (cpu). Of EqualLoss: HEARSAY_BENCH_CLASSES=N (10), HEARSAY_BENCH_EPOCHS=N of
// the paper's recipe (10, as published).

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>

#include "base/files.h"
#include "bench_device.h"
#include "model/clap_model.h"
#include "prompts/adamw.h"
#include "prompts/caption_features.h"
#include "prompts/captions.h"
#include "prompts/held_out.h"
#include "prompts/losses.h"
#include "prompts/prompt_learner.h"
#include "prompts/tuner.h"
#include "prompts/tuning_run.h"
#include "published_tuner.h"

namespace {

using namespace hearsay;
using namespace hearsay::bench;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kSeed = 0;
constexpr int kContexts = 32;
constexpr std::size_t kBatch = 24;

double seconds(const std::function<void()>& run) {
  const auto start = Clock::now();
  run();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

ClassList esc50(std::size_t count) {
  ClassList classes = read_classes(resources_folder() / "presets" / "esc-50.txt");
  for (SoundClass& c : classes) c = {c.name, {}, {}, {}};  // names alone, as published
  classes.resize(std::min(count, classes.size()));
  return classes;
}

/// What both ways need for steps on the same batch.
struct Task {
  explicit Task(const PublishedSize& tower, std::size_t classes)
      : list(esc50(classes)), captions(captions_from_bank(list, {0, kSeed, false})) {
    for (const SoundClass& c : list) names.push_back(tower.model().tokens(c.name));
    std::vector<Caption> some;
    for (std::size_t i = 0; i < kBatch; ++i) some.push_back(captions.captions[i * captions.captions.size() / kBatch]);
    for (const Caption& caption : some) {
      texts.push_back(tower.model().tokens(caption.text));
      labels.push_back(caption.labels[0]);
    }
    features.emplace(CaptionFeatures::encode(tower.model(), std::move(some), nullptr, [](double) {}));
  }
  ClassList list;
  CaptionSet captions;
  std::vector<TokenIds> names;
  std::vector<TokenIds> texts;
  std::vector<std::int64_t> labels;
  std::optional<CaptionFeatures> features;
};

/// One step as the paper's recipe takes it here: cached captions, prompts as long as they are.
at::Tensor our_gradient(const PublishedSize& tower, const Task& task, const PromptLearner& learner) {
  const FeatureBatch batch = task.features->batch(task.features->pairs(false), task.list.size(), at::kCPU);
  return learner.gradient([&](const at::Tensor& embeddings) {
    const double scale = tower.model().info().logit_scale;
    const at::Tensor coarse = coarse_cosines(batch.sentences, embeddings[0]);
    const at::Tensor fine = fine_cosines(batch.words, batch.mask, embeddings[1]);
    (cross_entropy_loss(coarse, batch.labels, scale) + cross_entropy_loss(fine, batch.labels, scale)).backward();
  });
}

struct StepTimes {
  double published = 0.0;
  double ours = 0.0;
  double difference = 0.0;  ///< of the gradients, relative
};

StepTimes time_steps(const PublishedSize& tower, const Task& task, int rounds) {
  const at::Tensor contexts = random_contexts(kContexts, tower.model().info().text_width, kSeed);
  PromptLearner learner(tower.model().text_tower(), {task.names, {}, {}}, contexts.clone(), 64);
  std::vector<double> published;
  std::vector<double> ours;
  at::Tensor theirs;
  at::Tensor gradient;
  for (int i = 0; i < rounds; ++i) {
    published.push_back(
        seconds([&] { theirs = tower.published_gradient(contexts, task.names, task.texts, task.labels); }));
    ours.push_back(seconds([&] { gradient = our_gradient(tower, task, learner); }));
  }
  const double off = (gradient - theirs).abs().max().item<double>() / theirs.abs().max().item<double>();
  return {median(published), median(ours), off};
}

void Step(benchmark::State& state, Published which) {
  const PublishedSize tower(which);
  const Task task(tower, 50);
  StepTimes times;
  for (auto _ : state) {
    times = time_steps(tower, task, 3);
    state.SetIterationTime(times.ours);
  }
  state.counters["published_s"] = times.published;
  state.counters["ours_s"] = times.ours;
  state.counters["times_faster"] = times.published / times.ours;
  state.counters["difference"] = times.difference;
  if (!(times.difference < 1e-2)) state.SkipWithError("our gradient and the published way's do not agree");
}

at::Device device() {
  const DeviceChoice choice = choose_device(wanted_device());
  return choice.cuda ? at::Device(at::kCUDA, static_cast<at::DeviceIndex>(choice.index)) : at::Device(at::kCPU);
}

WeightOptions on(at::Device where, at::ScalarType type = at::kFloat) {
  WeightOptions as;
  as.device = where;
  as.type = type;
  return as;
}

void Recipe(benchmark::State& state, Published which) {
  const PublishedSize tower(which, on(device()));
  const ClassList classes = esc50(50);
  const char* file = std::getenv("HEARSAY_BENCH_CAPTIONS");
  const CaptionSet captions =
      file == nullptr ? captions_from_bank(classes, {0, kSeed, false}) : captions_from_file(file, classes);
  TunerOptions options = recipe("fast");
  options.caption_cache = false;
  TunerResult result;
  for (auto _ : state) {
    state.SetIterationTime(seconds([&] { result = tune(tower.model(), classes, captions, options); }));
  }
  state.counters["captions"] = static_cast<double>(captions.captions.size());
  state.counters["encoding_s"] = result.report.seconds_encoding;
  state.counters["steps"] = static_cast<double>(result.report.steps.size());
  state.counters["held_out_loss"] = result.report.held_out_loss;
}

/// Between captions and class prompts: [captions, classes].
at::Tensor cosines(const ClapModel& model, const CaptionSet& captions, const ClassList& classes) {
  std::vector<std::string> texts;
  for (const Caption& caption : captions.captions) texts.push_back(caption.text);
  std::vector<std::string> prompts;
  for (const SoundClass& c : classes) prompts.push_back("the sound of " + c.name);
  const auto rows = [&](const std::vector<std::string>& of) {
    const Matrix matrix = model.embed_texts(of);
    return at::from_blob(const_cast<float*>(matrix.data.data()), {matrix.rows, matrix.cols}).clone();
  };
  return rows(texts).matmul(rows(prompts).t());
}

/// For each kind of number: seconds for 1,000 captions, and how far a cosine is from the CPU's in float32.
void Device(benchmark::State& state, Published which) {
  const ClassList classes = esc50(50);
  const CaptionSet captions = captions_from_bank(classes, {20, kSeed, false});
  const at::Tensor exact = cosines(PublishedSize(which).model(), captions, classes);
  const auto measure = [&](const std::string& name, at::ScalarType type) {
    const PublishedSize tower(which, on(device(), type));
    cosines(tower.model(), captions, classes);  // what is set up once is not timed
    at::Tensor found;
    const double time = seconds([&] { found = cosines(tower.model(), captions, classes); });
    state.counters[name + "_s"] = time;
    state.counters[name + "_off"] = (found - exact).abs().max().item<double>();
    return time;
  };
  for (auto _ : state) {
    state.SetIterationTime(measure("float32", at::kFloat));
    if (device().is_cuda()) {
      at::globalContext().setAllowTF32CuBLAS(true);
      measure("tf32", at::kFloat);
      at::globalContext().setAllowTF32CuBLAS(false);
      measure("float16", at::kHalf);
    }
    measure("bfloat16", at::kBFloat16);
  }
}

int wanted(const char* variable, int otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::max(1, std::atoi(text));
}

/// What `fast` does: contexts that start as the template's words, every cached caption in every step, a rate that falls
/// to zero.
struct Descent {
  int steps = 0;
  double loss = 0.0;  ///< held-out, coarse + fine
};
Descent descend_to(const ClapModel& model, const Task& task, double target) {
  const StepSpeed speed = step_speed(model.text_tower());
  const TunerOptions options = options_in_use(recipe("fast"), speed);
  CaptionSplit split = split_captions(task.captions, task.list.size(), options.hold_out_one_in, kSeed);
  const auto batches = [&](std::vector<Caption> captions) {
    const CaptionFeatures features = CaptionFeatures::encode(model, std::move(captions), nullptr, [](double) {});
    return features.batches(features.pairs(false), task.list.size(), at::kCPU);
  };
  const std::vector<FeatureBatch> train = batches(std::move(split.train));
  const std::vector<FeatureBatch> held_out = batches(std::move(split.held_out));
  double captions = 0.0;
  for (const FeatureBatch& batch : train) captions += static_cast<double>(batch.size());
  const double scale = model.info().logit_scale;
  PromptLearner learner(model.text_tower(), {task.names, {}, {}},
                        initial_contexts(model, options, std::string(kDefaultTemplate), {}).contexts, 64);
  const Pace pace = pace_for(options, task.list.size(), static_cast<std::size_t>(captions), speed);
  AdamW optimiser({pace.rate, pace.beta1, pace.beta2, options.epsilon, options.weight_decay});
  Descent descent;
  for (;; ++descent.steps) {
    const at::Tensor gradient = learner.gradient([&](const at::Tensor& embeddings) {
      descent.loss = look_at_held_out(held_out, embeddings.detach(), embeddings[0].detach(), scale, false).loss;
      if (descent.loss <= target) return;
      for (const FeatureBatch& batch : train) {
        const PromptLoss loss = prompt_loss(batch, embeddings, scale, false);
        ((loss.coarse + loss.fine) * (static_cast<double>(batch.size()) / captions)).backward();
      }
    });
    if (descent.loss <= target || descent.steps == pace.passes) return descent;
    optimiser.step(learner.contexts(), gradient, rate_share(descent.steps + 1, pace.passes, pace.held));
  }
}

/// The published way moves the contexts as our `paper` recipe does (Step compares the gradients), so it ends with that
/// recipe's held-out loss, and its time is its step's times the number of steps.
void EqualLoss(benchmark::State& state, Published which) {
  const PublishedSize tower(which);
  const Task task(tower, static_cast<std::size_t>(std::max(2, wanted("HEARSAY_BENCH_CLASSES", 10))));
  TunerOptions options = recipe("paper");
  options.epochs = wanted("HEARSAY_BENCH_EPOCHS", options.epochs);
  options.caption_cache = false;
  for (auto _ : state) {
    const StepTimes step = time_steps(tower, task, 3);
    TunerResult paper;
    const double paper_time = seconds([&] { paper = tune(tower.model(), task.list, task.captions, options); });
    Descent ours;
    const double time = seconds([&] { ours = descend_to(tower.model(), task, paper.report.held_out_loss); });
    const auto steps = static_cast<double>(paper.report.steps.size());
    state.SetIterationTime(time);
    state.counters["published_s"] = step.published * steps;
    state.counters["published_steps"] = steps;
    state.counters["published_loss"] = paper.report.held_out_loss;
    state.counters["paper_s"] = paper_time;
    state.counters["ours_s"] = time;
    state.counters["ours_steps"] = ours.steps;
    state.counters["ours_loss"] = ours.loss;
    state.counters["times_faster"] = step.published * steps / time;
    if (ours.loss > paper.report.held_out_loss) state.SkipWithError("the same held-out loss was not reached");
  }
}

void add(const std::string& kind, void (*run)(benchmark::State&, Published), Published which) {
  benchmark::RegisterBenchmark((kind + "/" + text_name_of(which)).c_str(), run, which)
      ->Iterations(1)
      ->UseManualTime()
      ->Unit(benchmark::kSecond);
}

}  // namespace

int main(int argc, char** argv) {
  const char* threads = std::getenv("HEARSAY_BENCH_THREADS");
  set_compute_threads(threads == nullptr ? 0 : std::atoi(threads));
  for (const Published which : {Published::Microsoft2022, Published::LaionUnfused, Published::Microsoft2023}) {
    add("Step", Step, which);
    add("Recipe", Recipe, which);
    add("Device", Device, which);
    add("EqualLoss", EqualLoss, which);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
