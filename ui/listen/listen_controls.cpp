#include "ui/listen/listen_controls.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSettings>
#include <QSignalBlocker>
#include <QStandardItemModel>
#include <cmath>

namespace hearsay::ui {

namespace {

QString keyOf(const QObject* widget) {
  return QStringLiteral("listen/") + widget->objectName();
}

void addLabelled(QHBoxLayout* row, const QString& text, QWidget* widget) {
  auto* label = new QLabel(text);
  label->setBuddy(widget);
  label->setToolTip(widget->toolTip());
  row->addWidget(label);
  row->addWidget(widget);
  row->addSpacing(10);
}

}  // namespace

ListenControls::ListenControls(QSettings& settings, QWidget* parent) : QWidget(parent), settings_(settings) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(4);
  addKinds();
  hop_ =
      addSpin("hop", tr("&Every"), tr("Seconds between predictions; widened by itself when the machine cannot keep up"),
              0.1, 10.0, 0.1, 0.5);
  hop_->setSuffix(tr(" s"));
  smoothing_ = addSpin("smoothing", tr("S&moothing"),
                       tr("How much of the past stays in what is shown: 0 none, 0.95 very slow"), 0.0, 0.95, 0.05, 0.5);
  hold_ = addSpin("hold", tr("H&old"), tr("Seconds an event goes on after its class fell below the threshold"), 0.0,
                  30.0, 0.5, 1.0);
  hold_->setSuffix(tr(" s"));
  threshold_ = new QSpinBox;
  threshold_->setObjectName(QStringLiteral("threshold"));
  threshold_->setAccessibleName(tr("Threshold for all classes"));
  threshold_->setToolTip(
      tr("From this probability a class counts as heard; for all classes at once.\n"
         "Drag a mark in the bars to set one class apart."));
  threshold_->setRange(-1, 100);
  threshold_->setSpecialValueText(tr("mixed"));
  threshold_->setSuffix(tr(" %"));
  addLabelled(row, tr("T&hreshold"), threshold_);
  row->addStretch(1);
  connect(threshold_, &QSpinBox::valueChanged, this, [this](int value) {
    if (value >= 0) Q_EMIT thresholdForAll(value / 100.0);
  });
}

void ListenControls::addKinds() {
  kind_ = new QComboBox;
  kind_->setObjectName(QStringLiteral("kind"));
  kind_->setAccessibleName(tr("Score"));
  kind_->setToolTip(tr("Fused is coarse and fine together; zero-shot is the plain sentence without tuning"));
  for (const ScoreKind kind : {ScoreKind::Fused, ScoreKind::Coarse, ScoreKind::Fine, ScoreKind::ZeroShot}) {
    kind_->addItem(QString::fromUtf8(score_name(kind)), static_cast<int>(kind));
  }
  addLabelled(static_cast<QHBoxLayout*>(layout()), tr("Sco&re"), kind_);
  connect(kind_, &QComboBox::activated, this, [this] {
    settings_.setValue(keyOf(kind_), kind_->currentText());
    Q_EMIT optionsChanged();
  });
}

QDoubleSpinBox* ListenControls::addSpin(const char* name, const QString& label, const QString& tip, double low,
                                        double high, double step, double start) {
  auto* spin = new QDoubleSpinBox;
  spin->setObjectName(QString::fromLatin1(name));
  spin->setAccessibleName(QString(label).remove(QLatin1Char('&')));
  spin->setToolTip(tip);
  spin->setDecimals(step < 0.1 ? 2 : 1);
  spin->setRange(low, high);
  spin->setSingleStep(step);
  spin->setValue(settings_.value(keyOf(spin), start).toDouble());
  addLabelled(static_cast<QHBoxLayout*>(layout()), label, spin);
  connect(spin, &QDoubleSpinBox::valueChanged, this, [this, spin](double value) {
    settings_.setValue(keyOf(spin), value);
    Q_EMIT optionsChanged();
  });
  return spin;
}

StreamOptions ListenControls::options() const {
  StreamOptions options;
  options.kind = static_cast<ScoreKind>(kind_->currentData().toInt());
  options.hop = hop_->value();
  options.smoothing = smoothing_->value();
  options.hold = hold_->value();
  return options;
}

void ListenControls::setTuned(bool tuned, ScoreKind preferred) {
  const auto* items = qobject_cast<QStandardItemModel*>(kind_->model());
  for (int i = 0; i < kind_->count(); ++i) {
    const bool usable = tuned || kind_->itemData(i).toInt() == static_cast<int>(ScoreKind::ZeroShot);
    items->item(i)->setEnabled(usable);
    items->item(i)->setToolTip(usable ? QString() : tr("Tune on the Teach page first"));
  }
  const QString remembered = settings_.value(keyOf(kind_)).toString();
  int index = kind_->findData(static_cast<int>(tuned ? preferred : ScoreKind::ZeroShot));
  if (tuned && !remembered.isEmpty()) index = std::max(0, kind_->findText(remembered));
  const QSignalBlocker quiet(kind_);
  kind_->setCurrentIndex(index);
}

void ListenControls::showThreshold(double threshold) {
  const QSignalBlocker quiet(threshold_);
  threshold_->setValue(threshold < 0.0 ? -1 : static_cast<int>(std::lround(threshold * 100.0)));
}

}  // namespace hearsay::ui
