// How the Teach page's parts are laid out and joined.

#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QShortcut>
#include <QSplitter>
#include <QTabWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/shell/icons.h"
#include "ui/teach/caption_panel.h"
#include "ui/teach/class_editor.h"
#include "ui/teach/recipe_panel.h"
#include "ui/teach/result_view.h"
#include "ui/teach/similarity_view.h"
#include "ui/teach/teach_page.h"
#include "ui/teach/tuning_view.h"
#include "ui/teach/unfinished_bar.h"

namespace hearsay::ui {

TeachPage::TeachPage(AppContext& app, QWidget* parent) : Page(app, parent) {
  setObjectName(QStringLiteral("teachPage"));
  classes_ = new ClassEditor(app_);
  splitter_ = new QSplitter(Qt::Horizontal);
  splitter_->setObjectName(QStringLiteral("teachSplitter"));
  splitter_->setChildrenCollapsible(false);
  splitter_->setHandleWidth(16);
  splitter_->addWidget(classes_);
  splitter_->addWidget(makeWork());
  splitter_->setStretchFactor(0, 2);
  splitter_->setStretchFactor(1, 3);
  splitter_->setSizes({450, 450});
  splitter_->restoreState(app_.settings().value("teach/splitter").toByteArray());
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(16, 16, 16, 8);
  column->setSpacing(16);
  column->addWidget(makeWelcome());
  unfinished_ = new UnfinishedBar(app_);
  column->addWidget(unfinished_);
  column->addWidget(splitter_, 1);
  connectAll();
  updateStart();
  promptsChanged();
}

QWidget* TeachPage::makeWelcome() {
  welcome_ = new QFrame;
  welcome_->setObjectName(QStringLiteral("welcomeBar"));
  welcome_->setFrameShape(QFrame::StyledPanel);
  welcome_->setAutoFillBackground(true);
  welcome_->setBackgroundRole(QPalette::Base);
  auto* text =
      new QLabel(tr("<b>Welcome to Hearsay.</b> A small model and a list of sounds are ready. Listen at once, "
                    "or change the list below and press Start: it learns from words alone, no recordings "
                    "are needed."));
  text->setTextFormat(Qt::RichText);
  text->setWordWrap(true);
  auto* listen = new QPushButton(icon(QStringLiteral("microphone")), tr("Listen now"));
  listen->setObjectName(QStringLiteral("listenNowButton"));
  listen->setToolTip(tr("Opens the microphone and names what it hears"));
  connect(listen, &QPushButton::clicked, this, [this] { app_.showPage(QStringLiteral("listen"), true); });
  auto* close = new QToolButton;
  close->setObjectName(QStringLiteral("welcomeClose"));
  close->setIcon(icon(QStringLiteral("close")));
  close->setAutoRaise(true);
  close->setToolTip(tr("Do not show this again"));
  close->setAccessibleName(close->toolTip());
  connect(close, &QToolButton::clicked, this, &TeachPage::closeWelcome);
  auto* row = new QHBoxLayout(welcome_);
  row->setContentsMargins(16, 8, 8, 8);
  row->setSpacing(16);
  row->addWidget(text, 1);
  row->addWidget(listen);
  row->addWidget(close);
  welcome_->setVisible(!app_.settings().value("teach/welcomed", false).toBool());
  return welcome_;
}

QWidget* TeachPage::makeStartRow() {
  auto* line = new QWidget;
  auto* row = new QHBoxLayout(line);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(16);
  start_ = new QPushButton(icon(QStringLiteral("tune")), tr("Start tuning"));
  start_->setObjectName(QStringLiteral("startButton"));
  start_->setToolTip(tr("Learn prompts for these sounds from the sentences (Ctrl+Return)"));
  QFont large = start_->font();
  large.setPointSizeF(large.pointSizeF() * 1.15);
  large.setBold(true);
  start_->setFont(large);
  start_->setMinimumSize(160, 40);
  summary_ = new QLabel;
  summary_->setObjectName(QStringLiteral("startSummary"));
  summary_->setWordWrap(true);
  row->addWidget(start_);
  row->addWidget(summary_, 1);
  return line;
}

QWidget* TeachPage::makeWork() {
  auto* work = new QWidget;
  captions_ = new CaptionPanel(app_);
  recipe_ = new RecipePanel(app_);
  tuning_ = new TuningView;
  result_ = new ResultView(app_);
  similarity_ = new SimilarityView(app_);
  auto* text = new QWidget;
  auto* column = new QVBoxLayout(text);
  column->setContentsMargins(0, 8, 0, 0);
  column->setSpacing(8);
  column->addWidget(captions_, 1);
  column->addWidget(recipe_);
  tabs_ = new QTabWidget;
  tabs_->setObjectName(QStringLiteral("teachTabs"));
  tabs_->setDocumentMode(true);
  tabs_->addTab(text, tr("Sentences"));
  tabs_->addTab(tuning_, tr("Tuning"));
  tabs_->addTab(result_, tr("Result"));
  tabs_->addTab(similarity_, tr("Similarity"));
  tabs_->setAccessibleName(tr("Sentences, tuning, result, similarity"));
  const QStringList tips = {tr("The text that prompts are learnt from"), tr("Loss and accuracy while it learns"),
                            tr("What tuning gained or lost"), tr("Which classes are easily confused")};
  for (int tab = 0; tab < tabs_->count(); ++tab) tabs_->setTabToolTip(tab, tips[tab]);
  auto* outer = new QVBoxLayout(work);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->setSpacing(8);
  outer->addWidget(makeStartRow());
  outer->addWidget(tabs_, 1);
  return work;
}

void TeachPage::connectAll() {
  connect(start_, &QPushButton::clicked, this, &TeachPage::start);
  connect(unfinished_, &UnfinishedBar::goOnWanted, this, &TeachPage::goOn);
  auto* keys = new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_Return), this);
  connect(keys, &QShortcut::activated, this, &TeachPage::start);  // wherever the focus is while the page is shown
  connect(captions_, &CaptionPanel::changed, this, &TeachPage::updateStart);
  connect(recipe_, &RecipePanel::changed, this, [this] {
    captions_->setSeed(static_cast<std::uint64_t>(app_.settings().value("teach/seed", 0).toInt()));
    captions_->setMultiLabel(app_.settings().value("teach/multiLabel", false).toBool());
    updateStart();
  });
  captions_->setSeed(static_cast<std::uint64_t>(app_.settings().value("teach/seed", 0).toInt()));
  captions_->setMultiLabel(app_.settings().value("teach/multiLabel", false).toBool());
  connect(&app_.jobs(), &JobService::started, this, [this](int id) {
    if (id == job_) tuning_->itsTurn();
  });
  // Wanted only while the tuning is the job that runs: no other work stops for it.
  connect(tuning_, &TuningView::pauseWanted, this,
          [this] { app_.jobs().paused() ? app_.jobs().resume() : app_.jobs().pause(); });
  connect(tuning_, &TuningView::stopWanted, this, [this] { app_.jobs().cancelJob(job_); });
  connect(&app_.jobs(), &JobService::pausedChanged, this, [this](bool paused) {
    if (tuning() && app_.jobs().currentJob() == job_) tuning_->setPaused(paused);
  });
  connect(result_, &ResultView::tuneAgainWanted, this, &TeachPage::tuneAgain);
  connect(&app_, &AppContext::classesChanged, this, &TeachPage::updateStart);
  connect(&app_, &AppContext::modelChanged, this, &TeachPage::updateStart);
  connect(&app_, &AppContext::modelLoadingChanged, this, &TeachPage::updateStart);
  connect(&app_, &AppContext::promptsChanged, this, &TeachPage::promptsChanged);
}

}  // namespace hearsay::ui
