#include "ui/listen/page_notice.h"

#include <QEvent>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/shell/icons.h"

namespace hearsay::ui {

PageNotice::PageNotice(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("pageNotice"));
  column_ = new QVBoxLayout(this);
  column_->setSpacing(8);
  picture_ = new QLabel;
  title_ = new QLabel;
  title_->setObjectName(QStringLiteral("noticeTitle"));
  QFont large = title_->font();
  large.setPointSizeF(large.pointSizeF() * 1.5);
  title_->setFont(large);
  sentence_ = new QLabel;
  sentence_->setWordWrap(true);
  sentence_->setAlignment(Qt::AlignHCenter);
  sentence_->setFixedWidth(560);
  button_ = new QPushButton;
  button_->setObjectName(QStringLiteral("noticeButton"));
  column_->addStretch(1);
  column_->addWidget(picture_, 0, Qt::AlignHCenter);
  column_->addWidget(title_, 0, Qt::AlignHCenter);
  auto* middle = new QHBoxLayout;  // an aligned label would not get the height its lines need
  middle->addStretch();
  middle->addWidget(sentence_);
  middle->addStretch();
  column_->addLayout(middle);
  column_->addSpacing(8);
  column_->addWidget(button_, 0, Qt::AlignHCenter);
  column_->addStretch(1);
  connect(button_, &QPushButton::clicked, this, &PageNotice::pressed);
}

void PageNotice::say(const QString& iconName, const QString& title, const QString& sentence, const QString& button) {
  if (iconName != iconName_) {
    iconName_ = iconName;
    drawPicture();
  }
  title_->setText(title);
  sentence_->setText(sentence);
  button_->setText(button);
  button_->setToolTip(button);
  button_->setAccessibleName(button);
  button_->setVisible(!button.isEmpty());
}

void PageNotice::drawPicture() {
  if (!iconName_.isEmpty()) picture_->setPixmap(icon(iconName_).pixmap(QSize(48, 48), devicePixelRatioF()));
}

void PageNotice::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) drawPicture();  // icons are drawn in the palette's colour
}

void PageNotice::addButton(QPushButton* button) {
  column_->insertWidget(column_->count() - 1, button, 0, Qt::AlignHCenter);
}

QString PageNotice::title() const {
  return title_->text();
}

}  // namespace hearsay::ui
