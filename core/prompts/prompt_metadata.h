#pragma once
// A prompt set's facts as JSON: the metadata of its file (every value a JSON text) and what `prompts show` prints.

#include <map>
#include <string>

#include "prompts/prompt_set.h"

namespace hearsay {

inline constexpr double kLargestScoreWeight = 100.0;

/// Whether a fused score can be made with them: each from 0 to kLargestScoreWeight, and not all 0.
bool usable(const ScoreWeights& weights) noexcept;

/// Every key of the file's metadata.
std::map<std::string, std::string> prompts_to_metadata(const PromptSet& prompts);
/// Fills everything but the matrices. Error: BadFormat naming `where` and the key.
PromptSet prompts_from_metadata(const std::map<std::string, std::string>& metadata, const std::string& where);

}  // namespace hearsay
