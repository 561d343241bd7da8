#pragma once
// Smoothed probabilities -> events: a class begins when it reaches its threshold, and ends when it has stayed below for
// the hold.

#include <functional>
#include <span>
#include <vector>

#include "classify/stream_classifier.h"

namespace hearsay {

class EventTracker {
 public:
  using Sink = std::function<void(const StreamEvent&)>;

  /// `sink`: when an event begins and when it ends; `goes_on`: at every other prediction while it is open.
  EventTracker(std::size_t classes, Sink sink, Sink goes_on = {})
      : tracks_(classes), sink_(std::move(sink)), goes_on_(std::move(goes_on)) {}

  /// A prediction at `time`; `since` is the time of the one before. `scores` [K]; thresholds [K] or empty (0.5).
  /// `silent`: nothing was heard in between,
  /// so no class is above its threshold, not even above 0.
  void update(double since, double time, std::span<const float> scores, std::span<const double> thresholds, double hold,
              bool silent = false);
  /// Ends what is open.
  void close_all(double time);
  /// Other classes: everything open must have been closed. Ids go on counting.
  void set_classes(std::size_t classes) { tracks_.assign(classes, {}); }

 private:
  struct Track {
    bool open = false;
    double last_above = 0.0;
    StreamEvent event;
  };
  void go_on(Track& track, double time);
  void close(Track& track, double time);

  std::vector<Track> tracks_;
  Sink sink_;
  Sink goes_on_;
  std::int64_t next_id_ = 1;
};

}  // namespace hearsay
