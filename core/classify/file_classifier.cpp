#include "classify/file_classifier.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/plain_text.h"
#include "base/unit_length.h"
#include "classify/window_stream.h"
#include "prompts/noise_drift.h"

namespace hearsay {
namespace {

std::int64_t samples_of(double seconds, int rate) {
  return std::max<std::int64_t>(1, std::llround(seconds * rate));
}

/// Checks what a person may have typed and turns it into samples.
WindowStreamOptions stream_options(const ModelInfo& info, const ClassifyOptions& options) {
  const auto bad = [](double seconds) { return !(seconds >= 0.0 && std::isfinite(seconds)); };
  if (bad(options.window) || bad(options.hop)) {
    throw Error(ErrorKind::Usage, "Window and hop are lengths in seconds: choose positive numbers.");
  }
  if (options.batch < 1) throw Error(ErrorKind::Usage, "A batch holds at least one window.");
  WindowStreamOptions stream;
  stream.window = options.window > 0.0 ? samples_of(options.window, info.sample_rate) : info.window_samples;
  if (stream.window > info.window_samples) {
    throw Error(ErrorKind::Usage, "This model hears " + decimal_text(info.window_seconds, 2) +
                                      " s at once: the window may not be longer.");
  }
  stream.hop = options.hop > 0.0 ? samples_of(options.hop, info.sample_rate) : stream.window;
  (void)plan_windows(1, stream.window, stream.hop);  // a hop longer than the window is refused here
  stream.batch = options.batch;
  return stream;
}

void append(Matrix& all, const Matrix& more) {
  all.cols = more.cols;
  all.rows += more.rows;
  all.data.insert(all.data.end(), more.data.begin(), more.data.end());
}

/// What a file's scores come from.
struct WindowPool {
  std::vector<double> sum;  ///< of the clips
  FineScore fine;
  WindowScores best;  ///< of every class, over the windows so far

  [[nodiscard]] bool empty() const { return sum.empty(); }
};

/// One file's results as its windows come in.
class FileSum {
 public:
  FileSum(const PromptSet& prompts, const ClassifyOptions& options, int rate)
      : prompts_(prompts),
        options_(options),
        rate_(rate),
        heard_{{}, FineScore(prompts.size()), {}},
        silent_{{}, FineScore(prompts.size()), {}} {}

  void add(const WindowPlace& place, std::span<const float> clip, const Matrix& frames) {
    WindowPool& pool = place.silent ? silent_ : heard_;
    pool.sum.resize(clip.size());
    for (std::size_t i = 0; i < clip.size(); ++i) pool.sum[i] += static_cast<double>(clip[i]);
    if (prompts_.tuned) pool.fine.add(frames, prompts_.fine);
    if (options_.frame_similarity) append(similarity_, frame_similarity(frames, prompts_, options_.kind));
    const bool best_wanted = options_.pooling == WindowPooling::Max;
    if (!options_.per_window && !best_wanted) return;
    WindowResult result;
    result.start = static_cast<double>(place.window.start) / rate_;
    result.end = static_cast<double>(place.window.start + place.window.length) / rate_;
    WindowScores scores =
        score_window(clip, frames, prompts_, options_.kind, options_.frame_similarity, options_.noise_correction);
    if (best_wanted) take_larger(pool.best, scores);
    if (!options_.per_window) return;
    if (place.silent) {
      result.scores.frame_similarity = std::move(scores.frame_similarity);
    } else {
      result.scores = std::move(scores);
      result.probability = softmax(scores_of(result.scores, options_.kind), prompts_.logit_scale);
    }
    windows_.push_back(std::move(result));
  }

  void fail(const std::string& error) {
    if (error_.empty()) error_ = error;
  }

  FileResult finish(const std::filesystem::path& file, const FileEnd& end) {
    FileResult result;
    result.file = file;
    result.error = end.error.empty() ? error_ : end.error;
    result.seconds = static_cast<double>(end.samples) / rate_;
    result.sample_rate = end.rate;
    result.doubts = end.doubts;
    if (!result.error.empty()) return result;
    result.doubts.silent = result.doubts.silent || (heard_.empty() && !silent_.empty());
    result.windows = std::move(windows_);
    WindowPool& pool = heard_.empty() ? silent_ : heard_;
    result.scores = options_.pooling == WindowPooling::Max ? std::move(pool.best) : mean_scores(pool);
    result.scores.frame_similarity = std::move(similarity_);
    const auto values = scores_of(result.scores, options_.kind);
    result.probability = softmax(values, prompts_.logit_scale);
    result.order = ranking(values);
    return result;
  }

