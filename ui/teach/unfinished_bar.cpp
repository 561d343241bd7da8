#include "ui/teach/unfinished_bar.h"

#include <QDateTime>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QMessageBox>
#include <QPushButton>
#include <algorithm>

#include "ui/charts/format.h"
#include "ui/shell/class_state.h"
#include "ui/shell/icons.h"
#include "ui/teach/caption_source.h"

namespace hearsay::ui {
namespace {

QString timeText(const std::string& utc) {
  const QDateTime when = QDateTime::fromString(QString::fromStdString(utc), Qt::ISODate).toLocalTime();
  return when.isValid() ? QLocale().toString(when, QLocale::ShortFormat) : QString();
}

/// "dog, rain, siren…"
}  // namespace

UnfinishedBar::UnfinishedBar(AppContext& app, QWidget* parent) : QFrame(parent), app_(app) {
  setObjectName(QStringLiteral("unfinishedBar"));
  setFrameShape(QFrame::StyledPanel);
  setAutoFillBackground(true);
  setBackgroundRole(QPalette::Base);
  text_ = new QLabel;
  text_->setObjectName(QStringLiteral("unfinishedText"));
  text_->setWordWrap(true);
  goOn_ = new QPushButton(icon(QStringLiteral("play")), tr("Go on"));
  goOn_->setObjectName(QStringLiteral("unfinishedGoOn"));
  goOn_->setToolTip(
      tr("Brings back its sounds, sentences and settings, and goes on behind the last step that was kept"));
  discard_ = new QPushButton(icon(QStringLiteral("remove")), tr("Discard…"));
  discard_->setObjectName(QStringLiteral("unfinishedDiscard"));
  discard_->setToolTip(tr("Deletes what was learnt before it was cut off, after a question"));
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(16, 8, 8, 8);
  row->setSpacing(8);
  row->addWidget(text_, 1);
  row->addWidget(goOn_);
  row->addWidget(discard_);
  hide();
  connect(goOn_, &QPushButton::clicked, this, [this] {
    if (const auto tuning = offered_) Q_EMIT goOnWanted(*tuning);
  });
  connect(discard_, &QPushButton::clicked, this, &UnfinishedBar::askDiscard);
  connect(&app_, &AppContext::modelChanged, this, &UnfinishedBar::refresh);
  refresh();
}

void UnfinishedBar::setWanted(bool wanted) {
  wanted_ = wanted;
  if (wanted) {
    refresh();
  } else {
    offer(nullptr);
  }
}

void UnfinishedBar::refresh() {
  const int number = ++asked_;
  const std::string fingerprint = app_.modelFingerprint().toStdString();
  if (!wanted_ || !app_.model() || fingerprint.empty()) {
    offer(nullptr);
    return;
  }
  auto found = std::make_shared<std::shared_ptr<const UnfinishedTuning>>();
  app_.runQuietly(
      this,
      [found, fingerprint] {
        for (UnfinishedTuning& tuning : unfinished_tunings()) {
          if (tuning.identity.model != fingerprint || !choiceFromText(tuning.origin)) continue;
          *found = std::make_shared<UnfinishedTuning>(std::move(tuning));
          return;
        }
      },
      [this, found, number](const QString&) {
        if (number == asked_) offer(*found);
      });
}

void UnfinishedBar::offer(const std::shared_ptr<const UnfinishedTuning>& tuning) {
  if (!tuning || !wanted_) {
    ++asked_;  // what is still being looked for is not wanted any more
    offered_.reset();
    hide();
    return;
  }
  offered_ = tuning;
  const QLocale locale;
  const QString which = tr("The tuning of %1 (%2)")
                            .arg(classesText(static_cast<int>(tuning->classes.size())), firstNames(tuning->classes));
  const QString when = timeText(tuning->saved_at);
  text_->setText(tuning->step == 0
                     ? tr("%1 was cut off before its first step (%2).").arg(which, when)
                     : tr("%1 was cut off after step %2 of at most %3 (%4).")
                           .arg(which, locale.toString(tuning->step), locale.toString(tuning->steps), when));
  show();
}

void UnfinishedBar::askDiscard() {
  if (!offered_) return;
  auto* question = new QMessageBox(window());
  question->setObjectName(QStringLiteral("discardQuestion"));
  question->setAttribute(Qt::WA_DeleteOnClose);
  question->setIcon(QMessageBox::Question);
  question->setWindowTitle(tr("Discard the tuning?"));
  question->setTextFormat(Qt::PlainText);
  question->setText(tr("What was learnt of %1 (%2) is deleted, and cannot be brought back.")
                        .arg(classesText(static_cast<int>(offered_->classes.size())), firstNames(offered_->classes)));
  const auto* yes = question->addButton(tr("Discard"), QMessageBox::DestructiveRole);
  question->setDefaultButton(question->addButton(QMessageBox::Cancel));
  connect(question, &QMessageBox::buttonClicked, this,
          [this, yes, file = offered_->file](const QAbstractButton* pressed) {
            if (pressed == yes) discard(file);
          });
  question->open();
}

void UnfinishedBar::discard(const std::filesystem::path& file) {
  discard_unfinished(file);
  offer(nullptr);
  refresh();
}

}  // namespace hearsay::ui
