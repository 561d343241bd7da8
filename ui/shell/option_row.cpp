#include "ui/shell/option_row.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSettings>
#include <QSignalBlocker>
#include <QStandardItemModel>
#include <algorithm>
#include <utility>

namespace hearsay::ui {

OptionRow::OptionRow(QSettings& settings, QString page, QWidget* parent)
    : QWidget(parent), settings_(settings), page_(std::move(page)) {
  row_ = new QHBoxLayout(this);
  row_->setContentsMargins(0, 0, 0, 0);
  row_->setSpacing(4);
}

QString OptionRow::keyOf(const QObject* widget) const {
  return page_ + QLatin1Char('/') + widget->objectName();
}

void OptionRow::addLabelled(const QString& label, QWidget* widget) {
  if (row_->count() > 0) row_->addSpacing(10);
  auto* text = new QLabel(label);
  text->setBuddy(widget);
  text->setToolTip(widget->toolTip());
  row_->addWidget(text);
  row_->addWidget(widget);
}

void OptionRow::addBeside(QWidget* widget) {
  row_->addWidget(widget);
}

void OptionRow::addStretch() {
  row_->addStretch(1);
}

void OptionRow::addScores(const char* name, const QString& tip) {
  kind_ = new QComboBox;
  kind_->setObjectName(QString::fromLatin1(name));
  kind_->setAccessibleName(tr("Score"));
  kind_->setToolTip(tip);
  for (const ScoreKind kind : {ScoreKind::Fused, ScoreKind::Coarse, ScoreKind::Fine, ScoreKind::ZeroShot}) {
    kind_->addItem(QString::fromUtf8(score_name(kind)), static_cast<int>(kind));
  }
  addLabelled(tr("Sco&re"), kind_);
  connect(kind_, &QComboBox::activated, this, [this] {
    settings_.setValue(keyOf(kind_), kind_->currentText());
    Q_EMIT kindChosen();
  });
}

void OptionRow::choose(ScoreKind kind) {
  const int place = kind_->findData(static_cast<int>(kind));
  if (place < 0 || place == kind_->currentIndex()) return;
  kind_->setCurrentIndex(place);
  Q_EMIT kind_->activated(place);
}

QDoubleSpinBox* OptionRow::addSpin(const Spin& wanted) {
  auto* spin = new QDoubleSpinBox;
  spin->setObjectName(QString::fromLatin1(wanted.name));
  spin->setAccessibleName(QString(wanted.label).remove(QLatin1Char('&')));
  spin->setToolTip(wanted.tip);
  spin->setDecimals(wanted.step < 0.1 ? 2 : 1);
  spin->setRange(wanted.low, wanted.high);
  spin->setSingleStep(wanted.step);
  spin->setSuffix(wanted.suffix);
  spin->setSpecialValueText(wanted.special);
  spin->setValue(settings_.value(keyOf(spin), wanted.start).toDouble());
  addLabelled(wanted.label, spin);
  connect(spin, &QDoubleSpinBox::valueChanged, this, [this, spin](double value) {
    settings_.setValue(keyOf(spin), value);
    Q_EMIT spun();
  });
  return spin;
}

QComboBox* OptionRow::addChoice(const char* name, const QString& label, const QString& tip, const QStringList& words) {
  auto* box = new QComboBox;
  box->setObjectName(QString::fromLatin1(name));
  box->setAccessibleName(QString(label).remove(QLatin1Char('&')));
  box->setToolTip(tip);
  box->addItems(words);
  box->setCurrentIndex(std::clamp(settings_.value(keyOf(box), 0).toInt(), 0, box->count() - 1));
  addLabelled(label, box);
  connect(box, &QComboBox::currentIndexChanged, this, [this, box](int index) {
    settings_.setValue(keyOf(box), index);
    Q_EMIT spun();
  });
  return box;
}

void OptionRow::addNoiseCorrection() {
  noise_ = addSpin({.name = "noiseCorrection",
                    .label = tr("&Noise"),
                    .tip = tr("For noisy rooms: a bonus for classes whose name, said with noise around it, moves the\n"
                              "way the sound has moved. Off is best where it is quiet; 0.20 is usual."),
                    .high = 1.0,
                    .step = 0.05,
                    .special = tr("off")});
}

double OptionRow::noiseCorrection() const {
  return noise_ == nullptr ? 0.0 : noise_->value();
}

ScoreKind OptionRow::kind() const {
  return static_cast<ScoreKind>(kind_->currentData().toInt());
}

void OptionRow::setTuned(bool tuned, ScoreKind preferred) {
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

}  // namespace hearsay::ui
