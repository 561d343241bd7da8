#include "prompts/noise_drift.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "base/unit_length.h"
#include "model/clap_model.h"

namespace hearsay {
namespace {

constexpr std::array<std::string_view, 8> kPhrases = {"background noise", "static noise",
                                                      "white noise",      "wind noise",
                                                      "traffic noise",    "people talking in the background",
                                                      "a humming fan",    "music in the background"};

}  // namespace

std::span<const std::string_view> noise_phrases() noexcept {
  return kPhrases;
}

Matrix noise_drift(const ClapModel& model, const ClassList& classes, const std::string& text_template,
                   JobControl* control) {
  std::vector<std::string> texts;
  for (const SoundClass& sound : classes) {
    const std::string clean = fill_template(text_template, sound.name);
    texts.push_back(clean);
    for (const std::string_view phrase : kPhrases) texts.push_back(clean + " with " + std::string(phrase));
  }
  const Matrix embedded = model.embed_texts(texts, control);
  constexpr auto kRows = static_cast<std::int64_t>(kPhrases.size()) + 1;
  Matrix drift(static_cast<std::int64_t>(classes.size()), embedded.cols);
  for (std::int64_t k = 0; k < drift.rows; ++k) {
    const auto clean = embedded.row(k * kRows);
    const auto row = drift.row(k);
    for (std::int64_t p = 1; p < kRows; ++p) {
      const auto noisy = embedded.row(k * kRows + p);
      for (std::size_t i = 0; i < row.size(); ++i) row[i] += noisy[i] - clean[i];
    }
    make_unit_length(row);
  }
  return drift;
}

void add_noise_drift(PromptSet& prompts, const ClapModel& model, JobControl* control) {
  if (!prompts.noise_drift.empty()) return;
  prompts.noise_drift = noise_drift(model, prompts.classes, prompts.text_template, control);
}

void check_noise_correction(double weight, const PromptSet& prompts) {
  if (!(weight >= 0.0 && weight <= kLargestNoiseCorrection)) {
    throw Error(ErrorKind::Usage, "The noise correction must be a number from 0 (off) to 2; 0.2 is usual.");
  }
  if (weight > 0.0 && prompts.noise_drift.empty()) {
    throw Error(ErrorKind::Usage,
                "These prompts have no noise correction yet: it is read from text once, before sounds are named.");
  }
}

}  // namespace hearsay
