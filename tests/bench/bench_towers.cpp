// Every tower at its published size, with random weights or those in HEARSAY_BENCH_MODELS (random_weights.h), beside
// what the same operations cost in LibTorch-eager as the field's own code writes them (eager_towers.h). Both run in
// turn in one process; a row shows the medians in milliseconds and ours / eager. A row fails when the two disagree.
//   bench_towers [--benchmark_filter=Audio] [--benchmark_format=json]
// HEARSAY_BENCH_THREADS=N: threads (default: as many as cores).

#include <benchmark/benchmark.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>

#include "audio/log_mel.h"
#include "eager_towers.h"
#include "model/bert_tower.h"
#include "model/clap_model.h"
#include "model/cnn14_tower.h"
#include "model/gpt2_tower.h"
#include "model/htsat_tower.h"
#include "random_weights.h"

namespace {

using namespace hearsay;
using namespace hearsay::bench;
using Run = std::function<at::Tensor()>;

double milliseconds(const Run& run) {
  const auto start = std::chrono::steady_clock::now();
  benchmark::DoNotOptimize(run());
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

/// Ours and eager in turn, so that whatever else the machine does falls on both.
void side_by_side(benchmark::State& state, const Run& ours, const Run& eager) {
  const c10::InferenceMode inference;
  const at::Tensor expected = eager();
  const double off =
      (ours() - expected).abs().max().item<double>() / std::max(1.0, expected.abs().max().item<double>());
  std::vector<double> our_times;
  std::vector<double> eager_times;
  for (auto _ : state) {
    our_times.push_back(milliseconds(ours));
    eager_times.push_back(milliseconds(eager));
    state.SetIterationTime(our_times.back() / 1e3);
  }
  state.counters["ours_ms"] = median(our_times);
  state.counters["eager_ms"] = median(eager_times);
  state.counters["ratio"] = median(our_times) / median(eager_times);
  state.counters["difference"] = off;
  if (!(off < 1e-3)) state.SkipWithError("our tower and the eager one do not agree");
}

at::Tensor random_log_mel(const at::IntArrayRef& shape) {
  at::manual_seed(3);
  return at::randn(shape) * 0.5;
}

void AudioTowerHtsat(benchmark::State& state, Published model) {
  const bool laion = model != Published::Microsoft2023;
  const bool fused = model == Published::LaionFused;
  const std::int64_t windows = state.range(0);
  const Weights weights = audio_weights(model);
  const Weights end = audio_projection(model);
  const std::int64_t width = weights.size("norm.weight", 0);
  const HtsatTower tower(weights, laion ? HtsatNames::HuggingFace : HtsatNames::Microsoft, {},
                         laion ? Projection::plain(end, width, Activation::Relu) : Projection::residual(end, width));
  const EagerHtsat eager(weights, end);
  const std::int64_t frames = laion ? 1001 : 965;
  const at::Tensor log_mel = fused ? random_log_mel({windows, 4, frames, 64}) : random_log_mel({windows, frames, 64});
  const at::Tensor longer = fused ? at::ones({windows}, at::kBool) : at::Tensor();
  side_by_side(
      state, [&] { return tower.forward(log_mel, longer).clips; }, [&] { return eager(log_mel); });
}

void AudioTowerCnn14(benchmark::State& state, Published model) {
  const Cnn14Tower tower(audio_weights(model), audio_projection(model));
  const EagerCnn14 eager(audio_weights(model), audio_projection(model));
  const at::Tensor log_mel = random_log_mel({state.range(0), 690, 64});
  side_by_side(
      state, [&] { return tower.forward(log_mel).clips; }, [&] { return eager(log_mel); });
}

/// "this is a sound of ..." is 7 to 12 tokens long.
std::vector<TokenIds> made_up_texts(std::int64_t count) {
  std::vector<TokenIds> texts(static_cast<std::size_t>(count), TokenIds(10));
  std::int64_t id = 100;
  for (TokenIds& text : texts) {
    for (std::int64_t& token : text) token = 100 + (id += 37) % 1000;
  }
  return texts;
}

at::Tensor ids_of(const std::vector<TokenIds>& texts) {
  at::Tensor ids =
      at::empty({static_cast<std::int64_t>(texts.size()), static_cast<std::int64_t>(texts[0].size())}, at::kLong);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    std::ranges::copy(texts[i], ids[static_cast<std::int64_t>(i)].data_ptr<std::int64_t>());
  }
  return ids;
}

void compare_text(benchmark::State& state, const TextTower& tower,
                  const std::function<at::Tensor(const at::Tensor&, const at::Tensor&)>& eager) {
  const auto texts = made_up_texts(state.range(0));
  const at::Tensor ids = ids_of(texts);
  const at::Tensor mask = at::zeros({ids.size(0), 1, 1, ids.size(1)});
  side_by_side(
      state, [&] { return tower.encode(texts, false).sentence; }, [&] { return eager(ids, mask); });
}

void TextTowerBert(benchmark::State& state, Published model) {
  const bool roberta = model != Published::Microsoft2022;
  const Weights weights = text_weights(model);
  const Weights end = text_projection(model);
  BertConfig config;
  config.roberta = roberta;
  config.pad = roberta ? 1 : 0;
  Projection projection =
      roberta ? Projection::plain(end, 768, Activation::Relu, Linear::load(weights.under("pooler.dense"), 768, 768))
              : Projection::residual(end, 768);
  const BertTower tower(weights, config, std::move(projection));
  const EagerBert eager(weights, end, roberta);
  compare_text(state, tower, eager);
}

void TextTowerGpt2(benchmark::State& state, Published model) {
  const Gpt2Tower tower(text_weights(model), {}, Projection::residual(text_projection(model), 768));
  const EagerGpt2 eager(text_weights(model), text_projection(model));
  compare_text(state, tower, eager);
}

LogMelConfig front_end_of(Published model) {
  const bool laion = model == Published::LaionUnfused || model == Published::LaionFused;
  LogMelConfig config;
  config.sample_rate = laion ? 48000 : model == Published::Microsoft2022 ? 44100 : 32000;
  config.hop = laion ? 480 : 320;
  config.f_max = 14000.0;
  config.scale = model == Published::LaionFused ? MelScale::Htk : MelScale::Slaney;
  return config;
}

/// Ours works in float64 until the spectrum, as the field's does.
void LogMelAlone(benchmark::State& state, Published model) {
  const LogMelConfig config = front_end_of(model);
  const LogMel log_mel(config);
  const std::int64_t samples = model == Published::Microsoft2022   ? 5 * 44100
                               : model == Published::Microsoft2023 ? 7 * 44100
                                                                   : 10 * 48000;
  at::manual_seed(5);
  const at::Tensor wave = at::randn({state.range(0), samples}) * 0.1;
  const at::Tensor window = at::hann_window(config.n_fft, true);
  const at::Tensor filters = mel_filters(config);
  side_by_side(
      state, [&] { return log_mel(wave); }, [&] { return eager_log_mel(wave, window, filters, config.hop); });
}

void add(const std::string& kind, void (*run)(benchmark::State&, Published), Published model, int rounds) {
  for (const int batch : {1, 8}) {
    benchmark::RegisterBenchmark((kind + "/" + name_of(model)).c_str(), run, model)
        ->ArgName("batch")
        ->Arg(batch)
        ->Iterations(rounds)
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const char* threads = std::getenv("HEARSAY_BENCH_THREADS");
  set_compute_threads(threads == nullptr ? 0 : std::atoi(threads));
  for (const Published model : {Published::LaionUnfused, Published::LaionFused, Published::Microsoft2023}) {
    add("AudioTower", AudioTowerHtsat, model, 7);
  }
  add("AudioTower", AudioTowerCnn14, Published::Microsoft2022, 7);
  for (const Published model : {Published::LaionUnfused, Published::Microsoft2022}) {
    add("TextTower", TextTowerBert, model, 9);
  }
  add("TextTower", TextTowerGpt2, Published::Microsoft2023, 9);
  for (const Published model :
       {Published::LaionUnfused, Published::LaionFused, Published::Microsoft2022, Published::Microsoft2023}) {
    add("LogMel", LogMelAlone, model, 9);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
