#pragma once
// One line: how much disk the caption cache takes, and a button that empties it.

#include <QWidget>

class QLabel;
class QPushButton;

namespace hearsay::ui {

class AppContext;

class CaptionCacheLine : public QWidget {
  Q_OBJECT
 public:
  explicit CaptionCacheLine(AppContext& app, QWidget* parent = nullptr);

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  void refresh();
  void clear();

  AppContext& app_;
  QLabel* size_ = nullptr;
  QPushButton* clear_ = nullptr;
};

}  // namespace hearsay::ui
