#pragma once
// How long a tuning will take, told before its first step: with wide towers the captions alone take minutes to encode.
// Includes LibTorch: for core/prompts and tests only.

#include <ATen/ATen.h>

#include <cstddef>

#include "base/job.h"
#include "prompts/tuner.h"

namespace hearsay {

/// Seconds that a step on so many captions (pairs of caption and label) is likely to take. Its parts are done on a
/// smaller scale, with made-up captions and, on a CPU, whose time goes by their number, twenty classes at most in the
/// tower; they move nothing. `contexts` [2, N, h] as in PromptLearner, whose errors it throws; `control` may be null.
/// Error: Cancelled.
double likely_step_seconds(const ClapModel& model, const ClassList& classes, const TunerOptions& options,
                           const at::Tensor& contexts, std::size_t captions, JobControl* control);

}  // namespace hearsay
