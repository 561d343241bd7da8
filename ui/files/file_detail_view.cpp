#include "ui/files/file_detail_view.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QSplitter>
#include <QStandardItemModel>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <utility>

#include "ui/charts/chart_stack.h"
#include "ui/charts/colours.h"
#include "ui/charts/format.h"
#include "ui/charts/spectrogram_view.h"
#include "ui/charts/waveform_view.h"
#include "ui/shell/app_context.h"
#include "ui/shell/elided_label.h"
#include "ui/shell/icons.h"
#include "ui/sounds/sound_charts.h"
#include "ui/sounds/sound_player.h"

namespace hearsay::ui {

namespace {

const QString kModeSetting = QStringLiteral("files/timeline");
constexpr int kRestMs = 300;
const QString kSourceSetting = QStringLiteral("files/timelineOf");

}  // namespace

FileDetailView::FileDetailView(AppContext& app, QWidget* parent) : QWidget(parent), app_(app) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  buildBar();
  buildCharts();
  player_ = new SoundPlayer(app_, looker_, this);
  connect(player_, &SoundPlayer::playingChanged, this, &FileDetailView::refreshBar);
  connect(player_, &SoundPlayer::moved, this, [this](double seconds) {
    cursor_ = seconds;
    stack_->movePlayhead(seconds);
    refreshBar();
  });
  connect(&looker_, &SoundLooker::looked, this, &FileDetailView::takeLook);
  connect(&looker_, &SoundLooker::heard, this, &FileDetailView::takeHeard);
  connect(&looker_, &SoundLooker::failed, this, [this](const QString& sentence) {
    const bool gone = std::exchange(looking_, false) && !look_;
    (look_ ? static_cast<TimeChart*>(timeline_) : spectrogram_)->setEmptyText(sentence);
    if (look_ && timeline_->count() > 0) app_.notify(sentence, AppContext::NoticeLevel::Warning);  // playing, zooming
    if (gone) showKept();
  });
  const bool lines = app_.settings().value(kModeSetting).toString() == QStringLiteral("lines");
  setMode(lines ? ClassTimeline::Mode::Lines : ClassTimeline::Mode::Heat);
  clear();
}

FileDetailView::~FileDetailView() {
  looker_.disconnect(this);
  player_->disconnect(this);
}

void FileDetailView::buildBar() {
  auto* row = new QHBoxLayout;
  row->setSpacing(8);
  play_ = new QPushButton(icon(QStringLiteral("play")), tr("Play"));
  play_->setObjectName(QStringLiteral("playFile"));
  play_->setAccessibleName(tr("Play the chosen file"));
  play_->setToolTip(tr("Play from the playhead (Space); click in the charts to move it"));
  place_ = new QLabel;
  place_->setObjectName(QStringLiteral("playPlace"));
  title_ = new ElidedLabel;
  title_->setObjectName(QStringLiteral("fileTitle"));
  source_ = new QComboBox;
  source_->setObjectName(QStringLiteral("timelineSource"));
  source_->setAccessibleName(tr("Classes over time"));
  source_->addItem(tr("Frames: similarity"), static_cast<int>(Source::Frames));
  source_->addItem(tr("Windows: probability"), static_cast<int>(Source::Windows));
  source_->setToolTip(tr(
      "Frames: the cosine of every moment with every class, for two minutes at most: zoom in to see it of long files.\n"
      "Windows: the probability of every window of the last pass."));
  source_->setCurrentIndex(source_->findData(wantedSource()));
  row->addWidget(play_);
  row->addWidget(place_);
  row->addWidget(title_, 1);
  row->addWidget(source_);
  for (auto& [button, name, text, tip] :
       {std::tuple{&heat_, "fileHeat", tr("Heat"), tr("A strip of heat for every class")},
        std::tuple{&lines_, "fileLines", tr("Lines"), tr("A line for every class")}}) {
    *button = new QToolButton;
    (*button)->setObjectName(QString::fromLatin1(name));
    (*button)->setText(text);
    (*button)->setToolTip(tip);
    (*button)->setAccessibleName(text);
    (*button)->setCheckable(true);
    (*button)->setAutoExclusive(true);
    row->addWidget(*button);
  }
  static_cast<QVBoxLayout*>(layout())->addLayout(row);
  connect(play_, &QPushButton::clicked, this, &FileDetailView::togglePlaying);
  connect(source_, &QComboBox::activated, this, [this] {
    app_.settings().setValue(kSourceSetting, source_->currentData());
    showClasses();
  });
  connect(heat_, &QToolButton::clicked, this, [this] { setMode(ClassTimeline::Mode::Heat); });
  connect(lines_, &QToolButton::clicked, this, [this] { setMode(ClassTimeline::Mode::Lines); });
}

