#include "prompts/familiarity.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "base/words.h"
#include "model/clap_model.h"
#include "prompts/sound_words.h"

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

/// The names a tower has met, as prompts and by their words.
class Met {
 public:
  Met(const ClapModel& model, const std::string& text_template) {
    std::vector<std::string> prompts;
    for (const std::string& name : model.info().familiar.names) {
      prompts.push_back(fill_template(text_template, name));
      names_.insert(fold_name(name));
      keys_.insert(word_key(name));
    }
    embedded_ = model.embed_texts(prompts);
  }

  /// Whether the class, or what sounds.txt knows of it, has a name with the words of one that was met.
  [[nodiscard]] bool by_words(const SoundClass& sound) const {
    const SoundClass* entry = words_.find(sound);
    return has_key_of(sound) || (entry != nullptr && has_key_of(*entry));
  }
  [[nodiscard]] double highest_cosine(std::span<const float> row) const {
    double highest = -1.0;
    for (std::int64_t i = 0; i < embedded_.rows; ++i) {
      const std::span<const float> other = embedded_.row(i);
      highest = std::max(highest, std::inner_product(row.begin(), row.end(), other.begin(), 0.0));
    }
    return highest;
  }
  /// The share of a class's prompts that are exactly prompts of names that were met.
  [[nodiscard]] double exact_share(const SoundClass& sound) const {
    double exact = names_.contains(fold_name(sound.name)) ? 1.0 : 0.0;
    double prompts = 1.0;
    for (const std::string& alias : sound.aliases) {
      exact += names_.contains(fold_name(alias)) ? 1.0 : 0.0;
      prompts += 1.0;
    }
    if (!fold_name(sound.description).empty()) prompts += 1.0;
    return exact / prompts;
  }

 private:
  [[nodiscard]] bool has_key_of(const SoundClass& sound) const {
    const auto met = [this](const std::string& name) { return keys_.contains(word_key(name)); };
    return met(sound.name) || std::ranges::any_of(sound.aliases, met);
  }

  SoundWords words_;
  std::set<std::string> names_;
  std::set<std::string> keys_;
  Matrix embedded_;
};

}  // namespace

Familiarity familiarity(const ClapModel& model, const PromptSet& zero_shot) {
  const FamiliarNames& familiar = model.info().familiar;
  Familiarity result;
  result.likeness.assign(zero_shot.size(), 0.0);
  if (familiar.names.empty()) return result;
  const Met met(model, zero_shot.text_template);
  for (std::size_t k = 0; k < zero_shot.size(); ++k) {
    const SoundClass& sound = zero_shot.classes[k];
    const double cosine = met.highest_cosine(zero_shot.zero_shot.row(static_cast<std::int64_t>(k)));
    result.likeness[k] = met.by_words(sound) ? 1.0 : smooth_step(cosine, familiar.like_from, familiar.like_to);
    result.offsets.push_back(familiar.handicap * result.likeness[k] - familiar.in_prompts * met.exact_share(sound));
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
