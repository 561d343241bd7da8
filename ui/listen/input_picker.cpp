#include "ui/listen/input_picker.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QSignalBlocker>
#include <QToolButton>
#include <algorithm>
#include <memory>

#include "ui/shell/app_context.h"
#include "ui/shell/icons.h"

namespace hearsay::ui {

namespace {

const QString kSetting = QStringLiteral("listen/input");

}  // namespace

InputPicker::InputPicker(AppContext& app, QWidget* parent) : QWidget(parent), app_(app) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(4);
  box_ = new QComboBox;
  box_->setObjectName(QStringLiteral("inputBox"));
  box_->setAccessibleName(tr("Microphone"));
  box_->setToolTip(tr("Which microphone to listen to"));
  box_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  box_->setMinimumContentsLength(16);
  setMaximumWidth(400);
  again_ = new QToolButton;
  again_->setObjectName(QStringLiteral("refreshInputs"));
  again_->setIcon(icon(QStringLiteral("retry")));
  again_->setAccessibleName(tr("Look for microphones again"));
  again_->setToolTip(tr("Look for microphones again"));
  row->addWidget(box_, 1);
  row->addWidget(again_);
  connect(again_, &QToolButton::clicked, this, &InputPicker::refresh);
  connect(box_, &QComboBox::activated, this, [this] {
    app_.settings().setValue(kSetting, chosen());
    Q_EMIT chosenChanged();
  });
  fill();
}

QString InputPicker::chosen() const {
  return box_->currentData().toString();
}

void InputPicker::refresh() {
  if (looking_) return;
  looking_ = true;
  again_->setEnabled(false);
  auto found = std::make_shared<std::vector<InputDevice>>();
  app_.runQuietly(
      this, [found] { *found = list_inputs(); },
      [this, found](const QString& error) {
        looking_ = false;
        looked_ = true;
        again_->setEnabled(true);
        devices_ = *found;
        if (!error.isEmpty()) app_.notify(error, AppContext::NoticeLevel::Warning);
        fill();
        Q_EMIT refreshed();
      });
}

void InputPicker::fill() {
  const QSignalBlocker quiet(box_);
  const QString wanted = looked_ || box_->count() > 0 ? chosen() : app_.settings().value(kSetting).toString();
  box_->clear();
  if (nothingFound()) {
    box_->addItem(tr("No microphone found"), QString());
    return;
  }
  const auto usual = std::find_if(devices_.begin(), devices_.end(), [](const InputDevice& d) { return d.is_default; });
  const QString name = usual == devices_.end() ? QString() : QString::fromStdString(usual->name);
  const bool tells = !name.isEmpty() && name != QStringLiteral("default");  // ALSA's own name for it
  box_->addItem(tells ? tr("Default input (%1)").arg(name) : tr("Default input"), QString());
  for (const InputDevice& device : devices_) {
    const QString own = QString::fromStdString(device.name);
    box_->addItem(own, own);
    box_->setItemData(box_->count() - 1,
                      tr("%1, channels: %2, %3 Hz")
                          .arg(QString::fromStdString(device.api))
                          .arg(device.channels)
                          .arg(device.default_rate),
                      Qt::ToolTipRole);
  }
  int index = wanted.isEmpty() ? 0 : box_->findData(wanted);
  if (index < 0 && !looked_) {
    box_->addItem(wanted, wanted);  // remembered; it may well be there
    index = box_->count() - 1;
  }
  box_->setCurrentIndex(std::max(index, 0));
}

}  // namespace hearsay::ui
