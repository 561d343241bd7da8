#include "ui/listen/page_notice.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/shell/icons.h"

namespace hearsay::ui {

PageNotice::PageNotice(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("pageNotice"));
  auto* column = new QVBoxLayout(this);
  column->setSpacing(8);
  picture_ = new QLabel;
  title_ = new QLabel;
  title_->setObjectName(QStringLiteral("noticeTitle"));
  QFont large = title_->font();
  large.setPointSizeF(large.pointSizeF() * 1.5);
  title_->setFont(large);
  sentence_ = new QLabel;
  sentence_->setWordWrap(true);
  sentence_->setMinimumWidth(360);
  sentence_->setAlignment(Qt::AlignHCenter);
  button_ = new QPushButton;
  button_->setObjectName(QStringLiteral("noticeButton"));
  column->addStretch(1);
  for (QWidget* widget : {static_cast<QWidget*>(picture_), static_cast<QWidget*>(title_),
                          static_cast<QWidget*>(sentence_), static_cast<QWidget*>(button_)}) {
    column->addWidget(widget, 0, Qt::AlignHCenter);
  }
  column->addStretch(1);
  connect(button_, &QPushButton::clicked, this, &PageNotice::pressed);
}

void PageNotice::say(const QString& iconName, const QString& title, const QString& sentence, const QString& button) {
  if (iconName != iconName_) {
    iconName_ = iconName;
    picture_->setPixmap(icon(iconName).pixmap(QSize(48, 48), devicePixelRatioF()));
  }
  title_->setText(title);
  sentence_->setText(sentence);
  button_->setText(button);
  button_->setToolTip(button);
  button_->setAccessibleName(button);
  button_->setVisible(!button.isEmpty());
}

QString PageNotice::title() const {
  return title_->text();
}

}  // namespace hearsay::ui
