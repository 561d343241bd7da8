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
  void start(std::shared_ptr<const ClapModel> model, const PromptSet& prompts, const StreamOptions& options,
             SourceFactory factory);
  void stop();
  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] bool active() const { return state_ != State::Idle; }
  void setOptions(const StreamOptions& options);
  void setPrompts(const PromptSet& prompts);
  /// News since the last call, of this session or of the one that just ended.
  [[nodiscard]] LiveNews take();
  /// Also after stop(), until the next start(). Empty when nothing is kept for that time.
  [[nodiscard]] std::vector<float> heard(double start, double end) const;
  [[nodiscard]] double rate() const { return rate_; }
  [[nodiscard]] double secondsPerColumn() const;

 Q_SIGNALS:
  void stateChanged();
  void failed(const QString& sentence);  ///< could not start, or new options or prompts were refused

 private:
  void setState(State state);

  State state_ = State::Idle;
  std::shared_ptr<StreamClassifier> classifier_;
  std::shared_ptr<LiveFeed> feed_;
  double rate_ = 0.0;
  bool stopWanted_ = false;
  QThreadPool pool_;  ///< one thread: opening and closing happen in order
};

}  // namespace hearsay::ui
