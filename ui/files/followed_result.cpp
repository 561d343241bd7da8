#include "ui/files/followed_result.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>

#include "prompts/prompt_order.h"

namespace hearsay::ui {

namespace {

void reorder(std::vector<float>& values, const std::vector<std::size_t>& places) {
  if (values.empty()) return;
  const std::vector<float> before = values;
  for (std::size_t k = 0; k < places.size(); ++k) values[k] = before.at(places[k]);
}

void reorder(WindowScores& scores, std::vector<float>& probability, const std::vector<std::size_t>& places) {
  for (std::vector<float>* values : {&scores.zero_shot, &scores.coarse, &scores.fine, &scores.fused, &probability}) {
    reorder(*values, places);
  }
}

constexpr float kRounding = 1e-5F;  ///< of an embedding: one list in two orders is not encoded to the same last bits

bool scoreAlike(const PromptSet& a, const PromptSet& b) {
  const auto same = [](const Matrix& one, const Matrix& other) {
    return std::ranges::equal(one.data, other.data, [](float x, float y) { return std::abs(x - y) <= kRounding; });
  };
  return a.tuned == b.tuned && same(a.zero_shot, b.zero_shot) && same(a.coarse, b.coarse) && same(a.fine, b.fine) &&
         same(a.anchored, b.anchored) && a.weights == b.weights && a.offsets == b.offsets &&
         a.logit_scale == b.logit_scale;
}

}  // namespace

std::vector<std::size_t> placesIn(const PromptSet& from, const PromptSet& to) {
  if (!same_names(from.classes, to.classes) || !scoreAlike(with_classes(from, to.classes), to)) return {};
  std::map<std::string_view, std::size_t> places;
  for (std::size_t k = 0; k < from.size(); ++k) places.emplace(from.classes[k].name, k);
  std::vector<std::size_t> found;
  for (const SoundClass& sound : to.classes) found.push_back(places.at(sound.name));
  return found;
}

FileResult inOrder(FileResult result, const std::vector<std::size_t>& places) {
  reorder(result.scores, result.probability, places);
  for (WindowResult& window : result.windows) reorder(window.scores, window.probability, places);
  result.order = ranking(result.probability);
  return result;
}

}  // namespace hearsay::ui