 private:
  [[nodiscard]] WindowScores mean_scores(const WindowPool& pool) const {
    std::vector<float> clip(pool.sum.begin(), pool.sum.end());
    make_unit_length(clip);
    return score_file(clip, pool.fine, prompts_, options_.noise_correction);
  }

  const PromptSet& prompts_;
  const ClassifyOptions& options_;
  int rate_;
  WindowPool heard_;
  WindowPool silent_;
  Matrix similarity_;
  std::vector<WindowResult> windows_;
  std::string error_;
};

/// Of the rows where there is something, or of all where there is nowhere.
std::vector<float> mean_row(const Matrix& rows, const std::vector<bool>& silent) {
  const bool all = std::ranges::all_of(silent, [](bool one) { return one; });
  std::vector<double> sum(static_cast<std::size_t>(rows.cols));
  for (std::int64_t i = 0; i < rows.rows; ++i) {
    if (silent[static_cast<std::size_t>(i)] && !all) continue;
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += static_cast<double>(rows.row(i)[k]);
  }
  return {sum.begin(), sum.end()};
}

/// Embeds the windows of a batch; the sentence when that failed.
std::string embed(const ClapModel& model, const WindowBatch& batch, const std::filesystem::path& first,
                  AudioEmbeddings& out) {
  if (batch.windows.empty() || !batch.error.empty()) return batch.error;
  try {
    out = model.embed_audio(batch.features);
    return {};
  } catch (const std::exception& error) {
    return sentence_of(error, first);
  }
}

}  // namespace

WindowPooling parse_pooling(std::string_view name) {
  if (name == "mean") return WindowPooling::Mean;
  if (name == "max") return WindowPooling::Max;
  throw Error(ErrorKind::Usage, "Windows are pooled by mean or max, not by \"" + std::string(name) + "\".");
}

void classify_files(const ClapModel& model, const PromptSet& prompts, const std::vector<std::filesystem::path>& files,
                    const ClassifyOptions& options, JobControl* control, const ProgressFn& progress,
                    const std::function<void(FileResult&&)>& done) {
  check_width(prompts, model.info().embedding_dim);
  check_noise_correction(options.noise_correction, prompts);
  WindowStream stream(model, files, stream_options(model.info(), options), control);
  ProgressMeter meter(progress, control);
  std::map<std::size_t, FileSum> sums;  // of the files in flight
  const auto sum_of = [&](std::size_t file) -> FileSum& {
    return sums.try_emplace(file, prompts, options, model.info().sample_rate).first->second;
  };
  while (const auto batch = stream.next()) {
    AudioEmbeddings embeddings;
    const std::string error =
        batch->windows.empty() ? std::string() : embed(model, *batch, files[batch->windows.front().file], embeddings);
    for (std::size_t i = 0; i < batch->windows.size(); ++i) {
      FileSum& sum = sum_of(batch->windows[i].file);
      if (error.empty()) {
        sum.add(batch->windows[i], embeddings.clips.row(static_cast<std::int64_t>(i)), embeddings.frames[i]);
      } else {
        sum.fail(error);
      }
    }
    for (const FileEnd& end : batch->ends) {
      done(sum_of(end.file).finish(files[end.file], end));
      sums.erase(end.file);
    }
    meter.report("classifying", batch->done);
    if (control != nullptr && control->cancelled()) return;
  }
}

FileEmbedding embed_file(const ClapModel& model, const std::filesystem::path& file, JobControl* control) {
  WindowStreamOptions options;
  options.window = options.hop = model.info().window_samples;
  WindowStream stream(model, {file}, options, control);
  FileEmbedding result;
  std::vector<bool> silent;  // of each window
  bool ended = false;
  while (const auto batch = stream.next()) {
    if (!batch->error.empty()) throw Error(ErrorKind::BadAudio, batch->error);
    for (const FileEnd& end : batch->ends) {
      if (!end.error.empty()) throw Error(end.kind, end.error);
      result.seconds = static_cast<double>(end.samples) / model.info().sample_rate;
      result.doubts = end.doubts;
      ended = true;
    }
    if (batch->windows.empty()) continue;
    const AudioEmbeddings embeddings = model.embed_audio(batch->features);
    append(result.windows, embeddings.clips);
    for (const Matrix& frames : embeddings.frames) append(result.frames, frames);
    for (const WindowPlace& place : batch->windows) {
      result.places.push_back(place.window);
      silent.push_back(place.silent);
    }
  }
  if (!ended) throw Error(ErrorKind::Cancelled, "Stopped before " + quoted(file) + " was read.");
  result.clip = mean_row(result.windows, silent);
  make_unit_length(result.clip);
  return result;
}

}  // namespace hearsay
