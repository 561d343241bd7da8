// A model that is timed by another program (python_towers.py), which sends a line and waits for the answer, so that the
// two can take turns.
//   bench_by_line MODEL SAMPLES [--whole]   SAMPLES: float32, mono, at the model's rate
//   "features N"  log-mels of the first N windows; with --whole: of all samples as one clip. Answer: milliseconds
//   "tower"       those log-mels through the audio tower and its projection. Answer: milliseconds
//   "save FILE"   the embeddings of the last "tower" as float32. Answer: how many there are
// HEARSAY_BENCH_THREADS=N: threads (default: as many as cores).

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "model/clap_model.h"

namespace {

using namespace hearsay;

std::vector<float> read_samples(const std::filesystem::path& path) {
  std::vector<float> samples(std::filesystem::file_size(path) / sizeof(float));
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(samples.data()), static_cast<std::streamsize>(samples.size() * sizeof(float)));
  if (!file) throw std::runtime_error("Cannot read " + path.string());
  return samples;
}

double milliseconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

class Timed {
 public:
  Timed(const char* model, const char* samples, bool whole)
      : model_(ClapModel::load(model, {"cpu", {}, nullptr})), samples_(read_samples(samples)), whole_(whole) {}

  double answer(const std::string& line) {
    std::istringstream words(line);
    std::string what;
    std::string argument;
    words >> what >> argument;
    if (what == "features") return features(whole_ ? 1 : std::stoull(argument));
    if (what == "tower") return milliseconds([&] { embeddings_ = model_->embed_audio(features_); });
    if (what == "save") return save(argument);
    throw std::runtime_error("What is \"" + line + "\"?");
  }

 private:
  double features(std::size_t windows) {
    const std::span<const float> all(samples_);
    const auto count = windows * static_cast<std::size_t>(model_->info().window_samples);
    return milliseconds(
        [&] { features_ = whole_ ? model_->whole_features(all) : model_->features(all.subspan(0, count)); });
  }
  double save(const std::string& path) {
    std::ofstream file(path, std::ios::binary);
    const auto& clips = embeddings_.clips.data;
    file.write(reinterpret_cast<const char*>(clips.data()), static_cast<std::streamsize>(clips.size() * sizeof(float)));
    if (!file.flush()) throw std::runtime_error("Cannot write " + path);
    return static_cast<double>(clips.size());
  }

  std::shared_ptr<ClapModel> model_;
  std::vector<float> samples_;
  bool whole_;
  AudioFeatures features_;
  AudioEmbeddings embeddings_;
};

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc < 3) throw std::runtime_error("bench_by_line MODEL SAMPLES [--whole]");
    const char* threads = std::getenv("HEARSAY_BENCH_THREADS");
    set_compute_threads(threads == nullptr ? 0 : std::atoi(threads));
    Timed timed(argv[1], argv[2], argc > 3 && std::string_view(argv[3]) == "--whole");
    for (std::string line; std::getline(std::cin, line);) std::cout << timed.answer(line) << std::endl;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return 0;
}
