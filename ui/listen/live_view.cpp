#include "ui/listen/live_view.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollBar>
#include <QSettings>
#include <QSignalBlocker>
#include <QSplitter>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/charts/chart_stack.h"
#include "ui/charts/colours.h"
#include "ui/charts/format.h"
#include "ui/charts/spectrogram_view.h"
#include "ui/shell/icons.h"

namespace hearsay::ui {

namespace {

const QString kSpanSetting = QStringLiteral("listen/span");
const QString kModeSetting = QStringLiteral("listen/timeline");
constexpr double kTicksPerSecond = 20.0;  // of the scroll bar
constexpr int kOwnEntryRole = Qt::UserRole + 1;

}  // namespace

LiveView::LiveView(QSettings& settings, QWidget* parent) : QWidget(parent), settings_(settings) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  buildBar();
  buildCharts();
  setPaused(false);
  setSpan(std::clamp(settings_.value(kSpanSetting, 30.0).toDouble(), 5.0, kKept));
  const bool lines = settings_.value(kModeSetting).toString() == QStringLiteral("lines");
  setMode(lines ? ClassTimeline::Mode::Lines : ClassTimeline::Mode::Heat);
}

void LiveView::buildBar() {
  auto* row = new QHBoxLayout;
  row->setSpacing(4);
  const auto toggle = [](const char* name, const QString& text, const QString& tip) {
    auto* button = new QToolButton;
    button->setObjectName(QString::fromLatin1(name));
    button->setText(text);
    button->setToolTip(tip);
    button->setAccessibleName(text);
    button->setCheckable(true);
    return button;
  };
  pause_ = toggle("pauseView", tr("Pause view"), tr("Let the charts stand still while listening goes on (P)"));
  pause_->setIcon(icon(QStringLiteral("pause")));
  pause_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  heat_ = toggle("heatMode", tr("Heat"), tr("A strip of heat for every class"));
  lines_ = toggle("linesMode", tr("Lines"), tr("A line for every class"));
  auto* group = new QButtonGroup(this);
  group->addButton(heat_);
  group->addButton(lines_);
  span_ = new QComboBox;
  span_->setObjectName(QStringLiteral("spanBox"));
  span_->setAccessibleName(tr("Time shown"));
  span_->setToolTip(tr("How much time is shown; the wheel over the charts zooms as well"));
  for (const auto& [seconds, text] : {std::pair{10.0, tr("10 s")},
                                      {30.0, tr("30 s")},
                                      {60.0, tr("1 min")},
                                      {180.0, tr("3 min")},
                                      {600.0, tr("10 min")}}) {
    span_->addItem(text, seconds);
  }
  play_ = new QPushButton(icon(QStringLiteral("play")), tr("Play"));
  play_->setObjectName(QStringLiteral("playStretch"));
  play_->setToolTip(tr("Play the stretch marked with the mouse; sound is kept for the last minute"));
  save_ = new QPushButton(icon(QStringLiteral("save")), tr("Save WAV…"));
  save_->setObjectName(QStringLiteral("saveStretch"));
  save_->setToolTip(tr("Save the stretch marked with the mouse; sound is kept for the last minute"));
  play_->hide();  // until a stretch is marked
  save_->hide();
  row->addWidget(pause_);
  row->addWidget(play_);
  row->addWidget(save_);
  row->addStretch(1);
  row->addWidget(heat_);
  row->addWidget(lines_);
  row->addSpacing(8);
  row->addWidget(span_);
  static_cast<QVBoxLayout*>(layout())->addLayout(row);
  connect(pause_, &QToolButton::toggled, this, &LiveView::setPaused);
  connect(heat_, &QToolButton::clicked, this, [this] { setMode(ClassTimeline::Mode::Heat); });
  connect(lines_, &QToolButton::clicked, this, [this] { setMode(ClassTimeline::Mode::Lines); });
  connect(span_, &QComboBox::activated, this, [this] { setSpan(span_->currentData().toDouble()); });
  connect(play_, &QPushButton::clicked, this, [this] { Q_EMIT playWanted(marked_.first, marked_.second); });
  connect(save_, &QPushButton::clicked, this, [this] { Q_EMIT saveWanted(marked_.first, marked_.second); });
}

