// What the noise correction needs, read from text beside the job line.

#include "prompts/noise_drift.h"
#include "ui/shell/app_context.h"

namespace hearsay::ui {

void AppContext::wantNoiseDrift() {
  const auto set = inUse_.prompts;
  if (!set || !fitsModel(*set) || !set->noise_drift.empty() || driftOf_ == set) return;
  driftOf_ = set;
  auto made = std::make_shared<PromptSet>(*set);
  const auto work = [made, model = model_](JobControl& control, const ProgressFn&) {
    add_noise_drift(*made, *model, &control);
  };
  loading_.submit(tr("Reading the class names with noise"), work,
                  [this, set, made](const JobService::Outcome& outcome) {
                    if (driftOf_ == set) driftOf_.reset();
                    if (outcome.ok && inUse_.prompts == set) {
                      UsedSet with = inUse_;
                      with.prompts = made;
                      take(with);
                    } else if (!outcome.ok && !outcome.cancelled) {
                      notify(outcome.error, NoticeLevel::Warning);
                    }
                  });
}

}  // namespace hearsay::ui
