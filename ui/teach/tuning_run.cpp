#include "ui/teach/tuning_run.h"

#include <QDateTime>
#include <QMetaObject>
#include <algorithm>

#include "base/error.h"
#include "classify/scores.h"
#include "prompts/tuning_checkpoint.h"
#include "ui/charts/format.h"

namespace hearsay::ui {
namespace {

constexpr int kSentencesCompared = 40;  // a class
constexpr double kTuningShare = 0.95;   // of the whole job; the rest is the comparison

bool isRight(const std::vector<float>& scores, const std::vector<int>& labels) {
  if (scores.empty()) return false;
  const int best = ranking(scores).front();
  return std::find(labels.begin(), labels.end(), best) != labels.end();
}

std::vector<Caption> chooseCaptions(const std::vector<Caption>& measured, std::size_t classes) {
  std::vector<int> taken(classes, 0);
  std::vector<Caption> chosen;
  for (const Caption& caption : measured) {
    const auto label = static_cast<std::size_t>(caption.labels.front());
    if (taken[label] >= kSentencesCompared) continue;
    ++taken[label];
    chosen.push_back(caption);
  }
  return chosen;
}

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

std::vector<ClassGain> compareClasses(const ClapModel& model, const PromptSet& prompts,
                                      const std::vector<Caption>& measured, JobControl* control) {
  std::vector<ClassGain> gains(prompts.size());
  const std::vector<Caption> chosen = chooseCaptions(measured, prompts.size());
  std::vector<std::string> texts;
  texts.reserve(chosen.size());
  for (const Caption& caption : chosen) texts.push_back(caption.text);
  if (texts.empty()) return gains;
  const TextEmbeddings read = model.embed_texts_with_words(texts, control);
  PromptSet forText = prompts;  // anchors and offsets are for sounds; the report's held-out figures are without them
  forText.anchored = {};
  forText.offsets.clear();
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    // A sentence stands where a clip's embedding stands when sound is classified, its words where the frames are.
    const WindowScores scores =
        score_window(read.sentences.row(static_cast<std::int64_t>(i)), read.words[i], forText, ScoreKind::Fused, false);
    ClassGain& gain = gains[static_cast<std::size_t>(chosen[i].labels.front())];
    ++gain.sentences;
    gain.before += isRight(scores.zero_shot, chosen[i].labels) ? 1.0 : 0.0;
    gain.after += isRight(scores.fused, chosen[i].labels) ? 1.0 : 0.0;
  }
  for (ClassGain& gain : gains) {
    if (gain.sentences == 0) continue;
    gain.before /= gain.sentences;
    gain.after /= gain.sentences;
  }
  return gains;
}

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
      Progress scaled = update.progress;
      scaled.fraction *= kTuningShare;
      progress(scaled);
      feed->send(update);
    };
    TuningCheckpoint checkpoint({.file = request.resume,
                                 .resume = !request.resume.empty(),
                                 .every = request.keepEvery,
                                 .origin = choiceToText(request.captions),
                                 .keep_unbegun = [app] { return app->jobs().stopping(); }});
    outcome->result = tune(*request.model, request.classes, captions, request.options, request.textTemplate, &control,
                           watch, request.start, &checkpoint);
    outcome->result.prompts.created_at =
        QDateTime::currentDateTimeUtc().toString(Qt::ISODate).toStdString();  // whenever it is saved
    // A tuning that is cut short because the window closes is gone on with when it opens again; until then what was in
    // use stays. Of any other there is something to lose from here on: it is on the disk before anything else happens.
    outcome->cutShort = app->jobs().stopping() && outcome->result.report.cancelled;
    std::error_code ignored;
    const bool toGoOn = outcome->cutShort && checkpoint.problem().empty() &&
                        std::filesystem::exists(checkpoint.file(), ignored);  // not in its first seconds
    if (!toGoOn && !app->keepTuned(outcome->result.prompts).isEmpty()) {
      checkpoint.finish(outcome->result.report);
    }
    if (control.cancelled()) return;
    progress({QObject::tr("comparing classes").toStdString(), kTuningShare, -1.0});
    try {
      outcome->gains = compareClasses(*request.model, outcome->result.prompts, outcome->result.measured, &control);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::Cancelled) throw;  // stopped here, the tuning is whole all the same
    }
    progress({{}, 1.0, 0.0});
  };
  return app.jobs().submit(
      QObject::tr("Tuning %1").arg(classesText(static_cast<int>(request.classes.size()))), work,
      [outcome, done = std::move(done)](const JobService::Outcome& how) { done(how.ok ? outcome : nullptr, how); });
}

}  // namespace hearsay::ui
