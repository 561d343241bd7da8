#pragma once
// One tuning as a job: sentences, and core's tune().

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>

#include "prompts/tuner.h"
#include "ui/shell/app_context.h"
#include "ui/teach/caption_source.h"

namespace hearsay::ui {

struct TuningRequest {
  std::shared_ptr<const ClapModel> model;
  ClassList classes;
  CaptionChoice captions;
  TunerOptions options;
  std::string textTemplate;
  std::optional<StartingContexts> start;
  std::filesystem::path resume;                   ///< an unfinished tuning to go on with; empty: a new one
  std::string resumeCaptions;                     ///< CaptionSet::hash() of the sentences it was begun with
  std::chrono::duration<double> keepEvery{10.0};  ///< time between two writes of the state (core's TuningCheckpoint)
};

struct TuningOutcome {
  TunerResult result;
  bool cutShort = false;  ///< by the end of the program: what was in use stays, and the state is gone on with
};

/// Carries updates from the tuning thread to an object of the UI thread, as long as that lives.
class TuningFeed {
 public:
  using Receiver = std::function<void(const TunerUpdate&)>;
  TuningFeed(QObject* owner, Receiver receiver) : owner_(owner), receiver_(std::move(receiver)) {}
  void send(const TunerUpdate& update);
  void close();  ///< from the UI thread; nothing arrives afterwards

 private:
  std::mutex mutex_;
  QObject* owner_;
  Receiver receiver_;
};

/// Hands the job in; `done` runs on the UI thread with the outcome (null when it failed or was stopped at once).
int startTuning(AppContext& app, const TuningRequest& request, const std::shared_ptr<TuningFeed>& feed,
                std::function<void(const std::shared_ptr<TuningOutcome>&, const JobService::Outcome&)> done);

}  // namespace hearsay::ui