void FileDetailView::buildCharts() {
  stack_ = new ChartStack(this);
  waveform_ = new WaveformView;
  waveform_->setObjectName(QStringLiteral("fileWaveform"));
  waveform_->setAxisVisible(false);
  spectrogram_ = new SpectrogramView;
  spectrogram_->setObjectName(QStringLiteral("fileSpectrogram"));
  spectrogram_->setAxisVisible(false);
  timeline_ = new ClassTimeline;
  timeline_->setObjectName(QStringLiteral("fileTimeline"));
  auto* splitter = new QSplitter(Qt::Vertical);
  for (TimeChart* chart : {static_cast<TimeChart*>(waveform_), static_cast<TimeChart*>(spectrogram_),
                           static_cast<TimeChart*>(timeline_)}) {
    stack_->add(chart);
    splitter->addWidget(chart);
  }
  splitter->setStretchFactor(0, 2);
  splitter->setStretchFactor(1, 4);
  splitter->setStretchFactor(2, 7);
  splitter->setSizes({44, 80, 170});
  splitter->setChildrenCollapsible(false);
  static_cast<QVBoxLayout*>(layout())->addWidget(splitter, 1);
  connect(stack_, &ChartStack::seekRequested, this, &FileDetailView::seek);
  pictures_ = new SoundCharts(looker_, *stack_, *waveform_, *spectrogram_, this);
  rest_ = new QTimer(this);
  rest_->setSingleShot(true);
  rest_->setInterval(kRestMs);
  connect(rest_, &QTimer::timeout, this, &FileDetailView::rangeChanged);
  connect(stack_, &ChartStack::timeRangeChanged, rest_, qOverload<>(&QTimer::start));
}

// --- What is shown

void FileDetailView::clear() {
  player_->setSound({}, nullptr, 0);
  looker_.stop();
  row_ = {};
  look_.reset();
  framed_.reset();
  looking_ = framesAsked_ = false;
  pictures_->clear(tr("Choose a file in the table to see and hear it."));
  timeline_->clear();
  timeline_->setAxisWhenEmpty(false);
  timeline_->setEmptyText(QString());
  refreshBar();
}

void FileDetailView::showRow(const FileRow& row, ScoreKind kind) {
  const bool same = row.id == row_.id && (look_ || looking_);
  row_ = row;
  kind_ = kind;
  if (same) return showClasses();
  player_->setSound({}, nullptr, 0);
  cursor_ = 0.0;
  look_.reset();
  framed_.reset();
  framesAsked_ = false;
  pictures_->clear(tr("Reading…"));
  timeline_->clear();
  timeline_->setAxisWhenEmpty(false);
  timeline_->setEmptyText(QString());
  const auto model = app_.model();
  looking_ = true;
  mel_ = model ? model->info().mel : LogMelConfig();
  looker_.look(row.path, mel_);
  refreshBar();
}

void FileDetailView::takeLook(const std::shared_ptr<const SoundLook>& look) {
  look_ = look;
  looking_ = false;
  player_->setSound(row_.path, look, mel_.sample_rate);
  pictures_->show(row_.path, mel_, look);
  showClasses();
}

void FileDetailView::takeHeard(const std::shared_ptr<const FileResult>& result) {
  framed_ = result;
  showClasses();
}

