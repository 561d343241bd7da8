// What listening needs: what is missing for it, and what becomes of it when another model is chosen meanwhile. It goes
// on, with the new model as soon as that has read the list of sounds.

#include "ui/listen/input_picker.h"
#include "ui/listen/listen_page.h"
#include "ui/listen/page_notice.h"
#include "ui/shell/app_context.h"
#include "ui/shell/class_state.h"

namespace hearsay::ui {

bool ListenPage::promptsFit() const {
  return prompts_ && app_.model() && prompts_->model_fingerprint == app_.modelFingerprint().toStdString();
}

void ListenPage::modelChanged() {
  if (!app_.model()) return refreshState();
  if (session_.active() && app_.model() != listeningModel_) {
    say(tr("The model was changed. Listening goes on with the earlier one until the new one has read the sounds."));
    followModel();
  }
  refreshState();
}

// Its end leads to the new start (sessionChanged).
void ListenPage::followModel() {
  const bool going = session_.active() && session_.state() != LiveSession::State::Stopping;
  if (!going || app_.model() == listeningModel_ || !promptsFit()) return;
  if (app_.modelLoading()) return;  // a third one is chosen already: it would have to wait without any
  goOn_ = true;
  session_.stop();
}

bool ListenPage::canListen() const {
  return app_.model() && !app_.modelLoading() && promptsFit() && prompts_->size() > 0 &&
         (factory_ || !inputs_->nothingFound());
}

bool ListenPage::sayWhatIsMissing() {
  missing_.clear();
  if (app_.modelLoading()) {
    notice_->say(QStringLiteral("models"), tr("The model is being loaded"), tr("This takes a few seconds."));
  } else if (!app_.model()) {
    missing_ = QStringLiteral("models");
    notice_->say(QStringLiteral("models"), tr("There is no model yet"),
                 tr("Listening needs a model that knows sounds. Choose or add one."), tr("Open Models"));
  } else if (!prompts_ || prompts_->size() == 0) {
    missing_ = QStringLiteral("teach");
    notice_->say(QStringLiteral("teach"), tr("There are no classes yet"),
                 tr("Type the names of the sounds you want to hear about."), tr("Open Teach"));
  } else if (!promptsFit()) {
    missing_ = QStringLiteral("teach");
    const QString problem = classProblem(app_.classes());
    notice_->say(QStringLiteral("teach"), tr("The model reads the list of sounds"),
                 problem.isEmpty() ? tr("This takes a moment.") : problem, tr("Open Teach"));
  } else if (!factory_ && inputs_->nothingFound()) {
    missing_ = QStringLiteral("refresh");
    notice_->say(QStringLiteral("microphone"), tr("No microphone was found"),
                 tr("Connect one and look again. Sound files can be named without one: drop them on this window."),
                 tr("Look again"));
  } else {
    return false;
  }
  return true;
}

void ListenPage::noticePressed() {
  if (missing_ == QStringLiteral("refresh")) return inputs_->refresh();
  app_.showPage(missing_);
}

}  // namespace hearsay::ui
