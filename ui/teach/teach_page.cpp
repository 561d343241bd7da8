#include "ui/teach/teach_page.h"

#include <QFileInfo>
#include <QFrame>
#include <QLabel>
#include <QLocale>
#include <QPointer>
#include <QPushButton>
#include <QSplitter>
#include <QTabWidget>

#include "prompts/prompt_order.h"
#include "prompts/tuning_checkpoint.h"
#include "ui/shell/class_state.h"
#include "ui/shell/dropped_paths.h"
#include "ui/shell/prompt_actions.h"
#include "ui/teach/caption_panel.h"
#include "ui/teach/class_editor.h"
#include "ui/teach/recipe_panel.h"
#include "ui/teach/result_view.h"
#include "ui/teach/similarity_view.h"
#include "ui/teach/text_file_kind.h"
#include "ui/teach/tuning_view.h"
#include "ui/teach/unfinished_bar.h"

namespace hearsay::ui {
TeachPage::~TeachPage() {
  shutDown();
}

void TeachPage::shutDown() {
  if (feed_) feed_->close();
  app_.settings().setValue("teach/splitter", splitter_->saveState());
}

bool TeachPage::openPaths(const QStringList& paths) {
  const QStringList texts = sortPaths(paths).captions;  // a table of sounds and their labels is for Files
  for (const QString& path : texts) {
    const TextFileKind kind = kindOfTextFile(path);
    if (kind == TextFileKind::Unclear) {
      askTextFileKind(window(), path, [this, path](TextFileKind chosen) { takeText(path, chosen); });
    } else {
      takeText(path, kind);
    }
  }
  return !texts.isEmpty();
}

void TeachPage::takeText(const QString& path, TextFileKind kind) {
  if (kind == TextFileKind::Classes) {
    importClasses(app_, path);
    return;
  }
  captions_->setFile(path);
  tabs_->setCurrentIndex(0);
  app_.notify(tr("%1 is taken as sentences to learn from. If it lists sounds, import it above the list instead.")
                  .arg(QFileInfo(path).fileName()));
}

// --- Starting

QString TeachPage::obstacle() const {
  if (tuning()) return tr("Tuning is under way.");
  if (app_.modelLoading()) return tr("The model is still loading.");
  if (!app_.model()) return tr("There is no model yet: choose one on the Models page.");
  if (const QString wrong = classProblem(app_.classes()); !wrong.isEmpty()) return wrong;
  if (app_.classes().size() < 2) return tr("Add a second sound: with one there is nothing to tell apart.");
  if (const QString wrong = recipe_->problem(); !wrong.isEmpty()) return wrong;
  return captions_->problem();
}

void TeachPage::updateStart() {
  const QString why = obstacle();
  start_->setEnabled(why.isEmpty());
  if (!why.isEmpty()) {
    // Said in whole above the table that is empty for it.
    const bool said = why == captions_->problem() && classProblem(app_.classes()).isEmpty();
    summary_->setText(said ? tr("There are no sentences to learn from: \"Sentences\" says why.") : why);
  } else {
    const int sentences = captions_->captionCount();
    const QString sounds =
        app_.classes().size() == 1 ? tr("1 sound") : tr("%1 sounds").arg(QLocale().toString(app_.classes().size()));
    QString text = sentences > 0 ? tr("%1, %2 sentences").arg(sounds, QLocale().toString(sentences)) : sounds;
    if (captions_->moreThanUsed()) {
      text = tr("%1; at most %2 of them are used").arg(text, QLocale().toString(kMostTuningCaptions));
    }
    summary_->setText(text);
  }
}

void TeachPage::start() {
  begin({});
}

void TeachPage::tuneAgain() {
  const auto from = result_->shown();
  if (!from || !from->tuned) return;
  begin(StartingContexts{from->coarse_context, from->fine_context});
}

void TeachPage::begin(const std::optional<StartingContexts>& from) {
  if (const QString why = obstacle(); !why.isEmpty()) {
    app_.notify(why, AppContext::NoticeLevel::Warning);
    return;
  }
  TuningRequest request;
  request.model = app_.model();
  request.classes = app_.classes();
  request.captions = captions_->choice();
  request.options = recipe_->options();
  request.textTemplate = recipe_->textTemplate().toStdString();
  request.start = from;
  if (from) request.options.context_length = static_cast<int>(from->coarse.rows);
  launch(request);
}

// The list, the sentences and the settings come back too, so that what is seen is what is tuned.
void TeachPage::goOn(const UnfinishedTuning& unfinished) {
  const auto choice = choiceFromText(unfinished.origin);
  if (tuning() || !app_.model() || !choice) return;
  classes_->model().replace(unfinished.classes, tr("Go on with a tuning"));
  recipe_->setOptions(unfinished.options, QString::fromStdString(unfinished.text_template));
  captions_->setChoice(*choice);
  TuningRequest request;
  request.model = app_.model();
  request.classes = unfinished.classes;
  request.captions = *choice;
  request.options = unfinished.options;
  request.textTemplate = unfinished.text_template;
  request.start = unfinished.start;
  request.resume = unfinished.file;
  request.resumeCaptions = unfinished.identity.captions;
  launch(request);
}

void TeachPage::closeWelcome() {
  welcome_->hide();
  app_.settings().setValue("teach/welcomed", true);
}

void TeachPage::launch(const TuningRequest& wanted) {
  TuningRequest request = wanted;
  request.keepEvery = std::chrono::duration<double>(app_.settings().value("teach/keepEverySeconds", 10.0).toDouble());
  unfinished_->setWanted(false);
  closeWelcome();  // now, and not when tuning ends: what is about to be clicked then must not move
  tuning_->begin();
  tabs_->setCurrentWidget(tuning_);
  feed_ = std::make_shared<TuningFeed>(this, [this](const TunerUpdate& update) {
    if (!tuning()) return;
    tuning_->add(update);
    if (app_.jobs().paused()) tuning_->setPaused(true);  // one that was on its way
  });
  job_ = startTuning(app_, request, feed_,
                     [page = QPointer<TeachPage>(this)](const auto& outcome, const JobService::Outcome& how) {
                       if (page) page->finished(outcome, how);
                     });
  updateStart();
}

void TeachPage::finished(const std::shared_ptr<TuningOutcome>& outcome, const JobService::Outcome& how) {
  job_ = -1;
  feed_->close();
  unfinished_->setWanted(true);
  if (outcome && outcome->cutShort) return;
  if (outcome) {
    takeResult(*outcome);
  } else if (how.cancelled) {
    tuning_->end(tr("Stopped before anything was learnt."));
  } else {
    tuning_->end(how.error);
    app_.notify(how.error, AppContext::NoticeLevel::Error);
  }
  updateStart();
}

// Used at once when it helped and still belongs to the list on the left.
void TeachPage::takeResult(const TuningOutcome& outcome) {
  const auto prompts = std::make_shared<const PromptSet>(outcome.result.prompts);
  const TunerReport& report = outcome.result.report;
  tuning_->showCurves(*prompts);
  tuning_->end(verdict(*prompts));
  result_->showResult(prompts, outcome.result.gains, &report);
  similarity_->showPrompts(prompts);
  tabs_->setCurrentWidget(result_);
  if (app_.model() && app_.modelFingerprint().toStdString() != prompts->model_fingerprint) {
    app_.notify(tr("Tuning is done. It was made with the model \"%1\", which is no longer in use: the result is kept, "
                   "and can be used when that model is chosen again (Result, or the menu of prompt sets above).")
                    .arg(QString::fromStdString(prompts->model_name)));
    return;
  }
  if (!same_names(prompts->classes, app_.classes())) {
    app_.notify(tr("Tuning is done. The list of sounds was changed meanwhile: \"Use it\" brings the tuned one back."));
    return;
  }
  if (report.helped) app_.usePrompts(*prompts);
  if (!isVisible()) {  // whoever is on this page reads it there
    app_.notify(report.helped ? tr("Tuned and in use. %1").arg(verdict(*prompts)) : verdict(*prompts),
                report.helped ? AppContext::NoticeLevel::Info : AppContext::NoticeLevel::Warning);
  }
}

// A tuned set that was opened, or came back at the start, shows its curves and figures too.
void TeachPage::promptsChanged() {
  const auto prompts = app_.prompts();
  if (tuning() || !prompts || !prompts->tuned) return;
  const auto shown = result_->shown();
  if (shown && same_tuning(*shown, *prompts)) return;
  tuning_->showCurves(*prompts);
  tuning_->end(verdict(*prompts));
  result_->showResult(prompts, {}, nullptr);
}

}  // namespace hearsay::ui
