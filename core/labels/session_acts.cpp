// What the person does: every function here is one act of the journal.

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "base/error.h"
#include "base/plain_text.h"
#include "base/words.h"
#include "labels/session.h"
#include "labels/store.h"

namespace hearsay {
namespace {

using nlohmann::json;

/// How far beyond the end of a clip a region may reach, for rounding; what is beyond is cut off.
constexpr double kSlackSeconds = 0.01;

int written(LabelledBy by) {
  return by == LabelledBy::Person ? 0 : 1;
}

json written(std::optional<double> score) {
  return score ? json(*score) : json(nullptr);
}

std::string clips_text(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " clip" : " clips");
}

/// Sets the skip mark and keeps the note.
void mark_skipped(Act& act, ClipId clip, bool skipped) {
  const Row before = act.find(kMarksTable, {clip});
  if (before.is_null() && !skipped) return;
  act.put(kMarksTable, {clip, skipped ? 1 : 0, before.is_null() ? json("") : before.at(2)});
}

void put_label(Act& act, ClipId clip, ClassId class_id, LabelledBy by, std::optional<double> score) {
  act.put(kLabelsTable, {clip, class_id, written(by), written(score)});
  mark_skipped(act, clip, false);
}

/// Which label a sentence is about: `"dog" from 4.500 s to 9.000 s: `
std::string which(const GivenLabel& given) {
  const std::string name = "\"" + beginning_of(valid_utf8(given.class_name)) + "\"";
  if (given.start == 0.0 && given.end == 0.0) return name + ": ";
  return name + " from " + decimal_text(given.start, 3) + " s to " + decimal_text(given.end, 3) + " s: ";
}

void put_note(Act& act, ClipId clip, std::string_view note) {
  const Row before = act.find(kMarksTable, {clip});
  const std::string text = valid_utf8(note);
  if (before.is_null() && text.empty()) return;
  act.put(kMarksTable, {clip, before.is_null() ? json(0) : before.at(1), text});
}

void put_region(Act& act, RegionId id, const GivenLabel& region, ClassId class_id) {
  act.put(kRegionsTable,
          {id, region.clip, region.start, region.end, class_id, written(region.by), written(region.score)});
  mark_skipped(act, region.clip, false);
}

void check_region_times(double& start, double& end, const Clip& clip) {
  const bool ordered = std::isfinite(start) && std::isfinite(end) && start >= 0.0 && end > start;
  const bool inside = clip.seconds <= 0.0 || (end <= clip.seconds + kSlackSeconds && start < clip.seconds);
  if (!ordered || !inside) {
    throw Error(ErrorKind::Usage, "A region must begin at 0 s or later, end after it begins, and lie within " +
                                      clip.name +
                                      (clip.seconds > 0.0 ? " (" + decimal_text(clip.seconds, 2) + " s)." : "."));
  }
  if (clip.seconds > 0.0) end = std::min(end, clip.seconds);
}

Row region_row(const Act& act, RegionId region, const LabelSession& session) {
  Row row = act.find(kRegionsTable, {region});
  if (row.is_null()) {
    throw Error(ErrorKind::Usage,
                "There is no region " + std::to_string(region) + " in " + session.file().string() + ".");
  }
  return row;
}

std::string labels_text(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " label" : " labels");
}

/// Is there a region like it, as far as an export tells them apart?
bool has_region(std::span<const Region> regions, const GivenLabel& given, ClassId class_id) {
  constexpr double kSame = 2e-6;
  return std::any_of(regions.begin(), regions.end(), [&](const Region& one) {
    return one.class_id == class_id && std::abs(one.start - given.start) < kSame &&
           std::abs(one.end - given.end) < kSame;
  });
}

void require_score(std::optional<double> score) {
  if (score && !std::isfinite(*score)) throw Error(ErrorKind::Usage, "The score of a region is no number.");
}

}  // namespace

