// What a person waits for with the starter: a live window, a tuning, a folder of files. Goals are in the README's
// table.
//   bench_starter [--benchmark_filter=...]       on HEARSAY_BENCH_DEVICE=auto|cpu|cuda[:n] (cpu)

#include <benchmark/benchmark.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <future>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "audio/decode.h"
#include "base/error.h"
#include "base/files.h"
#include "bench_device.h"
#include "classify/file_classifier.h"
#include "classify/scores.h"
#include "classify/stream_classifier.h"
#include "model/clap_model.h"
#include "prompts/captions.h"
#include "prompts/tuner.h"

namespace {

using namespace hearsay;

const ClapModel& starter() {
  static const std::shared_ptr<ClapModel> model = [] {
    set_compute_threads(0);
    LoadOptions options;
    options.device = bench::wanted_device();
    return ClapModel::load(resources_folder() / "starter", options);
  }();
  return *model;
}

/// The bundled class names, and then made-up ones, until there are `count`.
ClassList classes(std::size_t count) {
  ClassList list;
  for (const Preset& preset : bundled_presets()) {
    for (const SoundClass& c : preset.classes) {
      if (list.size() == count) return list;
      ClassList candidate = list;
      candidate.push_back(c);
      try {
        check_classes(candidate);
        list = std::move(candidate);
      } catch (const std::exception&) {
        continue;  // in two presets: once is enough
      }
    }
  }
  while (list.size() < count) list.push_back({"sound number " + std::to_string(list.size()), {}, {}, {}});
  return list;
}

std::vector<float> noise(std::int64_t samples) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0.0F, 0.1F);
  std::vector<float> wave(static_cast<std::size_t>(samples));
  for (float& x : wave) x = normal(random);
  return wave;
}

void LogMelOfAWindow(benchmark::State& state) {
  const auto wave = noise(starter().info().window_samples);
  for (auto _ : state) benchmark::DoNotOptimize(starter().features(wave));
}
BENCHMARK(LogMelOfAWindow)->Unit(benchmark::kMillisecond);

void WindowToScores(benchmark::State& state) {
  const auto wave = noise(starter().info().window_samples);
  const PromptSet prompts = zero_shot_prompts(starter(), classes(50));
  for (auto _ : state) {
    const AudioEmbeddings embedded = starter().embed_windows(wave);
    benchmark::DoNotOptimize(
        score_window(embedded.clips.row(0), embedded.frames[0], prompts, ScoreKind::ZeroShot, true));
  }
}
BENCHMARK(WindowToScores)->Unit(benchmark::kMillisecond);

void BatchOfEightWindows(benchmark::State& state) {
  const auto wave = noise(starter().info().window_samples * 8);
  for (auto _ : state) benchmark::DoNotOptimize(starter().embed_windows(wave));
}
BENCHMARK(BatchOfEightWindows)->Unit(benchmark::kMillisecond);

void FiftyClassPrompts(benchmark::State& state) {
  std::vector<std::string> texts;
  for (const SoundClass& c : classes(50)) texts.push_back(fill_template(kDefaultTemplate, c.name));
  for (auto _ : state) benchmark::DoNotOptimize(starter().embed_texts(texts));
}
BENCHMARK(FiftyClassPrompts)->Unit(benchmark::kMillisecond);

void Tune(benchmark::State& state) {
  const ClassList list = classes(static_cast<std::size_t>(state.range(0)));
  const CaptionSet captions = captions_from_bank(list);
  double encoding = 0.0;
  std::size_t steps = 0;
  for (auto _ : state) {
    const TunerResult result = tune(starter(), list, captions, recipe("fast"));
    encoding = result.report.seconds_encoding;
    steps = result.report.steps.size();
  }
  state.counters["captions"] = static_cast<double>(captions.captions.size());
  state.counters["steps"] = static_cast<double>(steps);
  state.counters["encoding_s"] = encoding;
}
BENCHMARK(Tune)->Arg(10)->Arg(50)->Unit(benchmark::kSecond)->Iterations(1);

/// Ten seconds of live windows, alone (0) or while 50 classes are tuned (1) on a thread as nice as the window's jobs.
void LiveLatency(benchmark::State& state) {
  const ClassList list = classes(50);
  const CaptionSet captions = captions_from_bank(list);
  const std::shared_ptr<const ClapModel> model(&starter(), [](const ClapModel*) {});
  for (auto _ : state) {
    JobControl control;
    std::thread tuning;
    if (state.range(0) == 1) {
      tuning = std::thread([&] {
        const auto me = static_cast<id_t>(syscall(SYS_gettid));
        setpriority(PRIO_PROCESS, me, getpriority(PRIO_PROCESS, me) + 4);
        TunerOptions options = recipe("fast");
        options.caption_cache = false;
        while (!control.cancelled()) {
          try {
            tune(*model, list, captions, options, std::string(kDefaultTemplate), &control);
          } catch (const Error&) {  // cancelled before the first step
          }
        }
      });
    }
    std::promise<StreamSummary> ended;
    StreamClassifier live(model, zero_shot_prompts(*model, list), {});
    StreamSink sink;
    sink.ended = [&](const StreamSummary& summary) { ended.set_value(summary); };
    live.start(replay_samples(noise(10 * 32000), 32000, true), sink);
    const StreamSummary summary = ended.get_future().get();
    control.cancel();
    if (tuning.joinable()) tuning.join();
    state.counters["mean_ms"] = summary.mean_latency_ms;
    state.counters["worst_ms"] = summary.worst_latency_ms;
    state.counters["windows"] = static_cast<double>(summary.windows);
    state.counters["dropped"] = static_cast<double>(summary.dropped_samples);
    state.counters["hop_s"] = summary.hop;
  }
}
BENCHMARK(LiveLatency)->Arg(0)->Arg(1)->Unit(benchmark::kSecond)->Iterations(1)->UseRealTime();

/// 40 files of 30 s; the counter is seconds of sound per second of work.
void FolderOfFiles(benchmark::State& state) {
  const auto folder = std::filesystem::temp_directory_path() / "hearsay-bench-files";
  std::filesystem::create_directories(folder);
  std::vector<std::filesystem::path> files;
  const auto wave = noise(30 * 32000);
  for (int i = 0; i < 40; ++i) {
    files.push_back(folder / ("clip" + std::to_string(i) + ".wav"));
    write_wav(files.back(), wave, 32000);
  }
  const PromptSet prompts = zero_shot_prompts(starter(), classes(10));
  for (auto _ : state) classify_files(starter(), prompts, files, {}, nullptr, {}, [](FileResult&&) {});
  state.counters["times_real_time"] =
      benchmark::Counter(30.0 * static_cast<double>(files.size()), benchmark::Counter::kIsIterationInvariantRate);
  std::filesystem::remove_all(folder);
}
BENCHMARK(FolderOfFiles)->Unit(benchmark::kSecond)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
