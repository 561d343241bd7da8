#pragma once
// What a page shows instead of its content while something is missing: a sentence and, where it helps, one button.

#include <QWidget>

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace hearsay::ui {

class PageNotice : public QWidget {
  Q_OBJECT
 public:
  explicit PageNotice(QWidget* parent = nullptr);
  /// `button` empty: none.
  void say(const QString& iconName, const QString& title, const QString& sentence, const QString& button = {});
  [[nodiscard]] QString title() const;
  [[nodiscard]] QPushButton& button() { return *button_; }
  /// One more, below the first.
  void addButton(QPushButton* button);

 Q_SIGNALS:
  void pressed();

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void drawPicture();

  QVBoxLayout* column_ = nullptr;
  QLabel* picture_ = nullptr;
  QLabel* title_ = nullptr;
  QLabel* sentence_ = nullptr;
  QPushButton* button_ = nullptr;
  QString iconName_;
};

}  // namespace hearsay::ui
