#include "prompts/prompt_set.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "base/files.h"
#include "base/unit_length.h"
#include "base/words.h"
#include "model/clap_model.h"

namespace hearsay {
namespace {

constexpr std::array<std::string_view, 4> kScoreNames = {"zero-shot", "coarse", "fine", "fused"};

/// One class's prompts: the template with its name and aliases, and its description as it is.
std::vector<std::string> prompts_of(const SoundClass& sound, const std::string& text_template) {
  std::vector<std::string> texts{fill_template(text_template, sound.name)};
  for (const std::string& alias : sound.aliases) {
    if (!fold_name(alias).empty()) texts.push_back(fill_template(text_template, alias));
  }
  if (!fold_name(sound.description).empty()) texts.push_back(trim(sound.description));
  return texts;
}

void add_to(std::span<float> sum, std::span<const float> row) {
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += row[i];
}

}  // namespace

std::string_view score_name(ScoreKind kind) noexcept {
  return kScoreNames.at(static_cast<std::size_t>(kind));
}

ScoreKind parse_score(std::string_view name) {
  if (name == "zero_shot") return ScoreKind::ZeroShot;
  const auto* found = std::ranges::find(kScoreNames, name);
  if (found == kScoreNames.end()) {
    throw Error(ErrorKind::Usage,
                "There is no score called \"" + std::string(name) + "\". Choose zero-shot, coarse, fine or fused.");
  }
  return static_cast<ScoreKind>(found - kScoreNames.begin());
}

double harmonic_mean(double seen, double unseen) noexcept {
  return seen > 0.0 && unseen > 0.0 ? 2.0 * seen * unseen / (seen + unseen) : 0.0;
}

TextAccuracy harmonic_mean(const TextAccuracy& seen, const TextAccuracy& unseen) noexcept {
  return {harmonic_mean(seen.zero_shot, unseen.zero_shot), harmonic_mean(seen.coarse, unseen.coarse),
          harmonic_mean(seen.fine, unseen.fine), harmonic_mean(seen.fused, unseen.fused)};
}

std::vector<bool> unseen_classes(const PromptSet& prompts) {
  std::vector<bool> unseen;
  for (const SoundClass& sound : prompts.classes) {
    unseen.push_back(std::ranges::find(prompts.unseen, sound.name) != prompts.unseen.end());
  }
  return unseen;
}

PromptSet zero_shot_prompts(const ClapModel& model, const ClassList& classes, const std::string& text_template,
                            JobControl* control) {
  check_classes(classes);
  std::vector<std::string> texts;
  std::vector<std::int64_t> class_of;
  for (std::size_t k = 0; k < classes.size(); ++k) {
    for (std::string& text : prompts_of(classes[k], text_template)) {
      texts.push_back(std::move(text));
      class_of.push_back(static_cast<std::int64_t>(k));
    }
  }
  const Matrix embedded = model.embed_texts(texts, control);
  PromptSet prompts;
  prompts.zero_shot = Matrix(static_cast<std::int64_t>(classes.size()), embedded.cols);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    add_to(prompts.zero_shot.row(class_of[i]), embedded.row(static_cast<std::int64_t>(i)));
  }
  for (std::int64_t k = 0; k < prompts.zero_shot.rows; ++k) make_unit_length(prompts.zero_shot.row(k));
  prompts.classes = classes;
  prompts.text_template = text_template;
  prompts.preferred = ScoreKind::ZeroShot;
  prompts.logit_scale = model.info().logit_scale;
  prompts.model_name = model.info().name;
  prompts.model_fingerprint = model.fingerprint();
  prompts.created_by = "hearsay " HEARSAY_VERSION;
  return prompts;
}

void check_prompts_fit(const PromptSet& prompts, const ClapModel& model, const std::filesystem::path& file) {
  const std::string fingerprint = model.fingerprint();
  const std::string these = file.empty() ? "These prompts" : "The prompts in " + quoted(file);
  if (prompts.model_fingerprint != fingerprint) {
    throw Error(ErrorKind::WrongModel, these + " were made with the model \"" + prompts.model_name +
                                           "\" (fingerprint " + prompts.model_fingerprint + "), not with \"" +
                                           model.info().name + "\" (fingerprint " + fingerprint +
                                           "). Choose that model, or tune the classes again with this one.");
  }
  const bool wrong_width = prompts.tuned && prompts.coarse_context.cols != model.info().text_width;
  if (prompts.zero_shot.cols != model.info().embedding_dim || wrong_width) {
    throw Error(ErrorKind::WrongModel, these + " name this model (fingerprint " + fingerprint +
                                           ") but their sizes are another's (prompts' model: fingerprint " +
                                           prompts.model_fingerprint + "). The file is damaged; tune again.");
  }
}

}  // namespace hearsay
