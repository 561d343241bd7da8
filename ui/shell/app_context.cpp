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

/// Of the template, in no file; `prompts` null: none are in use, and the thresholds wait for some.
UsedSet withoutFile(std::shared_ptr<const PromptSet> prompts, Marks marks) {
  UsedSet set;
  set.prompts = std::move(prompts);
  set.marks = std::move(marks);
  return set;
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
  settle(told_.refused);
  rememberInUse(false);
  sayMisfit();
  choosePrompts();
}

void AppContext::sayMisfit() {
  settle(told_.misfit);
  const UsedSet* tuned = used_.forList(classes_, [](const PromptSet& set) { return set.tuned; });
  if (!tuned || used_.forList(classes_, [this](const PromptSet& set) { return fitsModel(set); })) return;
  try {
    check_prompts_fit(*tuned->prompts, *model_);
  } catch (const Error& misfit) {
    tell(told_.misfit, tr("%1 Until then the class names alone are used.").arg(QString::fromUtf8(misfit.what())),
         NoticeLevel::Warning);
  }
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
  used_.putAside([](const UsedSet& set) { return !set.prompts->tuned; });
  if (!inUse_.prompts || !inUse_.prompts->tuned) zeroShotTimer_.start();
}

void AppContext::setClasses(const ClassList& classes) {
  if (sameClasses(classes, classes_)) return;
  const ClassList before = std::exchange(classes_, classes);
  stateTimer_.start();
  settle(told_.list);
  if (!same_names(before, classes_)) settle(told_.misfit);
  if (before.empty()) settle(told_.names);
  Q_EMIT classesChanged();
  choosePrompts();
  tellOfWords(before);
}

// Aliases and descriptions are part of what is tuned: of what changed since, the embeddings know nothing.
void AppContext::tellOfWords(const ClassList& before) {
  const bool tuned = inUse_.prompts && inUse_.prompts->tuned && same_names(inUse_.prompts->classes, classes_);
  if (!tuned || inUse_.toldOfWords || !same_names(before, classes_) || sameWords(before, classes_)) return;
  inUse_.toldOfWords = true;
  tell(told_.words,
       tr("The tuned prompts in use know these sounds by the words they were tuned with: other words and descriptions "
          "count once the list is tuned again. Saving the prompt set keeps them with it."),
       NoticeLevel::Info);
}

bool AppContext::fitsModel(const PromptSet& prompts) const {
  return model_ && prompts.model_fingerprint == fingerprint_.toStdString();
}

void AppContext::choosePrompts() {
  rememberInUse(false);
  if (classes_.empty()) return dropPrompts();
  if (!model_) return;
  const UsedSet* fits = used_.forList(classes_, [this](const PromptSet& set) { return fitsModel(set); });
  if (!fits) {
    zeroShotTimer_.start(inUse_.prompts ? kZeroShotDelayMs : 0);
    return;
  }
  stopZeroShot();
  UsedSet set = *fits;
  if (!set.worthKeeping()) used_.forget(set);          // remembered for this one time
  if (!sameClasses(set.prompts->classes, classes_)) {  // order and colours; of a tuned set also words, for show only
    set.prompts = std::make_shared<PromptSet>(with_classes(*set.prompts, classes_));
  }
  if (inUse_.prompts == set.prompts) return;
  rememberInUse(inUse_.prompts && !same_names(inUse_.prompts->classes, classes_));
  take(set);
}

void AppContext::stopZeroShot() {
  zeroShotTimer_.stop();
  zeroShotJob_ = -1;
}

void AppContext::dropPrompts() {
  stopZeroShot();
  if (!inUse_.prompts) return;
  keepMarks();
  rememberInUse(true);
  const bool tuned = inUse_.prompts->tuned;
  inUse_ = withoutFile(nullptr, inUse_.marks);
  stateTimer_.start();
  Q_EMIT promptsChanged();
  if (tuned) {
    tell(told_.names,
         tr("The list of sounds is empty, so no prompts are in use. The tuned ones come back with their list: Undo or "
            "Redo on the Teach page."),
         NoticeLevel::Info);
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
          take(withoutFile(made, marksFor(made->classes)));
          if (leftTuned) {
            tell(told_.names,
                 tr("The list of sounds is another than the tuned one, so the class names alone are used. The tuned "
                    "prompts come back with their list (Undo or Redo on the Teach page), or tune this list."),
                 NoticeLevel::Info);
          }
        } else if (!outcome.ok && !outcome.cancelled) {
          notify(outcome.error, NoticeLevel::Warning);
        }
      });
  zeroShotJob_ = *job;
}

void AppContext::useZeroShot() {
  keepMarks();
  rememberInUse(false);
  if (inUse_.unsaved) keepTuned(*inUse_.prompts);
  used_.putAside([this](const UsedSet& set) { return same_names(set.prompts->classes, classes_); });
  const bool tuned = inUse_.prompts && inUse_.prompts->tuned;
  settleForSet();
  inUse_ = withoutFile(tuned ? nullptr : inUse_.prompts, inUse_.marks);
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

void AppContext::tell(QString& told, const QString& sentence, NoticeLevel level) {
  settle(told);
  told = sentence;
  notify(sentence, level);
}

void AppContext::settle(QString& told) {
  if (!told.isEmpty()) Q_EMIT settled(std::exchange(told, QString()));
}

void AppContext::settleForSet() {
  for (QString* told : {&told_.misfit, &told_.refused, &told_.names}) settle(*told);
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
