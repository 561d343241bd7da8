// From which probability on a class counts as heard: remembered by the class's name, and part of a saved prompt set.

#include <QVariantMap>
#include <algorithm>

#include "ui/shell/app_context.h"

namespace hearsay::ui {
namespace {

const QString kThresholds = QStringLiteral("listen/thresholds");

}  // namespace

std::vector<double> AppContext::thresholds(const PromptSet& prompts) const {
  const QVariantMap kept = settings_.value(kThresholds).toMap();
  std::vector<double> thresholds;
  for (std::size_t k = 0; k < prompts.size(); ++k) {
    const double own = k < prompts.thresholds.size() ? prompts.thresholds[k] : kUsualThreshold;
    const double value = kept.value(QString::fromStdString(prompts.classes[k].name), own).toDouble();
    thresholds.push_back(std::clamp(value, 0.0, 1.0));
  }
  return thresholds;
}

void AppContext::rememberThresholds(const ClassList& classes, const std::vector<double>& thresholds) {
  QVariantMap kept = settings_.value(kThresholds).toMap();
  for (std::size_t k = 0; k < std::min(classes.size(), thresholds.size()); ++k) {
    kept.insert(QString::fromStdString(classes[k].name), thresholds[k]);
  }
  settings_.setValue(kThresholds, kept);
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