Change LabelSession::accept(ClipId clip, ClassId class_id) {
  const std::string name = store_->clip_name(clip);
  const std::string class_name = store_->class_name(class_id);
  const Suggestions proposed = suggestions(clip);
  const auto found = std::find_if(proposed.items.begin(), proposed.items.end(),
                                  [&](const Suggestion& one) { return one.class_id == class_id; });
  if (found == proposed.items.end()) {
    throw Error(ErrorKind::Usage, "\"" + class_name + "\" was not suggested for " + name + "; label it instead.");
  }
  Act act(store_->database);
  put_label(act, clip, class_id, LabelledBy::Model, found->score);
  return act.commit("Accept \"" + class_name + "\" for " + name);
}

Change LabelSession::accept_best(std::span<const ClipId> clips, double at_least) {
  Act act(store_->database);
  for (const ClipId clip : clips) {
    const Suggestions proposed = suggestions(clip);
    if (proposed.items.empty() || !(proposed.items.front().score >= at_least)) continue;
    const Suggestion& best = proposed.items.front();
    put_label(act, clip, best.class_id, LabelledBy::Model, best.score);
  }
  return act.commit("Accept the best suggestion for " + clips_text(act.clip_count()));
}

Change LabelSession::set_labels(ClipId clip, std::span<const ClassId> class_ids) {
  return set_labels(std::span(&clip, 1), class_ids);
}

Change LabelSession::set_labels(std::span<const ClipId> clips, std::span<const ClassId> class_ids) {
  std::string names;
  for (const ClassId id : class_ids) names += (names.empty() ? "" : ", ") + store_->class_name(id);
  Act act(store_->database);
  for (const ClipId clip : clips) {
    for (const ClipLabel& label : labels(clip)) {
      const bool stays = std::find(class_ids.begin(), class_ids.end(), label.class_id) != class_ids.end();
      if (!stays) act.erase(kLabelsTable, {clip, label.class_id});
    }
    for (const ClassId id : class_ids) {
      if (act.find(kLabelsTable, {clip, id}).is_null()) put_label(act, clip, id, LabelledBy::Person, {});
    }
  }
  const std::string which = clips.size() == 1 ? store_->clip_name(clips.front()) : clips_text(act.clip_count());
  return act.commit(names.empty() ? "Take the labels off " + which : "Label " + which + ": " + names);
}

Change LabelSession::clear(ClipId clip) {
  const std::string name = store_->clip_name(clip);
  Act act(store_->database);
  for (const ClipLabel& label : labels(clip)) act.erase(kLabelsTable, {clip, label.class_id});
  for (const Region& region : regions(clip)) act.erase(kRegionsTable, {region.id});
  mark_skipped(act, clip, false);
  return act.commit("Clear " + name);
}

Change LabelSession::skip(ClipId clip_id) {
  const Clip now = clip(clip_id);
  if (now.state == ClipState::Labelled) return {};
  Act act(store_->database);
  mark_skipped(act, clip_id, true);
  return act.commit("Skip " + now.name);
}

Change LabelSession::set_note(ClipId clip, std::string_view note) {
  const std::string name = store_->clip_name(clip);
  Act act(store_->database);
  put_note(act, clip, note);
  return act.commit("Note on " + name);
}

Change LabelSession::add_region(ClipId clip_id, double start, double end, ClassId class_id, LabelledBy by,
                                std::optional<double> score) {
  const Clip in = clip(clip_id);
  const std::string class_name = store_->class_name(class_id);
  check_region_times(start, end, in);
  require_score(score);
  Act act(store_->database);
  put_region(act, store_->unused_id("regions"), {clip_id, class_name, start, end, by, score, {}}, class_id);
  return act.commit("Add a region \"" + class_name + "\" to " + in.name);
}

Change LabelSession::move_region(RegionId region, double start, double end) {
  Act act(store_->database);
  Row row = region_row(act, region, *this);
  const Clip in = clip(row.at(1).get<ClipId>());
  check_region_times(start, end, in);
  row[2] = start;
  row[3] = end;
  act.put(kRegionsTable, row);
  return act.commit("Move a region in " + in.name);
}

Change LabelSession::set_region_class(RegionId region, ClassId class_id) {
  const std::string class_name = store_->class_name(class_id);
  Act act(store_->database);
  Row row = region_row(act, region, *this);
  if (row.at(4).get<ClassId>() == class_id) return {};
  row[4] = class_id;
  row[5] = written(LabelledBy::Person);  // corrected: no longer what the model said
  row[6] = nullptr;
  act.put(kRegionsTable, row);
  return act.commit("Name a region in " + store_->clip_name(row.at(1).get<ClipId>()) + ": " + class_name);
}

