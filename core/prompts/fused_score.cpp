#include "prompts/fused_score.h"

#include <cmath>

#include "base/error.h"

namespace hearsay {
namespace {

void check_weights(const ScoreWeights& weights) {
  const auto fits = [](double weight) { return weight >= 0.0 && std::isfinite(weight); };
  if (fits(weights.coarse) && fits(weights.fine) && fits(weights.zero_shot) && weights.sum() > 0.0) return;
  throw Error(ErrorKind::Usage,
              "The weights of the fused score are three numbers from 0 up, of coarse, fine and zero-shot, not all 0.");
}

}  // namespace

void change_fused(PromptSet& prompts, const FusedChange& change, const ReferenceSounds& sounds) {
  if (!prompts.tuned) {
    throw Error(ErrorKind::Usage, "These prompts are not tuned: they have no fused score to change.");
  }
  if (change.weights) check_weights(*change.weights);
  const double share = change.offsets.value_or(prompts.offsets.empty() ? 0.0 : kOffsetsShare);
  if (!(share >= 0.0 && share <= 1.0)) {
    throw Error(ErrorKind::Usage, "The share that offsets take off is a number from 0 to 1.");
  }
  if (share > 0.0 && sounds.audio.empty()) {
    throw Error(ErrorKind::Usage,
                "Offsets are measured on reference sounds, and this model comes with none. Name a file of them, or "
                "leave the offsets out.");
  }
  if (change.weights) prompts.weights = *change.weights;
  if (!change.anchors) prompts.anchored = {};
  prompts.offsets = share > 0.0 ? hub_offsets(prompts, sounds, share) : std::vector<double>();
}

}  // namespace hearsay
