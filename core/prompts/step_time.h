#pragma once
// How long a tuning will take, told before its first step: with wide towers the captions alone take minutes to encode.
// Includes LibTorch: for core/prompts and tests only.

#include <ATen/ATen.h>

#include <cstddef>

#include "prompts/tuner.h"

namespace hearsay {

/// Seconds that a step on so many captions is likely to take: its parts are done on a smaller scale, with twenty
/// classes at most in the tower and with made-up captions, and move nothing. `contexts` [2, N, h] as in PromptLearner,
/// whose errors it throws.
double likely_step_seconds(const ClapModel& model, const ClassList& classes, const TunerOptions& options,
                           const at::Tensor& contexts, std::size_t captions);

}  // namespace hearsay
