#include "prompts/familiarity.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "base/words.h"
#include "model/clap_model.h"

namespace hearsay {
namespace {

double smooth_step(double value, double from, double to) {
  const double x = std::clamp((value - from) / (to - from), 0.0, 1.0);
  return x * x * (3.0 - 2.0 * x);
}

/// Less their mean; nothing where all are alike.
void centre(std::vector<double>& offsets) {
  const double mean = std::accumulate(offsets.begin(), offsets.end(), 0.0) / static_cast<double>(offsets.size());
  for (double& offset : offsets) offset -= mean;
  if (std::ranges::all_of(offsets, [](double offset) { return std::abs(offset) < 1e-9; })) offsets.clear();
}

double highest_cosine(std::span<const float> row, const Matrix& others) {
  double highest = -1.0;
  for (std::int64_t i = 0; i < others.rows; ++i) {
    const std::span<const float> other = others.row(i);
    highest = std::max(highest, std::inner_product(row.begin(), row.end(), other.begin(), 0.0));
  }
  return highest;
}

}  // namespace

Familiarity familiarity(const ClapModel& model, const PromptSet& zero_shot) {
  const FamiliarNames& familiar = model.info().familiar;
  Familiarity result;
  result.likeness.assign(zero_shot.size(), 0.0);
  if (familiar.names.empty()) return result;
  std::vector<std::string> prompts;
  std::set<std::string> met;
  for (const std::string& name : familiar.names) {
    prompts.push_back(fill_template(zero_shot.text_template, name));
    met.insert(fold_name(name));
  }
  const Matrix embedded = model.embed_texts(prompts);
  for (std::size_t k = 0; k < zero_shot.size(); ++k) {
    const double cosine = highest_cosine(zero_shot.zero_shot.row(static_cast<std::int64_t>(k)), embedded);
    result.likeness[k] = smooth_step(cosine, familiar.like_from, familiar.like_to);
    const bool exactly = met.contains(fold_name(zero_shot.classes[k].name));
    result.offsets.push_back(familiar.handicap * result.likeness[k] - (exactly ? familiar.in_prompts : 0.0));
  }
  centre(result.offsets);
  return result;
}

std::string new_names_in_words(const ClassList& classes, const Familiarity& familiarity) {
  constexpr std::size_t kNamed = 8;
  if (familiarity.offsets.empty()) return {};
  std::string names;
  std::size_t count = 0;
  for (std::size_t k = 0; k < classes.size(); ++k) {
    if (familiarity.likeness[k] >= 0.5) continue;
    if (++count <= kNamed) names += (count > 1 ? ", " : "") + classes[k].name;
  }
  if (count == 0) return {};
  if (count > kNamed) names += " and " + std::to_string(count - kNamed) + " more";
  return "This model has not met these names with sounds: " + names + ". The fused score allows for that.";
}

}  // namespace hearsay
