#include "ui/files/file_controls.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLocale>
#include <QSignalBlocker>
#include <algorithm>

namespace hearsay::ui {

namespace {

constexpr double kLongest = 30.0;  // seconds, until the model's own window is known

}  // namespace

FileControls::FileControls(QSettings& settings, QWidget* parent)
    : OptionRow(settings, QStringLiteral("files"), parent) {
  addScores("fileKind", tr("Fused is coarse and fine together; zero-shot is the plain sentence without tuning.\n"
                           "Changing it needs no new pass over the files."));
  window_ = addSpin({.name = "fileWindow",
                     .label = tr("&Window"),
                     .tip = tr("Seconds the model hears at once; at the lowest: as long as the model can"),
                     .high = kLongest,
                     .step = 0.5,
                     .suffix = tr(" s"),
                     .special = tr("model's")});
  hop_ = addSpin({.name = "fileHop",
                  .label = tr("Ho&p"),
                  .tip = tr("Seconds between windows, at most a window; at the lowest: one window after the other"),
                  .high = kLongest,
                  .step = 0.5,
                  .suffix = tr(" s"),
                  .special = tr("no overlap")});
  pooling_ = addChoice("filePooling", tr("F&ile by"),
                       tr("How the windows of a long file become its name.\n"
                          "Mean: of the windows' embeddings. Best window: every class by the window where it is most\n"
                          "like it, so that a short sound in a long file counts in full."),
                       {tr("mean"), tr("best window")});
  addNoiseCorrection();
  connect(window_, &QDoubleSpinBox::valueChanged, this, &FileControls::boundHop);
  boundHop();
  connect(this, &OptionRow::kindChosen, this, &FileControls::kindChanged);
  connect(this, &OptionRow::spun, this, &FileControls::windowsChanged);
}

ClassifyOptions FileControls::options() const {
  ClassifyOptions options;
  options.kind = kind();
  options.window = window_->value();
  options.hop = hop_->value();
  options.pooling = pooling_->currentIndex() == 1 ? WindowPooling::Max : WindowPooling::Mean;
  options.noise_correction = noiseCorrection();
  return options;
}

void FileControls::setModelWindow(double seconds) {
  const QSignalBlocker quietWindow(window_);
  const QSignalBlocker quietHop(hop_);
  window_->setMaximum(seconds);
  window_->setSpecialValueText(tr("model's, %1 s").arg(QLocale().toString(seconds, 'g', 3)));
  boundHop();
}

// A longer hop would leave sound unheard.
void FileControls::boundHop() {
  hop_->setMaximum(window_->value() > 0.0 ? window_->value() : window_->maximum());
}

}  // namespace hearsay::ui
