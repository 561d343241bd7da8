#include "prompts/prompt_order.h"

#include <algorithm>
#include <map>

#include "base/error.h"

namespace hearsay {
namespace {

std::vector<std::string_view> sorted_names(const ClassList& classes) {
  std::vector<std::string_view> names;
  names.reserve(classes.size());
  for (const SoundClass& sound : classes) names.emplace_back(sound.name);
  std::ranges::sort(names);
  return names;
}

/// For each class of `wanted` its place in `classes`.
std::vector<std::size_t> places_of(const ClassList& wanted, const ClassList& classes) {
  std::map<std::string_view, std::size_t> by_name;
  for (std::size_t k = 0; k < classes.size(); ++k) by_name.emplace(classes[k].name, k);
  std::vector<std::size_t> places;
  places.reserve(wanted.size());
  for (const SoundClass& sound : wanted) places.push_back(by_name.at(sound.name));
  return places;
}

/// One row a class, or none at all.
void reorder(Matrix& rows, const std::vector<std::size_t>& places) {
  if (rows.empty()) return;
  const Matrix before = rows;
  for (std::size_t k = 0; k < places.size(); ++k) {
    std::ranges::copy(before.row(static_cast<std::int64_t>(places[k])), rows.row(static_cast<std::int64_t>(k)).begin());
  }
}

void reorder(std::vector<double>& values, const std::vector<std::size_t>& places) {
  if (values.empty()) return;
  const std::vector<double> before = values;
  for (std::size_t k = 0; k < places.size(); ++k) values[k] = before.at(places[k]);
}

}  // namespace

bool same_names(const ClassList& a, const ClassList& b) {
  return a.size() == b.size() && sorted_names(a) == sorted_names(b);
}

PromptSet with_classes(const PromptSet& prompts, const ClassList& classes) {
  if (!same_names(prompts.classes, classes)) {
    throw Error(ErrorKind::Usage, "This prompt set is of other classes than the list. Tune the list.");
  }
  const std::vector<std::size_t> places = places_of(classes, prompts.classes);
  PromptSet set = prompts;
  set.classes = classes;
  for (const auto rows :
       {&PromptSet::zero_shot, &PromptSet::coarse, &PromptSet::fine, &PromptSet::anchored, &PromptSet::noise_drift}) {
    reorder(set.*rows, places);
  }
  reorder(set.offsets, places);
  reorder(set.thresholds, places);
  return set;
}

bool same_tuning(const PromptSet& a, const PromptSet& b) {
  if (!a.tuned || !b.tuned || !same_names(a.classes, b.classes)) return false;
  const PromptSet other = with_classes(b, a.classes);
  return a.coarse.data == other.coarse.data && a.fine.data == other.fine.data;
}

}  // namespace hearsay
