#pragma once
// How fast a model is on this machine.

#include "base/job.h"
#include "model/clap_model.h"

namespace hearsay {

/// Milliseconds for one window of noise, from samples to embeddings: the median of five after one that is not counted.
/// `control` may be null. Error: Cancelled.
double measure_window(const ClapModel& model, JobControl* control = nullptr);

}  // namespace hearsay
