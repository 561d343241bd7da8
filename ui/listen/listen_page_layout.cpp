// How the Listen page's parts are laid out and joined.

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/charts/similarity_bars.h"
#include "ui/listen/event_panel.h"
#include "ui/listen/input_picker.h"
#include "ui/listen/level_meter.h"
#include "ui/listen/listen_controls.h"
#include "ui/listen/listen_page.h"
#include "ui/listen/live_view.h"
#include "ui/listen/now_label.h"
#include "ui/listen/page_notice.h"
#include "ui/shell/app_context.h"
#include "ui/shell/icons.h"

namespace hearsay::ui {

void ListenPage::buildLayout() {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(16, 16, 16, 8);
  column->setSpacing(8);
  column->addWidget(buildTop());
  controls_ = new ListenControls(app_.settings());
  column->addWidget(controls_);
  content_ = new QStackedWidget;
  notice_ = new PageNotice;
  content_->addWidget(buildMiddle());
  content_->addWidget(notice_);
  column->addWidget(content_, 1);
  timer_ = new QTimer(this);
  timer_->setInterval(33);  // at most 30 pictures a second
}

QWidget* ListenPage::buildTop() {
  auto* top = new QWidget;
  auto* row = new QHBoxLayout(top);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(16);
  startButton_ = new QPushButton(icon(QStringLiteral("record")), tr("Start"));
  startButton_->setObjectName(QStringLiteral("startButton"));
  QFont large = startButton_->font();
  large.setPointSizeF(large.pointSizeF() * 1.4);
  large.setBold(true);
  startButton_->setFont(large);
  startButton_->setMinimumSize(136, 52);
  row->addWidget(startButton_);
  auto* column = new QVBoxLayout;
  column->setSpacing(4);
  auto* inputRow = new QHBoxLayout;
  inputRow->setSpacing(8);
  inputs_ = new InputPicker(app_);
  meter_ = new LevelMeter;
  meter_->setObjectName(QStringLiteral("levelMeter"));
  meter_->setMaximumWidth(320);
  inputRow->addWidget(inputs_, 3);
  inputRow->addWidget(meter_, 2);
  inputRow->addStretch(1);
  column->addLayout(inputRow);
  status_ = new QLabel;
  status_->setObjectName(QStringLiteral("listenStatus"));
  status_->setWordWrap(true);
  column->addWidget(status_);
  row->addLayout(column, 1);
  return top;
}

QWidget* ListenPage::buildMiddle() {
  auto* left = new QWidget;
  auto* column = new QVBoxLayout(left);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  now_ = new NowLabel;
  now_->setObjectName(QStringLiteral("nowLabel"));
  bars_ = new SimilarityBars;
  bars_->setObjectName(QStringLiteral("similarityBars"));
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setFocusPolicy(Qt::NoFocus);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setWidget(bars_);
  auto* heading = new QLabel(tr("probability, similarity"));
  heading->setObjectName(QStringLiteral("barsHeading"));
  heading->setToolTip(
      tr("Right of every bar: how probable the class is, and how similar the sound is to it (cosine:\n"
         "1 is the same direction, 0 has nothing in common)"));
  heading->setForegroundRole(QPalette::PlaceholderText);
  heading->setAlignment(Qt::AlignRight);
  heading->setContentsMargins(0, 0, 8, 0);
  heading->hide();
  connect(bars_, &SimilarityBars::resized, heading, [heading, this] { heading->setVisible(bars_->cosinesFit()); });
  column->addWidget(now_);
  column->addWidget(heading);
  column->addWidget(scroll, 1);
  connect(bars_, &SimilarityBars::currentChanged, scroll,
          [scroll, this](int row) { scroll->ensureVisible(0, bars_->barRect(row).center().y(), 0, 40); });
  view_ = new LiveView(app_.settings());
  events_ = new EventPanel(app_);
  down_ = new QSplitter(Qt::Vertical);
  down_->addWidget(view_);
  down_->addWidget(events_);
  down_->setStretchFactor(0, 3);
  down_->setStretchFactor(1, 1);
  down_->setChildrenCollapsible(false);
  across_ = new QSplitter(Qt::Horizontal);
  across_->addWidget(left);
  across_->addWidget(down_);
  across_->setStretchFactor(0, 2);
  across_->setStretchFactor(1, 5);
  across_->setChildrenCollapsible(false);
  across_->setHandleWidth(12);
  across_->setSizes({300, 640});
  down_->setHandleWidth(8);
  across_->restoreState(app_.settings().value(QStringLiteral("listen/across")).toByteArray());
  down_->restoreState(app_.settings().value(QStringLiteral("listen/down")).toByteArray());
  return across_;
}

void ListenPage::connectParts() {
  connect(startButton_, &QPushButton::clicked, this, [this] { session_.active() ? stop() : start(); });
  connect(inputs_, &InputPicker::refreshed, this, &ListenPage::refreshState);
  connect(inputs_, &InputPicker::chosenChanged, this, [this] {
    if (session_.active()) say(tr("The other input is used at the next Start."));
  });
  connect(controls_, &ListenControls::optionsChanged, this, &ListenPage::pushOptions);
  connect(controls_, &ListenControls::thresholdForAll, this, &ListenPage::setAllThresholds);
  connect(bars_, &SimilarityBars::thresholdsEdited, this, &ListenPage::thresholdsEdited);
  connect(view_, &LiveView::playWanted, this, &ListenPage::playStretch);
  connect(view_, &LiveView::saveWanted, this, &ListenPage::saveStretch);
  connect(events_, &EventPanel::chosen, this, [this](int session, double start, double end) {
    const bool heardNow = session > 0 && session == sessionNumber_;
    if (heardNow && start >= view_->end() - LiveView::kKept) view_->showStretch(start, end);
  });
  connect(events_, &EventPanel::playing, this, [this](int session, double start, int clip) {
    if (session > 0 && session == sessionNumber_) followPlaying(std::max(0.0, start), clip);
  });
  auto* undo = new QShortcut(QKeySequence::Undo, this);
  undo->setContext(Qt::WidgetWithChildrenShortcut);
  connect(undo, &QShortcut::activated, events_, &EventPanel::undoDelete);
  connect(notice_, &PageNotice::pressed, this, &ListenPage::noticePressed);
  connect(timer_, &QTimer::timeout, this, &ListenPage::tick);
  connect(&session_, &LiveSession::stateChanged, this, &ListenPage::sessionChanged);
  connect(&session_, &LiveSession::failed, this, &ListenPage::startFailed);
  connect(&app_, &AppContext::modelChanged, this, &ListenPage::modelChanged);
  connect(&app_, &AppContext::modelLoadingChanged, this, [this] {
    followModel();  // where a third model could not be loaded
    refreshState();
  });
  connect(&app_, &AppContext::promptsChanged, this, &ListenPage::promptsChanged);
  const auto readForNoise = [this] {
    if (controls_->noiseCorrection() > 0.0) app_.wantNoiseDrift();
  };
  connect(controls_, &ListenControls::optionsChanged, this, readForNoise);
  connect(&app_, &AppContext::promptsChanged, this, readForNoise);
  readForNoise();
}

}  // namespace hearsay::ui
