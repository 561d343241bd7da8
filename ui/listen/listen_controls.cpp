#include "ui/listen/listen_controls.h"

#include <QDoubleSpinBox>
#include <QLabel>
#include <QLocale>
#include <QSignalBlocker>
#include <QSpinBox>
#include <algorithm>
#include <cmath>

#include "prompts/prompt_set.h"

namespace hearsay::ui {

namespace {

constexpr int kMixed = -1;

/// From "mixed" one step leads to the usual threshold, not to 0; and neither a step nor a typed number leads to it.
class ThresholdBox : public QSpinBox {
 public:
  [[nodiscard]] QValidator::State validate(QString& text, int& at) const override {
    return text.contains(QLatin1Char('-')) ? QValidator::Invalid : QSpinBox::validate(text, at);
  }
  void stepBy(int steps) override {
    setValue(value() == kMixed ? static_cast<int>(std::lround(kUsualThreshold * 100.0)) : std::max(0, value() + steps));
    selectAll();
  }

 protected:
  [[nodiscard]] StepEnabled stepEnabled() const override {
    if (value() == kMixed) return StepUpEnabled | StepDownEnabled;
    return value() == 0 ? StepEnabled(StepUpEnabled) : QSpinBox::stepEnabled();
  }
};

}  // namespace

ListenControls::ListenControls(QSettings& settings, QWidget* parent)
    : OptionRow(settings, QStringLiteral("listen"), parent) {
  addScores("kind", tr("Fused is coarse and fine together; zero-shot is the plain sentence without tuning"));
  hop_ = addSpin({.name = "hop",
                  .label = tr("&Every"),
                  .tip = tr("Seconds between predictions; widened by itself when the machine cannot keep up.\n"
                            "More than the model hears at once (the starter model: 5 s) leaves sound unheard."),
                  .low = 0.1,
                  .high = 10.0,
                  .step = 0.1,
                  .start = 0.5,
                  .suffix = tr(" s")});
  pace_ = new QLabel;
  pace_->setObjectName(QStringLiteral("pace"));
  QFont bold = pace_->font();
  bold.setBold(true);
  pace_->setFont(bold);
  pace_->hide();
  addBeside(pace_);
  connect(hop_, &QDoubleSpinBox::valueChanged, pace_, &QWidget::hide);  // of the number before
  smoothing_ = addSpin({.name = "smoothing",
                        .label = tr("S&moothing"),
                        .tip = tr("How much of the past stays in what is shown: 0 none, 0.95 very slow"),
                        .low = 0.0,
                        .high = 0.95,
                        .step = 0.05,
                        .start = 0.5});
  hold_ = addSpin(
      {.name = "hold",
       .label = tr("H&old"),
       .tip = tr("Seconds an event goes on after its class fell below the threshold. A sound that is over stays in\n"
                 "what the model hears at once (the starter model: 5 s), so an event ends late by about that\n"
                 "and then by this hold."),
       .low = 0.0,
       .high = 30.0,
       .step = 0.5,
       .start = 1.0,
       .suffix = tr(" s")});
  addThreshold();
  addNoiseCorrection();
  addStretch();
  connect(this, &OptionRow::kindChosen, this, &ListenControls::optionsChanged);
  connect(this, &OptionRow::spun, this, &ListenControls::optionsChanged);
}

void ListenControls::addThreshold() {
  threshold_ = new ThresholdBox;
  threshold_->setObjectName(QStringLiteral("threshold"));
  threshold_->setAccessibleName(tr("Threshold for all classes"));
  threshold_->setToolTip(
      tr("From this probability a class counts as heard; for all classes at once.\n"
         "Drag a mark in the bars to set one class apart. A saved prompt set holds them too."));
  threshold_->setRange(kMixed, 100);
  threshold_->setSpecialValueText(tr("mixed"));
  threshold_->setSuffix(tr(" %"));
  addLabelled(tr("&Threshold"), threshold_);
  connect(threshold_, &QSpinBox::valueChanged, this, [this](int value) {
    if (value >= 0) Q_EMIT thresholdForAll(value / 100.0);
  });
}

StreamOptions ListenControls::options() const {
  StreamOptions options;
  options.kind = kind();
  options.hop = hop_->value();
  options.smoothing = smoothing_->value();
  options.hold = hold_->value();
  options.noise_correction = noiseCorrection();
  return options;
}

void ListenControls::showPace(double hop, double behind) {
  const bool slower = hop > hop_->value() + 0.05;
  pace_->setVisible(slower);
  if (!slower) return;
  const auto seconds = [](double value) { return QLocale().toString(value, 'f', 1); };
  pace_->setText(tr("now %1 s").arg(seconds(hop)));
  pace_->setToolTip(tr("The model is too slow for a prediction every %1 s on this machine: one comes every %2 s,\n"
                       "%3 s after its sound. A smaller model, or fewer programs beside it, brings back %1 s.")
                        .arg(seconds(hop_->value()), seconds(hop), seconds(behind)));
  pace_->setAccessibleName(pace_->toolTip().simplified());
}

void ListenControls::showThreshold(double threshold) {
  const QSignalBlocker quiet(threshold_);
  threshold_->setValue(threshold < 0.0 ? kMixed : static_cast<int>(std::lround(threshold * 100.0)));
}

}  // namespace hearsay::ui
