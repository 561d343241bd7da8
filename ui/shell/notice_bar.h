#pragma once
// Sentences for the person, in a bar of their own: never a box that has to be answered. Infos go by themselves;
// warnings and errors stay until they are dismissed.

#include <QFrame>
#include <QTimer>

#include "ui/shell/app_context.h"

class QLabel;
class QToolButton;

namespace hearsay::ui {

class NoticeBar : public QFrame {
  Q_OBJECT
 public:
  explicit NoticeBar(QWidget* parent = nullptr);
  void show(const QString& sentence, AppContext::NoticeLevel level);
  void dismiss();                          ///< the one that shows; the next waiting one comes up
  void withdraw(const QString& sentence);  ///< it is settled, whether it shows or waits behind others
  [[nodiscard]] QString sentence() const;

 protected:
  void changeEvent(QEvent* event) override;

 private:
  struct Notice {
    QString sentence;
    AppContext::NoticeLevel level = AppContext::NoticeLevel::Info;
  };
  void showNext();
  void drawIcon();
  void updateCount();

  QLabel* icon_ = nullptr;
  QLabel* text_ = nullptr;
  QLabel* count_ = nullptr;
  QToolButton* close_ = nullptr;
  QTimer timer_;
  QList<Notice> waiting_;  ///< the first is the one that shows
};

/// Likewise in the bar of the page's window, where there is one.
void withdrawNotice(const QWidget& page, const QString& sentence);

}  // namespace hearsay::ui
