#pragma once
// What sounds there are, for classes to be weighed against: some class embeddings are near to every sound and would win
// too often ("hubs"). Querybank normalisation (Bogolin et al., arXiv 2112.12777) takes off each class's score what it
// gives a bank of unlabelled sounds anyway. The bank is part of the model; a person needs no sound to tune.

#include <filesystem>
#include <vector>

#include "base/matrix.h"
#include "prompts/prompt_set.h"

namespace hearsay {

class ClapModel;

inline constexpr const char* kReferenceSoundsFile = "reference_sounds.safetensors";
inline constexpr double kOffsetsShare = 0.5;  ///< of what a class gives every sound; why a half: TUNING.md

struct ReferenceSounds {
  Matrix audio;                ///< [n, d]: embeddings of sounds, or means of such; empty: none are known
  std::vector<double> shares;  ///< [n] how many sounds a row stands for; they sum to 1
};

/// A .safetensors file with `audio` [n, d] and, for means, `weight` [n]: what `hearsay-cli embed --audio` writes.
/// Errors: NotFound, Unreadable, BadFormat (another width, numbers that are none, rows longer than 1, weights
/// below 0).
ReferenceSounds read_reference_sounds(const std::filesystem::path& file, int embedding_dim);

/// Those of the model's folder (kReferenceSoundsFile beside its weights); empty when it has none. Errors: likewise.
ReferenceSounds reference_sounds(const ClapModel& model);

/// [K] for PromptSet::offsets, in cosine: this share of the log-mean-exp, at QB-Norm's temperature of 20, of the
/// sounds' inner products with the class's embedding in the fused score (coarse, fine and anchor by PromptSet::weights;
/// fine as if a sound had one frame), less its mean over the classes. Empty for an empty bank.
std::vector<double> hub_offsets(const PromptSet& tuned, const ReferenceSounds& sounds, double share = kOffsetsShare);

}  // namespace hearsay