void LiveView::buildCharts() {
  stack_ = new ChartStack(this);
  spectrogram_ = new SpectrogramView;
  spectrogram_->setObjectName(QStringLiteral("liveSpectrogram"));
  spectrogram_->setAxisVisible(false);
  spectrogram_->setRegionEditing(true);
  timeline_ = new ClassTimeline;
  timeline_->setObjectName(QStringLiteral("liveTimeline"));
  timeline_->setRegionEditing(true);
  spectrogram_->setEmptyText(tr("The spectrogram of what is heard scrolls here."));
  timeline_->setEmptyText(tr("Below it, how probable every class was at every moment."));
  stack_->add(spectrogram_);
  stack_->add(timeline_);
  auto* splitter = new QSplitter(Qt::Vertical);
  splitter->addWidget(spectrogram_);
  splitter->addWidget(timeline_);
  splitter->setStretchFactor(0, 3);
  splitter->setStretchFactor(1, 4);
  splitter->setChildrenCollapsible(false);
  scroll_ = new QScrollBar(Qt::Horizontal);
  scroll_->setObjectName(QStringLiteral("liveScroll"));
  scroll_->setAccessibleName(tr("Scroll back in time"));
  scroll_->setToolTip(tr("Scroll back through the last ten minutes; the view pauses"));
  auto* column = static_cast<QVBoxLayout*>(layout());
  column->addWidget(splitter, 1);
  column->addWidget(scroll_);
  connect(scroll_, &QScrollBar::valueChanged, this, &LiveView::scrolled);
  connect(stack_, &ChartStack::timeRangeChanged, this, [this](double from, double to) {
    seconds_ = to - from;
    showSpan();
    setPaused(to < end_ - 0.5 || paused());
    refreshScrollBar();
  });
  connect(stack_, &ChartStack::stretchMarked, this, &LiveView::markStretch);
}

void LiveView::setClasses(const ClassList& classes) {
  QStringList names;
  QVector<QColor> colours;
  for (std::size_t k = 0; k < classes.size(); ++k) {
    names << QString::fromStdString(classes[k].name);
    colours << classColour(classes, k);
  }
  timeline_->setClasses(names, colours);
}

void LiveView::begin(const LogMelConfig& mel, double secondsPerColumn) {
  spectrogram_->setMel(mel);
  spectrogram_->startLive(kKept, secondsPerColumn);
  timeline_->clear();
  end_ = 0.0;
  lastPrediction_ = 0.0;
  lastHop_ = 0.0;
  markStretch(0.0, 0.0);
  setPlayhead(-1.0);
  setPaused(false);
  follow();
}

void LiveView::append(const Matrix& columns) {
  if (columns.rows == 0) return;
  spectrogram_->append(columns);
  end_ = std::max(end_, spectrogram_->liveEnd());
}

void LiveView::append(const StreamPrediction& prediction) {
  const double hop = std::max(prediction.hop, lastHop_);  // the one before may have been asked for with a wider one
  lastHop_ = prediction.hop;
  const double begin = std::max({lastPrediction_, prediction.time - hop * 1.5, 0.0});
  timeline_->append(begin, prediction.time, prediction.smoothed);
  timeline_->forgetBefore(prediction.time - kKept);
  lastPrediction_ = prediction.time;
  end_ = std::max(end_, prediction.time);
}

void LiveView::follow() {
  stack_->setExtent(std::max(0.0, end_ - kKept), std::max(end_, 1.0));
  if (!paused()) stack_->setTimeRange(end_ - seconds_, end_);
  refreshScrollBar();
}