void FileDetailView::setClassesOf(const PromptSet& prompts) {
  const auto inUse = app_.prompts();
  const ClassList& today = inUse ? inUse->classes : app_.classes();
  const ClassFinder finder(today);
  QStringList names;
  QVector<QColor> colours;
  for (std::size_t k = 0; k < prompts.size(); ++k) {
    names << QString::fromStdString(prompts.classes[k].name);
    colours << colourToday(prompts.classes, k, today, finder);
  }
  timeline_->setClasses(names, colours);
}

void FileDetailView::showClasses() {
  refreshBar();
  if (!look_) return;
  timeline_->setAxisWhenEmpty(true);
  // Of a long stretch there are windows alone, whatever was chosen; the box says what is shown.
  const bool tooLong = !frameStretch();
  const QVariant wanted = tooLong ? QVariant(static_cast<int>(Source::Windows)) : wantedSource();
  source_->setCurrentIndex(source_->findData(wanted));
  enableFrames(!tooLong);
  if (wanted.toInt() == static_cast<int>(Source::Frames)) return showFrames();
  showWindows();
}

void FileDetailView::enableFrames(bool on) {
  const int frames = source_->findData(static_cast<int>(Source::Frames));
  qobject_cast<QStandardItemModel*>(source_->model())->item(frames)->setEnabled(on);
}

void FileDetailView::showKept() {
  if (!row_.result || row_.result->windows.empty()) return;
  source_->setCurrentIndex(source_->findData(static_cast<int>(Source::Windows)));
  enableFrames(false);
  stack_->setExtent(0.0, row_.result->seconds);
  stack_->setTimeRange(0.0, row_.result->seconds);
  showWindows();
}

QVariant FileDetailView::wantedSource() const {
  const int usual = static_cast<int>(Source::Frames);
  const QVariant kept = app_.settings().value(kSourceSetting, usual).toInt();
  return source_->findData(kept) >= 0 ? kept : QVariant(usual);
}

void FileDetailView::showWindows() {
  timeline_->clear();
  if (!row_.result || !row_.prompts) return timeline_->setEmptyText(tr("Not named yet."));
  setClassesOf(*row_.prompts);
  // Of windows that overlap each is shown around its middle: what lies between two belongs to the nearer one.
  const std::vector<WindowResult>& windows = row_.result->windows;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const auto between = [&](std::size_t k) { return (windows[k].end + windows[k + 1].start) / 2.0; };
    const auto values = softmax(scores_of(windows[i].scores, kind_), row_.prompts->logit_scale);
    timeline_->append(i == 0 ? windows[i].start : between(i - 1), i + 1 == windows.size() ? windows[i].end : between(i),
                      values);
  }
  if (timeline_->count() == 0) return timeline_->setEmptyText(tr("Nothing is heard: the file is silent."));
  timeline_->setValueRange(0.0, 1.0, true);
}

std::optional<std::pair<double, double>> FileDetailView::frameStretch() const {
  if (look_->seconds <= SoundLooker::kFrameSeconds) return std::pair{0.0, look_->seconds};
  const double from = spectrogram_->rangeFrom();
  const double to = spectrogram_->rangeTo();
  if (to - from > SoundLooker::kFrameSeconds) return {};
  const auto model = app_.model();
  const double window = model ? model->info().window_seconds : 1.0;  // as the file's own windows lie
  return std::pair{std::floor(from / window) * window, std::min(std::ceil(to / window) * window, look_->seconds)};
}

void FileDetailView::rangeChanged() {
  if (!look_ || look_->seconds <= SoundLooker::kFrameSeconds) return;
  const bool frames = source_->currentData().toInt() == static_cast<int>(Source::Frames);
  if (frames || frameStretch()) showClasses();
}

void FileDetailView::askForFrames(double from, double to) {
  const auto prompts = row_.prompts ? row_.prompts : app_.prompts();
  const auto model = app_.model();
  if (!model && app_.modelLoading()) return timeline_->setEmptyText(tr("Waiting for the model…"));
  if (!prompts || !model || prompts->size() == 0) return timeline_->setEmptyText(tr("Not named yet."));
  framed_.reset();
  framedPrompts_ = prompts;
  framedKind_ = kind_;
  framesAsked_ = true;
  framedStretch_ = {from, to};
  timeline_->setEmptyText(tr("Listening to every moment…"));
  if (to - from == look_->seconds) return looker_.listen(row_.path, model, prompts, kind_);
  looker_.listenTo(row_.path, model, prompts, kind_, from, to - from);
}

