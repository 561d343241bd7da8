#pragma once
// A model without tensors, for tests of threads and bookkeeping: it tells loudness apart. A frame whose mean size of
// samples is k/10 points along axis k. Half a second of made-up work can be had by `delay_ms`.

#include <atomic>
#include <chrono>
#include <cmath>
#include <thread>

#include "base/error.h"
#include "base/unit_length.h"
#include "classify/scores.h"
#include "model/clap_model.h"

namespace hearsay_test {

class FakeModel : public hearsay::ClapModel {
 public:
  static constexpr int kRate = 16000;
  static constexpr int kClasses = 4;
  static constexpr int kFrames = 8;

  FakeModel() {
    info_.name = "fake";
    info_.sample_rate = kRate;
    info_.window_seconds = 2.0;
    info_.window_samples = 2 * kRate;
    info_.embedding_dim = kClasses;
    info_.frames_per_window = kFrames;
    info_.frame_seconds = 0.25;
  }

  std::atomic<int> delay_ms{0};
  std::atomic<bool> broken{false};
  mutable std::atomic<int> passes{0};
  mutable std::atomic<int> windows{0};
  mutable std::atomic<int> largest_batch{0};

  const hearsay::ModelInfo& info() const override { return info_; }
  const hearsay::DeviceChoice& device() const override { return device_; }
  std::string fingerprint() const override { return std::string(64, 'f'); }
  std::vector<std::int64_t> tokens(std::string_view) const override { return no_text<std::vector<std::int64_t>>(); }
  hearsay::Matrix embed_texts(std::span<const std::string>, hearsay::JobControl*,
                              const hearsay::ProgressFn&) const override {
    return no_text<hearsay::Matrix>();
  }
  hearsay::TextEmbeddings embed_texts_with_words(std::span<const std::string>, hearsay::JobControl*,
                                                 const hearsay::ProgressFn&) const override {
    return no_text<hearsay::TextEmbeddings>();
  }
  const hearsay::Tokenizer& tokenizer() const override { return no_text<const hearsay::Tokenizer&>(); }
  const hearsay::TextTower& text_tower() const override { return no_text<const hearsay::TextTower&>(); }

  /// The samples themselves; held behind the opaque pointer.
  hearsay::AudioFeatures features(std::span<const float> samples) const override {
    const auto held = std::make_shared<const std::vector<float>>(samples.begin(), samples.end());
    hearsay::AudioFeatures features;
    features.state = {held, reinterpret_cast<const hearsay::AudioFeatures::State*>(held.get())};
    return features;
  }

  hearsay::AudioFeatures whole_features(std::span<const float> clip) const override {
    return features(fill_window(clip));
  }

  hearsay::AudioEmbeddings embed_audio(const hearsay::AudioFeatures& features) const override {
    const auto& samples = *reinterpret_cast<const std::vector<float>*>(features.state.get());
    const auto n = static_cast<int>(samples.size() / static_cast<std::size_t>(info_.window_samples));
    ++passes;
    windows += n;
    largest_batch = std::max(largest_batch.load(), n);
    if (broken) throw hearsay::Error(hearsay::ErrorKind::Internal, "The fake model was told to break.");
    std::this_thread::sleep_for(std::chrono::milliseconds(delay_ms.load()));
    hearsay::AudioEmbeddings out;
    out.clips = hearsay::Matrix(n, kClasses);
    for (int i = 0; i < n; ++i) {
      out.frames.push_back(frames_of(std::span(samples).subspan(static_cast<std::size_t>(i * info_.window_samples))));
      for (int t = 0; t < kFrames; ++t) {
        for (int k = 0; k < kClasses; ++k) out.clips.at(i, k) += out.frames.back().at(t, k);
      }
      hearsay::make_unit_length(out.clips.row(i));
    }
    return out;
  }

  /// Repeated end to end.
  std::vector<float> fill_window(std::span<const float> clip) const override {
    std::vector<float> window(static_cast<std::size_t>(info_.window_samples));
    for (std::size_t i = 0; i < window.size(); ++i) window[i] = clip[i % clip.size()];
    return window;
  }

 private:
  hearsay::Matrix frames_of(std::span<const float> window) const {
    hearsay::Matrix frames(kFrames, kClasses);
    const auto length = static_cast<std::size_t>(info_.window_samples / kFrames);
    for (int t = 0; t < kFrames; ++t) {
      double size = 0.0;
      for (const float x : window.subspan(static_cast<std::size_t>(t) * length, length)) {
        size += std::abs(static_cast<double>(x));
      }
      const double place = 10.0 * size / static_cast<double>(length);
      for (int k = 0; k < kClasses; ++k) {
        frames.at(t, k) = static_cast<float>(std::exp(-4.0 * (place - k) * (place - k)));
      }
      hearsay::make_unit_length(frames.row(t));
    }
    return frames;
  }

  template <class T>
  [[noreturn]] static T no_text() {
    throw hearsay::Error(hearsay::ErrorKind::Internal, "The fake model knows no text.");
  }

  hearsay::ModelInfo info_;
  hearsay::DeviceChoice device_{false, 0, "cpu"};
};

/// Classes "level 0" .. "level 3" along the fake model's axes.
inline hearsay::PromptSet fake_prompts(bool tuned = false) {
  hearsay::PromptSet set;
  for (int k = 0; k < FakeModel::kClasses; ++k) {
    set.classes.push_back({"level " + std::to_string(k), {}, {}, {}});
  }
  set.zero_shot = hearsay::Matrix(FakeModel::kClasses, FakeModel::kClasses);
  for (int k = 0; k < FakeModel::kClasses; ++k) set.zero_shot.at(k, k) = 1.0F;
  set.tuned = tuned;
  if (tuned) set.coarse = set.fine = set.zero_shot;
  set.logit_scale = 20.0;
  return set;
}

/// `seconds` of a square wave with samples of size level/10.
inline std::vector<float> sound_of(int level, double seconds, int rate = FakeModel::kRate) {
  std::vector<float> samples(static_cast<std::size_t>(seconds * rate));
  const float size = static_cast<float>(level) / 10.0F;
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = i / 40 % 2 == 0 ? size : -size;
  return samples;
}

inline void append(std::vector<float>& to, const std::vector<float>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

}  // namespace hearsay_test
