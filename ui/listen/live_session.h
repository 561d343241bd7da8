#pragma once
// One time of listening: opens the source and closes it away from the UI thread, and hands over what was heard.

#include <QObject>
#include <QThreadPool>
#include <functional>
#include <memory>

#include "ui/listen/live_feed.h"

namespace hearsay::ui {

class LiveSession : public QObject {
  Q_OBJECT
 public:
  enum class State { Idle, Starting, Running, Stopping };
  using SourceFactory = std::function<std::unique_ptr<SampleSource>()>;

  explicit LiveSession(QObject* parent = nullptr);
  ~LiveSession() override;  ///< stops and waits

  /// Nothing happens unless Idle. `factory` runs on another thread and may throw hearsay::Error; failed() then tells.
  void start(const std::shared_ptr<const ClapModel>& model, const PromptSet& prompts, const StreamOptions& options,
             SourceFactory factory);
  void stop();
  /// Waits until it has ended: nothing of what was heard is lost to take(). For closing.
  void stopAndWait();
  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] bool active() const { return state_ != State::Idle; }
  void setOptions(const StreamOptions& options);
  void setPrompts(const PromptSet& prompts);
  /// News since the last call, of this session or of the one that just ended; none while Starting.
  [[nodiscard]] LiveNews take();
  /// Also after stop(), until the next source is open. Empty when nothing is kept for that time.
  [[nodiscard]] std::vector<float> heard(double start, double end) const;
  [[nodiscard]] double rate() const { return ear_.rate; }
  [[nodiscard]] double secondsPerColumn() const;

 Q_SIGNALS:
  void stateChanged();
  void failed(const QString& sentence);  ///< could not start, or new options or prompts were refused

 private:
  /// One source with what listens to it.
  struct Ear {
    std::shared_ptr<StreamClassifier> classifier;
    std::shared_ptr<LiveFeed> feed;
    double rate = 0.0;
  };
  void setState(State state);
  void opened(const QString& problem);
  [[nodiscard]] StreamClassifier& newest() { return *(opening_.classifier ? opening_ : ear_).classifier; }

  State state_ = State::Idle;
  Ear ear_;      ///< of the sound that is kept
  Ear opening_;  ///< takes its place once the source is open: a failed start costs nothing
  int starts_ = 0;
  bool stopWanted_ = false;
  QThreadPool pool_;  ///< one thread: opening and closing happen in order
};

}  // namespace hearsay::ui
