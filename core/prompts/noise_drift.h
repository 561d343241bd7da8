#pragma once
// A text-only correction for noisy rooms (Vo, Zaheer and Park, "Drift-Augmented Scoring", arXiv 2606.04844).
//
// From the paper's abstract and its figure 1, which is all of it that could be read here: for each class the mean of
// text drifts, embedding("c with p") - embedding("c"), over a few noise phrases p, brought to unit length; at test time
// its inner product with the audio embedding, times a small weight, is added to the class's cosine.
// Ours: the phrases, the weight, that the prompt is the set's own template with " with p" after it, and that the same
// bonus is added to zero-shot, coarse and fine cosines alike, from the clip embedding.

#include <span>
#include <string>
#include <string_view>

#include "base/job.h"
#include "prompts/prompt_set.h"

namespace hearsay {

class ClapModel;

inline constexpr double kLargestNoiseCorrection = 2.0;

/// "background noise", "wind noise", ...
std::span<const std::string_view> noise_phrases() noexcept;

/// [K, d], rows of unit length (zero where the phrases move nothing). Reads K x (phrases + 1) texts; `control` may be
/// null. Errors: Cancelled; Usage for a template without {}.
Matrix noise_drift(const ClapModel& model, const ClassList& classes, const std::string& text_template,
                   JobControl* control = nullptr);

/// Fills PromptSet::noise_drift unless it is there already. Errors: as noise_drift.
void add_noise_drift(PromptSet& prompts, const ClapModel& model, JobControl* control = nullptr);

/// Throws Usage for a weight that is no number from 0 to kLargestNoiseCorrection, and for one above 0 with a set that
/// has no drift.
void check_noise_correction(double weight, const PromptSet& prompts);

}  // namespace hearsay
