#pragma once
// Checkpoints at their published sizes with random weights, made in memory, so that a benchmark runs for anyone.
// With HEARSAY_BENCH_MODELS=folder set, the checkpoints in folder/laion-unfused, laion-fused, msclap-2022 and
// msclap-2023 are opened in their place.

#include <memory>
#include <string>

#include "model/weights.h"

namespace hearsay::bench {

enum class Published { LaionUnfused, LaionFused, Microsoft2022, Microsoft2023 };
std::string name_of(Published model);

/// The audio half, the text half: tensors under their published names. Float32, the same on every run.
std::shared_ptr<const Checkpoint> audio_half(Published model);
std::shared_ptr<const Checkpoint> text_half(Published model);

/// Where a tower's and its projection's tensors are.
Weights audio_weights(Published model);
Weights audio_projection(Published model);
Weights text_weights(Published model, const WeightOptions& as = {});
Weights text_projection(Published model, const WeightOptions& as = {});

}  // namespace hearsay::bench
