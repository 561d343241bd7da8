#include "classify/stretch.h"

#include <utility>

#include "audio/decode.h"

namespace hearsay {

std::vector<WindowResult> classify_stretch(const ClapModel& model, const PromptSet& prompts,
                                           const std::filesystem::path& file, double from, double seconds,
                                           ScoreKind kind, JobControl* control) {
  check_width(prompts, model.info().embedding_dim);
  const ModelInfo& info = model.info();
  std::vector<WindowResult> results;
  const auto take = [&](const Window& window, std::span<const float> samples) {
    if (control != nullptr) control->checkpoint();
    const bool whole = window.length == info.window_samples;
    const AudioEmbeddings embeddings =
        model.embed_windows(whole ? std::vector<float>(samples.begin(), samples.end()) : model.fill_window(samples));
    WindowResult& result = results.emplace_back();
    result.start = from + static_cast<double>(window.start) / info.sample_rate;
    result.end = from + static_cast<double>(window.start + window.length) / info.sample_rate;
    result.scores = score_window(embeddings.clips.row(0), embeddings.frames.front(), prompts, kind, true);
    result.probability = softmax(scores_of(result.scores, kind), prompts.logit_scale);
  };
  WindowCutter cutter(info.window_samples, info.window_samples, take);
  cutter.push(decode_range(file, info.sample_rate, from, seconds));
  cutter.finish();
  return results;
}

}  // namespace hearsay
