#include "ui/listen/live_session.h"

#include <exception>
#include <utility>

namespace hearsay::ui {

LiveSession::LiveSession(QObject* parent) : QObject(parent) {
  pool_.setMaxThreadCount(1);
}

LiveSession::~LiveSession() {
  pool_.waitForDone();
  classifier_.reset();
}

void LiveSession::setState(State state) {
  if (state_ == state) return;
  state_ = state;
  Q_EMIT stateChanged();
}

void LiveSession::start(std::shared_ptr<const ClapModel> model, const PromptSet& prompts, const StreamOptions& options,
                        SourceFactory factory) {
  if (state_ != State::Idle) return;
  rate_ = model->info().sample_rate;
  stopWanted_ = false;
  feed_ = std::make_shared<LiveFeed>(model->info().mel);
  try {
    classifier_ = std::make_shared<StreamClassifier>(std::move(model), prompts, options);
  } catch (const std::exception& error) {
    Q_EMIT failed(QString::fromUtf8(error.what()));
    return;
  }
  setState(State::Starting);
  pool_.start([this, classifier = classifier_, feed = feed_, factory = std::move(factory)] {
    QString problem;
    try {
      classifier->start(factory(), feed->sink());
    } catch (const std::exception& error) {
      problem = QString::fromUtf8(error.what());
    }
    QMetaObject::invokeMethod(
        this,
        [this, problem] {
          if (problem.isEmpty()) {
            setState(State::Running);
            if (stopWanted_) stop();
            return;
          }
          setState(State::Idle);
          Q_EMIT failed(problem);
        },
        Qt::QueuedConnection);
  });
}

void LiveSession::stop() {
  stopWanted_ = true;
  if (state_ != State::Running) return;  // a start under way ends in stop()
  setState(State::Stopping);
  pool_.start([this, classifier = classifier_] {
    classifier->stop();
    QMetaObject::invokeMethod(
        this, [this] { setState(State::Idle); }, Qt::QueuedConnection);
  });
}

void LiveSession::setOptions(const StreamOptions& options) {
  if (!active()) return;
  try {
    classifier_->set_options(options);
  } catch (const std::exception& error) {
    Q_EMIT failed(QString::fromUtf8(error.what()));
  }
}

void LiveSession::setPrompts(const PromptSet& prompts) {
  if (!active()) return;
  try {
    classifier_->set_prompts(prompts);
  } catch (const std::exception& error) {
    Q_EMIT failed(QString::fromUtf8(error.what()));
  }
}

LiveNews LiveSession::take() {
  if (!feed_) return {};
  LiveNews news = feed_->take();
  if (news.ended) stop();  // the source went by itself: its thread is joined like any other
  return news;
}

std::vector<float> LiveSession::heard(double start, double end) const {
  return classifier_ ? classifier_->heard(start, end) : std::vector<float>();
}

double LiveSession::secondsPerColumn() const {
  return feed_ ? feed_->secondsPerColumn() : 0.01;
}

}  // namespace hearsay::ui
