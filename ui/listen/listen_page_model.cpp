// Another model is chosen while the microphone is listened to: listening goes on, with the new model as soon as that
// has read the list of sounds.

#include "ui/listen/listen_page.h"
#include "ui/shell/app_context.h"

namespace hearsay::ui {

bool ListenPage::promptsFit() const {
  return prompts_ && app_.model() && prompts_->model_fingerprint == app_.modelFingerprint().toStdString();
}

void ListenPage::modelChanged() {
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
  goOn_ = true;
  session_.stop();
}

}  // namespace hearsay::ui
