#include "ui/shell/notice_bar.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QStyle>
#include <QTextDocument>
#include <QToolButton>

#include "ui/shell/icons.h"

namespace hearsay::ui {
namespace {

constexpr int kInfoMs = 8000;
constexpr int kNarrowestText = 200;

/// Lines break within a word too, where it is wider than they are: a long path, or the name of a file.
class BreakingLabel : public QLabel {
 public:
  [[nodiscard]] QSize minimumSizeHint() const override { return {kNarrowestText, QLabel::minimumSizeHint().height()}; }
  [[nodiscard]] int heightForWidth(int width) const override {
    breakAnywhere();
    return QLabel::heightForWidth(width);
  }

 protected:
  void paintEvent(QPaintEvent* event) override {
    breakAnywhere();
    QLabel::paintEvent(event);
  }

 private:
  // QLabel has its text in a document, and sets that to break between words whenever it is laid out anew.
  void breakAnywhere() const {
    (void)QLabel::heightForWidth(width());
    auto* document = findChild<QTextDocument*>();
    if (document == nullptr) return;
    QTextOption option = document->defaultTextOption();
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    document->setDefaultTextOption(option);
  }
};

QString iconName(AppContext::NoticeLevel level) {
  switch (level) {
    case AppContext::NoticeLevel::Info:
      return QStringLiteral("info");
    case AppContext::NoticeLevel::Warning:
      return QStringLiteral("warning");
    case AppContext::NoticeLevel::Error:
      break;
  }
  return QStringLiteral("error");
}

}  // namespace

NoticeBar::NoticeBar(QWidget* parent) : QFrame(parent) {
  setObjectName(QStringLiteral("noticeBar"));
  setFrameShape(QFrame::StyledPanel);
  setAutoFillBackground(true);
  setBackgroundRole(QPalette::ToolTipBase);
  setForegroundRole(QPalette::ToolTipText);
  setAccessibleName(tr("Notice"));
  icon_ = new QLabel;
  text_ = new BreakingLabel;
  text_->setObjectName(QStringLiteral("noticeText"));
  text_->setForegroundRole(QPalette::ToolTipText);
  text_->setWordWrap(true);
  text_->setTextFormat(Qt::PlainText);
  text_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  count_ = new QLabel;
  count_->setObjectName(QStringLiteral("noticeCount"));
  count_->setForegroundRole(QPalette::ToolTipText);
  close_ = new QToolButton;
  close_->setObjectName(QStringLiteral("noticeClose"));
  close_->setIcon(icon(QStringLiteral("close")));
  close_->setAutoRaise(true);
  close_->setToolTip(tr("Dismiss this notice"));
  close_->setAccessibleName(tr("Dismiss notice"));
  connect(close_, &QToolButton::clicked, this, &NoticeBar::dismiss);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(16, 6, 8, 6);
  row->setSpacing(8);
  row->addWidget(icon_);
  row->addWidget(text_, 1);
  row->addWidget(count_);
  row->addWidget(close_);
  timer_.setSingleShot(true);
  timer_.setInterval(kInfoMs);
  connect(&timer_, &QTimer::timeout, this, &NoticeBar::dismiss);
  hide();
}

// The newest comes first: it answers what was done just now. What still has to be read comes back after it.
void NoticeBar::show(const QString& sentence, AppContext::NoticeLevel level) {
  waiting_.removeIf([&](const Notice& notice) {
    return notice.level == AppContext::NoticeLevel::Info || notice.sentence == sentence;
  });
  waiting_.prepend({sentence, level});
  showNext();
}

void NoticeBar::dismiss() {
  if (!waiting_.isEmpty()) waiting_.removeFirst();
  showNext();
}

void NoticeBar::withdraw(const QString& sentence) {
  const auto settled = [&sentence](const Notice& notice) { return notice.sentence == sentence; };
  if (waiting_.removeIf(settled) > 0) showNext();
}

QString NoticeBar::sentence() const {
  return waiting_.isEmpty() ? QString() : waiting_.front().sentence;
}

void NoticeBar::showNext() {
  timer_.stop();
  if (waiting_.isEmpty()) {
    hide();
    return;
  }
  const Notice& notice = waiting_.front();
  drawIcon();
  text_->setText(notice.sentence);
  setAccessibleDescription(notice.sentence);
  updateCount();
  if (notice.level == AppContext::NoticeLevel::Info) timer_.start();
  QFrame::show();
}

void NoticeBar::drawIcon() {
  if (waiting_.isEmpty()) return;
  icon_->setPixmap(icon(iconName(waiting_.front().level)).pixmap(QSize(20, 20), devicePixelRatioF()));
}

void NoticeBar::changeEvent(QEvent* event) {
  QFrame::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) drawIcon();  // icons are drawn in the palette's colour
}

void NoticeBar::updateCount() {
  const auto more = static_cast<int>(waiting_.size()) - 1;
  count_->setVisible(more > 0);
  count_->setText(tr("%n more", nullptr, more));
}

void withdrawNotice(const QWidget& page, const QString& sentence) {
  auto* bar = page.window()->findChild<NoticeBar*>();
  if (bar && !sentence.isEmpty()) bar->withdraw(sentence);
}

}  // namespace hearsay::ui