Change LabelSession::remove_region(RegionId region) {
  Act act(store_->database);
  const Row row = region_row(act, region, *this);
  act.erase(kRegionsTable, {region});
  return act.commit("Remove a region from " + store_->clip_name(row.at(1).get<ClipId>()));
}

Change LabelSession::add_given(std::span<const GivenLabel> given, std::vector<std::string>& left_out) {
  Act act(store_->database);
  std::map<std::string, ClassId> ids;
  for (const SessionClass& one : classes()) ids[comparable_name(one.name)] = one.id;
  const auto class_of = [&](const std::string& name) {
    const auto [at, added] = ids.emplace(comparable_name(name), 0);
    if (added) {
      at->second = store_->unused_id("classes");
      act.put(kClassesTable, {at->second, name});
    }
    return at->second;
  };
  // Read once a clip: a file of events has thousands of one.
  std::map<ClipId, std::pair<Clip, std::vector<Region>>> known;
  const auto known_of = [&](ClipId id) -> auto& {
    auto found = known.find(id);
    if (found == known.end()) found = known.emplace(id, std::pair(clip(id), regions(id))).first;
    return found->second;
  };
  std::size_t count = 0;
  for (GivenLabel one : given) {
    try {
      auto& [in, marked] = known_of(one.clip);
      const bool whole = one.start == 0.0 && one.end == 0.0;
      require_score(one.score);
      if (!whole) check_region_times(one.start, one.end, in);
      if (in.note.empty() && !one.note.empty()) {
        put_note(act, one.clip, one.note);
        in.note = one.note;
      }
      if (one.class_name.empty()) continue;
      const ClassId id = class_of(tidy_class_name(one.class_name));
      if (whole && act.find(kLabelsTable, {one.clip, id}).is_null()) {
        put_label(act, one.clip, id, one.by, one.score);
        ++count;
      } else if (!whole && !has_region(marked, one, id)) {
        const RegionId region = store_->unused_id("regions");
        put_region(act, region, one, id);
        marked.push_back({region, one.clip, one.start, one.end, id, one.by, one.score});
        ++count;
      }
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::Usage) throw;
      left_out.push_back(which(one) + error.what());
    }
  }
  return act.commit("Import " + labels_text(count) + " of " + clips_text(act.clip_count()));
}

Change LabelSession::add_class(std::string_view given) {
  const std::string name = tidy_class_name(given);
  store_->require_new_name(name, 0);
  Act act(store_->database);
  const std::int64_t id = store_->unused_id("classes");
  act.put(kClassesTable, {id, name});
  return act.commit("Add the class \"" + name + "\"");
}

Change LabelSession::rename_class(ClassId id, std::string_view given) {
  const std::string before = store_->class_name(id);
  const std::string name = tidy_class_name(given);
  store_->require_new_name(name, id);
  Act act(store_->database);
  act.put(kClassesTable, {id, name});
  return act.commit("Rename the class \"" + before + "\" to \"" + name + "\"");
}

Change LabelSession::remove_class(ClassId id) {
  const std::string name = store_->class_name(id);
  Act act(store_->database);
  for (const auto& [clip, given] : all_labels()) {
    for (const ClipLabel& label : given) {
      if (label.class_id == id) act.erase(kLabelsTable, {clip, id});
    }
  }
  for (const auto& [clip, marked] : all_regions()) {
    for (const Region& region : marked) {
      if (region.class_id == id) act.erase(kRegionsTable, {region.id});
    }
  }
  act.erase(kClassesTable, {id});
  return act.commit("Remove the class \"" + name + "\"");
}

std::optional<std::string> LabelSession::undo_text() const {
  return journal_undo_text(store_->database);
}

std::optional<std::string> LabelSession::redo_text() const {
  return journal_redo_text(store_->database);
}

Change LabelSession::undo() {
  return journal_undo(store_->database);
}

Change LabelSession::redo() {
  return journal_redo(store_->database);
}

}  // namespace hearsay
