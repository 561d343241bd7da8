#pragma once
// From samples to what an audio tower is fed. Includes LibTorch: inside core/model only.

#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <vector>

#include "audio/log_mel.h"

namespace hearsay {

/// How a clip shorter than a window is made as long as one.
enum class Filling {
  RepeatAndCut,  ///< end to end, the last copy cut (the starter, MS-CLAP, Hugging Face's "repeat")
  RepeatAndPad,  ///< whole copies only, then zeros (Hugging Face's "repeatpad")
  Pad            ///< zeros
};

/// An empty clip becomes silence; a longer one is cut.
std::vector<float> fill_window(std::span<const float> clip, std::int64_t window_samples, Filling filling);

struct FrontFeatures {
  at::Tensor log_mel;  ///< [n, frames, mels], or [n, 4, frames, mels] for a fused model's long clip
  at::Tensor longer;   ///< [n] bool or undefined
};

class FrontEnd {
 public:
  FrontEnd(LogMel log_mel, std::int64_t window_samples, Filling filling, at::Device device, bool fused = false);
  /// `samples`: whole windows one after the other. Error: Usage when they are not whole.
  [[nodiscard]] FrontFeatures windows(std::span<const float> samples) const;
  /// One clip of any length as its family feeds it: a shorter one filled, a longer one cut to its first window, or, for
  /// a fused model, shrunk as a whole with a front, a middle and a back window beside it (README-hf.md, "Fusion").
  [[nodiscard]] FrontFeatures whole(std::span<const float> clip) const;
  [[nodiscard]] std::vector<float> fill(std::span<const float> clip) const {
    return fill_window(clip, window_samples_, filling_);
  }

 private:
  LogMel log_mel_;
  std::int64_t window_samples_;
  Filling filling_;
  at::Device device_;
  bool fused_;
};

}  // namespace hearsay