void FileDetailView::showFrames() {
  const auto wanted = row_.prompts ? row_.prompts : app_.prompts();
  const auto [from, to] = *frameStretch();
  const bool there = framedStretch_.first <= from && framedStretch_.second >= to;
  const bool current = framesAsked_ && framedPrompts_ == wanted && framedKind_ == kind_ && there;
  if (!current) {
    timeline_->clear();
    return askForFrames(from, to);
  }
  timeline_->clear();
  if (!framed_) return;
  if (!framed_->error.empty()) return timeline_->setEmptyText(QString::fromStdString(framed_->error));
  const auto model = app_.model();
  setClassesOf(*framedPrompts_);
  double until = framed_->windows.empty() ? 0.0 : framed_->windows.front().start;
  float low = 1.0F;
  float high = -1.0F;
  for (const WindowResult& window : framed_->windows) {
    const Matrix& frames = window.scores.frame_similarity;
    const double step =
        model ? model->info().window_seconds / static_cast<double>(std::max<std::int64_t>(1, frames.rows)) : 0.1;
    for (std::int64_t t = 0; t < frames.rows; ++t) {
      const double begin = window.start + static_cast<double>(t) * step;
      if (begin < until - step / 2.0 || begin >= window.end) continue;  // heard already, or the clip repeated
      timeline_->append(begin, std::min(begin + step, window.end), frames.row(t));
      for (const float value : frames.row(t))
        std::tie(low, high) = std::pair{std::min(low, value), std::max(high, value)};
    }
    until = window.end;
  }
  setValueRange(low, high, false);
}

void FileDetailView::setValueRange(float low, float high, bool percent) {
  const double step = 0.1;  // round numbers at the axis
  timeline_->setValueRange(std::floor(static_cast<double>(low) / step) * step,
                           std::ceil(static_cast<double>(high) / step) * step, percent);
}

void FileDetailView::setMode(ClassTimeline::Mode mode) {
  const bool heat = mode == ClassTimeline::Mode::Heat;
  heat_->setChecked(heat);
  lines_->setChecked(!heat);
  timeline_->setMode(mode);
  app_.settings().setValue(kModeSetting, heat ? QStringLiteral("heat") : QStringLiteral("lines"));
}

// --- Playing

void FileDetailView::seek(double seconds) {
  if (!look_) return;
  cursor_ = std::clamp(seconds, 0.0, look_->seconds);
  stack_->setPlayhead(cursor_);
  if (player_->playing()) player_->play(cursor_);
  refreshBar();
}

void FileDetailView::togglePlaying() {
  if (!look_) return;
  if (player_->playing()) return stopPlaying();
  if (cursor_ >= look_->seconds - 0.05) cursor_ = 0.0;
  player_->play(cursor_);
}

void FileDetailView::stopPlaying() {
  player_->stop();
}

QString FileDetailView::headline() const {
  if (row_.id == 0) return {};
  if (row_.best < 0) return isolated(row_.name);
  const QString best = QString::fromStdString(row_.prompts->classes[static_cast<std::size_t>(row_.best)].name);
  const QString words = tr("%1: %2 %3").arg(isolated(row_.name), isolated(best), percentText(row_.probability));
  return row_.result && row_.result->doubts.silent ? tr("%1, but the file is silent").arg(words) : words;
}

void FileDetailView::refreshBar() {
  play_->setEnabled(look_ != nullptr);
  const bool playing = player_->playing();
  play_->setText(playing ? tr("Stop") : tr("Play"));
  play_->setIcon(icon(playing ? QStringLiteral("stop") : QStringLiteral("play")));
  place_->setText(look_ ? tr("%1 / %2").arg(clockText(cursor_, 1), clockText(look_->seconds, 1)) : QString());
  if (title_->text() != headline()) title_->setText(headline());
}

}  // namespace hearsay::ui
