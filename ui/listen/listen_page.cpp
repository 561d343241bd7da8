#include "ui/listen/listen_page.h"

#include <QDateTime>
#include <QKeyEvent>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QTimer>
#include <algorithm>
#include <cmath>
#include <utility>

#include "ui/charts/colours.h"
#include "ui/charts/format.h"
#include "ui/charts/similarity_bars.h"
#include "ui/listen/event_panel.h"
#include "ui/listen/input_picker.h"
#include "ui/listen/level_meter.h"
#include "ui/listen/listen_controls.h"
#include "ui/listen/live_view.h"
#include "ui/listen/now_label.h"
#include "ui/listen/page_notice.h"
#include "ui/shell/app_context.h"
#include "ui/shell/icons.h"
#include "ui/shell/notice_bar.h"

namespace hearsay::ui {

ListenPage::ListenPage(AppContext& app, QWidget* parent) : Page(app, parent) {
  buildLayout();
  connectParts();
  promptsChanged();
  refreshState();
}

ListenPage::~ListenPage() {
  session_.disconnect(this);
}

void ListenPage::setSourceFactory(LiveSession::SourceFactory factory) {
  factory_ = std::move(factory);
  refreshState();
}

QString ListenPage::onlyClassText() {
  return tr("With a single class there is nothing to tell apart: every sound gets its name.");
}

// --- Start and stop

void ListenPage::start() {
  if (session_.active() || !canListen()) return;
  startWanted_ = false;
  goesOn_ = std::exchange(goOn_, false);
  if (!goesOn_) app_.stopPlaying();
  LiveSession::SourceFactory factory = factory_;
  if (!factory) {
    factory = [input = inputs_->chosen().toStdString()] {
      CaptureConfig config;
      config.input = input;
      return open_microphone(config);
    };
  }
  listeningModel_ = app_.model();
  session_.start(listeningModel_, *prompts_, options(), std::move(factory));
}

// The source is open: only now what was heard before gives way.
void ListenPage::begun() {
  ++sessionNumber_;
  sessionBegan_ = QDateTime::currentDateTime();
  bars_->clearValues();
  view_->begin(listeningModel_->info().mel, session_.secondsPerColumn());
  gaps_ = 0;
  gapSeconds_ = 0.0;
  gapNotice_.clear();  // what was told of the last time stays told
  QString words =
      std::exchange(goesOn_, false)
          ? tr("Listening goes on with the model %1.").arg(QString::fromStdString(listeningModel_->info().name))
          : tr("Listening.");
  if (prompts_->size() == 1) words += QLatin1Char(' ') + onlyClassText();
  say(words);
  withdraw(warning_);
}

void ListenPage::startMainAct() {
  startWanted_ = true;
  refreshState();
}

void ListenPage::stop() {
  startWanted_ = false;
  goOn_ = false;
  session_.stop();
}

void ListenPage::shutDown() {
  startWanted_ = false;
  goOn_ = false;
  session_.stopAndWait();  // its end comes in like any other, and with it the events that were going on
  events_->shutDown();
  app_.settings().setValue(QStringLiteral("listen/across"), across_->saveState());
  app_.settings().setValue(QStringLiteral("listen/down"), down_->saveState());
}

void ListenPage::sessionChanged() {
  switch (session_.state()) {
    case LiveSession::State::Starting:
      timer_->start();
      say(tr("Opening the microphone…"));
      break;
    case LiveSession::State::Running:
      begun();
      break;
    case LiveSession::State::Stopping:
      break;
    case LiveSession::State::Idle:
      tick();
      keepOpenEvents();
      meter_->clear();
      controls_->showPace(0.0, 0.0);
      bars_->clearValues();
      app_.reportMicrophone(-100.0, false);
      if (goOn_) startWanted_ = true;
      break;
  }
  refreshState();
}

void ListenPage::startFailed(const QString& sentence) {
  const bool ended = std::exchange(goesOn_, false);
  const QString told = ended ? tr("Listening ended when the model was changed. %1").arg(sentence) : sentence;
  say(told);
  warn(told);
  if (!factory_) inputs_->refresh();
}

// --- News, at most 30 times a second

void ListenPage::tick() {
  takeNews(session_.take());
  if (playFrom_ >= 0.0 && !(app_.playedLast(played_) && app_.playing())) playFrom_ = -1.0;
  view_->setPlayhead(playFrom_ >= 0.0 ? playFrom_ + app_.playPosition() : -1.0);
  if (playFrom_ < 0.0 && !session_.active()) timer_->stop();
}

// Also what is played once listening has ended has a playhead.
void ListenPage::followPlaying(double start, int clip) {
  playFrom_ = start;
  played_ = clip;
  timer_->start();
}

void ListenPage::takeNews(const LiveNews& news) {
  if (news.sound) {
    meter_->setLevel(news.rmsDb, news.peakDb);
    app_.reportMicrophone(news.rmsDb, true);
  }
  view_->append(news.columns);
  for (const StreamPrediction& prediction : news.predictions) {
    if (isOfShown(prediction)) view_->append(prediction);
  }
  if (!news.predictions.empty()) {
    const StreamPrediction& newest = news.predictions.back();
    showPrediction(newest);
    controls_->showPace(newest.hop, newest.latency_ms / 1000.0);
  }
  for (const StreamEvent& event : news.events) takeEvent(event);
  for (const StreamGap& gap : news.gaps) takeGap(gap);
  for (const std::string& sentence : news.notices) say(QString::fromStdString(sentence));
  if (news.columns.rows > 0 || !news.predictions.empty()) view_->follow();
  if (news.ended) takeEnd(*news.ended);
}

// What was on its way when the list was changed is of the classes before, or of another order.
bool ListenPage::isOfShown(const StreamPrediction& prediction) const {
  return prompts_ && prediction.prompts && same_classes(prediction.prompts->classes, prompts_->classes);
}

void ListenPage::showPrediction(const StreamPrediction& prediction) {
  if (goOn_ || !isOfShown(prediction)) return;
  bars_->setValues(prediction.smoothed, prediction.similarity);
  if (prediction.silent) return showQuiet(prediction);
  const std::vector<int> order = ranking(prediction.smoothed);
  const QVector<double>& thresholds = bars_->thresholds();
  const auto shareOf = [&](int k) { return static_cast<double>(prediction.smoothed[static_cast<std::size_t>(k)]); };
  const auto nameOf = [&](int k) {
    return QString::fromStdString(prompts_->classes[static_cast<std::size_t>(k)].name);
  };
  QStringList others;
  for (std::size_t i = 1; i < order.size() && others.size() < 3; ++i) {
    if (shareOf(order[i]) < thresholds[order[i]] && shareOf(order[i]) < 0.1) continue;
    others << tr("%1 %2").arg(nameOf(order[i]), percentText(shareOf(order[i])));
  }
  const int best = order.front();
  if (prompts_->size() == 1) return now_->say(nameOf(best), QString(), onlyClassText(), QColor(), false);
  const bool sure = shareOf(best) >= thresholds[best];
  QString below = others.isEmpty() ? QString() : tr("also %1").arg(others.join(QStringLiteral(", ")));
  if (!sure) below = others.isEmpty() ? tr("not sure") : tr("not sure; %1").arg(below);
  now_->say(nameOf(best), percentText(shareOf(best)), below,
            classColour(prompts_->classes, static_cast<std::size_t>(best)), sure);
}

void ListenPage::showQuiet(const StreamPrediction& prediction) {
  now_->say(tr("quiet"), QString(), tr("%1 dB").arg(std::lround(prediction.level_db)), QColor(), false);
}

void ListenPage::takeEnd(const StreamSummary& summary) {
  withdraw(warning_);
  if (summary.dropped_samples > 0) {
    app_.notify(tr("%1 s of sound were lost because this machine was too busy.")
                    .arg(QLocale().toString(static_cast<double>(summary.dropped_samples) / session_.rate(), 'f', 1)),
                AppContext::NoticeLevel::Warning);
  }
  if (!summary.lost.empty()) {
    withdraw(gapNotice_);
    app_.notify(tr("Listening was stopped while the microphone was lost: nothing was heard since %1.")
                    .arg(wallText(lostSince_)),
                AppContext::NoticeLevel::Warning);
  }
  if (goOn_) return;
  if (summary.ended.empty()) return say(tr("Stopped after %1.").arg(durationText(summary.seconds)));
  const QString sentence = QString::fromStdString(summary.ended);
  say(sentence);
  warn(sentence);
}

void ListenPage::warn(const QString& sentence) {
  warning_ = sentence;
  app_.notify(sentence, AppContext::NoticeLevel::Warning);
}

// What was to be told is settled, or told anew.
void ListenPage::withdraw(QString& notice) {
  withdrawNotice(*this, std::exchange(notice, QString()));
}

void ListenPage::say(const QString& sentence) {
  status_->setText(sentence);
}

// --- Model, prompts, options

void ListenPage::promptsChanged() {
  const auto prompts = app_.prompts();
  if (!prompts && app_.classes().empty()) {  // not while others are being made
    prompts_.reset();
    if (session_.active() || goOn_) stop();
  }
  if (prompts) {
    prompts_ = prompts;
    QStringList names;
    QVector<QColor> colours;
    for (std::size_t k = 0; k < prompts->size(); ++k) {
      names << QString::fromStdString(prompts->classes[k].name);
      colours << classColour(prompts->classes, k);
    }
    const std::vector<double> thresholds = app_.thresholds(*prompts);
    bars_->setClasses(names, colours);
    bars_->setThresholds({thresholds.begin(), thresholds.end()});
    events_->model().setColours(prompts->classes);
    view_->setClasses(prompts->classes);  // the same names: the charts, and what is going on, go on
    controls_->setTuned(prompts->tuned, prompts->preferred);
    showCommonThreshold();
    if (session_.active() && app_.model() == listeningModel_) {
      session_.setPrompts(*prompts);
      session_.setOptions(options());
    }
    followModel();
  }
  refreshState();
}

StreamOptions ListenPage::options() const {
  StreamOptions options = controls_->options();
  options.wait_for_source = true;
  options.thresholds.assign(bars_->thresholds().begin(), bars_->thresholds().end());
  return options;
}

void ListenPage::pushOptions() {
  if (!goOn_) session_.setOptions(options());
}

void ListenPage::thresholdsEdited() {
  if (prompts_) {
    app_.rememberThresholds(prompts_->classes, {bars_->thresholds().begin(), bars_->thresholds().end()});
  }
  showCommonThreshold();
  pushOptions();
}

void ListenPage::setAllThresholds(double threshold) {
  bars_->setThresholds(QVector<double>(bars_->rows(), threshold));
  thresholdsEdited();
}

void ListenPage::showCommonThreshold() {
  const QVector<double>& all = bars_->thresholds();
  const bool same = std::all_of(all.begin(), all.end(), [&all](double t) { return t == all.front(); });
  if (!all.isEmpty()) controls_->showThreshold(same ? all.front() : -1.0);
}

// --- What can be done now

void ListenPage::refreshState() {
  if (startWanted_ && !session_.active() && canListen()) {
    const bool byPerson = !goOn_;
    start();  // comes back here
    if (byPerson) startButton_->setFocus();
  }
  const bool active = session_.active();
  const bool missing = sayWhatIsMissing();
  const bool somethingToSee = active || events_->model().rowCount() > 0 || view_->end() > 0.0;
  content_->setCurrentIndex(missing && !somethingToSee ? 1 : 0);
  startButton_->setText(active ? tr("Stop") : tr("Start"));
  startButton_->setIcon(icon(active ? QStringLiteral("stop") : QStringLiteral("record")));
  startButton_->setAccessibleName(active ? tr("Stop listening") : tr("Start listening"));
  startButton_->setToolTip(active ? tr("Stop listening (Space)") : tr("Start listening (Space)"));
  startButton_->setEnabled(active ? session_.state() != LiveSession::State::Stopping : canListen());
  focusStart();
  if (active) {
    if (now_->words().isEmpty() || session_.state() == LiveSession::State::Starting) {
      now_->say(tr("Listening…"), QString(), QString(), QColor(), false);
    }
    return;
  }
  now_->say(tr("Not listening"), QString(), missing ? notice_->title() : tr("Press Start, or the space bar"), QColor(),
            false);
  if (missing) {
    say(somethingToSee ? notice_->title() + QLatin1Char('.') : QString());  // else the notice itself is there
  } else if (sessionNumber_ == 0) {
    say(tr("Press Start, or the space bar, to name what the microphone hears."));
  }
}

void ListenPage::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Space && event->modifiers() == Qt::NoModifier && startButton_->isEnabled()) {
    startButton_->click();
    return;
  }
  Page::keyPressEvent(event);
}

void ListenPage::showEvent(QShowEvent* event) {
  Page::showEvent(event);
  if (!std::exchange(lookedForInputs_, true) && !factory_) inputs_->refresh();
  focusWanted_ = true;
  focusStart();
}

// The space bar's button; while it is greyed out (the model is loading) it cannot take the focus, so that waits.
void ListenPage::focusStart() {
  if (!focusWanted_ || !isVisible() || !startButton_->isEnabled()) return;
  focusWanted_ = false;
  const QWidget* focused = window()->focusWidget();
  if (!focused || !isAncestorOf(focused)) startButton_->setFocus();
}

}  // namespace hearsay::ui
