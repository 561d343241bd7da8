#include "prompts/fused_score.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "prompts/prompt_metadata.h"

namespace hearsay {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kReweighed = "reweighed";

/// The recipe as an object, empty where it is none.
Json recipe_of(const PromptSet& prompts) {
  Json recipe = Json::parse(prompts.recipe, nullptr, false);
  return recipe.is_object() ? recipe : Json::object();
}

std::optional<double> share_noted(const PromptSet& prompts) {
  const Json recipe = recipe_of(prompts);
  const auto change = recipe.find(kReweighed);
  if (change == recipe.end() || !change->is_object()) return std::nullopt;
  const auto share = change->find("offsets");
  if (share == change->end() || !share->is_number()) return std::nullopt;
  return std::clamp(share->get<double>(), 0.0, 1.0);
}

ScoreWeights scaled_to(const ScoreWeights& weights, double sum) {
  const double factor = std::min(sum, kLargestScoreWeight) / weights.sum();
  return {weights.coarse * factor, weights.fine * factor, weights.zero_shot * factor};
}

}  // namespace

double share_after(const PromptSet& prompts, const FusedChange& change) {
  if (change.offsets) return *change.offsets;
  return prompts.offsets.empty() ? 0.0 : share_noted(prompts).value_or(kOffsetsShare);
}

void check_change(const PromptSet& prompts, const FusedChange& change) {
  if (!prompts.tuned) {
    throw Error(ErrorKind::Usage, "These prompts are not tuned: they have no fused score to change.");
  }
  if (change.weights && !usable(*change.weights)) {
    throw Error(ErrorKind::Usage,
                "The weights of the fused score are three numbers from 0 to 100, of coarse, fine and zero-shot, not "
                "all 0.");
  }
  const double share = share_after(prompts, change);
  if (!(share >= 0.0 && share <= 1.0)) {
    throw Error(ErrorKind::Usage, "The share that offsets take off is a number from 0 to 1.");
  }
}

void change_fused(PromptSet& prompts, const FusedChange& change, const ReferenceSounds& sounds) {
  check_change(prompts, change);
  const double share = share_after(prompts, change);
  if (share > 0.0 && sounds.audio.empty()) {
    throw Error(ErrorKind::Usage,
                "Offsets are measured on reference sounds, and this model comes with none. Name a file of them, or "
                "leave the offsets out.");
  }
  if (change.weights) prompts.weights = scaled_to(*change.weights, prompts.weights.sum());
  if (!change.anchors) prompts.anchored = {};
  prompts.offsets = share > 0.0 ? hub_offsets(prompts, sounds, share) : std::vector<double>();
  Json recipe = recipe_of(prompts);
  const ScoreWeights& weights = prompts.weights;
  recipe[kReweighed] = {
      {"weights", {weights.coarse, weights.fine, weights.zero_shot}},
      {"anchors", !prompts.anchored.empty()},
      {"offsets", share},
  };
  prompts.recipe = recipe.dump();
}

}  // namespace hearsay
