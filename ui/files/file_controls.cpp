#include "ui/files/file_controls.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QSettings>
#include <QSignalBlocker>
#include <QStandardItemModel>
#include <algorithm>

namespace hearsay::ui {

namespace {

QString keyOf(const QObject* widget) {
  return QStringLiteral("files/") + widget->objectName();
}

}  // namespace

FileControls::FileControls(QSettings& settings, QWidget* parent) : QWidget(parent), settings_(settings) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(4);
  kind_ = new QComboBox;
  kind_->setObjectName(QStringLiteral("fileKind"));
  kind_->setAccessibleName(tr("Score"));
  kind_->setToolTip(
      tr("Fused is coarse and fine together; zero-shot is the plain sentence without tuning.\n"
         "Changing it needs no new pass over the files."));
  for (const ScoreKind kind : {ScoreKind::Fused, ScoreKind::Coarse, ScoreKind::Fine, ScoreKind::ZeroShot}) {
    kind_->addItem(QString::fromUtf8(score_name(kind)), static_cast<int>(kind));
  }
  auto* label = new QLabel(tr("Sco&re"));
  label->setBuddy(kind_);
  row->addWidget(label);
  row->addWidget(kind_);
  row->addSpacing(8);
  window_ = addSpin("fileWindow", tr("&Window"), tr("model's"),
                    tr("Seconds the model hears at once; at the lowest: as long as the model can"));
  hop_ = addSpin("fileHop", tr("&Hop"), tr("no overlap"),
                 tr("Seconds between windows, at most a window; at the lowest: one window after the other"));
  connect(kind_, &QComboBox::activated, this, [this] {
    settings_.setValue(keyOf(kind_), kind_->currentText());
    Q_EMIT kindChanged();
  });
}

QDoubleSpinBox* FileControls::addSpin(const char* name, const QString& label, const QString& special,
                                      const QString& tip) {
  auto* spin = new QDoubleSpinBox;
  spin->setObjectName(QString::fromLatin1(name));
  spin->setAccessibleName(QString(label).remove(QLatin1Char('&')));
  spin->setToolTip(tip);
  spin->setDecimals(1);
  spin->setRange(0.0, 30.0);
  spin->setSingleStep(0.5);
  spin->setSpecialValueText(special);
  spin->setSuffix(tr(" s"));
  spin->setValue(settings_.value(keyOf(spin), 0.0).toDouble());
  auto* text = new QLabel(label);
  text->setBuddy(spin);
  text->setToolTip(tip);
  layout()->addWidget(text);
  layout()->addWidget(spin);
  static_cast<QHBoxLayout*>(layout())->addSpacing(8);
  connect(spin, &QDoubleSpinBox::valueChanged, this, [this, spin](double value) {
    settings_.setValue(keyOf(spin), value);
    Q_EMIT windowsChanged();
  });
  return spin;
}

ScoreKind FileControls::kind() const {
  return static_cast<ScoreKind>(kind_->currentData().toInt());
}

ClassifyOptions FileControls::options() const {
  ClassifyOptions options;
  options.kind = kind();
  options.window = window_->value();
  options.hop = hop_->value();
  const double longest = options.window > 0.0 ? options.window : window_->maximum();
  options.hop = std::min(options.hop, longest);
  return options;
}

void FileControls::setTuned(bool tuned, ScoreKind preferred) {
  const auto* items = qobject_cast<QStandardItemModel*>(kind_->model());
  for (int i = 0; i < kind_->count(); ++i) {
    const bool usable = tuned || kind_->itemData(i).toInt() == static_cast<int>(ScoreKind::ZeroShot);
    items->item(i)->setEnabled(usable);
    items->item(i)->setToolTip(usable ? QString() : tr("Tune on the Teach page first"));
  }
  const QString remembered = settings_.value(keyOf(kind_)).toString();
  int index = kind_->findData(static_cast<int>(tuned ? preferred : ScoreKind::ZeroShot));
  if (tuned && !remembered.isEmpty()) index = std::max(0, kind_->findText(remembered));
  kind_->setCurrentIndex(index);
}

void FileControls::setModelWindow(double seconds) {
  const QSignalBlocker quietWindow(window_);
  const QSignalBlocker quietHop(hop_);
  window_->setMaximum(seconds);
  window_->setSpecialValueText(tr("model's, %1 s").arg(QLocale().toString(seconds, 'g', 3)));
  hop_->setMaximum(seconds);
}

}  // namespace hearsay::ui
