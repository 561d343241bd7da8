// From which probability on a class counts as heard: part of every prompt set, and remembered by the class's name for
// lists that are typed anew.

#include <QVariantMap>
#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "prompts/prompt_order.h"
#include "ui/shell/app_context.h"

namespace hearsay::ui {
namespace {

const QString kThresholds = QStringLiteral("listen/thresholds");

}  // namespace

const UsedSet* AppContext::known(const PromptSet& prompts) const {
  const PromptSet* current = inUse_.prompts.get();
  if (current == &prompts) return &inUse_;
  const bool sameTemplate =
      current && !current->tuned && !prompts.tuned && same_names(current->classes, prompts.classes);
  if (sameTemplate || (current && same_tuning(*current, prompts))) return &inUse_;
  return used_.ofTuning(prompts);
}

std::vector<double> AppContext::thresholds(const PromptSet& prompts) const {
  const UsedSet* used = known(prompts);
  const bool typed = !prompts.tuned && prompts.thresholds.empty();
  const Marks marks = used ? used->marks : typed ? rememberedMarks(prompts.classes) : marksOf(prompts);
  std::vector<double> thresholds;
  for (const SoundClass& one : prompts.classes) {
    const auto found = marks.find(one.name);
    thresholds.push_back(found == marks.end() ? kUsualThreshold : found->second);
  }
  return thresholds;
}

void AppContext::rememberThresholds(const ClassList& classes, const std::vector<double>& thresholds) {
  QVariantMap remembered = settings_.value(kThresholds).toMap();
  for (std::size_t k = 0; k < std::min(classes.size(), thresholds.size()); ++k) {
    const double mark = std::clamp(thresholds[k], 0.0, 1.0);
    remembered.insert(QString::fromStdString(classes[k].name), mark);
    inUse_.marks[classes[k].name] = mark;
  }
  settings_.setValue(kThresholds, remembered);
  rememberInUse(false);
  stateTimer_.start();
  Q_EMIT thresholdsChanged();
}

// The list is what the person goes on with: what was set for it stays, and what its classes had in other lists.
Marks AppContext::marksFor(const ClassList& classes) const {
  if (inUse_.prompts && same_names(inUse_.prompts->classes, classes)) return inUse_.marks;
  const UsedSet* before = used_.withNames(classes);
  return before ? before->marks : inUse_.marks;
}

Marks AppContext::rememberedMarks(const ClassList& classes) const {
  const QVariantMap remembered = settings_.value(kThresholds).toMap();
  Marks marks;
  for (const SoundClass& one : classes) {
    const auto found = remembered.find(QString::fromStdString(one.name));
    if (found != remembered.end()) marks[one.name] = std::clamp(found->toDouble(), 0.0, 1.0);
  }
  return marks;
}

void AppContext::completeMarks(UsedSet& set) const {
  set.marks.merge(rememberedMarks(set.prompts->classes));
  for (const SoundClass& one : set.prompts->classes) set.marks.try_emplace(one.name, kUsualThreshold);
}

void AppContext::keepMarks() {
  if (!inUse_.unsaved || inUse_.kept.isEmpty() || !inUse_.marksEdited()) return;
  try {
    save_prompts(withThresholds(*inUse_.prompts), std::filesystem::path(inUse_.kept.toStdString()));
    inUse_.writtenMarks = inUse_.marks;
    rememberInUse(false);
  } catch (const Error& error) {  // tried again at the next change; the next start has them from its own file
    log_warn(std::string("the thresholds could not be kept: ") + error.what());
  }
}

PromptSet AppContext::withThresholds(const PromptSet& prompts) const {
  PromptSet set = prompts;
  set.thresholds = thresholds(prompts);
  if (std::ranges::all_of(set.thresholds, [](double value) { return value == kUsualThreshold; })) {
    set.thresholds.clear();  // nobody has set any
  }
  return set;
}

}  // namespace hearsay::ui
