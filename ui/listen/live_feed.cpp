#include "ui/listen/live_feed.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace hearsay::ui {

namespace {

// A window that is not shown for hours must not fill the memory: older columns are of no use to the chart then.
constexpr std::int64_t kMostColumns = 120'000;

double decibel(double amplitude) {
  return 20.0 * std::log10(std::max(amplitude, 1e-5));
}

}  // namespace

LiveFeed::LiveFeed(const LogMelConfig& mel) : spectrogram_(mel) {}

StreamSink LiveFeed::sink() {
  StreamSink sink;
  const auto self = shared_from_this();
  sink.samples = [self](std::span<const float> samples) { self->hear(samples); };
  sink.prediction = [self](const StreamPrediction& prediction) {
    const std::lock_guard lock(self->mutex_);
    self->news_.predictions.push_back(prediction);
  };
  sink.event = [self](const StreamEvent& event) {
    const std::lock_guard lock(self->mutex_);
    self->news_.events.push_back(event);
  };
  sink.event_goes_on = [self](const StreamEvent& event) { self->follow(event); };
  sink.gap = [self](const StreamGap& gap) {
    const std::lock_guard lock(self->mutex_);
    self->news_.gaps.push_back(gap);
  };
  sink.notice = [self](const std::string& sentence) {
    const std::lock_guard lock(self->mutex_);
    self->news_.notices.push_back(sentence);
  };
  sink.ended = [self](const StreamSummary& summary) {
    const std::lock_guard lock(self->mutex_);
    self->news_.ended = summary;
  };
  return sink;
}

void LiveFeed::hear(std::span<const float> samples) {
  const Matrix columns = spectrogram_.push(samples);
  const std::lock_guard lock(mutex_);
  for (const float value : samples) {
    squares_ += static_cast<double>(value) * value;
    highest_ = std::max(highest_, std::abs(static_cast<double>(value)));
  }
  counted_ += samples.size();
  if (columns.rows == 0 || news_.columns.rows > kMostColumns) return;
  news_.columns.cols = columns.cols;
  news_.columns.rows += columns.rows;
  news_.columns.data.insert(news_.columns.data.end(), columns.data.begin(), columns.data.end());
}

// Of what is still to be asked for, the newest state is enough.
void LiveFeed::follow(const StreamEvent& event) {
  const std::lock_guard lock(mutex_);
  const auto earlier = std::find_if(news_.events.begin(), news_.events.end(),
                                    [&event](const StreamEvent& other) { return other.id == event.id && other.open; });
  if (earlier != news_.events.end()) {
    *earlier = event;
  } else {
    news_.events.push_back(event);
  }
}

LiveNews LiveFeed::take() {
  const std::lock_guard lock(mutex_);
  LiveNews news = std::exchange(news_, {});
  news.sound = counted_ > 0;
  if (news.sound) {
    news.rmsDb = decibel(std::sqrt(squares_ / static_cast<double>(counted_)));
    news.peakDb = decibel(highest_);
  }
  squares_ = 0.0;
  highest_ = 0.0;
  counted_ = 0;
  return news;
}

}  // namespace hearsay::ui