bool LiveView::paused() const {
  return pause_->isChecked();
}

void LiveView::setPaused(bool paused) {
  if (pause_->isChecked() != paused) {
    const QSignalBlocker quiet(pause_);
    pause_->setChecked(paused);
  }
  pause_->setText(paused ? tr("Back to now") : tr("Pause view"));
  pause_->setShortcut(Qt::Key_P);  // every new text takes the old one's key away
  pause_->setIcon(icon(paused ? QStringLiteral("next") : QStringLiteral("pause")));
  if (paused) return;
  markStretch(0.0, 0.0);
  follow();
}

void LiveView::showStretch(double start, double end) {
  setPaused(true);
  const double middle = (start + end) / 2.0;
  seconds_ = std::max(seconds_, (end - start) * 1.2);
  showSpan();
  const double to = std::min(middle + seconds_ / 2.0, end_);
  stack_->setTimeRange(to - seconds_, to);
  stack_->setMark(std::pair{start, end});
  markStretch(start, end);
  refreshScrollBar();
}

void LiveView::markStretch(double start, double end) {
  marked_ = {start, end};
  const bool any = end > start;
  if (!any) stack_->setMark({});
  play_->setVisible(any);
  save_->setVisible(any);
  if (any && !paused()) setPaused(true);
}

void LiveView::setPlayhead(double seconds) {
  stack_->setPlayhead(seconds);
}

double LiveView::shownUntil() const {
  return spectrogram_->rangeTo();
}

void LiveView::setMode(ClassTimeline::Mode mode) {
  const bool heat = mode == ClassTimeline::Mode::Heat;
  heat_->setChecked(heat);
  lines_->setChecked(!heat);
  timeline_->setMode(mode);
  settings_.setValue(kModeSetting, heat ? QStringLiteral("heat") : QStringLiteral("lines"));
}

void LiveView::setSpan(double seconds) {
  const double to = paused() ? spectrogram_->rangeTo() : end_;
  seconds_ = seconds;
  settings_.setValue(kSpanSetting, seconds);
  showSpan();
  stack_->setTimeRange(to - seconds, to);
  refreshScrollBar();
}

// What the wheel has zoomed to stands in the box as well, as an entry of its own while it lasts.
void LiveView::showSpan() {
  const QSignalBlocker quiet(span_);
  const int own = span_->findData(true, kOwnEntryRole);
  if (own >= 0) span_->removeItem(own);
  int after = 0;
  for (; after < span_->count(); ++after) {
    const double seconds = span_->itemData(after).toDouble();
    if (std::abs(seconds - seconds_) < 0.01 * seconds_) return span_->setCurrentIndex(after);
    if (seconds > seconds_) break;
  }
  span_->insertItem(after, durationText(seconds_), seconds_);
  span_->setItemData(after, true, kOwnEntryRole);
  span_->setCurrentIndex(after);
}

void LiveView::refreshScrollBar() {
  const QSignalBlocker quiet(scroll_);
  const double first = std::max(0.0, end_ - kKept);
  const double span = spectrogram_->rangeTo() - spectrogram_->rangeFrom();
  scroll_->setPageStep(static_cast<int>(span * kTicksPerSecond));
  scroll_->setSingleStep(static_cast<int>(kTicksPerSecond));
  scroll_->setRange(static_cast<int>(std::min(first + span, end_) * kTicksPerSecond),
                    static_cast<int>(end_ * kTicksPerSecond));
  scroll_->setValue(static_cast<int>(spectrogram_->rangeTo() * kTicksPerSecond));
  scroll_->setEnabled(scroll_->maximum() > scroll_->minimum());
}

void LiveView::scrolled(int position) {
  const bool atEnd = position >= scroll_->maximum();
  if (atEnd) return setPaused(false);
  if (!paused()) setPaused(true);
  const double to = position / kTicksPerSecond;
  stack_->setTimeRange(to - seconds_, to);
}

}  // namespace hearsay::ui
