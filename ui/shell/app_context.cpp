#include "ui/shell/app_context.h"

#include <QDir>
#include <QFileInfo>
#include <QPointer>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "prompts/prompt_order.h"
#include "ui/shell/class_state.h"
#include "ui/shell/plain_texts.h"

namespace hearsay::ui {
namespace {

constexpr int kZeroShotDelayMs = 200;  // after the last change of the list: typing does not start work at every key
constexpr int kStateDelayMs = 500;
const QString kStarter = QStringLiteral("starter");

QString words(const std::exception& error) {
  return QString::fromUtf8(error.what());
}

}  // namespace

struct AppContext::Loaded {
  std::shared_ptr<const ClapModel> model;
  std::string fingerprint;
};

AppContext::AppContext(QObject* parent)
    : QObject(parent), settings_(QSettings::IniFormat, QSettings::UserScope, "hearsay", "hearsay") {
  showTextsAsTheyAre();
  device_ = settings_.value("model/device", "auto").toString();
  textTemplate_ = settings_.value("teach/template", QString::fromUtf8(kDefaultTemplate.data())).toString();
  zeroShotTimer_.setSingleShot(true);
  zeroShotTimer_.setInterval(kZeroShotDelayMs);
  connect(&zeroShotTimer_, &QTimer::timeout, this, &AppContext::refreshZeroShot);
  stateTimer_.setSingleShot(true);
  stateTimer_.setInterval(kStateDelayMs);
  connect(&stateTimer_, &QTimer::timeout, this, &AppContext::writeState);
  connect(&loading_, &JobService::progressed, this, [this](int id, const QString&, double fraction) {
    if (id == loadJob_) Q_EMIT modelLoadingProgressed(fraction);
  });
  connect(&jobs_, &JobService::held, this, [this](const QString& title, const QString& by) {
    notify(tr("%1 waits for %2, which is paused. The buttons in the bottom line go on with it, or stop it.")
               .arg(title, by));
  });
}

AppContext::~AppContext() {
  shutDown();
}

void AppContext::shutDown() {
  stopPlaying();
  if (stateTimer_.isActive()) {
    stateTimer_.stop();
    writeState();
  }
  zeroShotTimer_.stop();
  loading_.stop();
  quiet_.stop();
  jobs_.stop();
  settings_.sync();
}

// --- The model

std::shared_ptr<const ClapModel> AppContext::model() const {
  return model_;
}
bool AppContext::modelLoading() const {
  return loadJob_ >= 0;
}
QString AppContext::loadingName() const {
  return loadingName_;
}
QString AppContext::device() const {
  return device_;
}
QString AppContext::modelFingerprint() const {
  return fingerprint_;
}

void AppContext::setDevice(const QString& device) {
  device_ = device;
  settings_.setValue("model/device", device);
}

void AppContext::setOpener(Opener opener) {
  opener_ = std::move(opener);
}

void AppContext::loadModel(const QString& nameOrPath) {
  if (loadJob_ >= 0) loading_.cancelJob(loadJob_);
  auto loaded = std::make_shared<Loaded>();
  const auto work = [loaded, wanted = nameOrPath.toStdString(), device = device_.toStdString(), opener = opener_](
                        JobControl& control, const ProgressFn& progress) {
    LoadOptions options;
    options.device = device;
    options.control = &control;
    options.progress = progress;
    loaded->model = opener(find_model(wanted), options);
    control.checkpoint();
    loaded->fingerprint = loaded->model->fingerprint();
  };
  auto job = std::make_shared<int>(-1);
  *job = loading_.submit(tr("Loading the model"), work,
                         [this, loaded, job, nameOrPath](const JobService::Outcome& outcome) {
                           if (*job != loadJob_) return;  // another one was asked for meanwhile
                           loadJob_ = -1;
                           if (outcome.ok) settings_.setValue("model/last", nameOrPath);
                           modelLoaded(loaded, outcome.ok ? QString() : outcome.error);
                           // A model that has gone since the last time is no reason to be without one.
                           if (!outcome.ok && !model_ && nameOrPath != kStarter) loadModel(kStarter);
                         });
  loadJob_ = *job;
  loadingName_ = QFileInfo(QDir::cleanPath(nameOrPath)).fileName();
  Q_EMIT modelLoadingChanged();
}

void AppContext::modelLoaded(const std::shared_ptr<Loaded>& loaded, const QString& error) {
  Q_EMIT modelLoadingChanged();
  if (!error.isEmpty()) {
    notify(model_ ? tr("%1 The model that was in use stays.").arg(error) : error, NoticeLevel::Error);
    Q_EMIT modelChanged();
    return;
  }
  model_ = loaded->model;
  fingerprint_ = QString::fromStdString(loaded->fingerprint);
  log_info("model " + model_->info().name + " on " + model_->device().name);
  Q_EMIT modelChanged();
  const Kept& tuned = inUse_.prompts && inUse_.prompts->tuned ? inUse_ : lastTuned_;
  if (tuned.prompts && same_names(tuned.prompts->classes, classes_) && !fitsModel(*tuned.prompts)) {
    try {
      check_prompts_fit(*tuned.prompts, *model_);
    } catch (const Error& misfit) {
      notify(tr("%1 Until then the class names alone are used.").arg(QString::fromUtf8(misfit.what())),
             NoticeLevel::Warning);
    }
  }
  choosePrompts();
}

// --- Classes and the zero-shot set

const ClassList& AppContext::classes() const {
  return classes_;
}
QString AppContext::textTemplate() const {
  return textTemplate_;
}

void AppContext::setTextTemplate(const QString& text) {
  if (text == textTemplate_) return;
  textTemplate_ = text;
  settings_.setValue("teach/template", text);
  if (!inUse_.prompts || !inUse_.prompts->tuned) zeroShotTimer_.start();
}

void AppContext::setClasses(const ClassList& classes) {
  if (sameClasses(classes, classes_)) return;
  const ClassList before = std::exchange(classes_, classes);
  stateTimer_.start();
  Q_EMIT classesChanged();
  choosePrompts();
  tellOfWords(before);
}

// Aliases and descriptions are part of what is tuned: of what changed since, the embeddings know nothing.
void AppContext::tellOfWords(const ClassList& before) {
  const bool tuned = inUse_.prompts && inUse_.prompts->tuned && same_names(inUse_.prompts->classes, classes_);
  if (!tuned || inUse_.toldOfWords || !same_names(before, classes_) || sameWords(before, classes_)) return;
  inUse_.toldOfWords = true;
  notify(
      tr("The tuned prompts in use know these sounds by the words they were tuned with: other words and descriptions "
         "count once the list is tuned again. Saving the prompt set keeps them with it."));
}

bool AppContext::fitsModel(const PromptSet& prompts) const {
  return model_ && prompts.model_fingerprint == fingerprint_.toStdString();
}

void AppContext::choosePrompts() {
  if (inUse_.prompts && inUse_.prompts->tuned) lastTuned_ = inUse_;
  if (classes_.empty()) return dropPrompts();
  if (!model_) return;
  const bool tunedFits =
      lastTuned_.prompts && same_names(lastTuned_.prompts->classes, classes_) && fitsModel(*lastTuned_.prompts);
  if (!tunedFits) {
    zeroShotTimer_.start(inUse_.prompts ? kZeroShotDelayMs : 0);
    return;
  }
  zeroShotTimer_.stop();
  if (!sameClasses(lastTuned_.prompts->classes, classes_)) {  // order and colours; words are for show only
    lastTuned_.prompts = std::make_shared<PromptSet>(with_classes(*lastTuned_.prompts, classes_));
  }
  if (inUse_.prompts != lastTuned_.prompts) take(lastTuned_);
}

void AppContext::dropPrompts() {
  zeroShotTimer_.stop();
  zeroShotJob_ = -1;
  if (!inUse_.prompts) return;
  const bool tuned = inUse_.prompts->tuned;
  inUse_ = {};
  stateTimer_.start();
  Q_EMIT promptsChanged();
  if (tuned) {
    notify(tr("The list of sounds is empty, so no prompts are in use. Undo brings the tuned prompts back."));
  }
}

void AppContext::refreshZeroShot() {
  if (!model_ || !classProblem(classes_).isEmpty()) return;
  if (zeroShotJob_ >= 0) loading_.cancelJob(zeroShotJob_);
  auto made = std::make_shared<PromptSet>();
  const auto work = [made, model = model_, classes = classes_, text = textTemplate_.toStdString()](JobControl& control,
                                                                                                   const ProgressFn&) {
    *made = zero_shot_prompts(*model, classes, text, &control);
  };
  auto job = std::make_shared<int>(-1);
  *job = loading_.submit(
      tr("Reading the class names"), work, [this, made, job, model = model_](const JobService::Outcome& outcome) {
        if (*job != zeroShotJob_) return;
        zeroShotJob_ = -1;
        if (outcome.ok && model == model_ && sameClasses(made->classes, classes_)) {
          const bool leftTuned = inUse_.prompts && inUse_.prompts->tuned && fitsModel(*inUse_.prompts);
          Kept set;
          set.prompts = made;
          take(set);
          if (leftTuned) {
            notify(
                tr("The list of sounds is another than the tuned one, so the class names alone "
                   "are used. Undo brings the tuned prompts back, or tune this list."));
          }
        } else if (!outcome.ok && !outcome.cancelled) {
          notify(outcome.error, NoticeLevel::Warning);
        }
      });
  zeroShotJob_ = *job;
}

void AppContext::useZeroShot() {
  if (inUse_.unsaved) keepTuned(*inUse_.prompts);
  lastTuned_ = {};
  inUse_.prompts = inUse_.prompts && !inUse_.prompts->tuned ? inUse_.prompts : nullptr;
  if (!inUse_.prompts) inUse_ = {};
  stateTimer_.start();
  refreshZeroShot();
}

// --- Sound, notices, work beside the job line

int AppContext::play(std::shared_ptr<const std::vector<float>> samples, double rate, double from, double until) {
  try {
    if (!player_) player_ = std::make_unique<Player>();
    ++played_;  // even if it cannot be played: what played before is over
    player_->play(std::move(samples), rate, from, until);
    return played_;
  } catch (const std::exception& error) {
    notify(words(error), NoticeLevel::Warning);
    return 0;
  }
}

void AppContext::stopPlaying() {
  if (player_) player_->stop();
}

bool AppContext::playing() const {
  return player_ && player_->playing();
}
double AppContext::playPosition() const {
  return player_ ? player_->position() : 0.0;
}

void AppContext::notify(const QString& sentence, NoticeLevel level) {
  if (sentence.isEmpty()) return;
  if (level == NoticeLevel::Info) {
    log_info(sentence.toStdString());
  } else {
    log_warn(sentence.toStdString());
  }
  Q_EMIT noticed(sentence, level);
}

void AppContext::runQuietly(QObject* owner, std::function<void()> work,
                            std::function<void(const QString& error)> done) {
  quiet_.submit(
      {}, [work = std::move(work)](JobControl&, const ProgressFn&) { work(); },
      [watched = QPointer<QObject>(owner), done = std::move(done)](const JobService::Outcome& outcome) {
        if (watched && done) done(outcome.ok ? QString() : outcome.error);
      });
}

void AppContext::showPage(const QString& page, bool start) {
  Q_EMIT pageRequested(page, start);
}
void AppContext::reportMicrophone(double levelDb, bool listening) {
  Q_EMIT microphoneLevel(levelDb, listening);
}

}  // namespace hearsay::ui
