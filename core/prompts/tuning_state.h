#pragma once
// The state of a tuning between two steps, and its file (core/prompts only).

#include <filesystem>
#include <limits>
#include <vector>

#include "base/matrix.h"
#include "prompts/tuning_checkpoint.h"

namespace hearsay {

/// The order of the captions is not here: it follows from the seed and the number of steps.
struct TuningState {
  int step = 0;     ///< steps done; AdamW's count too
  int steps = 0;    ///< at most, in all
  Matrix contexts;  ///< [2N, h]: coarse above fine, as in the other three; empty: cancelled while captions were read
  Matrix mean;      ///< AdamW's moments; empty before the first step
  Matrix square;    ///< likewise
  Matrix best_contexts;  ///< empty before the first look
  double best_loss = std::numeric_limits<double>::infinity();
  int looks_since_best = 0;
  std::vector<CurvePoint> curve;
  std::vector<HeldOutPoint> looks;
  double seconds = 0.0;  ///< spent so far
  double seconds_encoding = 0.0;
};

/// Atomic. Error: NoSpace.
void write_state(const std::filesystem::path& file, const UnfinishedTuning& run, const TuningState& state);

struct StoredState {
  UnfinishedTuning run;
  TuningState state;
};
/// Everything is checked, a checksum over all of it too. Errors: NotFound, Unreadable, BadFormat.
StoredState read_state(const std::filesystem::path& file);

}  // namespace hearsay
