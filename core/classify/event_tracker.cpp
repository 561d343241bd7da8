#include "classify/event_tracker.h"

#include <algorithm>

namespace hearsay {

void EventTracker::update(double since, double time, std::span<const float> scores, std::span<const double> thresholds,
                          double hold, bool silent) {
  for (std::size_t k = 0; k < tracks_.size() && k < scores.size(); ++k) {
    Track& track = tracks_[k];
    const double threshold = thresholds.size() == tracks_.size() ? thresholds[k] : kUsualThreshold;
    if (!silent && static_cast<double>(scores[k]) >= threshold) {
      track.last_above = time;
      if (track.open) {
        track.event.score = std::max(track.event.score, scores[k]);
        go_on(track, time);
      } else {
        track.open = true;
        track.event = {next_id_++, static_cast<int>(k), since, time, scores[k], true};
        if (sink_) sink_(track.event);
      }
    } else if (track.open && time - track.last_above >= hold) {
      close(track, std::min(time, track.last_above + hold));
    } else if (track.open) {  // held
      go_on(track, time);
    }
  }
}

void EventTracker::go_on(Track& track, double time) {
  track.event.end = time;
  if (goes_on_) goes_on_(track.event);
}

void EventTracker::close(Track& track, double time) {
  track.open = false;
  track.event.end = time;
  track.event.open = false;
  if (sink_) sink_(track.event);
}

void EventTracker::close_all(double time) {
  for (Track& track : tracks_) {
    if (track.open) close(track, time);
  }
}

}  // namespace hearsay
