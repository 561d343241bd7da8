#include "ui/shell/job_bar.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QProgressBar>
#include <QToolButton>
#include <algorithm>
#include <cmath>
#include <initializer_list>

#include "ui/shell/icons.h"

namespace hearsay::ui {
namespace {

constexpr double kLowestDb = -60.0;
constexpr int kBarSteps = 1000;

QToolButton* makeButton(const QString& name, const QString& picture, const QString& tip) {
  auto* button = new QToolButton;
  button->setObjectName(name);
  button->setIcon(icon(picture));
  button->setAutoRaise(true);
  button->setToolTip(tip);
  button->setAccessibleName(tip);
  button->setFocusPolicy(Qt::TabFocus);
  return button;
}

}  // namespace

QString timeLeftText(double seconds) {
  if (!(seconds >= 0.0)) return {};
  if (seconds < 1.5) return JobBar::tr("a moment left");
  if (seconds < 100.0) return JobBar::tr("%n s left", nullptr, static_cast<int>(std::lround(seconds)));
  return JobBar::tr("%n min left", nullptr, static_cast<int>(std::lround(seconds / 60.0)));
}

JobBar::JobBar(AppContext& app, QWidget* parent) : QFrame(parent), app_(app) {
  setObjectName(QStringLiteral("jobBar"));
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(16, 4, 16, 4);
  row->setSpacing(16);
  row->addWidget(makeJob(), 1);
  row->addWidget(makeMicrophone());
  setFixedHeight(36);
  JobService& jobs = app_.jobs();
  connect(&jobs, &JobService::started, this, [this](int, const QString& title) { jobStarted(title); });
  connect(&jobs, &JobService::finished, this, &JobBar::jobEnded);
  connect(&jobs, &JobService::progressed, this,
          [this](int, const QString& stage, double fraction, double left) { progressed(stage, fraction, left); });
  connect(&jobs, &JobService::pausedChanged, this, &JobBar::pausedChanged);
  connect(&jobs, &JobService::submitted, this, &JobBar::showLeft);
  connect(&app_, &AppContext::microphoneLevel, this, &JobBar::heard);
  jobEnded();
  heard(kLowestDb, false);
}

QWidget* JobBar::makeJob() {
  auto* job = new QWidget;
  auto* row = new QHBoxLayout(job);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  title_ = new QLabel;
  title_->setObjectName(QStringLiteral("jobTitle"));
  title_->setMinimumWidth(1);  // in a narrow window a long title gives way, not the buttons
  bar_ = new QProgressBar;
  bar_->setObjectName(QStringLiteral("jobProgress"));
  bar_->setAccessibleName(tr("Progress of the running job"));
  bar_->setTextVisible(false);
  bar_->setRange(0, kBarSteps);
  bar_->setFixedSize(176, 12);
  left_ = new QLabel;
  left_->setObjectName(QStringLiteral("jobTimeLeft"));
  pause_ = makeButton(QStringLiteral("jobPause"), QStringLiteral("pause"), tr("Pause the job"));
  cancel_ = makeButton(QStringLiteral("jobCancel"), QStringLiteral("stop"), tr("Stop the job; what is done is kept"));
  connect(pause_, &QToolButton::clicked, this,
          [this] { app_.jobs().paused() ? app_.jobs().resume() : app_.jobs().pause(); });
  connect(cancel_, &QToolButton::clicked, this, [this] {
    title_->setText(tr("%1: stopping").arg(job_));
    app_.jobs().cancel();
  });
  // Before the words, whose width changes: a button stays under the pointer.
  row->addWidget(bar_);
  row->addWidget(pause_);
  row->addWidget(cancel_);
  row->addWidget(title_);
  row->addWidget(left_);
  row->addStretch(1);
  return job;
}

QWidget* JobBar::makeMicrophone() {
  auto* holder = new QWidget;
  auto* row = new QHBoxLayout(holder);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  microphone_ = new QLabel;
  microphone_->setObjectName(QStringLiteral("microphoneText"));
  level_ = new LevelStrip;
  level_->setObjectName(QStringLiteral("microphoneLevel"));
  row->addWidget(microphone_);
  row->addWidget(level_);
  return holder;
}

void JobBar::jobStarted(const QString& title) {
  job_ = title;
  title_->setText(title);
  timeLeft_.clear();
  showLeft();
  bar_->setRange(0, 0);  // until the first report
  for (QWidget* part : std::initializer_list<QWidget*>{bar_, left_, pause_, cancel_}) part->show();
}

void JobBar::jobEnded() {
  if (app_.jobs().currentJob() >= 0) return showLeft();  // the next one began already, or one that waited was stopped
  job_.clear();
  title_->setText(tr("Ready"));
  for (QWidget* part : std::initializer_list<QWidget*>{bar_, left_, pause_, cancel_}) part->hide();
}

void JobBar::progressed(const QString& stage, double fraction, double secondsLeft) {
  title_->setText(stage.isEmpty() ? job_ : tr("%1: %2").arg(job_, stage));
  bar_->setRange(0, kBarSteps);
  bar_->setValue(static_cast<int>(std::clamp(fraction, 0.0, 1.0) * kBarSteps));
  timeLeft_ = timeLeftText(secondsLeft);
  showLeft();
}

void JobBar::showLeft() {
  const QString left = app_.jobs().paused() ? tr("paused") : timeLeft_;
  const int behind = app_.jobs().waiting();
  const QString waiting = behind > 0 ? tr("%1 waiting behind it").arg(behind) : QString();
  left_->setText(left.isEmpty() || waiting.isEmpty() ? left + waiting : tr("%1, %2").arg(left, waiting));
}

void JobBar::pausedChanged(bool paused) {
  pause_->setIcon(icon(paused ? QStringLiteral("play") : QStringLiteral("pause")));
  pause_->setToolTip(paused ? tr("Go on with the job") : tr("Pause the job"));
  pause_->setAccessibleName(pause_->toolTip());
  showLeft();
}

void JobBar::heard(double levelDb, bool listening) {
  microphone_->setText(listening ? tr("Microphone on") : tr("Microphone off"));
  level_->setLevel(levelDb, listening);
}

LevelStrip::LevelStrip(QWidget* parent) : QWidget(parent) {
  setFixedSize(sizeHint());
  setAccessibleName(tr("Microphone level"));
  setToolTip(tr("Level of the microphone while Hearsay listens"));
}

void LevelStrip::setLevel(double db, bool listening) {
  const double share = listening ? std::clamp((db - kLowestDb) / -kLowestDb, 0.0, 1.0) : 0.0;
  if (share == share_ && listening == listening_) return;
  share_ = share;
  listening_ = listening;
  setAccessibleDescription(listening ? tr("%1 dB").arg(std::lround(db)) : tr("off"));
  update();
}

void LevelStrip::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  QColor trough = palette().color(QPalette::WindowText);
  trough.setAlpha(36);
  painter.setPen(Qt::NoPen);
  painter.setBrush(trough);
  const QRectF all = QRectF(rect()).adjusted(0, 2, 0, -2);
  painter.drawRoundedRect(all, 4, 4);
  if (share_ <= 0.0) return;
  painter.setBrush(palette().color(QPalette::Highlight));
  painter.drawRoundedRect(QRectF(all.left(), all.top(), std::max(4.0, all.width() * share_), all.height()), 4, 4);
}

}  // namespace hearsay::ui
