#include "ui/listen/live_session.h"

#include <exception>
#include <utility>

namespace hearsay::ui {

LiveSession::LiveSession(QObject* parent) : QObject(parent) {
  pool_.setMaxThreadCount(1);
}

LiveSession::~LiveSession() {
  pool_.waitForDone();
  opening_ = {};
  ear_ = {};
}

void LiveSession::setState(State state) {
  if (state_ == state) return;
  state_ = state;
  Q_EMIT stateChanged();
}

void LiveSession::start(const std::shared_ptr<const ClapModel>& model, const PromptSet& prompts,
                        const StreamOptions& options, SourceFactory factory) {
  if (state_ != State::Idle) return;
  stopWanted_ = false;
  try {
    const ModelInfo& info = model->info();
    opening_ = {std::make_shared<StreamClassifier>(model, prompts, options), std::make_shared<LiveFeed>(info.mel),
                static_cast<double>(info.sample_rate)};
  } catch (const std::exception& error) {
    Q_EMIT failed(QString::fromUtf8(error.what()));
    return;
  }
  setState(State::Starting);
  pool_.start([this, start = ++starts_, ear = opening_, factory = std::move(factory)] {
    QString problem;
    try {
      ear.classifier->start(factory(), ear.feed->sink());
    } catch (const std::exception& error) {
      problem = QString::fromUtf8(error.what());
    }
    QMetaObject::invokeMethod(
        this,
        [this, start, problem] {
          if (start == starts_ && state_ == State::Starting) opened(problem);
        },
        Qt::QueuedConnection);
  });
}

void LiveSession::opened(const QString& problem) {
  if (!problem.isEmpty()) {
    opening_ = {};
    setState(State::Idle);
    Q_EMIT failed(problem);
    return;
  }
  ear_ = std::exchange(opening_, {});
  setState(State::Running);
  if (stopWanted_) stop();
}

void LiveSession::stop() {
  stopWanted_ = true;
  if (state_ != State::Running) return;  // a start under way ends in stop()
  setState(State::Stopping);
  pool_.start([this, start = starts_, classifier = ear_.classifier] {
    classifier->stop();
    QMetaObject::invokeMethod(
        this,
        [this, start] {
          if (start == starts_) setState(State::Idle);
        },
        Qt::QueuedConnection);
  });
}

void LiveSession::stopAndWait() {
  if (state_ == State::Idle) return;
  stopWanted_ = true;
  pool_.waitForDone();                                   // what it has to say afterwards comes too late to matter
  if (opening_.classifier) opening_.classifier->stop();  // of the first moments nobody has been told yet
  opening_ = {};
  if (ear_.classifier) ear_.classifier->stop();
  ++starts_;
  setState(State::Idle);
}

void LiveSession::setOptions(const StreamOptions& options) {
  if (!active()) return;
  try {
    newest().set_options(options);
  } catch (const std::exception& error) {
    Q_EMIT failed(QString::fromUtf8(error.what()));
  }
}

void LiveSession::setPrompts(const PromptSet& prompts) {
  if (!active()) return;
  try {
    newest().set_prompts(prompts);
  } catch (const std::exception& error) {
    Q_EMIT failed(QString::fromUtf8(error.what()));
  }
}

LiveNews LiveSession::take() {
  if (!ear_.feed) return {};
  LiveNews news = ear_.feed->take();
  if (news.ended) stop();  // the source went by itself: its thread is joined like any other
  return news;
}

std::vector<float> LiveSession::heard(double start, double end) const {
  return ear_.classifier ? ear_.classifier->heard(start, end) : std::vector<float>();
}

double LiveSession::secondsPerColumn() const {
  return ear_.feed ? ear_.feed->secondsPerColumn() : 0.01;
}

}  // namespace hearsay::ui
