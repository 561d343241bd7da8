#include "ui/teach/tuning_view.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSplitter>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/charts/colours.h"
#include "ui/charts/curve_plot.h"
#include "ui/shell/icons.h"
#include "ui/shell/job_bar.h"

namespace hearsay::ui {
namespace {

// The same colour for the same thing in both charts.
enum Curve : std::size_t { Total, Coarse, Fine };
enum Accuracy : std::size_t { ZeroShot, CoarseRight, FineRight, FusedRight };

const QColor& neutral() {
  static const QColor grey(0x88, 0x8f, 0x98);
  return grey;
}

}  // namespace

TuningView::TuningView(QWidget* parent) : QWidget(parent) {
  loss_ = new CurvePlot(tr("Loss"), tr("step"));
  loss_->setObjectName(QStringLiteral("lossPlot"));
  loss_->addCurve(tr("coarse + fine"), seriesColour(0));
  loss_->addCurve(tr("coarse"), seriesColour(1));
  loss_->addCurve(tr("fine"), seriesColour(2));
  accuracy_ = new CurvePlot(tr("Held-out sentences named right"), tr("step"));
  accuracy_->setObjectName(QStringLiteral("accuracyPlot"));
  accuracy_->addCurve(tr("zero-shot"), neutral(), Qt::DashLine);
  accuracy_->addCurve(tr("coarse"), seriesColour(1));
  accuracy_->addCurve(tr("fine"), seriesColour(2));
  accuracy_->addCurve(tr("coarse + fine"), seriesColour(0));
  accuracy_->showPercent();
  auto* charts = new QSplitter(Qt::Vertical);
  charts->setChildrenCollapsible(false);
  charts->addWidget(loss_);
  charts->addWidget(accuracy_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 8, 0, 0);
  column->setSpacing(8);
  column->addWidget(makeLine());
  column->addWidget(charts, 1);
  end(tr("Nothing has been tuned yet. Start draws the curves here."));
}

QWidget* TuningView::makeLine() {
  auto* line = new QWidget;
  auto* row = new QHBoxLayout(line);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  status_ = new QLabel;
  status_->setObjectName(QStringLiteral("tuningStatus"));
  status_->setWordWrap(true);
  bar_ = new QProgressBar;
  bar_->setObjectName(QStringLiteral("tuningProgress"));
  bar_->setRange(0, 1000);
  bar_->setTextVisible(false);
  bar_->setFixedWidth(120);
  bar_->setAccessibleName(tr("Progress of the tuning"));
  pause_ = new QPushButton(icon(QStringLiteral("pause")), tr("Pause"));
  pause_->setObjectName(QStringLiteral("pauseButton"));
  itsTurn();
  stop_ = new QPushButton(icon(QStringLiteral("stop")), tr("Stop"));
  stop_->setObjectName(QStringLiteral("stopButton"));
  stop_->setToolTip(tr("Stop here and keep the best prompts so far"));
  connect(pause_, &QPushButton::clicked, this, &TuningView::pauseWanted);
  connect(stop_, &QPushButton::clicked, this, [this] {
    status_->setText(tr("Stopping; the best so far is kept"));
    Q_EMIT stopWanted();
  });
  row->addWidget(status_, 1);
  row->addWidget(bar_);
  row->addWidget(pause_);
  row->addWidget(stop_);
  return line;
}

void TuningView::begin() {
  loss_->clear();
  accuracy_->clear();
  status_->setText(tr("Waiting for its turn"));
  bar_->setValue(0);
  for (QWidget* part : std::initializer_list<QWidget*>{bar_, pause_, stop_}) part->show();
  setPaused(false);
  pause_->setEnabled(false);
  pause_->setToolTip(tr("The tuning waits for other work to end; it can be paused once it runs"));
}

void TuningView::itsTurn() {
  pause_->setEnabled(true);
  pause_->setToolTip(tr("Pause the tuning; it goes on where it stopped"));
}

void TuningView::addLoss(const CurvePoint& point) {
  loss_->append(Total, point.step, point.loss);
  loss_->append(Coarse, point.step, point.coarse_loss);
  loss_->append(Fine, point.step, point.fine_loss);
}

void TuningView::addHeldOut(const HeldOutPoint& point) {
  accuracy_->append(ZeroShot, point.step, point.accuracy.zero_shot);
  accuracy_->append(CoarseRight, point.step, point.accuracy.coarse);
  accuracy_->append(FineRight, point.step, point.accuracy.fine);
  accuracy_->append(FusedRight, point.step, point.accuracy.fused);
}

void TuningView::add(const TunerUpdate& update) {
  for (const CurvePoint& point : update.new_points) addLoss(point);
  if (update.held_out) addHeldOut(*update.held_out);
  bar_->setValue(static_cast<int>(std::clamp(update.progress.fraction, 0.0, 1.0) * 1000.0));
  const QString left = timeLeftText(update.progress.seconds_left);
  const QString stage = QString::fromStdString(update.progress.stage);
  status_->setText(left.isEmpty() ? stage : tr("%1, %2").arg(stage, left));
}

void TuningView::showCurves(const PromptSet& prompts) {
  loss_->clear();
  accuracy_->clear();
  for (const CurvePoint& point : prompts.curve) addLoss(point);
  for (const HeldOutPoint& point : prompts.held_out_curve) addHeldOut(point);
}

void TuningView::end(const QString& sentence) {
  status_->setText(sentence);
  for (QWidget* part : std::initializer_list<QWidget*>{bar_, pause_, stop_}) part->hide();
}

void TuningView::setPaused(bool paused) {
  pause_->setText(paused ? tr("Go on") : tr("Pause"));
  pause_->setIcon(icon(paused ? QStringLiteral("play") : QStringLiteral("pause")));
  if (paused) status_->setText(tr("Paused"));
}

}  // namespace hearsay::ui
