#include "ui/shell/used_prompts.h"

#include <algorithm>
#include <cmath>

#include "prompts/prompt_order.h"
#include "ui/shell/class_state.h"

namespace hearsay::ui {
namespace {

constexpr std::size_t kRemembered = 8;
constexpr double kSameMark = 1e-9;

bool sameSet(const UsedSet& a, const UsedSet& b) {
  return a.prompts == b.prompts || (!a.file.isEmpty() && a.file == b.file) || (!a.kept.isEmpty() && a.kept == b.kept);
}

bool goodFor(const PromptSet& prompts, const ClassList& classes) {
  return same_names(prompts.classes, classes) && (prompts.tuned || sameWords(prompts.classes, classes));
}

template <typename Is>
const UsedSet* newest(const std::vector<UsedSet>& sets, Is is) {
  const auto found = std::ranges::find_if(sets, is);
  return found == sets.end() ? nullptr : &*found;
}

}  // namespace

Marks marksOf(const PromptSet& prompts) {
  Marks marks;
  for (std::size_t k = 0; k < prompts.size(); ++k) {
    const double own = k < prompts.thresholds.size() ? prompts.thresholds[k] : kUsualThreshold;
    marks[prompts.classes[k].name] = std::clamp(own, 0.0, 1.0);
  }
  return marks;
}

QJsonObject marksToJson(const Marks& marks, const ClassList& classes) {
  QJsonObject object;
  for (const SoundClass& one : classes) {
    if (const auto found = marks.find(one.name); found != marks.end()) {
      object.insert(QString::fromStdString(one.name), found->second);
    }
  }
  return object;
}

Marks marksFromJson(const QJsonObject& object) {
  Marks marks;
  for (auto it = object.begin(); it != object.end(); ++it) {
    const double mark = it.value().toDouble(-1.0);
    if (mark >= 0.0 && mark <= 1.0) marks[it.key().toStdString()] = mark;
  }
  return marks;
}

bool UsedSet::marksEdited() const {
  const auto markIn = [](const Marks& all, const std::string& name) {
    const auto found = all.find(name);
    return found == all.end() ? kUsualThreshold : found->second;
  };
  return prompts && std::ranges::any_of(prompts->classes, [&](const SoundClass& one) {
           return std::abs(markIn(marks, one.name) - markIn(writtenMarks, one.name)) > kSameMark;
         });
}

void UsedSet::saved(const QString& as) {
  file = as;
  written = prompts->classes;
  writtenMarks = marks;
  unsaved = false;
  kept.clear();
}

void UsedPrompts::remember(const UsedSet& set) {
  forget(set);
  sets_.insert(sets_.begin(), set);
  if (sets_.size() > kRemembered) sets_.pop_back();
}

void UsedPrompts::forget(const UsedSet& set) {
  std::erase_if(sets_, [&set](const UsedSet& other) { return sameSet(other, set); });
}

const UsedSet* UsedPrompts::forList(const ClassList& classes, const Fits& fits) const {
  return newest(
      sets_, [&](const UsedSet& set) { return !set.putAside && goodFor(*set.prompts, classes) && fits(*set.prompts); });
}

const UsedSet* UsedPrompts::withNames(const ClassList& classes) const {
  return newest(sets_, [&](const UsedSet& set) { return same_names(set.prompts->classes, classes); });
}

const UsedSet* UsedPrompts::ofTuning(const PromptSet& prompts) const {
  return newest(sets_, [&](const UsedSet& set) { return same_tuning(*set.prompts, prompts); });
}

void UsedPrompts::putAside(const std::function<bool(const UsedSet&)>& which) {
  for (UsedSet& set : sets_) set.putAside = set.putAside || which(set);
}

bool UsedPrompts::needs(const QString& kept) const {
  return std::ranges::any_of(sets_, [&kept](const UsedSet& set) { return !set.putAside && set.kept == kept; });
}

}  // namespace hearsay::ui
