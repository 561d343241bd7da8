// The microphone is lost while it is listened to, and comes back.

#include "ui/charts/format.h"
#include "ui/charts/similarity_bars.h"
#include "ui/listen/event_model.h"
#include "ui/listen/listen_page.h"
#include "ui/listen/now_label.h"
#include "ui/shell/app_context.h"

namespace hearsay::ui {

void ListenPage::takeGap(const StreamGap& gap) {
  withdraw(warning_);
  if (gap.open) {
    lostSince_ = wallTime(gap.began);
    return showWaiting(QString::fromStdString(gap.why));
  }
  now_->say(tr("Listening…"), QString(), QString(), QColor(), false);
  say(tr("Listening again."));
  tellGap(gap);
}

void ListenPage::showWaiting(const QString& why) {
  bars_->clearValues();
  now_->say(tr("Waiting for the microphone"), QString(), tr("Listening goes on when it is back; Stop ends it."),
            QColor(), false);
  say(why);
  warn(tr("%1 Nothing is heard since %2; listening goes on when it is back.").arg(why, wallText(lostSince_)));
}

// A warning, because it must be there in the morning; one, however often that happens.
void ListenPage::tellGap(const StreamGap& gap) {
  const double seconds = gap.end - gap.start;
  const QDateTime began = wallTime(gap.began);
  if (++gaps_ == 1) firstGap_ = began;
  gapSeconds_ += seconds;
  withdraw(gapNotice_);
  gapNotice_ = gaps_ == 1
                   ? tr("From %1 on nothing was heard for %2: the microphone gave no sound. It is back.")
                         .arg(wallText(began), durationText(seconds))
                   : tr("%n times since %1 nothing was heard, for %2 in all: the microphone gave no sound. It is "
                        "back.",
                        nullptr, gaps_)
                         .arg(wallText(firstGap_), durationText(gapSeconds_));
  app_.notify(gapNotice_, AppContext::NoticeLevel::Warning);
}

}  // namespace hearsay::ui
