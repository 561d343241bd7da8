// What the person does to the open session: the acts of LabelController.

#include <algorithm>

#include "ui/charts/format.h"
#include "ui/label/label_controller.h"
#include "ui/shell/app_context.h"

namespace hearsay::ui {

bool LabelController::act(const std::function<Change()>& work) {
  if (!session_) return false;
  Change change;
  if (!guarded([&] { change = work(); })) return false;
  if (!change.empty()) Q_EMIT changed(change);
  return true;
}

bool LabelController::actAndLook(const std::function<Change()>& work) {
  Change change;
  if (!act([&] { return change = work(); })) return false;
  return guarded([&] {
    const bool wanted =
        std::any_of(change.clips.begin(), change.clips.end(), [this](ClipId clip) { return wantsSuggestion(clip); });
    if (change.classes || wanted) suggestMissing();
  });
}

void LabelController::acceptBest() {
  if (!session_ || current_ == 0) return;
  const ClipId clip = current_;
  bool none = false;
  const bool done = act([&] {
    if (session_->clip(clip).state == ClipState::Labelled) return Change{};
    const Suggestions suggestions = session_->suggestions(clip);
    none = suggestions.items.empty();
    return none ? Change{} : session_->accept(clip, suggestions.items.front().class_id);
  });
  if (none) {
    app_.notify(tr("There is no suggestion for this clip yet; choose a class by its number key."));
  } else if (done) {
    showNext();
  }
}

void LabelController::toggleLabel(ClassId id) {
  changeLabels(id, false);
}

void LabelController::correctLabel(ClassId id) {
  changeLabels(id, true);
}

void LabelController::changeLabels(ClassId id, bool correct) {
  if (current_ == 0) return;
  actAndLook([&] {
    const std::vector<ClipLabel> given = session_->labels(current_);
    const bool on = std::any_of(given.begin(), given.end(), [id](const ClipLabel& l) { return l.class_id == id; });
    std::vector<ClassId> ids;
    for (const ClipLabel& label : given) {
      const bool gives_way = on ? label.class_id == id : correct && label.by == LabelledBy::Model;
      if (!gives_way) ids.push_back(label.class_id);
    }
    if (!on) ids.push_back(id);
    return session_->set_labels(current_, ids);
  });
}

void LabelController::clearLabels() {
  if (current_ != 0) actAndLook([&] { return session_->clear(current_); });
}

void LabelController::skip() {
  if (current_ != 0 && act([&] { return session_->skip(current_); })) showNext();
}

void LabelController::setNote(const QString& note) {
  if (current_ != 0) act([&] { return session_->set_note(current_, note.toStdString()); });
}

void LabelController::addRegion(double start, double end, ClassId id) {
  if (current_ != 0) act([&] { return session_->add_region(current_, start, end, id); });
}

void LabelController::moveRegion(RegionId region, double start, double end) {
  act([&] { return session_->move_region(region, start, end); });
}

void LabelController::setRegionClass(RegionId region, ClassId id) {
  act([&] { return session_->set_region_class(region, id); });
}

void LabelController::removeRegion(RegionId region) {
  actAndLook([&] { return session_->remove_region(region); });
}

void LabelController::acceptAllAbove(double score) {
  Change change;
  if (!act([&] { return change = session_->accept_best(session_->queue(QueueOrder::InOrder), score); })) return;
  const auto count = change.clips.size();
  app_.notify(count == 0   ? tr("No clip that is to be done has a suggestion of %1 or more.").arg(percentText(score))
              : count == 1 ? tr("The suggestion of 1 clip became its label. Undo takes it back.")
                           : tr("The suggestions of %1 clips became their labels. Undo takes them back.").arg(count));
}

ClassId LabelController::addClass(const QString& name) {
  if (!act([&] { return session_->add_class(name.toStdString()); })) return 0;
  suggestMissing();
  return session_->classes().back().id;
}

void LabelController::renameClass(ClassId id, const QString& name) {
  act([&] { return session_->rename_class(id, name.toStdString()); });
}

void LabelController::removeClass(ClassId id) {
  act([&] { return session_->remove_class(id); });
}

void LabelController::undo() {
  retrace([this] { return session_->undo(); }, tr("Undone: %1"));
}

void LabelController::redo() {
  retrace([this] { return session_->redo(); }, tr("Done again: %1"));
}

void LabelController::retrace(const std::function<Change()>& step, const QString& said) {
  Change change;
  actAndLook([&] { return change = step(); });
  if (change.empty() || change.clips == std::vector{current_}) return;
  const bool elsewhere = !change.clips.empty() && !std::ranges::binary_search(change.clips, current_);
  if (elsewhere) show(change.clips.front());
  app_.notify(said.arg(QString::fromStdString(change.text)));
}

void LabelController::takeSeconds(double seconds) {
  if (current_ == 0) return;
  act([&] {
    const bool wanted = seconds > 0.0 && session_->clip(current_).seconds <= 0.0;
    return wanted ? session_->set_seconds(current_, seconds) : Change{};
  });
}

}  // namespace hearsay::ui
