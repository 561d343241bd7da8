#include "prompts/familiarity.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "base/plain_text.h"
#include "base/unit_length.h"
#include "base/words.h"
#include "model/clap_model.h"
#include "prompts/sound_words.h"

namespace hearsay {
namespace {

constexpr double kAnchorWeight = 1.0;

double smooth_step(double value, double from, double to) {
  const double x = std::clamp((value - from) / (to - from), 0.0, 1.0);
  return x * x * (3.0 - 2.0 * x);
}

/// The words of a class's names.
std::set<std::string> keys_of(const SoundClass& sound) {
  std::set<std::string> keys{word_key(sound.name)};
  for (const std::string& alias : sound.aliases) keys.insert(word_key(alias));
  return keys;
}

/// The names a tower has met, as prompts and by their words, beside the classes of a list.
class Met {
 public:
  Met(const ClapModel& model, const PromptSet& listed) : familiar_(model.info().familiar), listed_(listed) {
    std::vector<std::string> prompts;
    for (const std::string& name : familiar_.names) {
      prompts.push_back(fill_template(listed.text_template, name));
      keys_.push_back(word_key(name));
    }
    embedded_ = model.embed_texts(prompts);
    const SoundWords words;
    for (const SoundClass& sound : listed.classes) {
      own_.push_back(keys_of(sound));
      const SoundClass* entry = words.find(sound);
      known_.push_back(entry != nullptr ? keys_of(*entry) : std::set<std::string>());
      taken_.insert(own_.back().begin(), own_.back().end());
    }
  }

  /// [names] 0..1, how much each is a name for class k.
  [[nodiscard]] std::vector<double> likeness(std::size_t k) const {
    const std::span<const float> row = listed_.zero_shot.row(static_cast<std::int64_t>(k));
    std::vector<double> like(keys_.size());
    for (std::size_t j = 0; j < like.size(); ++j) {
      const bool named = own_[k].contains(keys_[j]) || known_[k].contains(keys_[j]);
      like[j] = named ? 1.0 : smooth_step(cosine(row, j), familiar_.like_from, familiar_.like_to);
    }
    return like;
  }

  /// Whether familiar name j is the name or alias of a class, and not of k.
  [[nodiscard]] bool of_another(std::size_t j, std::size_t k) const {
    return taken_.contains(keys_[j]) && !own_[k].contains(keys_[j]);
  }

  /// Adds `weight` times familiar name j's embedding.
  void add_to(std::span<float> sum, std::size_t j, double weight) const {
    const std::span<const float> row = embedded_.row(static_cast<std::int64_t>(j));
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += static_cast<float>(weight) * row[i];
  }

 private:
  [[nodiscard]] double cosine(std::span<const float> row, std::size_t j) const {
    const std::span<const float> other = embedded_.row(static_cast<std::int64_t>(j));
    return std::inner_product(row.begin(), row.end(), other.begin(), 0.0);
  }

  const FamiliarNames& familiar_;
  const PromptSet& listed_;
  std::vector<std::string> keys_;             ///< of the familiar names
  std::vector<std::set<std::string>> own_;    ///< of each class's name and aliases
  std::vector<std::set<std::string>> known_;  ///< of what sounds.txt has for it
  std::set<std::string> taken_;               ///< own keys of all classes
  Matrix embedded_;
};

/// The class's own embedding and `kAnchorWeight` of the mean of those like it, at unit length.
void anchor(std::span<float> row, const Met& met, const std::vector<double>& weights) {
  const double all = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (all <= 0.0) return;
  for (std::size_t j = 0; j < weights.size(); ++j) {
    if (weights[j] > 0.0) met.add_to(row, j, kAnchorWeight * weights[j] / std::max(1.0, all));
  }
  make_unit_length(row);
}

}  // namespace

Familiarity familiarity(const ClapModel& model, const PromptSet& zero_shot) {
  Familiarity result;
  result.likeness.assign(zero_shot.size(), 0.0);
  if (model.info().familiar.names.empty()) return result;
  const Met met(model, zero_shot);
  result.anchored = zero_shot.zero_shot;
  for (std::size_t k = 0; k < zero_shot.size(); ++k) {
    std::vector<double> like = met.likeness(k);
    result.likeness[k] = std::ranges::max(like);
    for (std::size_t j = 0; j < like.size(); ++j) {
      if (like[j] > 0.0 && met.of_another(j, k)) like[j] = 0.0;
    }
    anchor(result.anchored.row(static_cast<std::int64_t>(k)), met, like);
  }
  if (result.anchored.data == zero_shot.zero_shot.data) result.anchored = {};
  return result;
}

std::string new_names_in_words(const ClassList& classes, const Familiarity& familiarity) {
  constexpr std::size_t kNamed = 8;
  if (std::ranges::all_of(familiarity.likeness, [](double like) { return like == 0.0; })) return {};
  std::vector<std::string> names;
  for (std::size_t k = 0; k < classes.size(); ++k) {
    if (familiarity.likeness[k] < 0.5) names.push_back(classes[k].name);
  }
  if (names.empty()) return {};
  return "This model has not met these names with sounds: " + some_of(names, kNamed) +
         ". The fused score allows for that.";
}

}  // namespace hearsay
