#include "ui/teach/tuning_run.h"

#include <QDateTime>
#include <QMetaObject>

#include "base/error.h"
#include "prompts/tuning_checkpoint.h"
#include "ui/charts/format.h"

namespace hearsay::ui {
namespace {

/// The core would name its own file, which nobody knows.
void checkSameCaptions(const TuningRequest& request, const CaptionSet& captions) {
  if (captions.hash() == request.resumeCaptions) return;
  const QString which =
      request.captions.source == TextSource::Names
          ? QObject::tr("This tuning was begun with other captions, by another version of Hearsay.")
          : QObject::tr("%1 holds other captions than when this tuning was begun.").arg(request.captions.file);
  throw Error(ErrorKind::Usage,
              QObject::tr("%1 To go on, bring them back as they were; else discard it, and start anew.")
                  .arg(which)
                  .toStdString());
}

}  // namespace

void TuningFeed::send(const TunerUpdate& update) {
  const std::lock_guard lock(mutex_);
  if (owner_ == nullptr) return;
  QMetaObject::invokeMethod(
      owner_, [receiver = receiver_, update] { receiver(update); }, Qt::QueuedConnection);
}

void TuningFeed::close() {
  const std::lock_guard lock(mutex_);
  owner_ = nullptr;
}

int startTuning(AppContext& app, const TuningRequest& request, const std::shared_ptr<TuningFeed>& feed,
                std::function<void(const std::shared_ptr<TuningOutcome>&, const JobService::Outcome&)> done) {
  auto outcome = std::make_shared<TuningOutcome>();
  const auto work = [request, outcome, feed, app = &app](JobControl& control, const ProgressFn& progress) {
    progress({QObject::tr("writing sentences").toStdString(), 0.0, -1.0});
    const CaptionSet captions = makeCaptions(request.classes, request.captions);
    if (!request.resume.empty()) checkSameCaptions(request, captions);
    control.checkpoint();
    const auto watch = [&](const TunerUpdate& update) {
      progress(update.progress);
      feed->send(update);
    };
    TuningCheckpoint checkpoint({.file = request.resume,
                                 .resume = !request.resume.empty(),
                                 .every = request.keepEvery,
                                 .origin = choiceToText(request.captions),
                                 .closing = [app] { return app->jobs().stopping(); }});
    outcome->result = tune(*request.model, request.classes, captions, request.options, request.textTemplate, &control,
                           watch, request.start, &checkpoint);
    outcome->result.prompts.created_at =
        QDateTime::currentDateTimeUtc().toString(Qt::ISODate).toStdString();  // whenever it is saved
    // A tuning that is cut short because the window closes is gone on with when it opens again; until then what was in
    // use stays. Of any other there is something to lose from here on: it is on the disk before anything else happens.
    outcome->cutShort = app->jobs().stopping() && outcome->result.report.cancelled;
    std::error_code ignored;
    const bool toGoOn =
        outcome->cutShort && checkpoint.problem().empty() && std::filesystem::exists(checkpoint.file(), ignored);
    if (!toGoOn && !app->keepTuned(outcome->result.prompts).isEmpty()) {
      checkpoint.finish(outcome->result.report);
    }
    if (!control.cancelled()) progress({{}, 1.0, 0.0});
  };
  return app.jobs().submit(
      QObject::tr("Tuning %1").arg(classesText(static_cast<int>(request.classes.size()))), work,
      [outcome, done = std::move(done)](const JobService::Outcome& how) { done(how.ok ? outcome : nullptr, how); });
}

}  // namespace hearsay::ui
