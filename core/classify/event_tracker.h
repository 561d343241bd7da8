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

  EventTracker(std::size_t classes, Sink sink) : tracks_(classes), sink_(std::move(sink)) {}

  /// A prediction at `time`; `since` is the time of the one before. `scores` [K]; thresholds [K] or empty (0.5).
  void update(double since, double time, std::span<const float> scores, std::span<const double> thresholds,
              double hold);
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
  void close(Track& track, double time);

  std::vector<Track> tracks_;
  Sink sink_;
  std::int64_t next_id_ = 1;
};

}  // namespace hearsay
