// Events on their way from the stream to the table.

#include <algorithm>

#include "ui/charts/colours.h"
#include "ui/listen/event_panel.h"
#include "ui/listen/listen_page.h"

namespace hearsay::ui {

void ListenPage::takeEvent(const StreamEvent& event) {
  EventRecord record;
  record.id = event.id;
  record.session = sessionNumber_;
  record.name = QString::fromStdString(event.name);
  record.colour = colourOf(event);
  record.since = sessionBegan_;
  record.began = wallTime(event.began);
  record.start = event.start;
  record.end = event.end;
  record.score = static_cast<double>(event.score);
  record.open = event.open;
  record.rate = session_.rate();
  if (!event.open) keepSound(record);
  events_->model().put(record);
}

// The classes may have been replaced since the event was heard; one that is listed keeps its colour anyway.
QColor ListenPage::colourOf(const StreamEvent& event) const {
  const auto label = static_cast<std::size_t>(std::max(0, event.label));
  if (!prompts_) return seriesColour(label);
  const ClassList& classes = prompts_->classes;
  const auto same =
      std::find_if(classes.begin(), classes.end(), [&event](const SoundClass& c) { return c.name == event.name; });
  return same == classes.end() ? seriesColour(label)
                               : classColour(classes, static_cast<std::size_t>(same - classes.begin()));
}

void ListenPage::keepSound(EventRecord& record) const {
  std::vector<float> sound = session_.heard(record.start, record.end);
  if (sound.empty()) return;
  record.kept = static_cast<double>(sound.size()) / record.rate;
  record.sound = std::make_shared<const std::vector<float>>(std::move(sound));
}

// What the stream has not ended itself (it broke off) is over with it; its sound up to now is kept.
void ListenPage::keepOpenEvents() {
  EventModel& model = events_->model();
  for (int row = 0; row < model.rowCount(); ++row) {
    EventRecord record = model.at(row);
    if (record.session != sessionNumber_ || !record.open) continue;
    record.open = false;
    keepSound(record);
    model.put(record);
  }
}

}  // namespace hearsay::ui
