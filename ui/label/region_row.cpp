#include "ui/label/region_row.h"

#include <QDoubleSpinBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLocale>
#include <QSignalBlocker>
#include <algorithm>
#include <utility>

namespace hearsay::ui {
namespace {

constexpr int kDigits = 3;      // after the point: milliseconds
constexpr double kStep = 0.01;  // s, by the arrow keys

}  // namespace

RegionRow::RegionRow(QWidget* parent) : QWidget(parent) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  start_ = addTime("regionStart", tr("Start of the chosen region, in seconds"));
  auto* to = new QLabel(tr("to"), this);
  end_ = addTime("regionEnd", tr("End of the chosen region, in seconds"));
  about_ = new QLabel(this);
  about_->setObjectName(QStringLiteral("regionAbout"));
  about_->setTextFormat(Qt::PlainText);
  about_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  row->addWidget(start_);
  row->addWidget(to);
  row->addWidget(end_);
  row->addWidget(about_, 1);
  connect(start_, &QDoubleSpinBox::valueChanged, this, [this](double start) { move(start, region_.end); });
  connect(end_, &QDoubleSpinBox::valueChanged, this, [this](double end) { move(region_.start, end); });
  hide();
}

QDoubleSpinBox* RegionRow::addTime(const char* objectName, const QString& name) {
  auto* time = new QDoubleSpinBox(this);
  time->setObjectName(QString::fromLatin1(objectName));
  time->setAccessibleName(name);
  time->setToolTip(tr("%1. Type it and press Enter, or change it with the arrow keys.").arg(name));
  time->setDecimals(kDigits);
  time->setSingleStep(kStep);
  time->setSuffix(tr(" s"));
  time->setButtonSymbols(QAbstractSpinBox::NoButtons);
  time->setKeyboardTracking(false);
  time->setFocusPolicy(Qt::StrongFocus);
  time->installEventFilter(this);
  return time;
}

void RegionRow::setRegion(const std::optional<ChartRegion>& region, double clipSeconds) {
  const ChartRegion before = std::exchange(region_, region.value_or(ChartRegion{}));
  const bool same = before.id == region_.id && before.start == region_.start && before.end == region_.end;
  if (!same || clipSeconds != clipSeconds_) {  // what is being typed stays
    clipSeconds_ = clipSeconds;
    showTimes();
  }
  about_->setText(tr("%1 s long, %2").arg(QLocale().toString(region_.end - region_.start, 'f', kDigits), region_.text));
  about_->setToolTip(region_.text);
  setVisible(region.has_value());
}

void RegionRow::showTimes() {
  for (const auto& [time, seconds] : {std::pair{start_, region_.start}, std::pair{end_, region_.end}}) {
    const QSignalBlocker quiet(time);
    time->setRange(0.0, std::max(clipSeconds_, region_.end));
    time->setValue(seconds);
  }
}

void RegionRow::move(double start, double end) {
  Q_EMIT moved(region_.id, start, end);
  if (!isHidden()) showTimes();
}

void RegionRow::keyPressEvent(QKeyEvent* event) {
  // What a time has no use for must not label anything.
  event->accept();
  const bool escape = event->key() == Qt::Key_Escape;
  if (escape) showTimes();
  if (escape || event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) Q_EMIT left();
}

bool RegionRow::eventFilter(QObject* watched, QEvent* event) {
  // Turning the wheel over a time would move the region.
  if (event->type() == QEvent::Wheel) {
    event->ignore();
    return true;
  }
  return QWidget::eventFilter(watched, event);
}

}  // namespace hearsay::ui
